"""When something happened: an instant with its offset, or a date with its precision.

Clinical records rarely know more than a day, and sometimes only a year. A `Moment` keeps what was known and
invents nothing: "2024" stays a year, a clock time without an offset is refused.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Any, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

Precision = Literal["year", "month", "day", "instant"]

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_ALLOWED = "a date (2026, 2026-03, 2026-03-01) or an instant with its offset (2026-03-01T09:30:00+01:00, or Z)"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in a patient's history, as precisely as it is known.

    `text` is canonical: two spellings of one instant with the same offset compare equal.
    """

    text: str
    precision: Precision

    def __str__(self) -> str:
        return self.text

    @property
    def instant(self) -> datetime | None:
        """The aware instant, or None where only a date is known."""
        return datetime.fromisoformat(self.text) if self.precision == "instant" else None

    @property
    def has_day(self) -> bool:
        """Whether the calendar day is known (a year or a month is not enough for a rating to count)."""
        return self.precision in ("day", "instant")

    def day(self, zone: tzinfo) -> date:
        """The calendar day in `zone`; of a year or a month, its first day (the earliest that it can have been)."""
        return _day(self.text, self.precision == "instant", zone)

    def key(self, zone: tzinfo) -> tuple[date, float]:
        """A sort key: by day, then dates without a clock time, then by the clock."""
        instant = self.instant
        return self.day(zone), -1.0 if instant is None else instant.timestamp()

    def happened_by(self, day: date, zone: tzinfo) -> bool:
        """Whether it can have happened by the end of `day` in `zone`."""
        return self.day(zone) <= day

    def last_day(self, zone: tzinfo) -> date:
        """The latest calendar day in `zone` that it can have been: of a year or a month, its last."""
        return self.day(zone) if self.has_day else _last_day(self.text)

    def known_by(self, instant: datetime, zone: tzinfo) -> bool:
        """Whether it was surely past at `instant`: a date only when it has ended in `zone`, a year when it has."""
        own = self.instant
        return own <= instant if own is not None else self.last_day(zone) < instant.astimezone(zone).date()

    @classmethod
    def of(cls, value: "Moment | datetime | date | str") -> "Moment":
        """Read a moment from text, a date or an aware datetime.

        Raises ValueError naming what was found and what is allowed.
        """
        if isinstance(value, Moment):
            return value
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(f"found the time {value.isoformat()} without an offset; allowed: {_ALLOWED}")
            return cls(value.isoformat(), "instant")
        if isinstance(value, date):
            return cls(value.isoformat(), "day")
        return _parse(str(value).strip())

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401
        return core_schema.no_info_plain_validator_function(
            cls.of,
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "description": _ALLOWED, "examples": ["2026-03-01", "2026-03-01T09:30:00+01:00"]}


def day_in_words(day: date) -> str:
    """A day as a person says it: 3 March 2026."""
    return f"{day.day} {day:%B %Y}"


def moment_in_words(moment: Moment) -> str:
    """A moment as a person says it, by the clock that it was written with: 3 March 2026, 09:30; March 2026; 2026."""
    text = moment.text
    if not moment.has_day:
        return f"{date(int(text[:4]), int(text[5:7]), 1):%B %Y}" if moment.precision == "month" else text
    day = day_in_words(date.fromisoformat(text[:10]))
    return f"{day}, {text[11:16]}" if moment.precision == "instant" else day


@lru_cache(maxsize=65536)
def _day(text: str, timed: bool, zone: tzinfo) -> date:
    if timed:
        instant = datetime.fromisoformat(text)
        try:
            return instant.astimezone(zone).date()
        except OverflowError:  # The first and the last day of the calendar: there is no other day to move to.
            return instant.date()
    year, month, day = (*map(int, text.split("-")), 1, 1)[:3]
    return date(year, month, day)


def _last_day(text: str) -> date:
    """Of a year or a month."""
    year, month = (*map(int, text.split("-")), 12)[:2]
    return date(year, month, monthrange(year, month)[1])


def _parse(text: str) -> Moment:
    if match := _PARTIAL.fullmatch(text):
        year, month, day = match.groups()
        try:
            date(int(year), int(month or 1), int(day or 1))
        except ValueError as error:
            raise ValueError(f"found {text!r}, which is not in the calendar ({error}); allowed: {_ALLOWED}") from None
        return Moment(text, "day" if day else "month" if month else "year")
    if not (match := _INSTANT.fullmatch(text)):
        raise ValueError(f"found {text!r}; allowed: {_ALLOWED}")
    if match.group(3) is None:
        raise ValueError(f"found {text!r}, a clock time without an offset; allowed: {_ALLOWED}")
    try:
        return Moment(datetime.fromisoformat(text).isoformat(), "instant")
    except ValueError as error:
        raise ValueError(f"found {text!r}, which is not in the calendar ({error}); allowed: {_ALLOWED}") from None
