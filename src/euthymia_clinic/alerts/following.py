"""What is asked next in the same sitting: the screener after a positive answer, and of it only what is still to be asked."""

from collections.abc import Mapping, Sequence

from euthymia.catalog import Catalog
from euthymia.instrument import Instrument, Item

Answers = Mapping[str, float | None]


def is_positive(catalog: Catalog, instrument_id: str, item_id: str, answer: float | None) -> bool:
    """Whether an answer to an item is a positive answer on suicidal thoughts."""
    instrument = catalog.instruments.get(instrument_id)
    item = next((item for item in instrument.items if item.id == item_id), None) if instrument else None
    return item is not None and item.suicidality_trigger is not None and answer is not None and answer >= item.suicidality_trigger


def any_positive(catalog: Catalog, answers: Mapping[str, Answers]) -> bool:
    """Whether any answer so far (by instrument, by item) is positive."""
    return any(is_positive(catalog, name, item, answer) for name, given in answers.items() for item, answer in given.items())


def can_be_asked(catalog: Catalog, instrument_id: str) -> bool:
    """Whether the catalog in force has the wording of every item: the site's own, or one that may be shipped."""
    instrument = catalog.instruments.get(instrument_id)
    return instrument is not None and bool(instrument.items) and all(item.text for item in instrument.items)


def follow_up(catalog: Catalog, instruments: Sequence[str], answers: Mapping[str, Answers]) -> list[str]:
    """The instruments that a sitting is to be extended by, given what has been answered so far; empty: none.

    The screener after a positive answer, where the site has its text and it is not among them already.
    """
    screener = catalog.alerts.screener
    if screener in instruments or not any_positive(catalog, answers) or not can_be_asked(catalog, screener):
        return []
    return [screener]


def to_be_asked(instrument: Instrument, answers: Answers) -> list[Item]:
    """The items to ask, in order, given the answers so far: one that hangs on another only after that one's yes.

    Where the question that it hangs on has not been answered yet, or was left out, it is not asked: the gap is a gap.
    """
    return [item for item in instrument.items if item.asked_if is None or (answers.get(item.asked_if) or 0) > 0]
