"""Virtual people with weekly ratings, and the truth about them: foreign ones, and the engine's own.

Everything is [person, week] unless said otherwise, weeks 0 to 42; forecasts are made up to week 26. Six plans of the catalog's
protocols, a sixth of the people each, drawn as `euthymia simulate` draws them: sessions miss their day or do not take place.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from euthymia.catalog import Catalog
from euthymia.episode import PlanInForce
from euthymia.heading import horizon_after
from euthymia.simulate.courses import draw_courses
from euthymia.simulate.foreign import Span, draw_foreign
from euthymia.simulate.schedule import ScheduleDesign, Segment, as_planned, draw_lots, session_days
from euthymia.simulate.shapes import ForeignDesign
from euthymia.trajectory import Population, Series
from euthymia.trajectory.batch import Cohort, cohort

Array = NDArray[np.float64]
LAST, WEEKS = 26, np.arange(43)  # the last week of a forecast; the weeks drawn
START = date(2026, 1, 5)


class Measure(NamedTuple):
    """The instrument, in points: its highest total (the lowest is 0), the remission cut, the within-person change; days asked about."""

    id: str
    name: str
    high: float
    cut: float
    change: float
    recall_days: float


class Plan(NamedTuple):
    """One plan in weeks: sessions, changes of protocol, and the week that a forecast of each week is about, [week]."""

    name: str
    sessions: tuple[float, ...]
    changes: tuple[float, ...]
    horizon: NDArray[np.int64]


@dataclass(frozen=True)
class People:
    """`truth`: the total expected without error of rating. `horizon`: the week that a forecast is about.

    `kind` [person]: of a foreign course; -1: the engine's own. `plan` [person]: the place in `plans`. `other_mode`: rated in another mode
    than at first. `changes_ahead` [person, week to 26]: the protocol changes after that week and before its horizon. `series`: up to week
    26, as the engine reads them.
    """

    measure: Measure
    totals: Array
    truth: Array
    horizon: NDArray[np.int64]
    kind: NDArray[np.int64]
    plan: NDArray[np.int64]
    other_mode: NDArray[np.bool_]
    changes_ahead: NDArray[np.bool_]
    plans: tuple[Plan, ...]
    series: tuple[Series, ...]


def measure(catalog: Catalog, instrument: str) -> Measure:
    """The instrument's numbers, from the catalog."""
    found = catalog.instruments[instrument]
    cut = catalog.definitions[catalog.verdict.default_definition].remission[instrument].at_most
    change = found.change("within_person")
    if found.range is None or change is None or change.points is None:
        raise ValueError(f"found {instrument} without a range or a within-person change; allowed: one with both")
    return Measure(instrument, found.short_name, found.range.maximum, cut, change.points, found.structure.recall_days)


def plans(catalog: Catalog, seed: int) -> list[Plan]:
    """Esketamine, intravenous ketamine and oral drugs; as planned, and with one change more at week 12 or 8."""
    found = []
    for number, (protocol, day, interval) in enumerate(
        (
            ("esketamine_label", None, None),
            ("esketamine_label", 84, 7.0),
            ("ketamine_iv", None, None),
            ("ketamine_iv", 84, 28.0),
            ("oral_antidepressant", None, None),
            ("oral_antidepressant", 56, None),
        )
    ):
        design = ScheduleDesign()
        segments = as_planned(design, catalog.protocols[protocol])
        if day is not None:
            now = [segment for segment in segments if segment.day <= day][-1]
            changed = now._replace(day=day, session_interval_days=interval, decision="change_interval" if interval else "switch")
            segments = tuple(sorted((*segments, changed), key=lambda segment: segment.day))
        lots = draw_lots(design, np.random.default_rng([seed, number]), int(WEEKS[-1]) * 7)
        sessions = session_days(design, lots, segments, int(WEEKS[-1]) * 7)
        name = catalog.protocols[protocol].name + (f", changed in week {day // 7}" if day else "")
        found.append(Plan(name, _weeks(sessions), _weeks(s.day for s in segments[1:]), _horizons(catalog, protocol, segments)))
    return found


def draw(
    catalog: Catalog,
    of: Measure,
    people: int,
    seed: int,
    population: Population | None = None,
    design: ForeignDesign | None = None,
) -> People:
    """`people` in all, from the population; without one, foreign."""
    parts = []
    for number, plan in enumerate(plans(catalog, seed)):
        generator, n = np.random.default_rng([seed, number, 1]), len(range(number, people, 6))
        if population is None:
            drawn = draw_foreign(Span(0, of.high), generator, n, WEEKS, plan.sessions, plan.changes, of.recall_days, design)
            parts.append((drawn.totals, drawn.recalled, drawn.kind, drawn.other_mode))
        else:
            # The engine reads a share of the window; the generator of its own people knows only the window.
            asked = of.recall_days * population.recall_share
            own = draw_courses(population, generator, n, WEEKS, plan.sessions, plan.changes, asked)
            parts.append((own.totals, population.scale.score(own.recalled), np.full(n, -1), np.zeros(own.totals.shape, dtype=bool)))
    totals, truth, kind, other_mode = (np.concatenate(each) for each in zip(*parts, strict=True))
    plan_of = np.repeat(np.arange(6), [len(part[0]) for part in parts])
    made = plans(catalog, seed)
    series = [
        Series(WEEKS[: LAST + 1], row[: LAST + 1], made[k].sessions, made[k].changes, of.recall_days)
        for row, k in zip(totals, plan_of, strict=True)
    ]
    horizon = np.stack([plan.horizon for plan in made])[plan_of]
    ahead = np.stack([_change_before_the_horizon(plan) for plan in made])[plan_of]
    return People(of, totals, truth, horizon, kind, plan_of, other_mode, ahead, tuple(made), tuple(series))


def up_to(everybody: Cohort, week: int) -> Cohort:
    """The same people when only the ratings up to `week` had been taken; all have the same weeks."""
    people, each = everybody.people, len(everybody.weeks) // everybody.people
    weeks, totals = (flat.reshape(people, each)[:, : week + 1].ravel() for flat in (everybody.weeks, everybody.totals))
    beside = everybody.session_offsets, everybody.sessions, everybody.change_offsets, everybody.changes
    return Cohort(np.arange(people + 1) * (week + 1), weeks, totals, *beside, everybody.recall_days)


def as_cohort(people: People) -> Cohort:
    """The people as the kernels read them."""
    return cohort(people.series)


def _change_before_the_horizon(plan: Plan) -> NDArray[np.bool_]:
    return np.array([any(week < change < horizon for change in plan.changes) for week, horizon in enumerate(plan.horizon)])


def _weeks(days) -> tuple[float, ...]:
    return tuple(day / 7 for day in days)


def _horizons(catalog: Catalog, protocol: str, segments: tuple[Segment, ...]) -> NDArray[np.int64]:
    """The week that the forecast of each week is about, by the rule of the verdict."""
    found = []
    for week in range(LAST + 1):
        day = START + timedelta(weeks=week)
        segment = [s for s in segments if s.day <= week * 7][-1]
        since = START + timedelta(days=segment.day)
        plan = PlanInForce(since, protocol, protocol, segment.phase, segment.rating_interval_days, None, None, False)
        found.append((horizon_after(day, plan, catalog) - START).days // 7)
    return np.array(found)
