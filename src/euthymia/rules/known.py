"""One fact of the vocabulary in one record at one time: known, stale, impossible, or not known, with day and source.

Where several readings speak, the latest counts; of one time the worst. What is older than a rule allows is missing, and
says what was last known. Silence is never a value.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from euthymia.moment import day_in_words
from euthymia.rule import Condition, MaximumAge, VocabularyFact
from euthymia.rules.care_facts import exposures, of_care
from euthymia.rules.home_facts import of_home
from euthymia.rules.readings import NO_CLOCK, Reading, Scene, Value, recorded
from euthymia.rules.session_facts import of_session
from euthymia.three_valued import Truth

KnownState = Literal["known", "stale", "impossible", "not_known"]


@dataclass(frozen=True)
class Known:
    """What is known of a fact. `value` is None unless known; `upper`: of a number known as a range; `why`: what is wrong.

    `last`: the value that was last known, where it is too old. `day`: of the reading.
    """

    fact: str
    state: KnownState
    value: Value | None
    day: date | None
    source: str
    upper: float | None = None
    why: str = ""
    last: Value | None = None


def look_up(scene: Scene, fact_id: str, age: MaximumAge) -> Known:
    """A fact as a rule may use it: not older than `age`."""
    fact = scene.catalog.vocabulary[fact_id]
    return settle(scene, fact_id, fact, readings_of(scene, fact_id), age)


def readings_of(scene: Scene, fact_id: str) -> list[Reading]:
    """Everything that speaks of a fact, by time."""
    if fact_id not in scene.looked_up:
        scene.looked_up[fact_id] = _looked_for(scene, fact_id)
    return scene.looked_up[fact_id]


def _looked_for(scene: Scene, fact_id: str) -> list[Reading]:
    fact = scene.catalog.vocabulary[fact_id]
    found = [*recorded(scene, fact_id, fact)]
    if fact.computed:
        found += [*of_care(scene, fact), *of_home(scene, fact), *of_session(scene, fact)]
    found += [*_since(scene, fact), *_change(scene, fact), *_ratio(scene, fact)]
    return sorted(found, key=lambda reading: reading.at.key(scene.record.zone))


def settle(scene: Scene, fact_id: str, fact: VocabularyFact, readings: Sequence[Reading], age: MaximumAge) -> Known:
    """What the readings of a fact amount to: what holds now, else the last of them; of one time, the worst."""
    standing = [reading for reading in readings if reading.standing]
    if standing and (fact.computed or fact.since or any(reading.value == _worst_word(fact) for reading in standing)):
        return _as_known(fact_id, _worst(fact, standing))
    # A date that can still have come later counts with the last of them.
    groups = _by_time([reading for reading in readings if not reading.standing])
    if not groups:
        return Known(fact_id, "not_known", None, None, "record", why="not recorded")
    last = max((place for place, group in enumerate(groups) if not _unreadable(group)), default=None)
    if last is not None and _takes_nothing_back(fact, groups[last]):
        del groups[last + 1 :]
    chosen = _worst(fact, groups[-1])
    if chosen.value is None:
        known = [reading for group in groups for reading in group if reading.value is not None]
        return replace(_as_known(fact_id, chosen), last=known[-1].value if known else None)
    return _aged(scene, _as_known(fact_id, chosen), chosen, age)


def _by_time(readings: Sequence[Reading]) -> list[list[Reading]]:
    """Readings of one time together; one without a clock stands with its whole day, one without a day with the last."""
    groups: list[list[Reading]] = []
    for reading in (r for r in readings if r.day == r.last):
        last = groups[-1] if groups else []
        clocks = reading.at.instant is not None and all(r.at.instant is not None for r in last)
        same = bool(last) and (last[-1].at.instant == reading.at.instant if clocks else last[-1].day == reading.day)
        if same:
            last.append(reading)
        else:
            groups.append([reading])
    for reading in (r for r in readings if r.day != r.last):
        if not groups:
            groups.append([reading])
        elif reading.last >= groups[-1][-1].day:
            groups[-1].append(reading)
    return groups


def _unreadable(group: Sequence[Reading]) -> bool:
    return all(reading.value is None for reading in group)


def _takes_nothing_back(fact: VocabularyFact, before: Sequence[Reading]) -> bool:
    """A question left open does not undo the worst answer to it."""
    return any(reading.value == _worst_word(fact) for reading in before)


def _worst_word(fact: VocabularyFact) -> str:
    """Of a number "highest" or "lowest", which no reading says."""
    return fact.values[0] if fact.kind == "one_of" else fact.worst


def _worst(fact: VocabularyFact, group: Sequence[Reading]) -> Reading:
    """The worst of a group. One that cannot be read may be worse than the others, unless nothing is."""
    unread = next((reading for reading in group if reading.value is None), None)
    if fact.kind == "number":
        if unread is not None:
            return unread
        return (max if fact.worst == "highest" else min)(group, key=lambda r: r.value if isinstance(r.value, float) else 0.0)
    order = fact.values if fact.kind == "one_of" else ("yes", "no") if fact.worst == "yes" else ("no", "yes")
    known = [reading for reading in group if reading.value in order]
    if not known:
        return group[-1] if unread is None else unread
    worst = min(known, key=lambda reading: order.index(str(reading.value)))
    return unread if unread is not None and worst.value != order[0] else worst


def _as_known(fact_id: str, reading: Reading) -> Known:
    state: KnownState = "known" if reading.value is not None else "impossible" if reading.impossible else "not_known"
    day = None if reading.standing and reading.value is None else reading.day
    return Known(fact_id, state, reading.value, day, reading.source, reading.upper, "" if state == "known" else reading.why)


def _aged(scene: Scene, known: Known, reading: Reading, age: MaximumAge) -> Known:
    """The same, or stale where it is older than the rule allows."""
    instant, days = reading.at.instant, (scene.on - reading.day).days
    if age.days is None and scene.at is not None and instant is None and days == 0:
        why: str | None = NO_CLOCK
    else:
        minutes = (scene.at - instant).total_seconds() / 60 if scene.at and instant and age.days is None else 24 * 60 * days
        why = too_old(age, minutes)
    return replace(known, state="stale", value=None, upper=None, last=known.value, why=why) if why else known


def too_old(age: MaximumAge, minutes: float) -> str | None:
    """Why a reading of so many minutes ago cannot be used any more; None where it can."""
    for limit, unit, each in ((age.minutes, "minutes", 1), (age.hours, "hours", 60), (age.days, "days", 24 * 60)):
        if limit is not None:
            return f"older than {limit:g} {unit}" if minutes > limit * each else None
    return None


def holds(leaf: Condition, known: Known, threshold: float | None) -> Truth:
    """One comparison: True, False, or None where the fact is not known (or its range lies on both sides)."""
    if leaf.op == "missing":
        return known.value is None
    if known.value is None:
        return None
    if leaf.op in ("==", "!=", "in"):
        wanted = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
        return (known.value in wanted) != (leaf.op == "!=")
    if not isinstance(known.value, float) or threshold is None:
        return None
    low, high = known.value, known.value if known.upper is None else known.upper
    sides = {_compare(leaf.op, low, threshold), _compare(leaf.op, high, threshold)}
    return sides.pop() if len(sides) == 1 else None


def _compare(op: str, value: float, threshold: float) -> bool:
    return {"<": value < threshold, "<=": value <= threshold, ">": value > threshold, ">=": value >= threshold}[op]


def shown(fact: VocabularyFact, value: Value | None, upper: float | None = None) -> str:
    """A value as a person says it, with its unit."""
    if not isinstance(value, float):
        return value.replace("_", " ") if value is not None else "none recorded" if fact.since else "not known"
    unit = fact.unit or "1"
    number = f"{round(value, 1):g}" if upper is None or upper == value else f"{round(value, 1):g} to {round(upper, 1):g}"
    return number if unit.startswith("{") or unit == "1" else f"{number} {_WORDS.get(unit, unit)}"


_WORDS = {"a": "years", "wk": "weeks", "d": "days", "min": "minutes", "mm[Hg]": "mm Hg"}


def said(fact: VocabularyFact, known: Known) -> str:
    """What is missing of a fact that is not known, in words: what it is, why it cannot be used, what was last known."""
    last = f"; last known {shown(fact, known.last)}" if known.last is not None else ""
    when = f" on {day_in_words(known.day)}" if known.day is not None else ""
    return f"{fact.words}: {known.why}{last}{when}" if known.state == "stale" else f"{fact.words}: {known.why}{when}{last}"


def last_known_day(scene: Scene, fact_ids: Sequence[str]) -> date | None:
    """The day on which any of the facts was last known; None where none ever was."""
    days = (reading.day for each in fact_ids for reading in readings_of(scene, each) if reading.value is not None)
    return max(days, default=None)


def _since(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    """Days, or ketamine sessions, since any of the facts was last known. A reading that cannot be used does not count."""
    if fact.since is None:
        return []
    last = last_known_day(scene, fact.since.of)
    if last is None:
        return scene.now(None, "record", why="not recorded so far")
    if fact.since.count == "days":
        return scene.now(float((scene.on - last).days), "record")
    return scene.now(float(sum(1 for day, _ in exposures(scene) if day > last)), "sessions and doses recorded")


def _change(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    """The last value of a fact against the patient's own first one; a first one that cannot be used leaves it open."""
    if fact.change is None:
        return []
    found = readings_of(scene, fact.change.of)
    if len(found) < 2:
        return []
    first, last = found[0].value, found[-1].value
    if not isinstance(first, float) or not isinstance(last, float):
        why = found[-1].why or f"the first value cannot be used ({found[0].why})"
        return [replace(found[-1], value=None, why=why)]
    return [replace(found[-1], value=last - first if fact.change.direction == "rise" else first - last)]


def _ratio(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    if fact.ratio is None:
        return []
    above, below = readings_of(scene, fact.ratio.of)[-1:], readings_of(scene, fact.ratio.to)[-1:]
    if not above or not isinstance(above[0].value, float):
        return above
    over, under = above[0].value, below[0].value if below else None
    if isinstance(under, float):
        return [replace(above[0], value=over / under)]
    # Without the laboratory's own limit the ratio lies between those that limits can make it.
    measured_id = scene.catalog.vocabulary[fact.ratio.to].measured
    span = scene.catalog.measurements[measured_id].plausible if measured_id else None
    if span is None or span.low <= 0:
        return [replace(above[0], value=None, why=f"{scene.catalog.vocabulary[fact.ratio.to].words} is not recorded")]
    return [replace(above[0], value=over / span.high, upper=over / span.low)]
