"""The effect of a draft before it is adopted: whose verdict, options or due items would be others. Nothing of it is stored."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pydantic import ValidationError

from euthymia.catalog import Catalog
from euthymia.moment import day_in_words
from euthymia.reviewing import Review, review
from euthymia_clinic.accounts.models import Site
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import Patient, ReviewSnapshot
from euthymia_clinic.chart.snapshots import review_in, today_of
from euthymia_clinic.chart.to_core import record_of

# Where a site has more patients in care than this, a sample of so many is computed first, and its size is said.
SAMPLE = 400


@dataclass(frozen=True)
class Change:
    """What would be another for one patient, as (before, after); of options and due items as (gone, new). None where it stays."""

    patient: UUID
    code: str
    verdict: tuple[str, str] | None
    options: tuple[str, str] | None
    due: tuple[str, str] | None
    error: str = ""

    @property
    def any(self) -> bool:
        return bool(self.verdict or self.options or self.due or self.error)


def patients_for(site: Site, *, everyone: bool) -> list[UUID]:
    """Whom the effect is computed for, in a fixed order: all in care, or the sample. The order of a hash has nothing to do with need."""
    ids = sorted(Patient.objects.filter(site=site, in_care=True).values_list("pk", flat=True), key=_shuffled)
    return ids if everyone or len(ids) <= SAMPLE else ids[:SAMPLE]


def effect_on(patient: Patient, draft: Catalog, in_force: Catalog) -> Change:
    """What would change for a patient today."""
    on = today_of(patient)
    try:
        before = _as_now(patient, in_force, on)
        after = review(record_of(patient), draft, on)
    except Exception as error:
        return Change(patient.pk, patient.code, None, None, None, type(error).__name__)
    return Change(
        patient.pk,
        patient.code,
        _pair(before.answer.words, after.answer.words),
        _gone_and_new(_options(before), _options(after)),
        _gone_and_new(_due(before), _due(after)),
    )


def effect(patients: Iterable[Patient], draft: Catalog, site: Site) -> list[Change]:
    """What would change for each of these patients."""
    in_force = catalog_of(site)
    return [effect_on(patient, draft, in_force) for patient in patients]


def _as_now(patient: Patient, in_force: Catalog, on: date) -> Review:
    """The review in force: the stored one where it is fresh, else computed."""
    stored = ReviewSnapshot.objects.filter(patient=patient).order_by("-pk").first()
    wanted = (patient.record_version, on, in_force.digest)
    if stored is not None and (stored.record_version, stored.on, stored.catalog_digest) == wanted:
        try:
            return review_in(stored)
        except ValidationError:
            pass
    return review(record_of(patient), in_force, on)


def _pair(before: str, after: str) -> tuple[str, str] | None:
    return None if before == after else (before, after)


def _gone_and_new(before: list[str], after: list[str]) -> tuple[str, str] | None:
    """What is there no more, and what is there newly; where only the order is another, that."""
    if before == after:
        return None
    gone, new = ([each for each in one if each not in other] for one, other in ((before, after), (after, before)))
    return (", ".join(gone), ", ".join(new)) if gone or new else ("", "the same in another order")


def _options(found: Review) -> list[str]:
    return [each.name for each in found.options.offered]


def _due(found: Review) -> list[str]:
    return sorted(f"{item.what} by {day_in_words(item.by)}" for item in found.due)


def _shuffled(patient: UUID) -> bytes:
    return hashlib.sha256(patient.bytes).digest()
