"""What was known of a virtual patient at intake: age, episode, earlier treatment trials, other drugs, what was agreed."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

import numpy as np

from euthymia_clinic.demo.drawing import Body, Drawn

T = TypeVar("T")
_BACKGROUND = 11
_AGREED_WEEKS = 26


class Trial(NamedTuple):
    """An antidepressant as it is usually tried: its daily doses in mg, the last of them adequate."""

    drug: str
    doses: tuple[float, ...]


_FIRST = (Trial("escitalopram", (10, 20)), Trial("sertraline", (50, 150)), Trial("citalopram", (20, 40)), Trial("fluoxetine", (20, 40)))
_LATER = (
    Trial("venlafaxine", (75, 225)),
    Trial("duloxetine", (30, 60)),
    Trial("mirtazapine", (15, 30)),
    Trial("bupropion", (150, 300)),
    Trial("vortioxetine", (10, 20)),
    Trial("nortriptyline", (50, 100)),
)
_BESIDE = (
    ("lisinopril", 10.0),
    ("levothyroxine", 0.075),
    ("atorvastatin", 20.0),
    ("metformin", 1000.0),
    ("clonazepam", 0.5),
    ("lamotrigine", 100.0),
)
_DIAGNOSES = (
    "Major depressive disorder, recurrent, severe",
    "Major depressive disorder, recurrent, moderate",
    "Major depressive disorder, single episode, severe",
)
_GOALS = (
    "walk before breakfast",
    "cook for the family twice a week",
    "go back to work three days a week",
    "call a friend every Sunday",
    "read a book to the end",
    "swim once a week",
    "sleep without lying awake until two",
    "play with the children after dinner",
    "go to choir practice",
    "finish the garden shed",
)
_WELL = (
    "Get through a working day without counting the hours.",
    "Look forward to the weekend again.",
    "Laugh, and mean it.",
    "Wake up and want to get up.",
    "Feel close to my family.",
)
_STOPPED = {"none": "hardly better", "partial": "half-way only", "worse": "not tolerated", "unknown": "not known any more"}


def background(drawn: Drawn) -> Iterator[Body]:
    """Everything that was written down on the first day, apart from the first examination."""
    chance = drawn.place.stream(_BACKGROUND)
    yield from _person(drawn, chance)
    yield from _earlier(drawn, chance)
    yield from _beside(drawn, chance)
    yield from _agreed(drawn, chance)


def goals_of(drawn: Drawn) -> list[str]:
    """The goals of a patient, in words."""
    chance = drawn.place.stream(_BACKGROUND + 1)
    return [_GOALS[i] for i in chance.choice(len(_GOALS), size=int(chance.integers(2, 4)), replace=False)]


def _person(drawn: Drawn, chance: np.random.Generator) -> Iterator[Body]:
    start = drawn.place.start
    born, female = start.year - int(chance.integers(21, 71)), bool(chance.random() < 0.62)
    person = {"kind": "person", "id": "person", "at": start.isoformat(), "birth_date": str(born), "zone": drawn.place.zone}
    possible = female and start.year - born < 50
    yield {**person, "sex": "female" if female else "male", "language": "en", "pregnancy_potential": possible}
    onset = start - timedelta(days=int(chance.integers(200, 1400)))
    episode = {"kind": "episode", "id": "episode", "at": onset.isoformat()[:7], "polarity": "unipolar", "psychotic": False}
    yield {**episode, "diagnosis": _pick(chance, _DIAGNOSES), "primary_instrument": "phq9"}
    if chance.random() < 0.3:
        yield {
            "kind": "condition",
            "id": "anxiety",
            "at": onset.isoformat()[:4],
            "condition": "generalised anxiety disorder",
            "clinical_status": "active",
        }
    if possible:
        yield {"kind": "observation", "id": "pregnancy", "at": start.isoformat(), "about": "pregnancy", "answer": "no", "by": "nurse"}


def _earlier(drawn: Drawn, chance: np.random.Generator) -> Iterator[Body]:
    """One to four trials before: most at an adequate dose for long enough, some not, some nobody remembers."""
    oral = drawn.place.protocol == "oral_antidepressant"
    tried = [
        _pick(chance, _FIRST),
        *(_LATER[i] for i in chance.permutation(len(_LATER))[: int(chance.integers(0, 2) if oral else chance.integers(1, 4))]),
    ]
    day = drawn.place.start - timedelta(days=int(chance.integers(20, 60)))
    for place, trial in reversed(list(enumerate(tried, 1))):
        weeks = int(chance.choice((3, 6, 8, 10, 14, 26), p=(0.1, 0.1, 0.2, 0.25, 0.2, 0.15)))
        began = day - timedelta(weeks=weeks)
        outcome = str(chance.choice(("none", "partial", "worse", "unknown"), p=(0.5, 0.3, 0.1, 0.1)))
        event = {"kind": "medication", "id": f"trial-{place}", "at": began.isoformat(), "ended": day.isoformat(), "drug": trial.drug}
        dose = trial.doses[-1] if chance.random() < 0.85 else trial.doses[0]
        told = {"daily_dose_mg": dose, "adherence_percent": float(chance.choice((80, 90, 95)))} if outcome != "unknown" else {}
        yield {**event, **told, "outcome": outcome, "outcome_source": "the patient's report", "stopped_because": _STOPPED[outcome]}
        day = began - timedelta(days=int(chance.integers(7, 120)))
    if chance.random() < 0.4:
        began = day - timedelta(days=int(chance.integers(30, 300)))
        course = {
            "kind": "treatment_course",
            "id": "therapy",
            "at": began.isoformat(),
            "treatment": "CBT",
            "sessions_done": int(chance.integers(4, 20)),
        }
        yield {
            **course,
            "ended": day.isoformat(),
            "outcome": "partial",
            "technique": "CBT for depression",
            "outcome_source": "the patient's report",
        }


def _beside(drawn: Drawn, chance: np.random.Generator) -> Iterator[Body]:
    """What is taken beside the treatment: the antidepressant that goes on, and for other illnesses."""
    before = drawn.place.start - timedelta(days=int(chance.integers(60, 400)))
    if drawn.place.protocol in ("esketamine_label", "ketamine_iv") and chance.random() < 0.9:
        trial = _pick(chance, _LATER[:3])
        began = drawn.place.start - timedelta(days=int(chance.integers(45, 120)))
        event = {
            "kind": "medication",
            "id": "antidepressant",
            "at": began.isoformat(),
            "drug": trial.drug,
            "daily_dose_mg": trial.doses[-1],
        }
        yield {**event, "outcome": "none", "outcome_source": "PHQ-9 at intake"}
    for drug, dose in _BESIDE:
        if chance.random() < 0.09:
            yield {"kind": "medication", "id": drug, "at": before.isoformat(), "drug": drug, "daily_dose_mg": dose}


def _agreed(drawn: Drawn, chance: np.random.Generator) -> Iterator[Body]:
    """The target with the patient's own words, and goals. With a few nothing has been agreed yet."""
    if chance.random() < 0.05 and (drawn.last - drawn.place.start).days < 30:
        return
    start = drawn.place.start
    target = {"kind": "target", "id": "target", "at": start.isoformat(), "definition": drawn.catalog.verdict.default_definition}
    by = start + timedelta(weeks=_AGREED_WEEKS)
    yield {**target, "own_words": _pick(chance, _WELL), "by": by.isoformat(), "otherwise": "we change the plan, we do not lower the target"}
    reached = _attainment(drawn, drawn.last)
    for place, goal in enumerate(goals_of(drawn), 1):
        yield {
            "kind": "goal",
            "id": f"goal-{place}",
            "at": start.isoformat(),
            "goal": goal,
            "attainment": max(-2, min(2, reached + place % 2 - 1)),
        }


def _attainment(drawn: Drawn, day: date) -> int:
    """How far a goal is on a day: from much less than expected to more, by the severity then."""
    return round(1.5 - 4.5 * drawn.severity(day))


def attainments(drawn: Drawn, day: date) -> list[int]:
    """What Goal Attainment Scaling would say of each goal on a day."""
    return [max(-2, min(2, _attainment(drawn, day) + place % 2 - 1)) for place, _ in enumerate(goals_of(drawn), 1)]


def _pick(chance: np.random.Generator, among: Sequence[T]) -> T:
    return among[int(chance.integers(len(among)))]
