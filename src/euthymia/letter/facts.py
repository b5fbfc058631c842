"""What a letter is written from: one review and the record behind them, which must belong together."""

from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from typing import TypeVar

from euthymia.catalog import Catalog
from euthymia.events import EventBase, Person
from euthymia.record import PatientRecord
from euthymia.resistance import History
from euthymia.reviewing import Review, digest

E = TypeVar("E", bound=EventBase)


@dataclass(frozen=True)
class Facts:
    """The review of one day, and the record cut at that day."""

    review: Review
    record: PatientRecord
    catalog: Catalog

    @classmethod
    def of(cls, review: Review, record: PatientRecord, catalog: Catalog) -> "Facts":
        """Cut the record at the day of the review. Raises ValueError where review and record are not of the same facts."""
        cut = record.until(review.on)
        if digest(cut) != review.provenance.record_digest:
            found = f"a review of {review.patient_id!r} and another record ({record.patient_id!r})"
            raise ValueError(f"found {found}; allowed: the record that was reviewed")
        return cls(review, cut, catalog)

    @property
    def history(self) -> History:
        """The treatment history."""
        return self.review.history

    @property
    def zone(self) -> tzinfo:
        """The zone in which the patient's days are counted."""
        return self.record.zone

    @cached_property
    def event(self) -> dict[str, EventBase]:
        """The events that hold, by id."""
        return {event.id: event for event in self.record.current}

    def last(self, kind: type[E]) -> E | None:
        """The last event of a kind that holds."""
        return next(reversed(self.record.of_kind(kind)), None)

    @cached_property
    def name(self) -> str | None:
        """The patient's name as last stated."""
        return next((person.name for person in reversed(self.record.of_kind(Person)) if person.name), None)
