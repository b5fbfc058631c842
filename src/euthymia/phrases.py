"""The sentences of the patient's pages in one language, as data: every one with the places that may be filled in it.

Nothing that a patient reads there is written in code. A sentence with a place that is not its own is refused.
"""

import re
from datetime import date
from typing import Literal, get_args

from pydantic import Field, model_validator

from euthymia.facts import Fact, Id
from euthymia.sentences import (
    PLACES,
    CheckinSentences,
    HomeDoseSentences,
    OwnPageSentences,
    Sentence,
    Sentences,
    StatusSentences,
    SupportSentences,
)

StatusId = Literal[
    "cannot_tell",
    "losing_ground",
    "remission",
    "moving_toward_remission",
    "too_early",
    "holding_above_remission",
    "not_improving",
    "undecided",
]
STATUS_IDS: tuple[StatusId, ...] = get_args(StatusId)
_PLACE = re.compile(r"\{([^{}]*)\}")


class Phrases(Fact):
    """The patient's page in one language. `translated_from`: none for the language that it was written in.

    A translation says so on the page until it is `reviewed_by` somebody whom the site names.
    """

    id: Id
    language: str = Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$", description="BCP 47, for the page's lang attribute.")
    name: str
    translated_from: Id | None = None
    reviewed: bool = False
    reviewed_by: str | None = None
    translation_not_reviewed: Sentence | None = None
    date: Sentence
    months: tuple[Sentence, ...] = Field(min_length=12, max_length=12)
    decimal_mark: Literal[".", ","] = "."
    weekdays: tuple[Sentence, ...] = Field(min_length=7, max_length=7, description="From Monday.")
    clock: Literal["12", "24"] = "24"
    sentences: Sentences
    support: SupportSentences
    own_page: OwnPageSentences
    checkin: CheckinSentences
    home_doses: HomeDoseSentences
    statuses: dict[StatusId, StatusSentences]

    @property
    def notice(self) -> str | None:
        """What the page says of a translation that nobody has reviewed."""
        return self.translation_not_reviewed if self.translated_from and not self.reviewed else None

    @model_validator(mode="after")
    def _whole(self) -> "Phrases":
        if missing := [status for status in STATUS_IDS if status not in self.statuses]:
            raise ValueError(f"found no sentences for the status {missing[0]!r}; allowed: all of {', '.join(STATUS_IDS)}")
        if self.translated_from and not self.translation_not_reviewed:
            raise ValueError("found a translation without `translation_not_reviewed`; allowed: the sentence that says so")
        if self.reviewed != bool(self.reviewed_by):
            raise ValueError("found only one of `reviewed` and `reviewed_by`; allowed: both (true, and who), or neither")
        for name, text in self.texts():
            self._places_known(name, text)
        return self

    def texts(self) -> list[tuple[str, str]]:
        """Every sentence with its key, in the order of the page."""
        found: list[tuple[str, str]] = [("date", self.date)]
        for part in (self.sentences, self.support, self.own_page, self.checkin, self.home_doses):
            for name in type(part).model_fields:
                value = getattr(part, name)
                texts = (value,) if isinstance(value, str) else value.values() if isinstance(value, dict) else value
                found += [(name, text) for text in texts]
        for status in STATUS_IDS:
            said = self.statuses[status]
            found += [(f"statuses.{status}.means", text) for text in said.means]
            found += [(f"statuses.{status}.questions", text) for text in said.questions]
        return found + ([("translation_not_reviewed", self.translation_not_reviewed)] if self.translation_not_reviewed else [])

    def _places_known(self, name: str, text: str) -> None:
        allowed, found = PLACES.get(name, frozenset()), set(_PLACE.findall(text))
        if found - allowed or re.search(r"[{}]", _PLACE.sub("", text)):
            shown = ", ".join(f"{{{place}}}" for place in sorted(allowed)) or "none"
            raise ValueError(f"found the places {sorted(found)} in {name}: {text!r}; allowed: {shown}")


def day_said(phrases: Phrases, day: date) -> str:
    """A day as the language says it: 25 November 2026."""
    return phrases.date.format(day=day.day, month=phrases.months[day.month - 1], year=day.year)
