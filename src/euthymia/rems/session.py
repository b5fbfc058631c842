"""One session of the record: whether the form is for it, under which ids it is known, what was noted of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from euthymia.catalog import Catalog
from euthymia.episode import current_episode
from euthymia.events import DoseSession, EventBase, Observation
from euthymia.monitoring_form import Applies, MonitoringForm
from euthymia.plain_words import names_any, plain
from euthymia.record import PatientRecord
from euthymia.rems.form import CannotTellRems, NotRems
from euthymia.routes import route_named
from euthymia.rules.readings import Scene
from euthymia.rules.sessions_today import gives_no_dose
from euthymia.safety import safety
from euthymia.three_valued import Truth


def form_on(catalog: Catalog, day: date) -> MonitoringForm | None:
    """The version in force on a day; before the first that is known, the first. None: the catalog has none."""
    versions = sorted(catalog.forms.values(), key=lambda form: form.in_force.day)
    return next((form for form in reversed(versions) if form.in_force.day <= day), versions[0] if versions else None)


def not_rems(session: DoseSession, form: MonitoringForm, catalog: Catalog) -> NotRems | CannotTellRems | None:
    """Why a session has no form, or why nobody can tell; None where the form is for it."""
    applies = form.applies
    if catalog.here.country is not None and catalog.here.country not in applies.countries:
        return NotRems(f"the programme is not one of this site's country ({catalog.here.country})")
    given = _by_route(applies, session.route)
    if given is not False and names_any(applies.unnamed, session.treatment):
        return CannotTellRems("whether it was the nasal spray: the drug is not recorded")
    if not names_any(applies.drugs, session.treatment):
        return NotRems(f"{session.treatment} is not {applies.drugs[0]}")
    if given is None:
        why = f"the route {session.route!r} is not understood" if session.route else "the route is not recorded"
        return CannotTellRems(f"whether it was the nasal spray: {why}")
    return None if given else NotRems(f"{session.route} is not the {applies.route} route")


def _by_route(applies: Applies, said: str | None) -> Truth:
    """Whether a session was given by the programme's route; None where nobody said, or where the words leave it open."""
    if said is None:
        return None
    named, another = route_named(said), names_any(applies.others, said)
    if named == applies.route or plain(said).strip() in applies.written:
        return None if another else True
    return False if another or named is not None else None


@dataclass(frozen=True)
class Seen:
    """One session in its record, cut at the day from which it is looked at."""

    record: PatientRecord
    catalog: Catalog
    form: MonitoringForm
    session: DoseSession

    @cached_property
    def day(self) -> date:
        """The day of the session."""
        return self.session.at.day(self.record.zone)

    @property
    def start(self) -> datetime | None:
        """When the dose began, by the clock."""
        return self.session.at.instant

    @property
    def end(self) -> datetime | None:
        """When monitoring was over, by the clock."""
        return self.session.ended.instant if self.session.ended else None

    @cached_property
    def scene(self) -> Scene:
        """The session's day, as the rules look at it."""
        cut = self.record.until(self.day)
        episode = current_episode(cut, self.catalog)
        return Scene(cut, episode, self.catalog, self.day, safety(cut, episode, self.catalog, self.day))

    @cached_property
    def alone(self) -> bool:
        """Whether it is the only dosing session of its day: what is noted of the day is then noted of it."""
        dosed = [s for s in self.record.of_kind(DoseSession) if not gives_no_dose(self.catalog, s.treatment)]
        return sum(s.at.day(self.record.zone) == self.day for s in dosed) == 1

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids under which the session was known."""
        return self.record.ids_of(self.session)

    def observed(self, about: Sequence[str]) -> list[Observation]:
        """What was observed of the session under one of the words, by time: what names it, and where it was alone that day's."""
        words = {plain(word) for word in about}
        found = [o for o in self.record.of_kind(Observation) if plain(o.about) in words]
        return [o for o in found if o.of in self.ids or (o.of is None and self.alone and self.of_the_day(o))]

    def of_the_day(self, event: EventBase) -> bool:
        """Whether an event surely lies on the session's day."""
        return event.at.has_day and event.at.day(self.record.zone) == self.day

    def minutes_at(self, event: EventBase) -> float | None:
        """Minutes from the start of the dose to an event; None where either has no clock time."""
        instant = event.at.instant
        return None if instant is None or self.start is None else (instant - self.start).total_seconds() / 60
