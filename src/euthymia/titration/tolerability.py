"""How each dose was tolerated: the worst that was recorded around it, and how often nothing was recorded."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from euthymia.events import DoseLog, DoseSession, Observation
from euthymia.follow_up.sessions import Around, around_doses
from euthymia.plain_words import plain
from euthymia.rules.readings import Reading, Scene, measured
from euthymia.titration.doses import Dose, Level
from euthymia.titration.result import Rated, Tolerability


@dataclass(frozen=True)
class Watched:
    """Everything recorded around doses, read once for all levels."""

    scene: Scene

    @cached_property
    def systolic(self) -> dict[str, Around]:
        """Systolic blood pressure around each dose, by the dose's id."""
        return {dose.id: around for _, dose, around in around_doses(self.scene, "systolic")}

    @cached_property
    def diastolic(self) -> dict[str, Around]:
        """Diastolic blood pressure around each dose, by the dose's id."""
        return {dose.id: around for _, dose, around in around_doses(self.scene, "diastolic")}

    @cached_property
    def readings(self) -> dict[str, dict[date, list[Reading]]]:
        """The readings of each scale, by day."""
        found: dict[str, dict[date, list[Reading]]] = {"cadss6": {}, "moaas": {}, "oxygen_saturation": {}}
        for name, days in found.items():
            for reading in measured(self.scene, name, self.scene.catalog.vocabulary[name]):
                days.setdefault(reading.day, []).append(reading)
        return found

    @cached_property
    def observed(self) -> dict[date, list[Observation]]:
        """What was seen, by day."""
        found: dict[date, list[Observation]] = {}
        for seen in self.scene.record.of_kind(Observation):
            found.setdefault(seen.at.day(self.scene.record.zone), []).append(seen)
        return found

    def worst(self, name: str, dose: Dose, pick: Callable[[Iterable[float]], float]) -> float | None:
        """The worst reading of a scale on the day of a dose; readings that were surely taken before it apart."""
        found = self.readings[name].get(dose.day, [])
        after = [r for r in found if dose.instant is None or r.at.instant is None or r.at.instant >= dose.instant]
        values = [r.value for r in after if isinstance(r.value, float)]
        return pick(values) if values else None

    def seen_at(self, dose: Dose, about: str) -> Observation | None:
        """An answer about something at a dose: one that names the dose, or one of its day that names nothing. A yes counts first."""
        ids = {None, *self.scene.record.ids_of(dose.event)}
        answers = [o for o in self.observed.get(dose.day, []) if plain(o.about) == plain(about) and o.of in ids]
        return max((o for o in answers if o.answer != "unclear"), key=lambda o: o.answer == "yes", default=None)


def tolerability(watched: Watched, level: Level, until: date) -> Tolerability:
    """The worst recorded around the doses of a level. `until`: the last day on which it was the dose given."""
    doses = level.doses
    sessions = [dose for dose in doses if isinstance(dose.event, DoseSession)]
    logs = [dose.event for dose in doses if isinstance(dose.event, DoseLog)]
    return Tolerability(
        cadss6=_worst(watched.worst("cadss6", dose, max) for dose in doses),
        systolic_rise=_worst(_rise(watched.systolic.get(dose.event.id)) for dose in doses),
        diastolic_rise=_worst(_rise(watched.diastolic.get(dose.event.id)) for dose in doses),
        moaas=_worst((watched.worst("moaas", dose, min) for dose in doses), min),
        oxygen_saturation=_worst((watched.worst("oxygen_saturation", dose, min) for dose in doses), min),
        observed=tuple(_observed(watched, sessions)),
        burden=_burden(watched.scene, doses[0].day, until),
        effects_minutes=_worst(log.effects_minutes for log in logs),
        worrying=sum(log.worrying is True for log in logs),
    )


def unrecorded(watched: Watched, level: Level, found: Tolerability) -> Iterator[str]:
    """What was not recorded around the doses of a level: of how many, in words."""
    sessions = [dose for dose in level.doses if isinstance(dose.event, DoseSession)]
    logs = [dose.event for dose in level.doses if isinstance(dose.event, DoseLog)]
    known_in_sessions = {
        "dissociation": [_dissociation_known(watched, dose) for dose in sessions],
        "rise of blood pressure": [_rise_known(watched, dose) for dose in sessions],
        "sedation (MOAA/S)": [watched.worst("moaas", dose, min) is not None for dose in sessions],
        "oxygen saturation": [watched.worst("oxygen_saturation", dose, min) is not None for dose in sessions],
    }
    known_at_home = {
        "how long effects lasted": [log.effects_minutes is not None for log in logs],
        "whether anything was worrying": [log.worrying is not None for log in logs],
        "whether blood pressure was measured": [log.pressure is not None for log in logs],
    }
    yield from _lacking(known_in_sessions, "session")
    yield from _lacking(known_at_home, "dose at home", "doses at home")
    if found.burden is None:
        yield "FIBSER burden not rated while on it"


def _lacking(known: Mapping[str, Sequence[bool]], one: str, many: str = "sessions") -> Iterator[str]:
    """What was not recorded, and in how many; what is lacking equally often together."""
    lacking: dict[int, list[str]] = {}
    for what, each in known.items():
        if each.count(False):
            lacking.setdefault(each.count(False), []).append(what)
    total = max((len(each) for each in known.values()), default=0)
    for count, names in sorted(lacking.items(), reverse=True):
        yield f"{', '.join(names)}: not recorded in {f'the only {one}' if total == 1 else f'{count} of {total} {many}'}"


def _dissociation_known(watched: Watched, dose: Dose) -> bool:
    return watched.worst("cadss6", dose, max) is not None or watched.seen_at(dose, "dissociation") is not None


def _rise_known(watched: Watched, dose: Dose) -> bool:
    around = (watched.systolic.get(dose.event.id), watched.diastolic.get(dose.event.id))
    return all(_rise(each) is not None for each in around)


def _rise(around: Around | None) -> float | None:
    return around.rise if around else None


def _worst(values: Iterable[float | None], pick: Callable[[Iterable[float]], float] = max) -> float | None:
    known = [value for value in values if value is not None]
    return pick(known) if known else None


def _observed(watched: Watched, sessions: Sequence[Dose]) -> Iterator[tuple[str, int]]:
    for about, words in watched.scene.catalog.titration.side_effects.observed.items():
        seen = [watched.seen_at(dose, about) for dose in sessions]
        if count := sum(each is not None and each.answer == "yes" for each in seen):
            yield words, count


def _burden(scene: Scene, first: date, until: date) -> Rated | None:
    """The last FIBSER burden after the first dose of a level and while it was the dose given."""
    rated = [r for r in scene.ratings.get("fibser", []) if r.total is not None and first < r.day <= until]
    return Rated(rated[-1].day, rated[-1].total or 0.0) if rated else None
