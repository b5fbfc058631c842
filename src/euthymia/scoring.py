"""Answers to a score, or the reason why there is none. A missing answer is never a zero."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from euthymia.catalog import Catalog
from euthymia.instrument import Instrument

if TYPE_CHECKING:  # scoring a form does not wait for the whole record
    from euthymia.events import Assessment

Answer = float | None
UnscorableKind = Literal[
    "unknown_instrument",
    "unknown_version",
    "wrong_number_of_items",
    "answer_out_of_range",
    "impossible_total",
    "missing_answers",
]


@dataclass(frozen=True, slots=True)
class Score:
    """The reported score of one assessment, in the instrument's own metric.

    `total` is None only where an instrument has no sum (a triage). `band` is the id of the severity band or tier.
    `raw` is the sum before a table or a factor, `se` the standard error where the instrument publishes one.
    """

    instrument: str
    total: float | None
    band: str | None
    band_label: str | None
    metric: str
    prorated: bool = False
    missing: tuple[str, ...] = ()
    raw: float | None = None
    se: float | None = None
    positive: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unscorable:
    """No score, and why. `kind` tells an incomplete assessment from an impossible one."""

    instrument: str
    kind: UnscorableKind
    reason: str


def score(catalog: Catalog, instrument_id: str, answers: Sequence[Answer], weights: Sequence[float] | None = None) -> Score | Unscorable:
    """Score the answers of one instrument, in item order; None = not answered.

    `weights` are those of the goals (Goal Attainment Scaling only; absent: equal).
    """
    instrument = catalog.instruments.get(instrument_id)
    if instrument is None:
        return _unknown(catalog, instrument_id)
    return _invalid(instrument, answers, weights) or _METHODS[instrument.scoring.method](instrument, answers, weights)


def score_total(catalog: Catalog, instrument_id: str, total: float) -> Score | Unscorable:
    """The score of a total that was reported without its answers, in the instrument's reported metric."""
    instrument = catalog.instruments.get(instrument_id)
    if instrument is None:
        return _unknown(catalog, instrument_id)
    span = instrument.range
    if span is None:
        return Unscorable(
            instrument.id,
            "impossible_total",
            f"found a total of {total:g}; {instrument.short_name} has no total, only answers",
        )
    on_step = span.step is None or math.isclose((total - span.minimum) % span.step % span.step, 0, abs_tol=1e-9)
    if not (span.minimum <= total <= span.maximum and on_step):
        steps = "" if span.step is None else f" in steps of {span.step:g}"
        allowed = f"{span.minimum:g} to {span.maximum:g}{steps} ({instrument.metric})"
        return Unscorable(instrument.id, "impossible_total", f"found a {instrument.short_name} total of {total:g}; allowed: {allowed}")
    return _scored(instrument, total)


def score_assessment(catalog: Catalog, assessment: "Assessment") -> Score | Unscorable:
    """The score of a recorded assessment: of its answers where there are any, else of its stated total.

    An incomplete questionnaire with a stated total keeps the total: it was computed by whoever saw the paper. An
    impossible total does not cost the answers beside it: `contradiction` says so.
    """
    instrument = catalog.instruments.get(assessment.instrument)
    if instrument is None:
        return _unknown(catalog, assessment.instrument)
    if assessment.version and instrument.versions and assessment.version not in instrument.versions:
        known = ", ".join(instrument.versions)
        reason = f"found version {assessment.version!r} of {instrument.short_name}; allowed: {known}"
        return Unscorable(instrument.id, "unknown_version", reason)
    stated = None if assessment.total is None else score_total(catalog, instrument.id, assessment.total)
    if assessment.answers is None:
        return stated or _unknown(catalog, assessment.instrument)
    computed = score(catalog, instrument.id, assessment.answers, assessment.weights)
    if isinstance(computed, Unscorable) and computed.kind == "missing_answers" and isinstance(stated, Score):
        return replace(stated, missing=_given(instrument, assessment.answers)[1])
    return computed


