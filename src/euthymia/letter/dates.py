"""Dates as a letter writes them, as precisely as they are known: a year stays a year."""

from datetime import date, tzinfo

from euthymia.letter.form import Blank, Words, said
from euthymia.moment import Moment, day_in_words


def long_date(moment: Moment, zone: tzinfo) -> str:
    """3 March 2026; March 2026; 2026."""
    if moment.has_day:
        return day_in_words(moment.day(zone))
    return f"{moment.day(zone):%B %Y}" if moment.precision == "month" else moment.text


def short_date(moment: Moment, zone: tzinfo) -> str:
    """3 Mar 2026; Mar 2026; 2026."""
    if moment.has_day:
        return short_day(moment.day(zone))
    return f"{moment.day(zone):%b %Y}" if moment.precision == "month" else moment.text


def short_day(day: date) -> str:
    """3 Mar 2026."""
    return f"{day.day} {day:%b %Y}"


def from_to(start: Moment, end: Moment | None, going_on: bool, zone: tzinfo) -> Words:
    """From when to when. `going_on`: nothing says that it has ended, and nobody recorded an end; any other end not recorded is a blank."""
    if end is not None:
        return said(f"{short_date(start, zone)} – {short_date(end, zone)}")
    return said(f"{short_date(start, zone)} – ", "no end recorded" if going_on else Blank("date of end"))
