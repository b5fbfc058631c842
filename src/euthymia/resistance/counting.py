"""How many different antidepressants surely, and how many possibly, had one outcome after an adequate trial in the episode.

The same drug twice counts once, by its longest exposure. What is not known widens the answer; it never narrows it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

from euthymia.adequacy import Trial

Wanted = Literal["no_response", "partial_response"]
_OUTCOMES: dict[Wanted, frozenset[str]] = {
    "no_response": frozenset({"none", "worse", "unknown"}),
    "partial_response": frozenset({"partial", "unknown"}),
}


@dataclass(frozen=True)
class Drug:
    """One drug (or other treatment) with all its trials of the episode, and whether it counts."""

    name: str
    drug_class: str | None
    trials: tuple[Trial, ...]
    sure: bool
    possible: bool


def is_antidepressant(trial: Trial) -> bool:
    """Whether a trial may be one of an antidepressant: a drug that the catalog does not know may be."""
    return trial.kind == "antidepressant" or (trial.treatment is None and trial.drug)


def may_be_augmentation(trial: Trial) -> bool:
    """Whether a trial is, or may be, one of augmentation: nobody knows whether another antidepressant surely went on beside it."""
    return trial.kind == "augmentation" or (trial.kind == "antidepressant" and bool(trial.added_to))


def drugs(
    trials: Sequence[Trial], wanted: Wanted, *, partial_open: bool = False, which: Callable[[Trial], bool] = is_antidepressant
) -> tuple[Drug, ...]:
    """Every treatment that `which` takes, by its first trial. `partial_open`: a partial response may count too."""
    by_name: dict[str, list[Trial]] = {}
    for trial in trials:
        if which(trial):
            # "Zoloft, then Effexor" in one entry may be as many drugs as it names.
            several = tuple(f"{trial.name.lower()}: {each}" for each in trial.may_be)
            for key in several or (trial.treatment or trial.name.lower(),):
                by_name.setdefault(key, []).append(trial)
    return tuple(_drug(found, wanted, partial_open) for found in by_name.values())


def _drug(trials: Sequence[Trial], wanted: Wanted, partial_open: bool) -> Drug:
    best = list(_may_be_best(trials))
    sure = bool(best) and all(t.in_episode is True and t.counts_as == wanted for t in best)
    possible = any(_could(t, wanted, partial_open) for t in best)
    return Drug(trials[0].name, trials[0].drug_class, tuple(trials), sure, possible)


def _may_be_best(trials: Sequence[Trial]) -> Iterator[Trial]:
    """The trials that may be the longest exposure in the episode."""
    within = [t for t in trials if t.in_episode is not False]
    surely = max((t.days_lowest or 0 for t in within if t.in_episode), default=0)
    yield from (t for t in within if (inf if t.days_highest is None else t.days_highest) >= surely)


def _could(trial: Trial, wanted: Wanted, partial_open: bool) -> bool:
    if trial.counts_as == wanted:
        return True
    if partial_open and wanted == "no_response" and trial.counts_as in ("partial_response", "cannot_tell") and trial.outcome == "partial":
        return True
    return trial.counts_as == "cannot_tell" and trial.outcome in _OUTCOMES[wanted]


def why_counted(trial: Trial) -> str:
    """Why one trial counts or not, in a sentence."""
    judged = f"{trial.adequacy}{f': {trial.why}' if trial.why else ''}"
    said = {
        "no_response": "no response",
        "partial_response": "partial response (25 to 49 %), kept apart",
        "benefit": f"{trial.outcome}: no sign of resistance to it",
        "not_counted": "not counted",
        "cannot_tell": "outcome not known" if trial.outcome == "unknown" else f"outcome {trial.outcome}, cannot be counted yet",
    }[trial.counts_as]
    place = {True: "", False: "; before this episode, or too short within it", None: "; whether in this episode cannot be told"}
    return f"{trial.name} ({trial.exposure}): {judged}; {said}{place[trial.in_episode]}"


def what_is_missing(trial: Trial, onset_known: bool) -> Iterator[str]:
    """What would settle whether a trial counts. Where the onset of the episode is not known, that is asked once, not of each trial."""
    if trial.adequacy == "inadequate" or trial.counts_as == "benefit":
        return
    yield from (f"{trial.name}: {each}" for each in trial.missing)
    if trial.outcome == "unknown":
        yield f"{trial.name}: how it turned out"
    if trial.in_episode is None and onset_known:
        yield f"{trial.name}: whether it was taken in the current episode for an adequate time"
