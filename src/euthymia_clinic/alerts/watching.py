"""Whether anybody is watching now, truthfully, and when the team reads next.

A site says on which days and in which hours it reads (in its own zone). Where it has not, nobody knows, and that is said.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from euthymia.catalog import Catalog
from euthymia.phrases import Phrases, day_said
from euthymia_clinic.accounts.models import Site
from euthymia_clinic.alerts.models import Clock

PAGING = "alerts.escalate"
# The paging runs every minute; silent for longer, nothing can be promised of it.
ALIVE_FOR = timedelta(minutes=5)


@dataclass(frozen=True)
class Window:
    """One stretch of time in which the team reads."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Watching:
    """`now`: within the hours that the site has named. `until`: their end. `next`: when they begin again. `paging`: the worker lives."""

    now: bool
    hours_known: bool
    paging: bool
    until: datetime | None
    next: datetime | None


def watching(site: Site, now: datetime) -> Watching:
    """Whether somebody reads at this instant, until when, and when next."""
    windows = list(_windows(site, now))
    open_now = next((w for w in windows if w.start <= now < w.end), None)
    later = next((w.start for w in windows if w.start > now), None)
    ran = Clock.objects.filter(job=PAGING).values_list("ran_at", flat=True).first()
    paging = ran is not None and now - ran <= ALIVE_FOR
    return Watching(open_now is not None, bool(windows), paging, open_now.end if open_now else None, later)


def see_by(site: Site, now: datetime) -> datetime:
    """The end of this working day; after hours the start of the next; where no hours are named, the end of the calendar day."""
    today = [w for w in _windows(site, now) if w.end > now]
    if not today:
        tomorrow = now.astimezone(site.tz).date() + timedelta(days=1)
        return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=site.tz)
    first = today[0]
    same_day = first.start.astimezone(site.tz).date() == now.astimezone(site.tz).date()
    return first.end if first.start <= now or same_day else first.start


def _windows(site: Site, now: datetime) -> Iterator[Window]:
    """The stretches from yesterday on (one may go past midnight), by the clock on the wall."""
    if not site.watched_days or site.watched_from is None or site.watched_to is None:
        return
    first = now.astimezone(site.tz).date() - timedelta(days=1)
    for day in (first + timedelta(days=n) for n in range(10)):
        if day.weekday() in site.watched_days:
            ends = day if site.watched_to > site.watched_from else day + timedelta(days=1)
            yield Window(datetime.combine(day, site.watched_from, tzinfo=site.tz), datetime.combine(ends, site.watched_to, tzinfo=site.tz))


def phrases_for(catalog: Catalog, language: str) -> Phrases:
    """The sentences in the patient's language, else in the first that the catalog has."""
    wanted = language.lower().replace("_", "-")
    return catalog.phrases.get(wanted.split("-")[0]) or catalog.phrases["en"]


def when_in_words(phrases: Phrases, at: datetime) -> str:
    """An instant (in its own zone) as the language says it: Monday, 2 March 2026, 9:00 am."""
    day = day_said(phrases, at)
    return phrases.support.when.format(weekday=phrases.weekdays[at.weekday()], day=day, time=clock_in_words(phrases, at.hour, at.minute))


def clock_in_words(phrases: Phrases, hour: int, minute: int) -> str:
    """A time of day as the language writes it."""
    if phrases.clock == "24":
        return f"{hour:02}:{minute:02}"
    return f"{hour % 12 or 12}:{minute:02} {'am' if hour < 12 else 'pm'}"


def told(site: Site, now: datetime, phrases: Phrases, *, paged: bool = False, by: datetime | None = None) -> tuple[str, ...]:
    """Who sees an answer, and when: only what is true at this hour. `paged`: a named person is being told now."""
    said, state = phrases.support, watching(site, now)
    lines = [said.told_saved]
    if paged:
        lines.append(said.told_paged)
    elif state.now:
        lines.append(said.told_now)
    elif state.next is not None:
        lines.append(said.told_later.format(when=when_in_words(phrases, state.next.astimezone(site.tz))))
    else:
        lines.append(said.told_unknown)
    if by is not None and state.hours_known and not paged:
        lines.append(said.told_by.format(when=when_in_words(phrases, by.astimezone(site.tz))))
    return (*lines, said.do_not_wait)


def hours_in_words(site: Site, phrases: Phrases) -> str:
    """When the team reads, as the site has named it."""
    if not site.watched_days or site.watched_from is None or site.watched_to is None:
        return phrases.support.hours_unknown
    days = ", ".join(phrases.weekdays[day] for day in sorted(site.watched_days))
    begin, end = (clock_in_words(phrases, t.hour, t.minute) for t in (site.watched_from, site.watched_to))
    return phrases.support.hours.format(days=days, **{"from": begin, "to": end})
