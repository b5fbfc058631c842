"""Facts of a session that no record states as such: minutes since the dose, rises since then, courses over sessions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise

from euthymia.moment import day_in_words
from euthymia.rule import Computed, VocabularyFact
from euthymia.rules.care_facts import exposures
from euthymia.rules.readings import Reading, Scene, measured
from euthymia.rules.sessions_today import lies_in


def of_session(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    """The readings of a fact of the session; none where nothing is known."""
    return _COMPUTED[fact.computed](scene, fact) if fact.computed in _COMPUTED else []


def _minutes(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    start = scene.session.at.instant if scene.session else None
    if start is None or scene.at is None:
        return scene.now(None, "session", why="no dose with its clock time is recorded today")
    return scene.now((scene.at - start).total_seconds() / 60, "session")


def _pressures(scene: Scene, measured_id: str, day: date | None) -> tuple[list[Reading], list[Reading]]:
    """The readings of the session's day before its dose, and after it, past midnight too; none can be placed without clock times."""
    session = scene.session
    if session is None or session.at.instant is None:
        return [], []
    found = measured(scene, measured_id)
    mine = [r for r in found if r.day == day or (r.at.instant and lies_in(session, scene.catalog, r.at.instant))]
    return around_dose(mine, session.at.instant)


def _day(scene: Scene) -> date:
    """The day of the session that goes on; in a review, its own."""
    return scene.session.at.day(scene.record.zone) if scene.phase and scene.session else scene.on


def around_dose(found: Sequence[Reading], start: datetime) -> tuple[list[Reading], list[Reading]]:
    """The readings up to the start of a dose, and those after it; those without a clock time are in neither."""
    timed = [(reading, reading.at.instant) for reading in found if reading.at.instant is not None]
    return [reading for reading, at in timed if at <= start], [reading for reading, at in timed if at > start]


def _falling(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    """Whether the last reading after the dose is below the one before it."""
    _, after = _pressures(scene, fact.of[0], _day(scene))
    if len(after) < 2:
        return scene.now(None, "readings after the dose", why="fewer than two readings after the dose")
    before, last = after[-2:]
    if not isinstance(before.value, float) or not isinstance(last.value, float):
        return [Reading(None, last.at, last.day, last.last, last.source, why=last.why or before.why)]
    return [Reading("yes" if last.value < before.value else "no", last.at, last.day, last.last, last.source)]


def _rise(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    """The last reading after the dose against the last one before it."""
    before, after = _pressures(scene, fact.of[0], _day(scene))
    return list(_against(before[-1:], after[-1:]))


def _peak_rise(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    """The highest reading after the dose of the last session against the last one before it."""
    day = scene.session.at.day(scene.record.zone) if scene.session else None
    before, after = _pressures(scene, fact.of[0], day)
    if any(r.value is None for r in after):
        return list(_against(before[-1:], [r for r in after if r.value is None]))
    return list(_against(before[-1:], sorted(after, key=lambda r: r.value or 0)[-1:]))


def _against(before: list[Reading], after: list[Reading]) -> Iterator[Reading]:
    if not before or not after:
        return
    first, last = before[0].value, after[0].value
    known = isinstance(first, float) and isinstance(last, float)
    value = last - first if isinstance(first, float) and isinstance(last, float) else None
    yield Reading(value, after[0].at, after[0].day, after[0].last, after[0].source, why="" if known else after[0].why or before[0].why)


def _rises(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    """On how many sessions in a row, up to the last, a score was higher than at the session before, at the same dose."""
    doses = {day: dose.dose_mg or getattr(dose, "dose_mg_per_kg", None) for day, dose in exposures(scene)}
    found = [r for r in measured(scene, fact.of[0], scene.catalog.vocabulary[fact.of[1]]) if r.day in doses]
    rises, why = 0, ""
    for before, last in pairwise(found):
        if not isinstance(before.value, float) or not isinstance(last.value, float) or None in (doses[before.day], doses[last.day]):
            # Nobody knows whether the row goes on here: not known until it surely begins anew.
            why = f"the score or the dose of {day_in_words(before.day)} or {day_in_words(last.day)} is not known"
        elif last.value > before.value and doses[before.day] == doses[last.day]:
            rises += 1
        else:
            rises, why = 0, ""
    return [replace(found[-1], value=None if why else float(rises), why=why)] if len(found) > 1 else []


_COMPUTED: dict[Computed | None, Callable[[Scene, VocabularyFact], list[Reading]]] = {
    "minutes_since_dose": _minutes,
    "pressure_falling": _falling,
    "rise_since_dose": _rise,
    "peak_rise": _peak_rise,
    "rises_at_stable_dose": _rises,
}
