"""What is left: the items that make up the last totals, mood and thinking apart from bodily parts, what has not moved."""

from dataclasses import dataclass
from datetime import date

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.instrument import Instrument
from euthymia.ratings import Rating


@dataclass(frozen=True)
class LeftItem:
    """One item's answers: in the last assessment, in the one before it, and at the index (None = not known)."""

    item: str
    label: str
    last: float
    before: float | None
    index: float | None
    part: str | None


@dataclass(frozen=True)
class Part:
    """The share of one part of the scale in the last total, with the most that it can reach."""

    total: float
    maximum: float


@dataclass(frozen=True)
class Left:
    """What makes up the last total, highest answer first. Without item-level answers: `items` empty, `sentence` says so."""

    instrument: str | None
    day: date | None
    items: tuple[LeftItem, ...]
    mood_thinking: Part | None
    bodily: Part | None
    unmoved: tuple[str, ...]
    sentence: str


def what_is_left(episode: CurrentEpisode, catalog: Catalog) -> Left:
    """Read the last two counted assessments of the primary instrument that have their answers."""
    answered = [r for r in episode.series if r.answers is not None]
    if not answered or episode.primary is None:
        return Left(None, None, (), None, None, (), "items not known: only totals are recorded")
    instrument = catalog.instruments[episode.primary]
    last, before = answered[-1], answered[-2] if len(answered) > 1 else None
    index = answered[0] if answered[0] is episode.series[0] and answered[0] is not last else None
    items = [i for i in _items(instrument, last, before, index) if i.last > 0]
    items.sort(key=lambda i: (-i.last, instrument.item_index[i.item]))
    unmoved = tuple(i.label for i in items if i.index is not None and i.last >= i.index)
    parts = [_part(instrument, last, name) for name in ("mood_thinking", "bodily")]
    return Left(instrument.id, last.day, tuple(items), parts[0], parts[1], unmoved, _sentence(items, unmoved))


def _items(instrument: Instrument, last: Rating, before: Rating | None, index: Rating | None) -> list[LeftItem]:
    found = []
    for position, item in enumerate(instrument.items):
        answer = (last.answers or ())[position]
        if answer is None:
            continue
        earlier = [r.answers[position] if r and r.answers else None for r in (before, index)]
        severity = [None if a is None else item.severity(a) for a in (answer, *earlier)]
        found.append(LeftItem(item.id, item.label, severity[0] or 0.0, severity[1], severity[2], item.part))
    return found


def _part(instrument: Instrument, last: Rating, part: str) -> Part | None:
    positions = [(p, item) for p, item in enumerate(instrument.items) if item.part == part]
    answers = [((last.answers or ())[p], item) for p, item in positions]
    if not positions or any(answer is None for answer, _ in answers):
        return None
    severity = [item.severity(a) for a, item in answers if a is not None]
    return Part(sum(severity), sum(item.maximum - item.minimum for _, item in positions))


def _sentence(items: list[LeftItem], unmoved: tuple[str, ...]) -> str:
    if not items:
        return "nothing is left on the last assessment"
    said = ", ".join(f"{i.label} {i.last:g}" for i in items[:5])
    more = f" and {len(items) - 5} more" if len(items) > 5 else ""
    still = f"; not moved since the index: {', '.join(unmoved)}" if unmoved else ""
    return f"{said}{more}{still}"
