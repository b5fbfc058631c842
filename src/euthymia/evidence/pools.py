"""The pools of a question, from its rows to a pooled effect; and what its figures make one doubt."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from euthymia.catalog import Catalog
from euthymia.evidence.certainty import Doubt, Weighed, doubts
from euthymia.evidence.effects import LOGARITHMIC, Z95, StudyEffect, from_counts, from_print, shown
from euthymia.evidence.pooling import Summary, pool
from euthymia.facts import Status
from euthymia.question import Pool, Question
from euthymia.study import NULL, Measure, Result, Study
from euthymia.study_links import row

_WORST: tuple[Status, ...] = ("verified", "design", "recalled")
Pair = tuple[str, str] | None
_COUNTED = ("response", "remission", "relapse", "no_relapse")


@dataclass(frozen=True)
class Drawn:
    """One study's effect as it is read (ratios as ratios, RD in percentage points), with its 95 % interval.

    `of`: the outcome and the active arm. `computed`: from its counts, rather than as it was printed. `weight`: percent of
    its pool; None outside of one.
    """

    row: str
    label: str
    of: str
    measure: Measure
    estimate: float
    lower: float
    upper: float
    status: Status
    computed: bool
    weight: float | None = None


@dataclass(frozen=True)
class PooledEffect:
    """A pool with its summary on the scale of pooling, its studies as they are read, and the status of the weakest.

    `noticed`: the points that one person notices, where the pool is of MADRS differences.
    """

    pool: Pool
    summary: Summary
    studies: tuple[Drawn, ...]
    people: int | None
    status: Status
    noticed: float | None

    def read(self, value: float) -> float:
        """A value of the summary as it is read."""
        return _read(self.pool.measure, value)


def pooled(catalog: Catalog, wanted: Pool) -> PooledEffect:
    """Compute one pool. Its rows were found to fit when the catalog was loaded."""
    found = [(each, *_there(catalog, each.row)) for each in wanted.studies]
    effects = [_effect(wanted.measure, study, result, each.arms) for each, study, result in found]
    summary = pool([effect.value for effect in effects], [effect.se for effect in effects])
    drawn = tuple(
        _drawn(each.row, study, result, wanted.measure, effect, each.arms, weight)
        for (each, study, result), effect, weight in zip(found, effects, summary.weights, strict=True)
    )
    people = [_people(study, result, each.arms) for each, study, result in found]
    known = None if None in people else sum(n or 0 for n in people)
    noticed = catalog.grading.meaningful_madrs.value if wanted.instrument == "madrs" and wanted.measure == "MD" else None
    return PooledEffect(wanted, summary, drawn, known, weakest(*(each.status for each in drawn)), noticed)


def drawn_alone(catalog: Catalog, question: Question) -> tuple[Drawn, ...]:
    """The effects of the question's rows that stand alone: printed ones, and of randomised pairs whose counts are known."""
    found = []
    for name in question.rows():
        study, result = _there(catalog, name)
        printed = result.effect
        if printed is not None and printed.measure in (*LOGARITHMIC, "MD", "RD", "SMD") and (printed.se or printed.lower is not None):
            effect = from_print(printed.measure, printed.estimate, printed.se, printed.lower, printed.upper)
            found.append(_printed(name, study, result, printed.measure, effect))
        elif printed is None and study.design == "rct" and len(result.shares) == 2 and study.counts(result):
            arms = (result.shares[0].arm, result.shares[1].arm)
            found.append(_drawn(name, study, result, "RR", _effect("RR", study, result, arms), arms, None))
    return tuple(found)


def weakest(*statuses: Status) -> Status:
    """The status of something that is made of several."""
    return max(statuses, key=_WORST.index, default="design")


def label(study: Study) -> str:
    """A study as it is named in one breath: "Loo 2023 (KADS)"."""
    first = re.split(r" et al|,|;| \(", study.citation)[0].strip()
    trial = re.search(r"\(([A-Z][A-Za-z0-9 -]{2,}[A-Z0-9])\)", study.citation)
    name = first if str(study.year) in first else f"{first} {study.year}"
    return f"{name} ({trial.group(1)})" if trial and trial.group(1) not in name else name


