"""Response, remission, recovery, relapse — always by the id of a definition — and change that is more than noise."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from euthymia.catalog import Catalog
from euthymia.definition import Definition, RelapseRule
from euthymia.instrument import Change, Instrument

State = Literal["in_episode", "remission_candidate", "remission", "recovery", "relapse", "recurrence"]
Response = Literal["response", "partial_response", "no_response", "cannot_tell"]
RatingDay = tuple[date, float]


@dataclass(frozen=True)
class Course:
    """Where a series stands by one definition. `since`: the day from which the state holds; `onset`: of the remission."""

    definition: str
    instrument: str
    cut: float
    state: State
    since: date | None
    onset: date | None
    above_the_line: bool


@dataclass(frozen=True)
class Span:
    """Days from `start` to before `end`: in remission, above it, or not observed."""

    start: date
    end: date
    state: Literal["in_remission", "above", "not_observed"]

    @property
    def days(self) -> int:
        return (self.end - self.start).days


@dataclass(frozen=True)
class ChangeSince:
    """Change since the index: points and fraction (positive = better), and what that is worth."""

    points: float
    fraction: float | None
    response: Response
    reliable: bool | None
    reliable_points: float | None
    mcid: str | None


@dataclass(frozen=True)
class Outcomes:
    """What the course amounts to, by the definition in force."""

    course: Course | None
    change: ChangeSince | None
    spans: tuple[Span, ...]
    discordant: tuple[str, ...] = ()


@dataclass
class _Run:
    """What the state machine remembers while it walks along the ratings."""

    state: State = "in_episode"
    since: date | None = None
    onset: date | None = None
    count: int = 0
    last: date | None = None
    high: list[RatingDay] = field(default_factory=list)
    above: int = 0

    def enter(self, state: State, day: date) -> None:
        self.state, self.since = state, day


def course(definition: Definition, instrument: str, ratings: Sequence[RatingDay], incidents: Sequence[tuple[date, str]] = ()) -> Course:
    """Walk a series of (day, total), sorted by day, through the states of `definition`.

    `incidents` are (day, kind); those that the relapse rule names end a remission by themselves.
    Raises KeyError where the definition has no cut for the instrument.
    """
    cut, rule = definition.remission[instrument].at_most, definition.relapse.get(instrument)
    run = _Run(since=ratings[0][0] if ratings else None)
    events = sorted([(day, 1, total, "") for day, total in ratings] + [(day, 0, math.nan, kind) for day, kind in incidents])
    for day, is_rating, total, kind in events:
        if is_rating:
            _on_rating(run, definition, rule, cut, day, total)
        elif rule and kind in rule.incidents:
            _lose(run, day)
    return Course(
        definition.id,
        instrument,
        cut,
        run.state,
        run.since,
        run.onset,
        run.above > 0 and run.state in ("remission", "recovery"),
    )


def _on_rating(run: _Run, definition: Definition, rule: RelapseRule | None, cut: float, day: date, total: float) -> None:
    if total <= cut:
        _below(run, definition, day)
    else:
        run.above += 1
        if run.state == "remission_candidate":
            run.enter("in_episode", day)
            run.onset = None
    run.high = [*run.high, (day, total)] if rule and total >= rule.at_least else []
    if rule and _relapsed(rule, run.high):
        _lose(run, day)
    elif rule is None and run.above >= 2:
        # Without a relapse rule a second rating above the cut in a row ends it: one excess never does.
        _lose(run, day)
    run.last = day


def _below(run: _Run, definition: Definition, day: date) -> None:
    held = definition.durations
    gap_too_long = held.max_gap_days is not None and run.last is not None and (day - run.last).days > held.max_gap_days
    run.above = 0
    if run.state in ("in_episode", "relapse", "recurrence") or (run.state == "remission_candidate" and gap_too_long):
        run.state, run.since, run.onset, run.count = "remission_candidate", day, day, 0
    run.count += 1
    lasted = (day - (run.onset or day)).days
    if run.state == "remission_candidate" and lasted >= held.remission_days and run.count >= held.remission_ratings:
        run.enter("remission", day)
    if run.state == "remission" and held.recovery_days is not None and lasted >= held.recovery_days:
        run.enter("recovery", day)


def _relapsed(rule: RelapseRule, high: Sequence[RatingDay]) -> bool:
    if len(high) < rule.ratings:
        return False
    last = high[-1][0]
    apart = [(last - day).days for day, _ in high[: len(high) - rule.ratings + 1]]
    return any(rule.apart_days <= days and (rule.within_days is None or days <= rule.within_days) for days in apart)


def _lose(run: _Run, day: date) -> None:
    lost: dict[State, State] = {"remission": "relapse", "recovery": "recurrence", "remission_candidate": "in_episode"}
    if run.state in lost:
        run.enter(lost[run.state], day)
        run.onset = None


def change_since(definition: Definition, instrument: Instrument, index: float, latest: float) -> ChangeSince:
    """Improvement from `index` to `latest`; the reliable change is Jacobson and Truax's."""
    points = round(index - latest if instrument.lower_is_better else latest - index, 1)
    fraction = improvement(instrument, index, latest)
    reliable_points = reliable_change_points(instrument)
    reliable = None if reliable_points is None else abs(points) >= reliable_points
    return ChangeSince(
        points,
        fraction,
        _response(definition, instrument, fraction),
        reliable,
        reliable_points,
        _mcid(instrument, points, fraction),
    )


