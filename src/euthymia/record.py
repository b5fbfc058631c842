"""What is known about one patient: a set of dated events on two clocks.

`at` says when something happened, `recorded_at` when it became known. Cutting by the first answers "what was true
on that day", by the second "what could be known then"; a replay of a past review uses both. Nothing is ever
overwritten: a correction is a new event that `supersedes` the old one.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from pydantic import field_validator

from euthymia.events import Decision, Event, EventBase, Frozen, Person, Request, Text
from euthymia.moment import Moment

SCHEMA = "euthymia/record/1"

E = TypeVar("E", bound=EventBase)


class PatientRecord(Frozen):
    """Everything known about one patient, in canonical order: the order of entry never matters."""

    patient_id: Text
    events: tuple[Event, ...] = ()

    @field_validator("events")
    @classmethod
    def _canonical(cls, events: tuple[Any, ...]) -> tuple[Any, ...]:
        by_id: dict[str, EventBase] = {}
        for event in events:
            if by_id.setdefault(event.id, event) != event:
                raise ValueError(f"found two different events with the id {event.id!r}; allowed: one (a correction has its own id)")
        return tuple(sorted(by_id.values(), key=_canonical_key))

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone in which this patient's calendar days are counted (UTC where no Person says otherwise)."""
        named = [event.zone for event in self._held if isinstance(event, Person) and event.zone]
        return ZoneInfo(named[-1] if named else "UTC")

    @cached_property
    def current(self) -> tuple[EventBase, ...]:
        """The events that hold: not corrected by a later one, not entered in error; by time, then id."""
        return tuple(sorted(self._held, key=lambda event: (event.at.key(self.zone), event.id)))

    @cached_property
    def _held(self) -> tuple[EventBase, ...]:
        by_id = {event.id: event for event in self.events}
        corrected = {event.supersedes for event in self.events if _corrects(event, by_id)}
        return tuple(event for event in self.events if event.id not in corrected and not event.entered_in_error)

    @cached_property
    def _by_kind(self) -> dict[type[EventBase], list[EventBase]]:
        found: dict[type[EventBase], list[EventBase]] = {}
        for event in self.current:
            found.setdefault(type(event), []).append(event)
        return found

    def of_kind(self, kind: type[E]) -> Sequence[E]:
        """The events of one kind that hold, by time."""
        return cast("list[E]", self._by_kind.get(kind, []))

    def ids_of(self, event: EventBase) -> frozenset[str]:
        """The ids under which an event was known: its own, and those of all that it takes the place of, one after the other.

        What names an event (`of`) may name any of them. A record that was cut still knows what its events corrected.
        """
        found, before = {event.id}, event.supersedes
        while before is not None and before not in found:
            found.add(before)
            before = self._before.get(before)
        return frozenset(found)

    @cached_property
    def _before(self) -> Mapping[str, str]:
        """The id of what each correction takes the place of, by its own."""
        return {event.id: event.supersedes for event in self.events if event.supersedes}

    def until(self, day: date) -> "PatientRecord":
        """What had happened by the end of `day` in the patient's zone. Corrections known today are applied.

        What had not ended by then has no end yet.
        """
        zone = self.zone
        kept = (event for event in self.current if isinstance(event, Person) or event.at.happened_by(day, zone))
        return self._with(tuple(_not_yet_ended(event, day, zone) for event in kept))

    def known_at(self, instant: datetime) -> "PatientRecord":
        """What was known at `instant`. To replay a past review, cut by knowledge first: `known_at(t).until(day)`."""
        kept = tuple(event for event in self.events if (event.recorded_at or event.at).known_by(instant, self.zone))
        return self._with(kept)

    def known_before(self, decision: Decision) -> "PatientRecord":
        """What whoever made a decision had before them, so that the review it answered can be computed again.

        Everything recorded before it, by the clock where both have one, else by the day: a rating of the same day
        without a clock time was there to be seen. Another decision counts only if it is surely earlier.
        """
        kept = tuple(event for event in self.events if event.id != decision.id and _was_there(event, decision, self.zone))
        return self._with(kept)

    def last_day(self) -> date | None:
        """The day of the last thing that happened (persons and requests apart); None of an empty record."""
        days = [e.at.day(self.zone) for e in self.current if not isinstance(e, Person | Request)]
        return max(days, default=None)

    def _with(self, events: tuple[Any, ...]) -> "PatientRecord":
        # Not model_copy: it would carry the cached views of the uncut record along.
        cut = PatientRecord.model_construct(patient_id=self.patient_id, events=tuple(sorted(events, key=_canonical_key)))
        # What was corrected is no event of the cut record; under which ids the rest was known, it has to be told.
        cut.__dict__["_before"] = self._before
        return cut


def _was_there(event: EventBase, decision: Decision, zone: ZoneInfo) -> bool:
    """Whether an event was in the record when a decision was recorded."""
    seen, made = event.recorded_at or event.at, decision.recorded_at or decision.at
    first, second = (seen.instant, made.instant) if seen.instant and made.instant else (seen.day(zone), made.day(zone))
    return first < second if isinstance(event, Decision) else first <= second


def _corrects(event: EventBase, by_id: Mapping[str, EventBase]) -> bool:
    """Whether an event takes the place of the one that it names: of its own kind and instrument, and not in a circle."""
    old = by_id.get(event.supersedes or "")
    if old is None or type(old) is not type(event) or getattr(old, "instrument", None) != getattr(event, "instrument", None):
        return False
    passed = {event.id}
    while old is not None and old.id not in passed:
        passed.add(old.id)
        old = by_id.get(old.supersedes or "")
    return old is None


def _canonical_key(event: EventBase) -> tuple[str, str]:
    return event.at.text, event.id


def _not_yet_ended(event: EventBase, day: date, zone: ZoneInfo) -> EventBase:
    ended: Moment | None = getattr(event, "died" if isinstance(event, Person) else "ended", None)
    if ended is None or ended.happened_by(day, zone):
        return event
    # How it turned out is not known before it has ended.
    undone = {name: event.__class__.model_fields[name].default for name in _KNOWN_AT_THE_END if hasattr(event, name)}
    return event.model_copy(update=undone)


_KNOWN_AT_THE_END = ("died", "ended", "outcome", "stopped_because")
