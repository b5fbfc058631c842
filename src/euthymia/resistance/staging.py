"""Staging of resistance: Thase–Rush, MGH and Maudsley, each between the lowest and the highest that what is known allows.

DM-TRD is not computed: its item weights were not read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from euthymia.adequacy import Trial
from euthymia.adequacy.exposure_words import listed, weakest_of
from euthymia.adequacy.spans import Between
from euthymia.facts import Status
from euthymia.resistance.counting import Drug, drugs, may_be_augmentation, what_is_missing
from euthymia.resistance.result import Staging
from euthymia.resistance_table import Maudsley, MghStaging, ResistanceTable, Row, Stage, ThaseRush


@dataclass(frozen=True)
class Beside:
    """What staging asks beside the trials. `onset`: days (ordinals) of the onset; `severity`: lowest and highest score, None: no rating."""

    onset: Between | None
    until: date
    severity: Between | None
    severity_words: str


@dataclass(frozen=True)
class _Counted:
    """The treatments of the episode that count, surely or possibly."""

    drugs: tuple[Drug, ...]
    augmentation: tuple[Drug, ...]
    ect: tuple[Drug, ...]
    onset_known: bool

    @property
    def missing(self) -> tuple[str, ...]:
        unsure = [d for d in (*self.drugs, *self.augmentation, *self.ect) if d.possible and not d.sure]
        return tuple(dict.fromkeys(each for drug in unsure for trial in drug.trials for each in what_is_missing(trial, self.onset_known)))


def staging(table: ResistanceTable, trials: Sequence[Trial], beside: Beside) -> tuple[Staging, ...]:
    """Every method of the table. Without any trial of an antidepressant none is applicable."""
    counted = _Counted(
        drugs(trials, "no_response", partial_open=True),
        drugs(trials, "no_response", partial_open=True, which=may_be_augmentation),
        drugs(trials, "no_response", partial_open=True, which=lambda t: t.kind == "ect"),
        beside.onset is not None,
    )
    return thase_rush(table.thase_rush, counted), mgh(table.mgh_s, counted), maudsley(table.maudsley, counted, beside)


def _number(found: Sequence[Drug]) -> Between:
    return Between(sum(d.sure for d in found), sum(d.possible for d in found))


def _status(fact: Maudsley | MghStaging | ThaseRush, counted: _Counted) -> Status:
    return weakest_of([fact.status, *(t.basis for drug in counted.drugs if drug.possible for t in drug.trials)])


def thase_rush(method: ThaseRush, counted: _Counted) -> Staging:
    """The stage reached surely, and the stage reached at most; 0: not even the first."""
    low = _stage(method, [d for d in counted.drugs if d.sure], _bilateral(method, counted, surely=True))
    high = _stage(method, [d for d in counted.drugs if d.possible], _bilateral(method, counted, surely=False))
    names = ["no stage", *(stage.stage for stage in method.stages)]
    reasons = [f"classes counted: {', '.join(sorted({str(d.drug_class) for d in counted.drugs if d.sure})) or 'none'} ({listed(method)})"]
    missing = counted.missing if low != high else ()
    value = names[low] if low == high else None
    return Staging("thase_rush", method.name, value, float(low), float(high), tuple(reasons), missing, _status(method, counted))


def _stage(method: ThaseRush, found: Sequence[Drug], bilateral: bool) -> int:
    classes = {d.drug_class for d in found if d.drug_class is not None}
    jokers = sum(d.drug_class is None for d in found)  # A drug of unknown class can be of any.
    reached = 0
    for number, stage in enumerate(method.stages, 1):
        if not _reached(stage, classes, jokers) or (stage.bilateral_ect and not bilateral):
            break
        reached = number
    return reached


def _reached(stage: Stage, classes: set[str], jokers: int) -> bool:
    besides = len(classes - set(stage.also))
    return max(0, stage.classes - besides) + len(set(stage.also) - classes) <= jokers


def _bilateral(method: ThaseRush, counted: _Counted, *, surely: bool) -> bool:
    for drug in counted.ect:
        for trial in drug.trials:
            said = method.bilateral.names(trial.technique), method.unilateral.names(trial.technique)
            if surely and drug.sure and said == (True, False):
                return True
            if not surely and drug.possible and said != (False, True):
                return True
    return False


def mgh(method: MghStaging, counted: _Counted) -> Staging:
    """Points: a range, since a record does not say whether dose and duration were optimised."""
    trials, augmented, ect = _number(counted.drugs), _number(counted.augmentation), _number(counted.ect)
    most = method.per_trial + method.per_optimisation * len(method.optimisations)
    low = method.per_trial * trials.low + method.per_optimisation * augmented.low + method.ect * min(1, ect.low)
    high = most * trials.high + method.per_optimisation * augmented.high + method.ect * min(1, ect.high)
    courses = _range(Between(min(1, ect.low), min(1, ect.high)))
    reasons = (f"{_range(trials)} trials, augmentation {_range(augmented)}, ECT {courses} ({listed(method)})",)
    optimised = [f"whether {' and '.join(method.optimisations)} were optimised"] if trials.high else []
    missing = [*counted.missing, *optimised] if low != high else []
    return Staging("mgh_s", method.name, f"{low:g}" if low == high else None, low, high, reasons, tuple(missing), _status(method, counted))


def maudsley(method: Maudsley, counted: _Counted, beside: Beside) -> Staging:
    """The sum of five dimensions, each with its range; without a trial that counts it is not applicable."""
    trials = _number(counted.drugs)
    status = weakest_of([_status(method, counted), method.severity.status])
    if trials.high == 0:
        words = ("not applicable: no antidepressant without response in this episode",)
        return Staging("maudsley", method.name, None, None, None, words, (), status)
    duration, duration_words = _duration(method, beside)
    all_scores = [*method.severity.bands.values(), method.severity.severe_with_psychosis]
    severity = beside.severity or Between(min(all_scores), max(all_scores))
    dimensions = [duration, severity, Between(_row(method.trials, max(1, trials.low)).score, _row(method.trials, trials.high).score)]
    for name, points in (("augmentation", method.augmentation), ("ect", method.ect)):
        found = _number(getattr(counted, name))
        dimensions.append(Between(points * min(1, found.low), points * min(1, found.high)))
    low, high = sum(d.low for d in dimensions), sum(d.high for d in dimensions)
    labels = [t.label for t in method.totals if t.low <= high and t.high >= low]
    value = f"{low:g}, {labels[0]}" if low == high and trials.low else None
    names = ("duration", "severity", "trials", "augmentation", "ECT")
    shown = "; ".join(f"{name} {_range(d)}" for name, d in zip(names, dimensions, strict=True))
    reasons = (f"{shown} ({listed(method)})", duration_words, beside.severity_words, f"that is {' to '.join(labels)}")
    missing = [*counted.missing, *_beside_missing(beside, duration)] if value is None else []
    if not trials.low:
        missing.append("whether any antidepressant counts: with none, this staging is not applicable")
    return Staging("maudsley", method.name, value, low, high, reasons, tuple(missing), status)


def _beside_missing(beside: Beside, duration: Between) -> Iterator[str]:
    if duration.low != duration.high:
        yield "when the current episode began"
    if beside.severity is None:
        yield "a rating of severity"
    elif beside.severity.low != beside.severity.high:
        yield "whether there is psychosis"


def _duration(method: Maudsley, beside: Beside) -> tuple[Between, str]:
    rows = method.duration_months
    if beside.onset is None:
        return Between(rows[0].score, rows[-1].score), "duration: the onset is not recorded"
    earliest, latest = (date.fromordinal(int(day)) for day in (beside.onset.low, beside.onset.high))
    low, high = (next(r for r in rows if r.at_most is None or beside.until <= _months_later(d, int(r.at_most))) for d in (latest, earliest))
    words = low.label if low == high else f"{low.label} to {high.label}"
    return Between(low.score, high.score), f"duration: {words}"


def _months_later(day: date, months: int) -> date:
    """The same day of a later month; where that month is shorter, its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, 0, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def _row(rows: Sequence[Row], number: float) -> Row:
    return next(row for row in rows if row.at_most is None or number <= row.at_most)


def _range(found: Between) -> str:
    return f"{found.low:g}" if found.low == found.high else f"{found.low:g} to {found.high:g}"
