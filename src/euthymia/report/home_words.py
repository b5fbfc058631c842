"""Doses at home as the page and the terminal say them: one sentence, the units, what does not agree, and the days as a strip."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from euthymia.home import HomeDay, HomeDoses
from euthymia.moment import day_in_words
from euthymia.report.words import printable, short_day
from euthymia.reviewing import Review

_WEEKS_SHOWN = 6  # A strip that a telephone shows without scrolling; the numbers above it are of all days.
_WORRIES = ("early_refill", "above_regimen", "extra", "alone", "unaccounted", "more_than_dispensed", "worrying", "other_route")
_OPEN = ("presence_unknown", "unlogged", "never_counted")
LEGEND = (
    ("●", "taken"), ("○", "not taken"), ("◐", "taken otherwise"), ("?", "not logged"), ("▲", "more than planned"), ("·", "none planned"),
)  # fmt: skip


@dataclass(frozen=True)
class DayCell:
    """One day of the strip: its number, a shape, and the same in words."""

    number: int
    shape: str
    kind: str
    words: str


@dataclass(frozen=True)
class FoundRow:
    """Findings of one kind: how many, on which days, and each in its own sentence."""

    shape: str
    alarming: bool
    words: str
    days: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class HomeView:
    """One drug by one route at home, in words. `blanks`: empty places before the first day of the strip, so that weeks stand in columns."""

    title: str
    regimen: str
    sentence: str
    stock: str
    rows: tuple[FoundRow, ...]
    cannot_tell: tuple[str, ...]
    blanks: int
    cells: tuple[DayCell, ...]
    strip_words: str
    notices: tuple[str, ...]


def home_view(review: Review) -> tuple[HomeView, ...]:
    """The doses at home of a review, the regimen in force first; empty where there are none."""
    views, said = [], set[str]()
    for each in review.home.each if review.home else ():
        view = supply_view(each, review.on)
        # What is to be known of a drug stands once, whatever its routes.
        views.append(replace(view, notices=tuple(notice for notice in view.notices if notice not in said)))
        said |= set(view.notices)
    return tuple(views)


def home_lines(review: Review) -> list[str]:
    """The same as lines for a terminal."""
    lines: list[str] = []
    for view in home_view(review):
        lines += [f"{view.title}: {view.regimen}", view.sentence, view.stock]
        lines += [f"{row.shape} {row.words}{f': {row.days}' if row.days else ''}" for row in view.rows]
        lines += [f"? cannot tell {line}" for line in view.cannot_tell]
        lines += view.notices
    return lines


def supply_view(home: HomeDoses, on: date) -> HomeView:
    """One drug by one route at home, in words, on a day."""
    first, shown = _strip_start(on), [day for day in home.days if day.day >= _strip_start(on)]
    by_day = {day.day: day for day in shown}
    start = max(first, home.since or on)
    days = [start + timedelta(days=n) for n in range((on - start).days + 1)] if shown else []
    return HomeView(
        title=printable(" ".join(filter(None, (home.drug, home.route)))),
        regimen=printable(home.words),
        sentence=_sentence(home),
        stock=printable(home.stock.words),
        rows=tuple(_rows(home)),
        cannot_tell=home.cannot_tell,
        blanks=days[0].weekday() if days else 0,
        cells=tuple(_cell(day, by_day.get(day)) for day in days),
        strip_words=f"{short_day(days[0])} to {short_day(on)}, Monday to Sunday" if days else "",
        notices=home.notices,
    )


def _strip_start(on: date) -> date:
    """The Monday of the first week that is shown."""
    return on - timedelta(days=on.weekday(), weeks=_WEEKS_SHOWN - 1)


def _sentence(home: HomeDoses) -> str:
    """'Since 3 March 2026: 26 doses planned, 21 logged as taken, 3 not taken, 2 not logged'."""
    planned = sum(day.planned or 0 for day in home.days)
    taken, changed = sum(day.taken for day in home.days), sum(day.changed for day in home.days)
    missing = sum((day.unlogged or 0) + day.unknown for day in home.days)
    fixed = any(day.planned is not None for day in home.days)
    said = [f"{planned} {'dose' if planned == 1 else 'doses'} planned" if fixed else "days not fixed", f"{taken} logged as taken"]
    said += [f"{changed} taken otherwise than planned"] if changed else []
    said += [f"{sum(day.not_taken for day in home.days)} not taken"]
    said += [f"{missing} not logged"] if fixed else []
    return f"Since {day_in_words(home.since)}: {', '.join(said)}" if home.since else ", ".join(said)


def _rows(home: HomeDoses) -> Iterator[FoundRow]:
    for kind, each in groupby(home.findings, key=lambda finding: finding.kind):  # They come by kind.
        found = list(each)
        days = sorted({finding.day for finding in found if finding.day})
        alarming = kind in _WORRIES
        sentences = tuple(printable(finding.sentence) for finding in found)
        yield FoundRow("▲" if alarming else "?" if kind in _OPEN else "○", alarming, found[0].words, _days_words(days), sentences)


def _days_words(days: list[date]) -> str:
    """'3, 5, 9 Mar 2026; 2 Apr 2026': the month once."""
    months: dict[str, list[date]] = {}
    for day in days:
        months.setdefault(f"{day:%b %Y}", []).append(day)
    return "; ".join(f"{', '.join(str(day.day) for day in found)} {month}" for month, found in months.items())


def _cell(day: date, known: HomeDay | None) -> DayCell:
    shape, kind, words = _state(known)
    return DayCell(day.day, shape, kind, f"{day:%A} {short_day(day)}: {words}")


def _state(day: HomeDay | None) -> tuple[str, str, str]:
    """The most telling thing of a day: more than planned, then what is not known, then what was otherwise, then what was taken."""
    if day is None:
        return "·", "none", "nothing logged yet or nothing planned"
    taken, missing = day.taken + day.changed, (day.unlogged or 0) + day.unknown
    if day.planned is not None and taken > day.planned:
        return "▲", "more", f"{taken} taken, {day.planned} planned"
    if missing:
        return "?", "unlogged", f"{missing} of {max(day.planned or 0, missing)} not logged: not known"
    if day.changed:
        return "◐", "changed", "taken otherwise than planned"
    if day.not_taken:
        return "○", "not-taken", "not taken" if not taken else f"{day.not_taken} not taken, {taken} taken"
    return ("●", "taken", "taken" if taken == 1 else f"{taken} taken") if taken else ("·", "none", "none planned")
