"""Where the dose stands in its protocol: the last one, the bounds, the next step. Information for a prescriber, never an order.

What is needed and not known makes the answer "cannot tell": an upper bound, the last dose, its route, a weight for mg/kg. Doses of
different routes are never compared and never converted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from euthymia.events import DoseSession, Measurement, Plan
from euthymia.moment import day_in_words
from euthymia.phase import Dose, ProtocolPhase, Weight
from euthymia.position.exposures import Exposure, Exposures
from euthymia.protocol import Protocol
from euthymia.record import PatientRecord
from euthymia.routes import same_route_key

BOUNDS_FROM = {"prescriber": "set by the prescriber", "protocol": "of the protocol", None: ""}
_WEIGHT_WORDS = ("weight", "body weight")
_WEIGHT_CODES = ("29463-7", "3141-9")  # LOINC: body weight; body weight, measured
_KG_PER = {"kg": 1.0, "g": 0.001, "[lb_av]": 0.45359237}  # UCUM; a unit that is not here is said, not guessed


@dataclass(frozen=True)
class DoseStanding:
    """The last dose by the protocol's route, the bounds in force, and the next step within them. `words` says all of it."""

    last: float | None
    unit: str | None
    day: date | None
    lower: float | None
    upper: float | None
    bounds_from: Literal["protocol", "prescriber"] | None
    next_step: float | None
    can_titrate: Literal["yes", "no", "cannot_tell"]
    words: str


@dataclass(frozen=True)
class Bounds:
    """The bounds in force: the narrower of the protocol's and the prescriber's. `unclear`: why they cannot be used."""

    lower: float | None = None
    upper: float | None = None
    source: Literal["protocol", "prescriber"] | None = None
    note: str | None = None
    unclear: str | None = None


_WITHOUT = DoseStanding(None, None, None, None, None, None, None, "no", "this protocol has no dose")


def dose_standing(
    record: PatientRecord, plan: Plan | None, protocol: Protocol, phase: ProtocolPhase, given: Exposures, on: date
) -> DoseStanding:
    """Where the dose stands on `on`. `plan`: the plan in force as recorded, with the prescriber's own bounds."""
    dose = phase.dose
    if dose is None:
        return _without_dose(protocol)
    bounds = bounds_in_force(dose, plan)
    last, asides = _last_dose(protocol, given.given)
    amount = amount_in(dose.unit, last) if last else None
    weight, no_weight = known_weight(record, dose.weight, on) if dose.weight else (None, None)
    missing = [*_missing(bounds, protocol, last, amount, dose.unit), *([no_weight] if no_weight else [])]
    missing += _several_routes(protocol, given.since(plan.at.day(record.zone)) if plan else given.given)
    standing = DoseStanding(
        amount, dose.unit, last.day if last else None, bounds.lower, bounds.upper, bounds.source, None, "cannot_tell", ""
    )
    said = [*_last_words(standing), *asides, *([bounds.note] if bounds.note else [])]
    if not missing and amount is not None and bounds.upper is not None:
        step = None if amount >= bounds.upper else dose.next_step(amount, bounds.lower, bounds.upper)
        may = amount < bounds.upper and (step is not None or not (dose.steps or dose.step_size))
        standing = replace(standing, next_step=step, can_titrate="yes" if may else "no")
        said.append(_step_words(standing, weight))
    elif missing:
        said.append(f"whether a further step is possible cannot be told: {'; '.join(missing)}")
    return replace(standing, words="; ".join([*said, *_bound_words(standing)]))


def bounds_in_force(dose: Dose, plan: Plan | None) -> Bounds:
    """The narrower of the protocol's bounds and those of the plan in force. Bounds in another unit are not compared."""
    own = (plan.dose_lower, plan.dose_upper) if plan else (None, None)
    unit = plan.dose_unit if plan else dose.unit
    if own != (None, None) and unit != dose.unit:
        said = f"the prescriber's bounds are in {unit}, the doses of this protocol in {dose.unit}: they are not compared"
        return Bounds(dose.lower, None, None, unclear=said)
    lower = max((value for value in (dose.lower, own[0]) if value is not None), default=None)
    upper = min((value for value in (dose.upper, own[1]) if value is not None), default=None)
    note = None
    if own[1] is not None and dose.upper is not None and own[1] > dose.upper:
        note = (
            f"the prescriber's upper bound ({own[1]:g} {unit}) is above the protocol's ({dose.upper:g} {unit}): the lower of the two holds"
        )
    if lower is not None and upper is not None and lower > upper:
        said = f"the bounds contradict each other: at least {lower:g} and at most {upper:g} {dose.unit}"
        return Bounds(lower, upper, None, note, said)
    deciding, theirs = (upper, own[1]) if upper is not None else (lower, own[0])
    source: Literal["protocol", "prescriber"] | None = None if deciding is None else "prescriber" if deciding == theirs else "protocol"
    return Bounds(lower, upper, source, note)


def amount_in(unit: str, exposure: Exposure) -> float | None:
    """A dose in mg, or in mg/kg by what was recorded with it; None where that was not recorded."""
    if unit == "mg":
        return exposure.dose_mg
    if exposure.dose_mg_per_kg is not None:
        return exposure.dose_mg_per_kg
    if exposure.dose_mg is None or exposure.weight_kg is None:
        return None
    return round(exposure.dose_mg / exposure.weight_kg, 2)


