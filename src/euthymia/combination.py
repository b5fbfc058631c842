"""Everything tried at once, and what that forbids to conclude: changes that coincide are told, and none of them is credited."""

from dataclasses import dataclass
from datetime import date

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.record import PatientRecord


@dataclass(frozen=True)
class Combination:
    """What runs beside each other, and which changes coincide with a change of the ratings."""


def combination(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date) -> Combination | None:
    """What coincides on `on`; None where at most one treatment was ever changed beside the ratings."""
    return None
