"""What a clinic looks at beside the depression scale: other scales, examinations, laboratory, questions on safety.

Scales follow the same course as the rating of the day; what is looked at is looked at in the rhythm of the catalog's rules,
and now and then forgotten, so that something is always due.
"""

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from euthymia_clinic.demo.background import attainments
from euthymia_clinic.demo.drawing import Body, Drawn, at_clock

_SCALES, _LOOKED = 21, 22
_FORGOTTEN = 0.12
_LIFETIME = 0.05
_SCREENED = timedelta(weeks=4)
_AFTER_RATING = time(9, 10)
_VISIT = time(9, 30)
_NIGHT = time(0, 4)
_RESOLVED_AGO = timedelta(days=19)


class Scale(NamedTuple):
    """A scale answered beside the rating: how many items, the highest answer, every how many weeks, whether more is better."""

    instrument: str
    items: int
    most: int
    every_weeks: int
    better_high: bool = False


_BESIDE = (
    Scale("gad7", 7, 3, 4),
    Scale("wsas", 5, 8, 4),
    Scale("who5", 5, 5, 4, better_high=True),
    Scale("fibser", 3, 6, 4),
    Scale("asrm", 5, 4, 4),
)
_ASKED = ("elevated_mood", "psychotic_symptoms", "less_sleep_more_energy")
_KETAMINE_ASKED = ("craving", "requests_for_more", "bladder_symptoms", "pain_on_filling", "early_refill")


def watched(drawn: Drawn) -> Iterator[Body]:
    """Everything beside the ratings, in the clinic's rhythm, up to the last day."""
    yield from _scales(drawn)
    yield from _triage(drawn)
    yield from _intake(drawn)
    chance = drawn.place.stream(_LOOKED)
    ketamine = drawn.place.protocol != "oral_antidepressant"
    for day in _every(drawn, 28, chance):
        yield from _asked(day, (*_ASKED,), "prescriber")
        yield {
            "kind": "observation",
            "id": f"medicines-{day}",
            "at": str(day),
            "about": "medicines_reviewed",
            "answer": "yes",
            "by": "nurse",
        }
        if drawn.place.protocol in ("ketamine_sublingual_home", "oral_antidepressant"):
            yield from _pressure(drawn, day, chance)
    for day in _every(drawn, 84, chance) if ketamine else ():
        yield from _asked(day, _KETAMINE_ASKED, "nurse")
        yield from _checked(day, chance)
    for day in _every(drawn, 175, chance) if ketamine else ():
        yield {
            "kind": "measurement",
            "id": f"moca-{day}",
            "at": str(day),
            "measure": "MoCA",
            "value": float(chance.integers(26, 31)),
            "unit": "{score}",
        }


def _scales(drawn: Drawn) -> Iterator[Body]:
    """Scales with the rating of a day, every few weeks; now and then one is left out."""
    chance, zone = drawn.place.stream(_SCALES), ZoneInfo(drawn.place.zone)
    own = {scale.instrument: chance.normal(0, 0.08) for scale in _BESIDE}
    last: dict[str, date] = {}
    for day, total, rating in drawn.ratings:
        at, phase = at_clock(day, _AFTER_RATING, zone), rating.get("phase")
        for scale in _BESIDE:
            lot, noise = chance.random(), chance.normal(0, 0.05)
            if day - last.get(scale.instrument, date.min) < timedelta(weeks=scale.every_weeks) or lot < _FORGOTTEN:
                continue
            last[scale.instrument] = day
            answers = _answers(scale, total / 27 + own[scale.instrument] + noise, chance)
            yield {
                "kind": "assessment",
                "id": f"{scale.instrument}-{day}",
                "at": at,
                "instrument": scale.instrument,
                "mode": "self",
                "phase": phase,
                "answers": answers,
            }
        if day - last.get("gas", date.min) >= timedelta(weeks=6):
            last["gas"] = day
            yield {
                "kind": "assessment",
                "id": f"gas-{day}",
                "at": at,
                "instrument": "gas",
                "mode": "clinician",
                "phase": phase,
                "answers": attainments(drawn, day),
            }


def _answers(scale: Scale, severity: float, chance: np.random.Generator) -> list[float]:
    """Answers of about the severity given; of mania and side effects there is little."""
    share = 1 - severity if scale.better_high else severity
    share = {"asrm": 0.02, "fibser": 0.15 + 0.25 * severity}.get(scale.instrument, share)
    found = np.clip(np.round(scale.most * share + chance.normal(0, 0.35, scale.items)), 0, scale.most)
    return [float(value) for value in found]


def _triage(drawn: Drawn) -> Iterator[Body]:
    """The C-SSRS screener at intake and every few weeks, and in the same sitting wherever item 9 is positive or has just ceased to be."""
    chance, zone = drawn.place.stream(_SCALES + 100), ZoneInfo(drawn.place.zone)
    lifetime = float(chance.random() < _LIFETIME)
    before, last = 0.0, date.min
    for day, _, rating in drawn.ratings:
        ninth = float((rating.get("answers") or [0] * 9)[8] or 0)
        if ninth or before or day - last >= _SCREENED:
            answers = [float(ninth >= 1), float(ninth >= 2), 0, 0, 0, lifetime, 0 if lifetime else None]
            at, last = at_clock(day, _AFTER_RATING, zone), day
            yield {
                "kind": "assessment",
                "id": f"cssrs-{day}",
                "at": at,
                "instrument": "cssrs_screener",
                "mode": "staff_read",
                "answers": answers,
            }
        if ninth > before:
            yield {
                "kind": "observation",
                "id": f"reviewed-{day}",
                "at": str(day),
                "about": "suicidality_reviewed",
                "answer": "yes",
                "by": "prescriber",
            }
            yield {
                "kind": "observation",
                "id": f"safety-plan-{day}",
                "at": str(day),
                "about": "safety_plan",
                "answer": "yes",
                "by": "therapist",
            }
        before = ninth
    if high := {"high_tonight": drawn.last + timedelta(days=1), "high_resolved": drawn.last - _RESOLVED_AGO}.get(drawn.place.story):
        yield from _high(drawn, high, lifetime)


