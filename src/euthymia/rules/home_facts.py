"""Facts of doses at home: what reconciling them shows. A statement of somebody counts beside it, and the worse of the two holds."""

from collections.abc import Callable

from euthymia.events import Plan
from euthymia.home import HomeSigns
from euthymia.moment import Moment
from euthymia.rule import Computed, VocabularyFact
from euthymia.rules.readings import Reading, Scene, Value, recorded

_FROM = "doses at home"
_WORDS = {True: "yes", False: "no", None: None}


def of_home(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    """The readings of a computed fact; none where nothing at home is recorded."""
    return _COMPUTED[fact.computed](scene, fact) if fact.computed in _COMPUTED else []


def _at_home(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    """Yes where anything at home is recorded; no only where the plan in force is for a clinic."""
    if scene.at_home:
        return scene.now("yes", _FROM)
    plan = next((plan for plan in reversed(scene.record.of_kind(Plan)) if scene.seen(plan)), None)
    protocol = scene.catalog.protocols.get(plan.protocol or "") if plan else None
    known = "no" if protocol and protocol.kind != "none" and protocol.setting == "clinic" else None
    return scene.now(known, "plan in force", why="" if known else "no plan says where doses are taken")


def _early_refill(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    found = _sign(scene, lambda signs: signs.early_refill)
    if found is True:
        return scene.now("yes", _FROM)
    stated = list(recorded(scene, "early_refill", fact))
    if any(reading.value == "yes" for reading in stated) or (found is None and stated):
        return []
    why = "" if found is False else "nothing, or too little, is known of what was dispensed and prescribed"
    return [_on_the_day(scene, _WORDS[found], why)] if scene.at_home else []


def _above_regimen(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    return _standing(scene, lambda signs: signs.above_regimen, "a dose or the regimen does not say how much")


def _extra(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    return _standing(scene, lambda signs: signs.extra, "no dose is logged, or no regimen was in force")


def _unlogged(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    found = [each.signs.unlogged for each in scene.at_home]
    if not found or found[0] is None:
        return scene.now(None, _FROM, why="no regimen says on which days doses are planned") if found else []
    return scene.now(float(sum(each for each in found if each is not None)), _FROM)


def _unaccounted(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    """Units at the last count: a range where doses were not logged."""
    found = [each for each in scene.at_home if any(finding.kind == "unaccounted" for finding in each.findings)]
    worst = max((each.stock for each in found), key=lambda stock: stock.unaccounted_low or 0.0, default=None)
    if worst and worst.unaccounted_low is not None and worst.unaccounted_low > 0:
        return scene.now(worst.unaccounted_low, _FROM, upper=worst.unaccounted_high)
    stated = list(recorded(scene, "doses_unaccounted", fact))
    if not scene.at_home or any(isinstance(reading.value, float) and reading.value > 0 for reading in stated):
        return []
    stock, tolerance = scene.at_home[0].stock, scene.catalog.home.unaccounted_units.value
    if stock.unaccounted_low is None or stock.unaccounted_high is None or stock.counted_on is None:
        return [] if stated else [_on_the_day(scene, None, stock.words)]
    low, high = (0.0 if abs(units) <= tolerance else units for units in (stock.unaccounted_low, stock.unaccounted_high))
    day = stock.counted_on
    return [Reading(low, Moment(day.isoformat(), "day"), day, day, _FROM, upper=high)]


def _standing(scene: Scene, asked: Callable[[HomeSigns], bool | None], why: str) -> list[Reading]:
    if not scene.at_home:
        return []
    found = _sign(scene, asked)
    return scene.now(_WORDS[found], _FROM, why="" if found is not None else why)


def _sign(scene: Scene, asked: Callable[[HomeSigns], bool | None]) -> bool | None:
    """True where any route shows it; else what the one in force says."""
    found = [asked(each.signs) for each in scene.at_home]
    return True if True in found else found[0] if found else None


def _on_the_day(scene: Scene, value: Value | None, why: str) -> Reading:
    return Reading(value, Moment(scene.on.isoformat(), "day"), scene.on, scene.on, _FROM, why=why)


_COMPUTED: dict[Computed | None, Callable[[Scene, VocabularyFact], list[Reading]]] = {
    "doses_at_home": _at_home, "home_early_refill": _early_refill, "home_above_regimen": _above_regimen, "home_extra": _extra,
    "home_unlogged": _unlogged, "home_unaccounted": _unaccounted,
}  # fmt: skip
