"""The name by which the audit knows a patient, inside the database."""

from typing import Any

from django.db.models import CharField, F, Func, QuerySet

from euthymia_clinic.accounts.models import Site
from euthymia_clinic.chart.models import Patient


class Subject(Func):
    """`patient:<id>`, as Patient.subject says it; SQLite keeps the id without its dashes."""

    output_field = CharField()
    template = "'patient:' || (%(expressions)s)::text"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        """With the dashes put back."""
        parts = " || '-' || ".join(
            f"substr(%(expressions)s, {start}, {length})" for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        )
        sql, params = self.as_sql(compiler, connection, template=f"'patient:' || {parts}", **context)
        return sql, tuple(params) * 5


def subjects_of(site: Site) -> QuerySet[Patient, str]:
    """The audit's names of everybody who is or was in care at a site."""
    return Patient.objects.filter(site=site).annotate(named=Subject(F("pk"))).values_list("named", flat=True)
