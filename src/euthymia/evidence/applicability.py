"""How far a question's studies hold for one patient: each feature held against whom the studies took in.

A feature that no study fits is a mismatch: printed, and it lowers certainty. One that only some fit is printed and
lowers nothing. What is not known, here or of the studies, is said; it never counts as a match.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from euthymia.catalog import Catalog
from euthymia.question import Question
from euthymia.study import Traits

_ROUTES = {"iv": "intravenous", "sc": "subcutaneous", "im": "intramuscular"}
_POLARITY = {"unipolar": "unipolar depression", "bipolar": "bipolar depression", "both": "unipolar or bipolar depression"}


@dataclass(frozen=True)
class Features:
    """What is known of a patient, None or empty where it is not. `co_treatment`: "antidepressant", …, or "none".

    `setting`: inpatient, outpatient, home. `route`: iv, sc, im, intranasal, oral, sublingual. `polarity`: unipolar, bipolar.
    """

    age: float | None = None
    trials_without_response: int | None = None
    psychotic: bool | None = None
    polarity: str | None = None
    setting: str | None = None
    route: str | None = None
    co_treatment: tuple[str, ...] = ()


@dataclass(frozen=True)
class Held:
    """The outcome: mismatches (each lowers certainty by `each` levels), what only some studies fit, what is not known."""

    mismatches: tuple[str, ...]
    partly: tuple[str, ...]
    unknown: tuple[str, ...]
    each: int

    @property
    def levels(self) -> int:
        return len(self.mismatches) * self.each


@dataclass(frozen=True)
class _Compared:
    """One feature of one study: whether it fits (None: not known here), and the study in words."""

    fits: bool | None
    words: str


def held_against(question: Question, catalog: Catalog, features: Features) -> Held:
    """Hold a patient against the studies that carry the question's certainty."""
    ids = dict.fromkeys(name.partition("/")[0] for name in question.carries)
    traits = [found for found in (catalog.studies[each].traits for each in ids) if found is not None]
    mismatches, partly, unknown = [], [], []
    for name, compared in _features(traits, features, catalog):
        stated = [each for each in compared if each is not None]
        if not stated:
            if name in ("age", "psychosis", "polarity") and traits:
                unknown.append(f"not known of the studies: {name}")
        elif any(each.fits is None for each in stated):
            unknown.append(f"not known here: {name} ({_joined(stated)})")
        elif not any(each.fits for each in stated):
            mismatches.append(_joined(stated))
        elif not all(each.fits for each in stated):
            off = [each for each in stated if not each.fits]
            partly.append(f"{len(off)} of {len(stated)} studies: {_joined(off)}")
    if any(each.enriched for each in traits):
        unknown.append("not known here: having done well on it first (studied in people who had)")
    return Held(tuple(mismatches), tuple(partly), tuple(unknown), int(catalog.grading.mismatch_levels.value))


def _joined(compared: Sequence[_Compared]) -> str:
    return "; ".join(dict.fromkeys(each.words for each in compared))


def _features(traits: Sequence[Traits], features: Features, catalog: Catalog) -> Iterator[tuple[str, list[_Compared | None]]]:
    asked = catalog.grading.resistant_trials.value
    yield "age", [_age(each, features.age) for each in traits]
    yield "trials without response", [_trials(each, features.trials_without_response, asked) for each in traits]
    yield "psychosis", [_psychosis(each, features.psychotic) for each in traits]
    yield "polarity", [_polarity(each, features.polarity) for each in traits]
    yield "setting", [_setting(each, features.setting) for each in traits]
    yield "route", [_route(each, features.route) for each in traits]
    yield "treatment beside it", [_beside(each, features.co_treatment) for each in traits]


def _age(traits: Traits, age: float | None) -> _Compared | None:
    low, high = traits.age_min, traits.age_max
    if low is None and high is None:
        return None
    words = f"{low} to {high} years" if low and high else f"{low} years and over" if low else f"up to {high} years"
    fits = None if age is None else (low is None or age >= low) and (high is None or age < high + 1)
    return _Compared(fits, f"trial in people of {words}")


def _trials(traits: Traits, trials: int | None, asked: float) -> _Compared | None:
    least = traits.trials_min if traits.trials_min is not None else asked if traits.resistant else None
    if least is not None:
        words = (
            f"trial in people with {least:g} or more trials without response"
            if traits.trials_min is not None
            else "trial in treatment-resistant depression"
        )
        return _Compared(None if trials is None else trials >= least, words)
    if traits.resistant is False:
        return _Compared(None if trials is None else trials < asked, "trial in people without treatment-resistant depression")
    return None


def _psychosis(traits: Traits, psychotic: bool | None) -> _Compared | None:
    if traits.psychosis is None:
        return None
    if traits.psychosis == "included":
        return _Compared(True, "trial with and without psychosis")
    return _Compared(None if psychotic is None else not psychotic, "trial excluded psychosis")


def _polarity(traits: Traits, polarity: str | None) -> _Compared | None:
    if traits.polarity is None:
        return None
    fits = None if polarity is None else traits.polarity in ("both", polarity)
    return _Compared(fits or (True if traits.polarity == "both" else fits), f"trial in {_POLARITY[traits.polarity]}")


def _setting(traits: Traits, setting: str | None) -> _Compared | None:
    if not traits.settings:
        return None
    where = " or ".join({"inpatient": "in hospital", "outpatient": "of outpatients", "home": "at home"}[each] for each in traits.settings)
    return _Compared(None if setting is None else setting in traits.settings, f"trial {where}")


def _route(traits: Traits, route: str | None) -> _Compared | None:
    if not traits.routes:
        return None
    by = " or ".join(_ROUTES.get(each, each) for each in traits.routes)
    # A record and a protocol say "intravenous", a study "iv": one route.
    named = {word for each in traits.routes for word in (each, _ROUTES.get(each, each))}
    return _Compared(None if route is None else route.lower() in named, f"trial by the {by} route")


def _beside(traits: Traits, co_treatment: Sequence[str]) -> _Compared | None:
    if traits.antidepressant is None:
        return None
    fits = None if not co_treatment else ("antidepressant" in co_treatment) == (traits.antidepressant == "with")
    return _Compared(fits, f"trial {traits.antidepressant} an antidepressant beside it")
