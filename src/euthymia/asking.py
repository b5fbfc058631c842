"""How an instrument is asked of a patient: its published wording in a language, question by question.

Nothing is asked in words of our own: an instrument whose wording is not whole here cannot be asked, and is entered by staff.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from euthymia.instrument import Instrument, Item

# The language in which the instrument files themselves are written.
ORIGINAL = "en"


@dataclass(frozen=True)
class Question:
    """One item as it is shown: what stands above it, its text, and each answer with its label, in the order of the values."""

    instrument: str
    item: str
    stem: str | None
    text: str
    answers: tuple[tuple[float, str], ...]
    trigger: float | None

    def is_positive(self, answer: float | None) -> bool:
        """Whether an answer is one on suicidal thoughts that somebody must see."""
        return self.trigger is not None and answer is not None and answer >= self.trigger


def can_be_asked(instrument: Instrument) -> bool:
    """Whether patients can answer it themselves here: meant for them, and every item and answer with its wording."""
    licensed = instrument.licence.ship_item_text and all(item.text for item in instrument.items)
    return instrument.structure.rater != "clinician" and licensed and all(_answers(item, instrument.answers) for item in instrument.items)


def language_of(instrument: Instrument, wanted: str) -> str:
    """The language in which it is asked of somebody who wants `wanted`: that one where it was published, else the original."""
    wanted = wanted.lower().replace("_", "-").split("-")[0]
    return wanted if wanted in instrument.translations else ORIGINAL


def questions(instrument: Instrument, language: str) -> tuple[Question, ...]:
    """Every item in its published wording. Raises ValueError where that is not whole here."""
    if not can_be_asked(instrument):
        raise ValueError(f"found {instrument.id}, whose wording is not here; allowed: an instrument that can_be_asked")
    said = instrument.translations.get(language_of(instrument, language))
    labels, stem = (said.answers, said.stem) if said else (instrument.answers, instrument.stem)
    texts = said.items if said else {item.id: item.text or "" for item in instrument.items}
    return tuple(
        Question(instrument.id, item.id, stem, texts[item.id], _answers(item, labels), item.suicidality_trigger)
        for item in instrument.items
    )


def _answers(item: Item, labels: Mapping[str, str]) -> tuple[tuple[float, str], ...]:
    """The answers that this item allows, each with its label; empty where one has none."""
    values = [item.minimum + step * item.step for step in range(round((item.maximum - item.minimum) / item.step) + 1)]
    found = tuple((value, labels[f"{value:g}"]) for value in values if f"{value:g}" in labels)
    return found if len(found) == len(values) else ()
