"""A check-in as it is being answered: its questions in order, what has been answered, and the events that come of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from euthymia.asking import Question, can_be_asked, language_of, questions
from euthymia.catalog import Catalog
from euthymia.events import Assessment, Request
from euthymia.moment import Moment
from euthymia_clinic.alerts.following import any_positive, follow_up, to_be_asked
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.to_core import zone_of
from euthymia_clinic.checkins.models import Answer, Checkin

# Reading one question and answering it, as people do on a phone; for the time left that is shown.
SECONDS_A_QUESTION = 8
SOURCE = "check-in"
PREFERRED_NOT = "preferred not to answer"


@dataclass(frozen=True)
class Sitting:
    """The questions as they stand with the answers so far. A given answer of None was left out on purpose."""

    checkin: Checkin
    catalog: Catalog
    language: str
    questions: tuple[Question, ...]
    given: Mapping[tuple[str, str], Answer]

    @property
    def next(self) -> int:
        """The number (from 1) of the first question that is neither answered nor left out; one past the last: all are through."""
        return next((n for n, q in enumerate(self.questions, 1) if (q.instrument, q.item) not in self.given), len(self.questions) + 1)

    @property
    def through(self) -> bool:
        """Whether every question was answered or left out."""
        return self.next > len(self.questions)

    @property
    def answered(self) -> int:
        """How many have an answer."""
        return sum(1 for q in self.questions if (found := self.given.get((q.instrument, q.item))) and found.value is not None)

    @property
    def positive(self) -> bool:
        """Whether an answer so far is one on suicidal thoughts that somebody must see."""
        return any_positive(self.catalog, values_of(self.given))

    def number_of(self, instrument: str, item: str) -> int | None:
        """The number of a question, if it is among them."""
        return next((n for n, q in enumerate(self.questions, 1) if (q.instrument, q.item) == (instrument, item)), None)

    def minutes_left(self, number: int) -> int:
        """About how long the rest takes, in whole minutes, never less than one."""
        return max(1, ceil((len(self.questions) - number + 1) * SECONDS_A_QUESTION / 60))


def sitting_of(checkin: Checkin) -> Sitting:
    """A check-in as it stands."""
    catalog = catalog_of(checkin.patient.site)
    given = {(answer.instrument, answer.item): answer for answer in checkin.answers.all()}
    language = checkin.language or checkin.patient.language
    asked = [q for each in asked_in(checkin, catalog, given) for q in _questions(catalog, each, language, given)]
    return Sitting(checkin, catalog, language, tuple(asked), given)


def asked_in(checkin: Checkin, catalog: Catalog, given: Mapping[tuple[str, str], Answer]) -> list[str]:
    """The instruments of the sitting in order; the screener comes right after the one whose answer asks for it."""
    asked = [each for each in checkin.instruments if each in catalog.instruments and can_be_asked(catalog.instruments[each])]
    values = values_of(given)
    for extra in follow_up(catalog, asked, values):
        if can_be_asked(catalog.instruments[extra]):
            place = next((n for n, each in enumerate(asked, 1) if any_positive(catalog, {each: values.get(each, {})})), len(asked))
            asked.insert(place, extra)
    return asked


def values_of(given: Mapping[tuple[str, str], Answer]) -> dict[str, dict[str, float | None]]:
    """The answers by instrument and item."""
    found: dict[str, dict[str, float | None]] = {}
    for (instrument, item), answer in given.items():
        found.setdefault(instrument, {})[item] = answer.value
    return found


def assessments(sitting: Sitting) -> list[Assessment]:
    """What was answered, as the record takes it: None for what was not. An instrument without any answer is none."""
    found = (assessment_of(sitting, each) for each in asked_in(sitting.checkin, sitting.catalog, sitting.given))
    return [each for each in found if each is not None]


def assessment_of(sitting: Sitting, instrument_id: str) -> Assessment | None:
    """One instrument of the sitting, under the id that it keeps."""
    instrument, checkin = sitting.catalog.instruments[instrument_id], sitting.checkin
    mine = {item: answer for (each, item), answer in sitting.given.items() if each == instrument_id}
    asked = {item.id for item in to_be_asked(instrument, {item: answer.value for item, answer in mine.items()})}
    answers = tuple(mine[i.id].value if i.id in mine and i.id in asked else None for i in instrument.items)
    if all(answer is None for answer in answers):
        return None
    last = max(mine.values(), key=lambda answer: answer.at)
    return Assessment(
        id=assessment_id(checkin, instrument_id),
        at=_moment(checkin, last.at),
        instrument=instrument_id,
        language=last.language or language_of(instrument, sitting.language),
        mode="self",
        phase="before_session" if checkin.occasion.startswith("session:") else None,
        answers=answers,
        source=SOURCE,
    )


def assessment_id(checkin: Checkin, instrument_id: str) -> str:
    """The id of what comes of a check-in: the same check-in gives the same one, however often it is sent."""
    return f"checkin-{checkin.pk}-{instrument_id}"


def requests_asked(checkin: Checkin) -> list[Request]:
    """That the patient was asked, one request an instrument."""
    return [
        Request(id=f"{assessment_id(checkin, each)}-asked", at=_moment(checkin, checkin.opens_at), instrument=each, source=SOURCE)
        for each in checkin.instruments
    ]


def request_ended(checkin: Checkin, instrument_id: str, outcome: str, reason: str = "") -> Request:
    """How a request ended, in the place of the open one."""
    body = {
        "id": f"{assessment_id(checkin, instrument_id)}-ended",
        "at": _moment(checkin, checkin.opens_at),
        "instrument": instrument_id,
        "outcome": outcome,
        "reason": reason or None,
        "supersedes": f"{assessment_id(checkin, instrument_id)}-asked",
        "source": SOURCE,
    }
    return Request.model_validate(body)


def _questions(catalog: Catalog, instrument_id: str, language: str, given: Mapping[tuple[str, str], Answer]) -> list[Question]:
    instrument = catalog.instruments[instrument_id]
    asked = {item.id for item in to_be_asked(instrument, values_of(given).get(instrument_id, {}))}
    return [question for question in questions(instrument, language) if question.item in asked]


def _moment(checkin: Checkin, at: datetime) -> Moment:
    return Moment.of(at.astimezone(zone_of(checkin.patient)))