def known_weight(record: PatientRecord, rule: Weight, on: date) -> tuple[float | None, str | None]:
    """The last weight in kg, or why it is not known: never recorded, in an unknown unit, or older than the catalog allows."""
    last, odd = last_weight(record)
    if last is None:
        return None, odd or "the weight is not known"
    day, weight = last
    if (on - day).days > rule.max_age_days:
        return None, f"the weight is not known (last {weight:g} kg on {day_in_words(day)}, older than {rule.max_age_days:g} days)"
    return weight, None


def last_weight(record: PatientRecord) -> tuple[tuple[date, float] | None, str | None]:
    """The day of the last weight and the weight in kg, however old; and of one in another unit, why it is not read."""
    odd, sessions = None, record.of_kind(DoseSession)
    found = [(s.at.day(record.zone), s.weight_kg) for s in sessions if s.weight_kg is not None and s.at.has_day]
    for measured in record.of_kind(Measurement):
        if _is_weight(measured) and measured.value is not None and measured.at.has_day:
            factor = _KG_PER.get(measured.unit or "")
            if factor is None:
                odd = f"the weight is not known (found {measured.value:g} with the unit {measured.unit or 'not given'})"
            elif measured.value > 0:
                found.append((measured.at.day(record.zone), measured.value * factor))
    return max(found, key=lambda pair: pair[0], default=None), odd


def outside_the_range(protocol: Protocol, dose: Dose | None, given: Sequence[Exposure]) -> Iterator[str]:
    """Doses by the protocol's route that lie outside its own range, in words."""
    if dose is None or (dose.lower is None and dose.upper is None):
        return
    for exposure in given:
        amount = amount_in(dose.unit, exposure)
        if amount is None or protocol.by_its_route(exposure.route) is False:
            continue
        when = day_in_words(exposure.day) if exposure.day else f"{exposure.first_day:%B %Y}"
        if dose.lower is not None and amount < dose.lower:
            yield f"{amount:g} {dose.unit} on {when} is below the protocol's range (from {dose.lower:g})"
        if dose.upper is not None and amount > dose.upper:
            yield f"{amount:g} {dose.unit} on {when} is above the protocol's range (up to {dose.upper:g})"


def _without_dose(protocol: Protocol) -> DoseStanding:
    if protocol.kind in ("oral", "augmentation"):
        return replace(_WITHOUT, can_titrate="cannot_tell", words="the dose is per drug: see the treatment trials")
    if protocol.kind == "none":
        return replace(_WITHOUT, can_titrate="cannot_tell", words="no protocol with a dose is recorded")
    return _WITHOUT


def _last_dose(protocol: Protocol, given: Sequence[Exposure]) -> tuple[Exposure | None, list[str]]:
    """The last dose by the protocol's route (or by a route that nobody recorded), and what was passed over for its route."""
    asides: list[str] = []
    for exposure in reversed([e for e in given if e.day]):
        if protocol.by_its_route(exposure.route) is not False:
            return exposure, asides
        if not asides and exposure.day:
            asides.append(f"the dose of {day_in_words(exposure.day)} was {exposure.route}, not {protocol.route}: not used")
    return None, asides


def _missing(bounds: Bounds, protocol: Protocol, last: Exposure | None, amount: float | None, unit: str) -> Iterator[str]:
    if bounds.unclear:
        yield bounds.unclear
    elif bounds.upper is None:
        yield "the upper bound is left to the prescriber and the plan in force names none"
    if last is None:
        yield "no dose by this route is recorded with its day"
        return
    if protocol.by_its_route(last.route) is None:
        yield "the route of the last dose is not recorded"
    if amount is None:
        yield f"the last dose is not recorded in {unit}" + ("" if unit == "mg" or last.dose_mg is None else ", nor a weight with it")


def _several_routes(protocol: Protocol, given: Sequence[Exposure]) -> Iterator[str]:
    """A protocol may allow several routes (under the tongue, or swallowed); a dose of one says nothing of a dose of another."""
    routes = sorted({same_route_key(e.route) or "" for e in given if protocol.by_its_route(e.route)})
    if len(routes) > 1:
        yield f"doses by different routes are recorded under this plan ({', '.join(routes)}): for which the bounds hold is not known"


def _last_words(standing: DoseStanding) -> Iterator[str]:
    if standing.last is not None and standing.day is not None:
        yield f"last dose {standing.last:g} {standing.unit} on {day_in_words(standing.day)}"


def _step_words(standing: DoseStanding, weight: float | None) -> str:
    if standing.next_step is not None:
        in_mg = f" ({standing.next_step * weight:.1f} mg at {weight:g} kg)" if weight is not None else ""
        return f"next step of this protocol: {standing.next_step:g} {standing.unit}{in_mg}"
    if standing.can_titrate == "yes":
        return "below the upper bound; this protocol names no step"
    above = (standing.last or 0.0) > (standing.upper or 0.0)
    return "above the upper bound" if above else "no further step within the bounds"


def _bound_words(standing: DoseStanding) -> Iterator[str]:
    if standing.upper is not None:
        yield f"upper bound {standing.upper:g} {standing.unit} {BOUNDS_FROM[standing.bounds_from]}".strip()


def _is_weight(measured: Measurement) -> bool:
    named = measured.measure.lower().replace("_", " ") in _WEIGHT_WORDS
    return named or (measured.code is not None and measured.code.code in _WEIGHT_CODES)
