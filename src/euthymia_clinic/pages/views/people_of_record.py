"""Who an entry comes from, and what the record says of the person it is about."""

from datetime import date

from euthymia.moment import Moment
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.chart.models import Event, Patient
from euthymia_clinic.chart.to_core import zone_of


def source_of(here: Here) -> str:
    """How an event names who entered it."""
    return f"{here.user}, {here.role.label.lower()}"


def born(patient: Patient) -> date | None:
    """The first day on which the patient can have been born; None where that is not known."""
    said = Event.objects.filter(patient=patient, kind="person").order_by("pk").values_list("body__birth_date", flat=True)
    days = [day for day in said if day]
    return Moment.of(days[-1]).day(zone_of(patient)) if days else None
