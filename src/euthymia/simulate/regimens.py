"""What is given in a protocol and what it does to blood pressure and perception, for virtual patients only.

Doses are inside what trials and labels have used; everything else is our own choice. Nothing of it is advice, and nothing is
read by a review as knowledge: it only makes records look as records do.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np


@dataclass(frozen=True)
class Regimen:
    """What one protocol gives. `how`: in a supervised session, logged at home, or as a daily drug.

    One dose of `doses` is chosen for a person: mg, or mg per kg where `per_kg`. `drugs`: of a daily drug those that follow each
    other, with their daily dose in mg.
    """

    how: Literal["session", "home", "daily"]
    treatment: str = "study treatment"
    route: str | None = None
    doses: tuple[float, ...] = ()
    per_kg: bool = False
    drugs: tuple[tuple[str, float], ...] = ()


REGIMENS = {
    "esketamine_label": Regimen("session", "esketamine", "intranasal", (56.0, 84.0, 84.0)),
    "ketamine_iv": Regimen("session", "ketamine", "intravenous", (0.5, 0.5, 0.75), per_kg=True),
    "ketamine_sublingual_home": Regimen("home", "ketamine", "sublingual", (100.0, 150.0, 200.0)),
    "oral_antidepressant": Regimen("daily", drugs=(("sertraline", 150.0), ("venlafaxine", 225.0), ("mirtazapine", 30.0))),
    "as_so_far": Regimen("daily", drugs=(("sertraline", 100.0), ("bupropion", 300.0))),
}


def regimen_of(protocol: str, has_sessions: bool) -> Regimen:
    """The regimen of a protocol; of one that a site has added, a treatment without a dose."""
    return REGIMENS.get(protocol) or Regimen("session" if has_sessions else "daily", drugs=(("study drug", 1.0),))


@dataclass(frozen=True)
class BodyDesign:
    """How people respond in a session: our own choice of spreads. mm[Hg], kg, points of the CADSS-6, minutes.

    Dissociation is lognormal, with a person's own factor, and `habituation` of it is kept from session to session.
    """

    weight_mean: float = 80.0
    weight_sd: float = 15.0
    weight_least: float = 45.0
    systolic_mean: float = 124.0
    systolic_sd: float = 10.0
    diastolic_mean: float = 78.0
    diastolic_sd: float = 7.0
    visit_sd: float = 6.0
    rise_mean: float = 14.0
    rise_sd: float = 5.0
    rise_left: float = 0.2
    diastolic_share: float = 0.6
    diastolic_gap: float = 20.0
    dissociation_median: float = 3.6
    dissociation_log_sd: float = 0.7
    dissociation_left: float = 0.08
    dissociation_most: float = 24.0
    habituation: float = 0.95
    before_minutes: int = -15
    peak_minutes: int = 40
    late_minutes: int = 120


@dataclass(frozen=True)
class Body:
    """One person's own values."""

    weight_kg: float
    dose: float | None
    systolic: float
    diastolic: float
    rise: float
    dissociation: float


@dataclass(frozen=True)
class Reading:
    """What is measured at one time of a session: `minutes` after its beginning."""

    minutes: int
    systolic: float
    diastolic: float
    dissociation: float | None


def body(regimen: Regimen, generator: np.random.Generator, design: BodyDesign | None = None) -> Body:
    """Draw one person's own values."""
    d = design or BodyDesign()
    weight, systolic, diastolic, rise, dissociation = generator.standard_normal(5)
    dose = float(generator.choice(regimen.doses)) if regimen.doses else None
    return Body(
        weight_kg=round(max(d.weight_least, d.weight_mean + d.weight_sd * float(weight)), 1),
        dose=dose,
        systolic=d.systolic_mean + d.systolic_sd * float(systolic),
        diastolic=d.diastolic_mean + d.diastolic_sd * float(diastolic),
        rise=max(0.0, d.rise_mean + d.rise_sd * float(rise)),
        dissociation=d.dissociation_median * float(np.exp(d.dissociation_log_sd * dissociation)),
    )


def felt_in(person: Body, count: int, generator: np.random.Generator, design: BodyDesign | None = None) -> float:
    """How strong dissociation is at its peak, in points of the CADSS-6. `count`: sessions before this one."""
    d = design or BodyDesign()
    return person.dissociation * d.habituation**count * float(np.exp(d.dissociation_log_sd / 2 * generator.standard_normal()))


def session_readings(felt: float, person: Body, generator: np.random.Generator, design: BodyDesign | None = None) -> tuple[Reading, ...]:
    """Before, at the peak and when leaving: blood pressure; dissociation after the beginning, `felt` at its peak."""
    d = design or BodyDesign()
    found = []
    for minutes, left in ((d.before_minutes, 0.0), (d.peak_minutes, 1.0), (d.late_minutes, d.rise_left)):
        upper, lower = generator.standard_normal(2)
        systolic = round(person.systolic + left * person.rise + d.visit_sd * float(upper))
        diastolic = round(person.diastolic + d.diastolic_share * (left * person.rise + d.visit_sd * float(lower)))
        share = {d.peak_minutes: 1.0, d.late_minutes: d.dissociation_left}.get(minutes)
        dissociation = None if share is None else min(float(round(share * felt)), d.dissociation_most)
        found.append(Reading(minutes, float(systolic), float(min(diastolic, systolic - d.diastolic_gap)), dissociation))
    return tuple(found)
