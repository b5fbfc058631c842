"""The forms of a record: for which sessions, submitted or not, and by when.

A form is due so many days after the day of its session; that day is still in time. Where nobody can tell whether a
session has a form, that is asked by the same day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from euthymia.catalog import Catalog
from euthymia.events import DoseSession, Observation
from euthymia.plain_words import plain
from euthymia.record import PatientRecord
from euthymia.rems.form import CannotTellRems, NotRems
from euthymia.rems.session import form_on, not_rems

SUBMITTED = "rems_form_submitted"
DutyState = Literal["submitted", "due", "overdue"]


@dataclass(frozen=True)
class RemsDuty:
    """The form of one session: of which day, by when, and how it stands. `asks`: whether there is one has to be settled first."""

    session_id: str
    day: date
    by: date
    state: DutyState
    submitted: date | None = None
    asks: str = ""

    @property
    def what(self) -> str:
        """What is to be done."""
        return f"say of the session {self.asks}" if self.asks else "submit the REMS monitoring form"


def rems_duties(record: PatientRecord, catalog: Catalog, on: date) -> tuple[RemsDuty, ...]:
    """Every session up to `on` that has a form, or may have one, by day."""
    cut = record.until(on)
    return tuple(_duties(cut, catalog, on))


def rems_due(record: PatientRecord, catalog: Catalog, on: date) -> tuple[RemsDuty, ...]:
    """The forms that nobody has submitted, or of which nobody can tell whether they are needed; by day."""
    return tuple(duty for duty in rems_duties(record, catalog, on) if duty.state != "submitted")


def _duties(cut: PatientRecord, catalog: Catalog, on: date) -> Iterator[RemsDuty]:
    for session in cut.of_kind(DoseSession):
        day = session.at.day(cut.zone)
        form = form_on(catalog, day)
        other = not_rems(session, form, catalog) if form else NotRems("the catalog has no form")
        if form is None or isinstance(other, NotRems):
            continue
        by = due_by(day, form.submit_within_days.value)
        sent = submitted_on(cut, session)
        state: DutyState = "submitted" if sent else "overdue" if on > by else "due"
        yield RemsDuty(session.id, day, by, state, sent, other.missing if isinstance(other, CannotTellRems) and not sent else "")


def due_by(day: date, within_days: float) -> date:
    """The last day that is still in time."""
    return day + timedelta(days=within_days)


def submitted_on(record: PatientRecord, session: DoseSession) -> date | None:
    """The day on which the form was submitted, as recorded; a later "no" (it came back) takes it back."""
    ids = record.ids_of(session)
    said = [o for o in record.of_kind(Observation) if plain(o.about) == plain(SUBMITTED) and o.of in ids and o.answer != "unclear"]
    return said[-1].at.day(record.zone) if said and said[-1].answer == "yes" else None
