"""The structured titration: each dose with what it did and cost, the next step within its bounds, and whether one is possible now."""

from collections.abc import Iterator, Sequence
from datetime import date

from euthymia.combination import treatments
from euthymia.decisions import LISTED_AHEAD, Decisions
from euthymia.moment import day_in_words
from euthymia.options import InTheWay, Options
from euthymia.position import Position
from euthymia.rules.readings import Scene
from euthymia.titration.doses import Dose, Level, doses_given, levels_of
from euthymia.titration.response import place, response, untold
from euthymia.titration.result import DoseLevel, DoseList, Increase, Titration
from euthymia.titration.tolerability import Watched, tolerability, unrecorded

STEP = "can_step_up"
OPTION = "titrate_up"
_WORDS: dict[Increase, str] = {
    "possible": "Nothing recorded stands in the way of the next step. Whether it is wanted is the prescriber's decision.",
    "not_now": "Not now.",
    "cannot_tell": "Nobody can tell whether a higher dose is possible.",
    "none": "There is no step left inside the bounds.",
}


def titration(scene: Scene, stands: Position, opts: Options, decided: Decisions) -> Titration | None:
    """The structured titration of a review's scene; None without a dose of ketamine and a protocol of one, and where it does not apply."""
    doses, undated = doses_given(scene)
    if opts.higher_dose is None or (not doses and stands.dose.unit is None):
        return None
    increase = _increase(opts.higher_dose)
    return Titration(
        lists=tuple(_lists(scene, doses)),
        dose=stands.dose,
        in_the_way=opts.higher_dose,
        increase=increase,
        words=_WORDS[increase],
        listed=any(view.id == OPTION for view in (*opts.offered, *opts.withheld)),
        decided=_decided(stands, decided, scene),
        not_known=(f"{undated} {'dose' if undated == 1 else 'doses'} without a day: in none of the lists",) if undated else (),
    )


def _increase(in_the_way: Sequence[InTheWay]) -> Increase:
    """ "None" where no step is left, whatever else holds it; "not now" before "cannot tell"."""
    holds = [each for each in in_the_way if each.holds]
    step = next((each for each in holds if each.of == STEP), None)
    if step is not None and step.known:
        return "none"
    if len(holds) > (step is not None):
        return "not_now"
    return "cannot_tell" if step is not None else "possible"


def _lists(scene: Scene, doses: Sequence[Dose]) -> Iterator[DoseList]:
    """The protocol's own lists first, then the others, by their first dose."""
    keys = list(dict.fromkeys(dose.key for dose in sorted(doses, key=lambda dose: not dose.own)))
    of_key = {key: [dose for dose in doses if dose.key == key] for key in keys}
    levels = [level for key in keys for level in levels_of(of_key[key], scene.catalog)]
    said = {level.doses[0].event.id: found for level, found in zip(levels, _levels(scene, doses, levels), strict=True)}
    for key in keys:
        first = of_key[key][0]
        mine = [said[level.doses[0].event.id] for level in levels if level.key == key]
        yield DoseList(first.event.treatment, first.event.route, first.own, tuple(mine))


def _levels(scene: Scene, doses: Sequence[Dose], levels: Sequence[Level]) -> Iterator[DoseLevel]:
    placed, watched = place(scene, doses, levels), Watched(scene)
    changes = treatments(scene.record, scene.catalog, scene.on).changes
    for at, level in enumerate(levels):
        answer = response(scene, at, level, doses, placed, changes)
        cost = tolerability(watched, level, _until(level, doses, scene.on))
        yield DoseLevel(
            low=level.low,
            high=level.high,
            unit=level.unit,
            first=level.doses[0].day,
            last=level.doses[-1].day,
            doses=len(level.doses),
            at_home=sum(dose.event.kind == "dose_log" for dose in level.doses),
            response=answer,
            tolerability=cost,
            not_known=(*untold(scene, at, level, doses, placed), *unrecorded(watched, level, cost)),
        )


def _until(level: Level, doses: Sequence[Dose], on: date) -> date:
    """The last day on which a level was the dose given last: the day of the next other dose, else the day of the review."""
    last = doses.index(level.doses[-1])
    return doses[last + 1].day if last + 1 < len(doses) else on


def _decided(stands: Position, decided: Decisions, scene: Scene) -> str | None:
    """Whether the decision point that was reached last has its decision; None before the first."""
    points = [point for point in stands.decision_points if point.reached and point.day <= scene.on]
    if not points:
        return None
    point, last = points[-1], decided.last
    made = last.at.day(scene.record.zone) if last else None
    where = f"decision point of {day_in_words(point.day)} ({point.name})"
    if last is None or made is None or made < point.day - LISTED_AHEAD:
        return f"{where}: no decision is recorded"
    return f"{where}: {last.disposition.replace('_', ' ')}, decided on {day_in_words(made)}"
