"""Which trials of the history were trials of an option, and what they say: not tried yet, tried and not judged, or without response."""

from collections.abc import Sequence
from dataclasses import dataclass

from euthymia.adequacy import Trial
from euthymia.option import Option
from euthymia.options.named_in_text import names
from euthymia.resistance import History


@dataclass(frozen=True)
class Tried:
    """What the trials of an option say. `running`: it is being given.

    `rank`: 0 not tried or of benefit, 1 tried and not judged or partial, 2 tried adequately without response.
    """

    rank: int
    running: bool
    why: tuple[str, ...]
    against: tuple[str, ...]


def tried(option: Option, history: History) -> Tried:
    """What the history says of an option. An option that names no treatment is never tried."""
    if not option.treatments and not option.kinds:
        return Tried(0, False, (), ())
    found = [trial for trial in history.trials if _is_of(option, trial)]
    given = [t for t in history.trials if t.going_on and (t in found or t.treatment in option.treatments)]
    running = option.adds and not option.other_route and bool(given)
    if not found:
        return Tried(0, running, ("no trial of it is recorded",), ())
    without = [t for t in found if t.counts_as == "no_response"]
    other = [t for t in found if t.counts_as in ("partial_response", "not_counted", "cannot_tell")]
    benefit = [t for t in found if t.counts_as == "benefit"]
    against = (*_said("tried adequately without response", without), *_said("tried, partial or not judged", other))
    return Tried(2 if without else 1 if other else 0, running, tuple(_said("was of benefit before", benefit)), against)


def _is_of(option: Option, trial: Trial) -> bool:
    """By its treatment and kind, or (a course) by the words of its technique."""
    if option.kinds and trial.kind not in option.kinds:
        return False
    course = f"{trial.name} {trial.technique or ''}"
    if any(names(course, word) for word in option.not_techniques):
        return False
    if any(names(course, word) for word in option.techniques):
        return True
    return trial.treatment in option.treatments if option.treatments or option.techniques else True


def _said(words: str, trials: Sequence[Trial]) -> list[str]:
    named = [f"{t.name}, {t.exposure}, {t.start} to {t.end or ('now' if t.going_on else 'not known')}" for t in trials]
    return [f"{words}: {'; '.join(named)}"] if named else []