def doubted(catalog: Catalog, question: Question) -> tuple[Doubt, ...]:
    """What the figures of a question ask about, each doubt once."""
    if question.grading.starts != "rct":
        return ()
    found = [doubt for weighed in _weighed(catalog, question) for doubt in doubts(weighed, catalog.grading)]
    return tuple(dict.fromkeys(found))


def _weighed(catalog: Catalog, question: Question) -> Iterator[Weighed]:
    rows = [_there(catalog, name) for name in question.carries]
    studies = list({id(study): study for study, _ in rows}.values())
    sizes = [study.n.value if study.n else None for study in studies]
    counted = all(result.outcome in _COUNTED for _, result in rows)
    counts = [study.counts(result) for study, result in rows if result.shares]
    events = None if None in counts or not counts else sum(e for found in counts if found for e, _ in found.values())
    yield Weighed(participants=None if None in sizes else sum(n or 0 for n in sizes), events=events, counted=counted)
    for masking in (study.masking for study in studies if study.masking):
        yield Weighed(comparator=masking.comparator, guess_rate=masking.guess_rate, dropout_difference=masking.dropout_difference)
    if question.pools:
        for each in (pooled(catalog, wanted) for wanted in question.pools):
            low, high = each.read(each.summary.lower), each.read(each.summary.upper)
            yield Weighed(i2=each.summary.i2, lower=low, upper=high, null=NULL[each.pool.measure], madrs=each.noticed is not None)
        return
    for _, result in rows:
        effect = result.effect
        if effect is not None and effect.lower is not None:
            madrs = effect.measure == "MD" and result.instrument == "MADRS"
            yield Weighed(lower=effect.lower, upper=effect.upper, null=NULL[effect.measure], madrs=madrs)


def _there(catalog: Catalog, name: str) -> tuple[Study, Result]:
    found = row(catalog, name)
    if found is None:
        raise KeyError(f"unknown row {name!r}")
    return found


def _effect(measure: Measure, study: Study, result: Result, arms: Pair) -> StudyEffect:
    if arms is not None:
        counts = study.counts(result) or {}
        return from_counts(measure, counts[arms[0]], counts[arms[1]])
    effect = result.effect
    if effect is None:
        raise ValueError(f"found no effect in {result.id}; allowed: one that was printed")
    return from_print(measure, effect.estimate, effect.se, effect.lower, effect.upper)


def _people(study: Study, result: Result, arms: Pair) -> int | None:
    counts = (study.counts(result) or {}) if arms else {}
    if arms:
        return sum(counts[arm][1] for arm in arms)
    effect = result.effect
    sizes = [study.arm(arm).n for arm in (effect.active, effect.control)] if effect else []
    return None if None in sizes else sum(n or 0 for n in sizes)


def _drawn(name: str, study: Study, result: Result, measure: Measure, effect: StudyEffect, arms: Pair, weight: float | None) -> Drawn:
    """`arms`: the pair whose counts were used, active first; None where the effect was printed."""
    used = [study.arm(share.arm) for share in result.shares if arms and share.arm in arms and share.n is None]
    status = weakest(result.status, *(arm.status for arm in used))
    estimate, lower, upper = (_read(measure, effect.value + side * Z95 * effect.se) for side in (0, -1, 1))
    active = arms[0] if arms else result.effect.active if result.effect else ""
    if arms is None and result.effect is not None and result.effect.lower is not None and result.effect.upper is not None:
        estimate, lower, upper = result.effect.estimate, result.effect.lower, result.effect.upper
    of = f"{result.outcome.replace('_', ' ')}, {study.arm(active).name}"
    return Drawn(name, label(study), of, measure, estimate, lower, upper, status, arms is not None, weight)


def _printed(name: str, study: Study, result: Result, measure: Measure, effect: StudyEffect) -> Drawn:
    if measure == "RD":  # Printed in percentage points already.
        effect = StudyEffect(effect.value / 100, effect.se / 100)
    return _drawn(name, study, result, measure, effect, None, None)


def _read(measure: Measure, value: float) -> float:
    return 100 * value if measure == "RD" else shown(measure, value)
