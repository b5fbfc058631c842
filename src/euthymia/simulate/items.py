"""Answers that make a given total: a partial-credit draw, then repaired step by step until the sum is right.

Which items answer first differs from person to person; thoughts of death come late, so they follow the total.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from euthymia.instrument import Instrument, Item
from euthymia.simulate.courses import Array

Answers = tuple[float | None, ...]
_HALVINGS = 20


@dataclass(frozen=True)
class ItemDesign:
    """How items differ, in logits: our own choice, not estimates. `late` is added for an item on suicidal thoughts."""

    spread: float = 0.8
    late: float = 1.2
    between_answers: float = 0.6
    widest: float = 30.0


class _Part(NamedTuple):
    """What adds one number to the sum: an item, or the worst of a few items."""

    items: tuple[str, ...]
    minimum: float
    step: float
    most: int


def item_offsets(instrument: Instrument, generator: np.random.Generator, design: ItemDesign | None = None) -> Mapping[str, float]:
    """How late each item answers in one person, in logits."""
    design = design or ItemDesign()
    drawn = design.spread * generator.standard_normal(len(instrument.items))
    late = [design.late if item.suicidality_trigger is not None else 0.0 for item in instrument.items]
    return {item.id: float(own + more) for item, own, more in zip(instrument.items, drawn, late, strict=True)}


def attainable(instrument: Instrument, total: float) -> float:
    """The total nearest to `total` that answers can give (of a table: one of its scores)."""
    scores = instrument.scoring.raw_to_score.values()
    return min(scores, key=lambda score: abs(score - total)) if scores else total


def answers_for(
    instrument: Instrument,
    total: float,
    offsets: Mapping[str, float],
    generator: np.random.Generator,
    design: ItemDesign | None = None,
) -> Answers | None:
    """Answers in item order whose score is `total`; None where the instrument has no sum of answers, or no answers give it."""
    parts = _parts(instrument)
    target = _raw(instrument, total)
    if not parts or target is None or len({part.step for part in parts}) > 1:
        return None
    steps = round((target - sum(part.minimum for part in parts)) / parts[0].step)
    if not 0 <= steps <= sum(part.most for part in parts):
        return None
    late = np.array([min(offsets[item] for item in part.items) for part in parts])
    counts = _repaired(np.array([part.most for part in parts]), late, steps, generator, design or ItemDesign())
    given: dict[str, float] = {}
    for part, count in zip(parts, counts, strict=True):
        given |= _within(instrument, part, part.minimum + part.step * int(count), generator)
    return tuple(_turned(item, given[item.id]) if item.id in given else None for item in instrument.items)


def _parts(instrument: Instrument) -> list[_Part]:
    method, by_id = instrument.scoring.method, {item.id: item for item in instrument.items}
    if method in ("sum", "table"):
        return [_part((item.id,), item) for item in instrument.items]
    if method == "domain_maximum":
        return [_part(domain, by_id[domain[0]]) for domain in instrument.scoring.domains]
    return []


def _part(items: tuple[str, ...], first: Item) -> _Part:
    return _Part(items, first.minimum, first.step, round((first.maximum - first.minimum) / first.step))


def _raw(instrument: Instrument, total: float) -> float | None:
    """The sum that makes the reported total."""
    if instrument.scoring.method == "table":
        return next((float(raw) for raw, score in instrument.scoring.raw_to_score.items() if score == total), None)
    return total / instrument.scoring.multiply_by


def _repaired(most: NDArray[np.int64], late: Array, target: int, generator: np.random.Generator, design: ItemDesign) -> NDArray[np.int64]:
    """Steps above the minimum of each part, together `target`."""
    probable = _categories(most, late, _ability(most, late, target, design), design)
    counts = np.array([generator.choice(len(row), p=row) for row in probable])
    while (off := target - int(counts.sum())) != 0:
        move = 1 if off > 0 else -1
        can = np.flatnonzero((counts + move >= 0) & (counts + move <= most))
        weight = np.array([probable[i, counts[i] + move] / max(probable[i, counts[i]], 1e-12) for i in can]) + 1e-9
        counts[generator.choice(can, p=weight / weight.sum())] += move
    return counts


def _ability(most: NDArray[np.int64], late: Array, target: int, design: ItemDesign) -> float:
    """Where the expected sum is the target."""
    low, high = -design.widest, design.widest
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        expected = float((_categories(most, late, middle, design) @ np.arange(most.max() + 1)).sum())
        low, high = (middle, high) if expected < target else (low, middle)
    return (low + high) / 2


def _categories(most: NDArray[np.int64], late: Array, ability: float, design: ItemDesign) -> Array:
    """Probability of every number of steps, [part, steps]: the partial credit model with equally spaced thresholds."""
    steps = np.arange(most.max() + 1)
    centred = (steps[None, 1:] - (most[:, None] + 1) / 2) * design.between_answers
    logits = np.concatenate([np.zeros((len(most), 1)), np.cumsum(ability - late[:, None] - centred, axis=1)], axis=1)
    logits = np.where(steps[None, :] <= most[:, None], logits, -np.inf)
    weight = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _within(instrument: Instrument, part: _Part, value: float, generator: np.random.Generator) -> dict[str, float]:
    """The answers of one part: of several items one at its value and none above it; of an either-or pair only one is asked."""
    pairs = [pair for pair in instrument.scoring.either_or if set(pair) <= set(part.items)]
    asked = [item for item in part.items if not any(item in pair for pair in pairs)]
    asked += [str(generator.choice(pair)) for pair in pairs]
    worst = int(generator.integers(len(asked)))
    span = round((value - part.minimum) / part.step)
    below = part.minimum + part.step * generator.integers(0, span + 1, len(asked))
    return {item: value if index == worst else float(below[index]) for index, item in enumerate(asked)}


def _turned(item: Item, value: float) -> float:
    """The answer that counts as `value`: the other way round where the item is reversed."""
    return item.minimum + item.maximum - value if item.reverse else value