def _high(drawn: Drawn, day: date, lifetime: float) -> Iterator[Body]:
    """A screener in its high tier, answered at home in the first minutes of a day; where it is long ago, what was done then."""
    zone, said = ZoneInfo(drawn.place.zone), {"instrument": "cssrs_screener", "mode": "self"}
    answers = [1.0, 1.0, 1.0, 1.0, 0.0, lifetime, 0 if lifetime else None]
    yield {"kind": "assessment", "id": f"cssrs-{day}-night", "at": at_clock(day, _NIGHT, zone), **said, "answers": answers}
    if day > drawn.last:
        return
    for about, by in (("patient_reached", "nurse"), ("suicidality_reviewed", "prescriber"), ("safety_plan", "therapist")):
        yield {
            "kind": "observation",
            "id": f"{about}-{day}-night",
            "at": at_clock(day, _VISIT, zone),
            "about": about,
            "answer": "yes",
            "by": by,
        }
    later = day + timedelta(days=7)
    calm = [0.0, 0.0, 0, 0, 0, lifetime, 0 if lifetime else None]
    yield {
        "kind": "assessment",
        "id": f"cssrs-{later}-after",
        "at": at_clock(later, _VISIT, zone),
        **said,
        "mode": "staff_read",
        "answers": calm,
    }


def _intake(drawn: Drawn) -> Iterator[Body]:
    """The first examination."""
    chance, day = drawn.place.stream(_LOOKED + 100), drawn.place.start
    for about in ("contraindications_checked", "pdmp_checked"):
        yield {"kind": "observation", "id": f"{about}-{day}", "at": str(day), "about": about, "answer": "yes", "by": "prescriber"}
    for about in ("cystitis", "liver_disease", "hypertensive_encephalopathy", "substance_use_disorder", "diversion", "breastfeeding"):
        yield {"kind": "observation", "id": f"{about}-{day}", "at": str(day), "about": about, "answer": "no", "by": "prescriber"}
    values = (
        ("weight", round(float(chance.normal(78, 14)), 1), "kg"),
        ("TSH", round(float(chance.uniform(0.8, 3.5)), 1), "m[IU]/L"),
        ("ALT upper limit", 40.0, "U/L"),
    )
    for measure, value, unit in values:
        yield {
            "kind": "measurement",
            "id": f"{measure.replace(' ', '-').lower()}-{day}",
            "at": str(day),
            "measure": measure,
            "value": max(value, 0.1),
            "unit": unit,
        }
    yield {
        "kind": "assessment",
        "id": f"audit-c-{day}",
        "at": str(day),
        "instrument": "audit_c",
        "mode": "self",
        "answers": [float(chance.integers(0, 3)), 0.0, 0.0],
    }


def _asked(day: date, about: tuple[str, ...], by: str) -> Iterator[Body]:
    for each in about:
        yield {"kind": "observation", "id": f"{each}-{day}", "at": str(day), "about": each, "answer": "no", "by": by}


def _checked(day: date, chance: np.random.Generator) -> Iterator[Body]:
    """Bladder, urine, liver, prescription monitoring."""
    yield {
        "kind": "measurement",
        "id": f"icsi-{day}",
        "at": str(day),
        "measure": "ICSI",
        "value": float(chance.choice((0, 0, 1, 1, 2, 3))),
        "unit": "{score}",
    }
    yield {"kind": "measurement", "id": f"urinalysis-{day}", "at": str(day), "measure": "urinalysis", "text": "negative"}
    yield {
        "kind": "measurement",
        "id": f"alt-{day}",
        "at": str(day),
        "measure": "ALT",
        "value": float(chance.integers(14, 38)),
        "unit": "U/L",
    }
    yield {"kind": "observation", "id": f"pdmp-{day}", "at": str(day), "about": "pdmp_checked", "answer": "yes", "by": "prescriber"}


def _pressure(drawn: Drawn, day: date, chance: np.random.Generator) -> Iterator[Body]:
    at = at_clock(day, _VISIT, ZoneInfo(drawn.place.zone))
    for measure, mean, spread in (("systolic", 124, 9), ("diastolic", 78, 6)):
        value = float(round(chance.normal(mean, spread)))
        yield {
            "kind": "measurement",
            "id": f"{measure}-{day}",
            "at": at,
            "measure": f"{measure} blood pressure",
            "value": value,
            "unit": "mm[Hg]",
        }


def _every(drawn: Drawn, days: int, chance: np.random.Generator) -> list[date]:
    """The days of visits on which something is looked at: every so many days, some forgotten, a few days of play. The first is intake."""
    found, until = (
        [drawn.place.start],
        drawn.last if drawn.patient.until is None else drawn.place.start + timedelta(days=drawn.patient.until),
    )
    day = drawn.place.start + timedelta(days=days - int(chance.integers(0, 4)))
    while day <= min(until, drawn.last):
        if chance.random() >= _FORGOTTEN:
            found.append(day)
        day += timedelta(days=days - int(chance.integers(0, 4)))
    return found