def reliable_change_points(instrument: Instrument) -> float | None:
    """The change that noise alone exceeds in one of twenty: 1.96 · sd · sqrt(2 (1 − r)); None where r or sd is not known."""
    source = next((r for r in instrument.reliability if r.for_reliable_change and r.sd), None)
    if source is None or source.sd is None:
        return None
    return round(1.96 * source.sd * math.sqrt(2 * (1 - source.coefficient)), 1)


def improvement(instrument: Instrument, index: float, latest: float) -> float | None:
    """Improvement as a fraction of what the index lies above the scale's best score; None where nothing lies above it."""
    if instrument.range is None or not instrument.lower_is_better or index <= instrument.range.minimum:
        return None
    return round((index - latest) / (index - instrument.range.minimum), 3)


def _response(definition: Definition, instrument: Instrument, fraction: float | None) -> Response:
    # "Half of the index" is a convention of sums; of a T-score nobody has said what half is.
    if fraction is None or definition.fractions is None or instrument.metric == "T-score":
        return "cannot_tell"
    if fraction >= definition.fractions.response:
        return "response"
    partial = definition.fractions.partial_response
    return "partial_response" if partial is not None and fraction >= partial else "no_response"


def _mcid(instrument: Instrument, points: float, fraction: float | None) -> str | None:
    """The largest published threshold of meaningful change that the improvement reaches, in words."""
    reached = [c for c in instrument.changes if c.id != "within_person" and not c.between_groups and _reaches(c, points, fraction)]
    if not reached:
        return None
    best = max(reached, key=lambda c: (c.points or 0.0, c.fraction or 0.0))
    size = f"{best.points:g} points" if best.points else f"{100 * (best.fraction or 0):g} %"
    return f"at least {size}" + (f" ({best.population})" if best.population else "")


def _reaches(threshold: Change, points: float, fraction: float | None) -> bool:
    if threshold.points is not None:
        return points >= threshold.points
    return fraction is not None and threshold.fraction is not None and fraction >= threshold.fraction


def spans(ratings: Sequence[RatingDay], cut: float, recall_days: float, cover_days: float, on: date) -> tuple[Span, ...]:
    """Time in and above remission: a rating covers its recall and at most `cover_days` after it; the rest is not observed."""
    found: list[Span] = []
    for position, (day, total) in enumerate(ratings):
        following = ratings[position + 1] if position + 1 < len(ratings) else None
        end = following[0] if following else max(on, day)
        covered = min(end, day + timedelta(days=cover_days))
        _add(found, day, covered, _side(total, cut))
        if following is None:
            _add(found, covered, end, "not_observed")
        else:
            recalled = max(covered, end - timedelta(days=recall_days))
            _add(found, covered, recalled, "not_observed")
            _add(found, recalled, end, _side(following[1], cut))
    return tuple(found)


def _side(total: float, cut: float) -> Literal["in_remission", "above"]:
    return "in_remission" if total <= cut else "above"


def _add(found: list[Span], start: date, end: date, state: Literal["in_remission", "above", "not_observed"]) -> None:
    if end <= start:
        return
    if found and found[-1].state == state and found[-1].end == start:
        found[-1] = Span(found[-1].start, end, state)
    else:
        found.append(Span(start, end, state))


def discordant(catalog: Catalog, latest: dict[str, float]) -> tuple[str, ...]:
    """Instruments that disagree: one in its remission range, another in its third severity band or worse."""
    default = catalog.definitions[catalog.verdict.default_definition]
    third = catalog.verdict.discordant_band.value
    well, unwell = [], []
    for instrument_id, total in latest.items():
        instrument = catalog.instruments[instrument_id]
        if instrument_id not in default.remission:
            continue
        said = f"{instrument.short_name} {total:g}"
        if total <= default.remission[instrument_id].at_most:
            well.append(said)
        elif sum(band.low <= total for band in instrument.bands) >= third:
            unwell.append(said)
    return tuple(f"{a} is in the remission range while {b} is not" for a in well for b in unwell)