def contradiction(catalog: Catalog, assessment: "Assessment") -> str | None:
    """A stated total that its own answers contradict, in words; None where they agree or cannot be compared."""
    instrument = catalog.instruments.get(assessment.instrument)
    if instrument is None or assessment.answers is None or assessment.total is None:
        return None
    said = f"{instrument.short_name} stated total {assessment.total:g}, but its answers "
    if instrument.range and isinstance(impossible := score_total(catalog, instrument.id, assessment.total), Unscorable):
        return impossible.reason
    computed = score(catalog, instrument.id, assessment.answers, assessment.weights)
    if isinstance(computed, Score):
        # Of an incomplete sheet the plain sum of what was answered is no contradiction either.
        plain = sum(a for a in assessment.answers if a is not None) * instrument.scoring.multiply_by
        fits = (computed.total, plain) if computed.prorated else (computed.total,)
        agree = any(total is None or abs(total - assessment.total) < 0.05 for total in fits)
        return None if agree else f"{said}add up to {computed.total:g}{' (prorated)' if computed.prorated else ''}"
    mildest = mildest_possible(catalog, assessment) if computed.kind == "missing_answers" else None
    if mildest is None or (assessment.total >= mildest) == instrument.lower_is_better or assessment.total == mildest:
        return None
    return f"{said}alone make {mildest:g}"


def mildest_possible(catalog: Catalog, assessment: "Assessment") -> float | None:
    """The best score that an incomplete questionnaire can still have, every open item at its mildest; None without a score."""
    instrument = catalog.instruments[assessment.instrument]
    turned = [item.reverse == instrument.lower_is_better for item in instrument.items]
    mild = [item.maximum if highest else item.minimum for item, highest in zip(instrument.items, turned, strict=True)]
    answers = [best if answer is None else answer for answer, best in zip(assessment.answers or (), mild, strict=False)]
    filled = score(catalog, instrument.id, answers, assessment.weights)
    return filled.total if isinstance(filled, Score) else None


def _unknown(catalog: Catalog, instrument_id: str) -> Unscorable:
    known = ", ".join(catalog.instruments)
    return Unscorable(instrument_id, "unknown_instrument", f"found the instrument {instrument_id!r}; allowed: {known}")


def _invalid(instrument: Instrument, answers: Sequence[Answer], weights: Sequence[float] | None) -> Unscorable | None:
    goals = instrument.scoring.method == "goal_attainment"
    count_fits = 1 <= len(answers) <= len(instrument.items) if goals else len(answers) == len(instrument.items)
    if not count_fits:
        allowed = f"1 to {len(instrument.items)} goals" if goals else f"{len(instrument.items)} (write null for an item not answered)"
        reason = f"found {len(answers)} answers for {instrument.short_name}; allowed: {allowed}"
        return Unscorable(instrument.id, "wrong_number_of_items", reason)
    if weights is not None and (len(weights) != len(answers) or not all(0 < weight < math.inf for weight in weights)):
        reason = f"found {len(weights)} weights for {len(answers)} goals; allowed: one above 0 for each"
        return Unscorable(instrument.id, "wrong_number_of_items", reason)
    for item, answer in zip(instrument.items, answers, strict=False):
        if answer is not None and not (item.minimum <= answer <= item.maximum and (answer - item.minimum) % item.step == 0):
            allowed = f"{item.minimum:g} to {item.maximum:g} in steps of {item.step:g}"
            reason = f"found {answer:g} for {instrument.short_name} item {item.id}; allowed: {allowed}"
            return Unscorable(instrument.id, "answer_out_of_range", reason)
    return None


def _scored(instrument: Instrument, total: float) -> Score:
    band = next((b for b in instrument.bands if b.low - 1e-9 <= total <= b.high + 1e-9), None)
    positive = tuple(cut.id for cut in instrument.cut_offs if cut.holds(total))
    band_id, label = (band.id, band.label) if band else (None, None)
    return Score(instrument.id, total, band_id, label, instrument.metric, positive=positive)


def _incomplete(instrument: Instrument, missing: Sequence[str]) -> Unscorable:
    return Unscorable(instrument.id, "missing_answers", f"{instrument.short_name}: not answered: item {', '.join(missing)}")


def _sum(instrument: Instrument, answers: Sequence[Answer], _weights: Sequence[float] | None) -> Score | Unscorable:
    given, missing = _given(instrument, answers)
    if len(missing) > instrument.missing.prorate_up_to or not given:
        return _incomplete(instrument, missing)
    raw = sum(given.values())
    if missing:
        # Rounded half up, as on the paper form.
        raw = math.floor(raw * len(instrument.items) / len(given) + 0.5)
    total = raw * instrument.scoring.multiply_by
    return replace(_scored(instrument, total), raw=raw, prorated=bool(missing), missing=missing)


