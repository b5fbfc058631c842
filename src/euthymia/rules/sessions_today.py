"""Which of a day's sessions is spoken of, where there are several: the last one with a dose, or the one whose time is not known."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo

from euthymia.catalog import Catalog
from euthymia.events import DoseSession

_WITHOUT_A_DOSE = ("ect", "tms", "psychotherapy")


def gives_no_dose(catalog: Catalog, treatment: str) -> bool:
    """Whether a session is surely none of a drug: ECT, TMS, psychotherapy."""
    return any(catalog.codes[code].names(treatment) for code in _WITHOUT_A_DOSE)


def spoken_of(sessions: Sequence[DoseSession], catalog: Catalog, zone: tzinfo, day: date | None) -> DoseSession | None:
    """The session of that day from which the time after the dose counts; without a day, the last one; None where there is none.

    A TMS session after the dose does not begin it anew. One without its clock time may be the last of them: then nobody knows.
    """
    if day is None:
        return next(reversed(sessions), None)
    today = [session for session in sessions if session.at.day(zone) == day]
    dosed = [session for session in today if not gives_no_dose(catalog, session.treatment)] or today
    return next((session for session in dosed if session.at.instant is None), next(reversed(dosed), None))


def going_on(sessions: Sequence[DoseSession], catalog: Catalog, zone: tzinfo, at: datetime) -> DoseSession | None:
    """The session in which an instant lies: the one of its day; after midnight, that of the evening before, while it may go on."""
    day = at.astimezone(zone).date()
    today, evening = (spoken_of(sessions, catalog, zone, each) for each in (day, day - timedelta(days=1)))
    return evening if today is None and evening is not None and lies_in(evening, catalog, at) else today


def lies_in(session: DoseSession, catalog: Catalog, at: datetime) -> bool:
    """Whether an instant after the start of a dose belongs to its session: up to the hours after which an end is asked about."""
    start = session.at.instant
    return start is not None and timedelta() <= at - start <= timedelta(hours=catalog.sheet.without_end_hours.value)
