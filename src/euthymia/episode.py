"""The current episode: which ratings count, from which index, under which plan and definition.

Nothing else selects ratings. What does not count is set aside with its reason, never dropped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from euthymia.catalog import Catalog
from euthymia.definition import Definition
from euthymia.events import Decision, DoseLog, DoseSession, Episode, Medication, Person, Plan, Target, TreatmentCourse
from euthymia.protocol import Protocol, ProtocolPhase
from euthymia.ratings import Rating, SetAside, read_assessments
from euthymia.record import PatientRecord

_CHANGES = frozenset({"titrate", "change_interval", "add", "switch", "taper", "stop"})


@dataclass(frozen=True)
class Index:
    """Where the episode started from: the mean of the pre-treatment ratings, or the first rating."""

    total: float
    day: date
    ratings: int
    before_treatment: bool | None
    words: str


@dataclass(frozen=True)
class PlanInForce:
    """The plan from `since` on: its protocol and phase, as recorded or (`assumed`) as so far."""

    since: date
    protocol: str
    protocol_name: str
    phase: ProtocolPhase
    rating_interval_days: float
    summary: str | None
    next_decision: date | None
    assumed: bool


@dataclass(frozen=True)
class CurrentEpisode:
    """What counts: the episode, its definition and target, its plan, its index and its series.

    `series`: the counted ratings of the primary instrument from the index on. `ratings`: every assessment of every
    instrument that can be read, complete or not; `earlier`: those from before this episode, which only safety reads.
    `findings`: what a clinician must know about the data themselves. `assumptions`: what was assumed because nobody
    said it.
    """

    started: date | None
    ended: date | None
    diagnosis: str | None
    polarity: str
    primary: str | None
    definition: str
    cut: float | None
    target: Target | None
    treatment_started: date | None
    index: Index | None
    plans: tuple[PlanInForce, ...]
    series: tuple[Rating, ...]
    ratings: tuple[Rating, ...]
    earlier: tuple[Rating, ...]
    set_aside: tuple[SetAside, ...]
    session_days: tuple[date, ...]
    change_days: tuple[date, ...]
    findings: tuple[str, ...]
    assumptions: tuple[str, ...]

    def plan_on(self, day: date) -> PlanInForce:
        """The plan in force on `day` (before the first: the first)."""
        return next((plan for plan in reversed(self.plans) if plan.since <= day), self.plans[0])

    @property
    def plan(self) -> PlanInForce:
        return self.plans[-1]

    def of_instrument(self, instrument: str) -> list[Rating]:
        """Every rating of one instrument, by time."""
        return [rating for rating in self.ratings if rating.instrument == instrument]


def current_episode(record: PatientRecord, catalog: Catalog) -> CurrentEpisode:
    """Select what counts from a record that has already been cut at its day."""
    zone = record.zone
    episode = next(reversed(record.of_kind(Episode)), None)
    started = episode.at.day(zone) if episode else None
    read, set_aside, findings = read_assessments(record, catalog, started)
    ratings = [r for r in read if started is None or r.day >= started]
    target = next(reversed(record.of_kind(Target)), None)
    assumptions: list[str] = []
    definition = _definition(catalog, target, assumptions)
    primary = _primary(catalog, definition, episode, ratings, assumptions)
    default = catalog.definitions[catalog.verdict.default_definition]
    if primary and primary not in definition.remission and primary in default.remission:
        name = catalog.instruments[primary].short_name
        assumptions.append(f"the definition agreed ({definition.name}) has no cut for {name}: {default.name} is used")
        definition = default
    treated = _treatment_start(record, started, _first_day(ratings, primary))
    plans = _plans(record, catalog, treated or started or _first_day(ratings, primary), assumptions)
    counted, not_counted = _counted(catalog, [r for r in ratings if r.instrument == primary])
    plans = _at_the_usual_interval(catalog, plans, counted)
    index = _index(catalog, counted, treated)
    first = _first_of_index(counted, index)
    cut = definition.remission.get(primary or "")
    return CurrentEpisode(
        started=started,
        ended=episode.ended.day(zone) if episode and episode.ended else None,
        diagnosis=episode.diagnosis if episode else None,
        polarity=episode.polarity if episode else "unknown",
        primary=primary,
        definition=definition.id,
        cut=cut.at_most if cut else None,
        target=target,
        treatment_started=treated,
        index=index,
        plans=plans,
        series=tuple(counted[first:]),
        ratings=tuple(ratings),
        earlier=tuple(r for r in read if started is not None and r.day < started),
        set_aside=(*set_aside, *not_counted, *(_before_the_index(catalog, r) for r in counted[:first])),
        session_days=tuple(s.at.day(zone) for s in record.of_kind(DoseSession) if started is None or s.at.day(zone) >= started),
        change_days=_change_days(record, catalog, index, treated),
        findings=(*_deaths(record), *findings, *_marks(catalog, counted, bool(record.of_kind(DoseSession)))),
        assumptions=tuple(dict.fromkeys(assumptions)),
    )


def _deaths(record: PatientRecord) -> list[str]:
    return [f"died: {person.died}" for person in record.of_kind(Person) if person.died]


def _definition(catalog: Catalog, target: Target | None, assumptions: list[str]) -> Definition:
    default = catalog.definitions[catalog.verdict.default_definition]
    if target and target.definition in catalog.definitions:
        return catalog.definitions[target.definition]
    if target and target.definition:
        assumptions.append(f"the agreed definition {target.definition!r} is not in the catalog; {default.name} is used")
    else:
        assumptions.append(f"no definition of remission is agreed: {default.name} is assumed")
    return default


def _primary(
    catalog: Catalog, definition: Definition, episode: Episode | None, ratings: Sequence[Rating], assumptions: list[str]
) -> str | None:
    """The instrument stated, else the one with most rating days that the definition has a cut for."""
    if episode and episode.primary_instrument in catalog.instruments:
        return episode.primary_instrument
    if episode and episode.primary_instrument:
        assumptions.append(f"the primary instrument {episode.primary_instrument!r} is not in the catalog")
    default = catalog.definitions[catalog.verdict.default_definition]
    counted = [rating for rating in ratings if _counts(rating)]
    days: dict[str, set[date]] = {}
    for said, among in ((definition, counted), (default, counted), (definition, ratings)):
        days = days or _rating_days(catalog, said, among)
    if not days:
        return None
    order = catalog.verdict.instrument_order
    chosen = max(days, key=lambda i: (len(days[i]), -order.index(i) if i in order else -len(order), i))
    if len(days) > 1:
        assumptions.append(f"no primary instrument is stated: {catalog.instruments[chosen].short_name} has the most ratings")
    return chosen


def _rating_days(catalog: Catalog, definition: Definition, ratings: Sequence[Rating]) -> dict[str, set[date]]:
    """The days on which each instrument that can carry a verdict by `definition` was rated."""
    days: dict[str, set[date]] = {}
    for rating in ratings:
        carries = catalog.instruments[rating.instrument].severity_of_depression and rating.instrument in definition.remission
        if carries and rating.total is not None:
            days.setdefault(rating.instrument, set()).add(rating.day)
    return days


def _counts(rating: Rating) -> bool:
    """The counted phase: not the hours after a dose, when the acute effect is at its height."""
    return rating.phase != "after_dose" and rating.total is not None


def _treatment_start(record: PatientRecord, started: date | None, rated: date | None) -> date | None:
    """The first day of a plan, a session, a dose taken or a course in this episode; without any of them, of a drug; None of none.

    Drugs come last, and a course that had ended before the first rating (`rated`) does not count: in an episode that has
    not responded, what was tried before is its history, not the treatment measured here.
    """
    zone = record.zone
    taken = [log for log in record.of_kind(DoseLog) if log.was_taken]
    courses = [c for c in record.of_kind(TreatmentCourse) if not (rated and c.ended and c.ended.last_day(zone) < rated)]
    planned = [e for kind in (Plan, DoseSession) for e in record.of_kind(kind)]
    for events in ((*planned, *courses, *taken), record.of_kind(Medication)):
        days = [e.at.day(zone) for e in events]
        if within := [day for day in days if started is None or day >= started]:
            return min(within)
    return None


def _plans(record: PatientRecord, catalog: Catalog, start: date | None, assumptions: list[str]) -> tuple[PlanInForce, ...]:
    zone = record.zone
    since = start or date.min
    recorded = [_plan_in_force(record, catalog, plan, plan.at.day(zone), assumptions) for plan in record.of_kind(Plan)]
    if recorded:
        return tuple(recorded)
    assumptions.append("no plan is recorded: as so far")
    return (_plan_in_force(record, catalog, None, since, assumptions),)


def _plan_in_force(record: PatientRecord, catalog: Catalog, plan: Plan | None, since: date, assumptions: list[str]) -> PlanInForce:
    protocol, phase = _protocol(catalog, plan, assumptions)
    return PlanInForce(
        since=since,
        protocol=protocol.id,
        protocol_name=protocol.name,
        phase=phase,
        rating_interval_days=(plan.rating_interval_days if plan else None) or phase.rating_interval_days,
        summary=plan.summary if plan else None,
        next_decision=plan.next_decision.day(record.zone) if plan and plan.next_decision else None,
        assumed=plan is None,
    )


def _at_the_usual_interval(catalog: Catalog, plans: tuple[PlanInForce, ...], counted: Sequence[Rating]) -> tuple[PlanInForce, ...]:
    """Without a plan the ratings go on "as so far": at the median interval between rating days, up to a longest one."""
    days = sorted({rating.day for rating in counted})
    if not plans[-1].assumed or len(days) < 2:
        return plans
    usual = median((later - earlier).days for earlier, later in pairwise(days))
    longest = catalog.verdict.usual_interval_max_days.value
    return (*plans[:-1], replace(plans[-1], rating_interval_days=float(min(usual, longest))))


def _protocol(catalog: Catalog, plan: Plan | None, assumptions: list[str]) -> tuple[Protocol, ProtocolPhase]:
    default = catalog.protocols[catalog.verdict.default_protocol]
    protocol = catalog.protocols.get(plan.protocol) if plan and plan.protocol else default
    if protocol is None:
        assumptions.append(f"the protocol {plan.protocol if plan else None!r} is not in the catalog: as so far")
        protocol = default
    phase = protocol.phase(plan.phase if plan and protocol is not default else None)
    if phase is None:
        assumptions.append(f"the phase {plan.phase if plan else None!r} is not one of {protocol.name}: its first is assumed")
        phase = protocol.phases[0]
    return protocol, phase


def _counted(catalog: Catalog, ratings: Sequence[Rating]) -> tuple[list[Rating], list[SetAside]]:
    """The ratings of the counted phase, and those that are shown beside them."""
    counted = [rating for rating in ratings if _counts(rating)]
    name = {i.id: i.short_name for i in catalog.instruments.values()}
    aside = [
        SetAside(
            r.id,
            r.instrument,
            str(r.at),
            f"{name[r.instrument]} in the days after a dose: shown, does not carry the verdict",
        )
        for r in ratings
        if r.phase == "after_dose"
    ]
    return counted, aside


def _index(catalog: Catalog, counted: Sequence[Rating], treated: date | None) -> Index | None:
    """The mean of the pre-treatment ratings within the window; otherwise one rating, and it says so."""
    if not counted:
        return None
    before = [r for r in counted if treated is None or r.day <= treated]
    if treated is None or not before:
        first, before_treatment = counted[0], None if treated is None else False
        words = "one rating" if treated is None else "one rating, taken after treatment had begun"
        return Index(first.total or 0.0, first.day, 1, before_treatment, words)
    window = timedelta(days=catalog.verdict.index_window_days.value)
    pooled = [r for r in before if before[-1].day - r.day <= window]
    mean = round(sum(r.total or 0.0 for r in pooled) / len(pooled), 1)
    words = "one rating" if len(pooled) == 1 else f"mean of {len(pooled)} ratings before treatment"
    return Index(mean, pooled[-1].day, len(pooled), True, words)


def _first_of_index(counted: Sequence[Rating], index: Index | None) -> int:
    """Where the series begins: at the first rating of the index (its last one carries the index day)."""
    if index is None:
        return 0
    last = max(position for position, rating in enumerate(counted) if rating.day == index.day or index.before_treatment is not True)
    return 0 if index.before_treatment is not True else last - index.ratings + 1


def _before_the_index(catalog: Catalog, r: Rating) -> SetAside:
    days = f"{catalog.verdict.index_window_days.value:g}"
    return SetAside(r.id, r.instrument, str(r.at), f"more than {days} days before the last rating before treatment: not in the index")


def _change_days(record: PatientRecord, catalog: Catalog, index: Index | None, treated: date | None) -> tuple[date, ...]:
    """Days on which treatment was changed after it had begun in this episode (`treated`).

    Changes within a week of each other are one; so are the start of treatment and what comes within a week of it.
    """
    zone = record.zone
    starts = [e.at.day(zone) for kind in (Plan, TreatmentCourse) for e in record.of_kind(kind)]
    starts += [drug.at.day(zone) for drug in _changed_drugs(record.of_kind(Medication))]
    finished: list[TreatmentCourse | Medication] = [*record.of_kind(TreatmentCourse), *record.of_kind(Medication)]
    ends = [e.ended.day(zone) for e in finished if e.ended]
    decided = [d.at.day(zone) for d in record.of_kind(Decision) if d.disposition in _CHANGES]
    if index is None or treated is None:
        return ()
    window = timedelta(days=catalog.verdict.same_change_days.value)
    kept = [treated]
    for day in sorted({*starts, *ends, *decided}):
        if day > index.day and day - kept[-1] > window:
            kept.append(day)
    return tuple(kept[1:])


def _changed_drugs(entries: Sequence[Medication]) -> Iterator[Medication]:
    """The entries that begin a drug or change its dose: one that says again what is taken already is no change."""
    dose: dict[str, float | None] = {}
    for entry in entries:
        name = entry.drug.casefold()
        if name not in dose or entry.daily_dose_mg not in (None, dose[name]):
            yield entry
        dose[name] = entry.daily_dose_mg or dose.get(name)
        if entry.ended is not None:
            del dose[name]


def _marks(catalog: Catalog, counted: Sequence[Rating], sessions: bool) -> list[str]:
    """A change of mode, language, rater or version within the series: it can move a score without the patient having changed."""
    marks = []
    for word in ("mode", "language", "rater", "version"):
        last = None
        for rating in counted:
            value = getattr(rating, word)
            if value and last and value != last:
                name = catalog.instruments[rating.instrument].short_name
                marks.append(
                    f"{rating.day.isoformat()}: the {word} of {name} changed from {last} to {value}; a step then may be the {word}"
                )
            last = value or last
    unknown = sum(1 for rating in counted if rating.phase is None)
    if unknown and (sessions or unknown != len(counted)):
        marks.append(f"{unknown} of {len(counted)} counted ratings have an unknown place relative to a dose")
    return marks


def _first_day(ratings: Sequence[Rating], primary: str | None) -> date | None:
    return next((rating.day for rating in ratings if rating.instrument == primary), None)