def _domain_maximum(instrument: Instrument, answers: Sequence[Answer], _weights: Sequence[float] | None) -> Score | Unscorable:
    given, missing = _given(instrument, answers)
    domains = [[given[item] for item in domain if item in given] for domain in instrument.scoring.domains]
    if not all(domains):
        empty = [item for domain, found in zip(instrument.scoring.domains, domains, strict=True) if not found for item in domain]
        return _incomplete(instrument, empty)
    total = sum(max(domain) for domain in domains)
    # Of an either-or pair the other one is never asked: it is not missing.
    answered = [pair for pair in instrument.scoring.either_or if any(item in given for item in pair)]
    spared = {item for pair in answered for item in pair}
    return replace(_scored(instrument, total), raw=total, missing=tuple(item for item in missing if item not in spared))


def _table(instrument: Instrument, answers: Sequence[Answer], _weights: Sequence[float] | None) -> Score | Unscorable:
    given, missing = _given(instrument, answers)
    if missing:
        return _incomplete(instrument, missing)
    raw = sum(given.values())
    key = f"{raw:g}"
    return replace(_scored(instrument, instrument.scoring.raw_to_score[key]), raw=raw, se=instrument.scoring.raw_to_se.get(key))


def _single_item(instrument: Instrument, answers: Sequence[Answer], _weights: Sequence[float] | None) -> Score | Unscorable:
    given, missing = _given(instrument, answers)
    action = instrument.scoring.action_item or instrument.items[-1].id
    if action not in given:
        return _incomplete(instrument, [action])
    return replace(_scored(instrument, given[action]), raw=given[action], missing=missing)


def _triage(instrument: Instrument, answers: Sequence[Answer], _weights: Sequence[float] | None) -> Score | Unscorable:
    """The worst tier that any answer reaches; where an unanswered item could reach a worse one, it is "at least" that tier.

    Without any positive answer an unanswered item leaves it unscorable: silence is never safe.
    """
    given, missing = _given(instrument, answers)
    open_items: list[str] = []
    for row in instrument.triage:
        if any(given.get(item, 0) > 0 for item in row.any_of):
            label = f"at least {row.label}; not answered: item {', '.join(open_items)}" if open_items else row.label
            return Score(instrument.id, None, row.id, label, instrument.metric, missing=missing)
        open_items += [item for item in row.any_of if item not in given and not _skipped_by_design(instrument, item, given)]
    if open_items:
        return _incomplete(instrument, open_items)
    return Score(instrument.id, None, "none", "none", instrument.metric, missing=missing)


def _skipped_by_design(instrument: Instrument, item: str, given: dict[str, float]) -> bool:
    gate = instrument.items[instrument.item_index[item]].asked_if
    return gate is not None and given.get(gate) == 0


def _goal_attainment(instrument: Instrument, answers: Sequence[Answer], weights: Sequence[float] | None) -> Score | Unscorable:
    """Kiresuk and Sherman: T = 50 + 10 Σwx / sqrt((1 − ρ) Σw² + ρ (Σw)²). A goal not rated leaves it unscorable."""
    missing = [str(index) for index, answer in enumerate(answers, 1) if answer is None]
    if missing:
        return _incomplete(instrument, missing)
    # Only their proportions count; the largest is made 1, so that no weight overflows.
    w = [weight / max(weights) for weight in weights] if weights is not None else [1.0] * len(answers)
    rho = instrument.scoring.inter_goal_correlation or 0.0
    spread = math.sqrt((1 - rho) * sum(x * x for x in w) + rho * sum(w) ** 2)
    weighted = sum(wi * (x or 0.0) for wi, x in zip(w, answers, strict=True))
    return replace(_scored(instrument, round(50 + 10 * weighted / spread, 2)), raw=weighted)


def _given(instrument: Instrument, answers: Sequence[Answer]) -> tuple[dict[str, float], tuple[str, ...]]:
    """The answers that were given, reversed items turned round, and the ids of those that were not."""
    given: dict[str, float] = {}
    for item, answer in zip(instrument.items, answers, strict=True):
        if answer is not None:
            given[item.id] = item.minimum + item.maximum - answer if item.reverse else float(answer)
    return given, tuple(item.id for item in instrument.items if item.id not in given)


_METHODS = {
    "sum": _sum,
    "domain_maximum": _domain_maximum,
    "table": _table,
    "single_item": _single_item,
    "triage": _triage,
    "goal_attainment": _goal_attainment,
}
