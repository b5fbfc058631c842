"""When a check-in is asked, and when a patient is reminded of it. Pure: days, intervals and a zone in, instants out.

The rating that counts is asked in the hours before a session. The next one is counted from the day that the last one was
planned for, not from when it was answered: whoever answers late does not move the rhythm.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# No message reaches a phone outside of these hours of the patient's own day.
FIRST_HOUR, LAST_HOUR = time(9), time(19)
EVENING = time(18)
# A session whose clock time nobody recorded is taken to begin with the clinic's day.
SESSION_TIME = time(9)
# A rating that belongs to no session stays open for its day and the next, so that one full evening is among them.
RATING_STAYS_OPEN = timedelta(hours=36)
# Two messages are never closer than this, and none arrives when there is no time left to answer.
APART, LEAST_TIME = timedelta(hours=2), timedelta(minutes=30)
# So many plans ahead are looked at: a worker that slept for months finds the next one all the same.
_LONGEST_LOOK = 2_000


@dataclass(frozen=True)
class Rung:
    """One message of the ladder: so long after the opening, or so long before the closing; why there."""

    words: str
    why: str
    after_opening: timedelta | None = None
    before_closing: timedelta | None = None


# The reminder ladder, for every site alike.
LADDER: tuple[Rung, ...] = (
    Rung("first message", "the link itself", after_opening=timedelta(0)),
    Rung("reminder", "whoever got it at work is home by then", after_opening=timedelta(hours=8)),
    Rung("last reminder", "there is still time to answer before the session", before_closing=timedelta(hours=2)),
)
# Messages that somebody of the clinic sent again come after those of the ladder.
FIRST_BY_HAND = 100


@dataclass(frozen=True)
class Rhythm:
    """What the plan in force says, and what has been: all that a check-in is planned from.

    `last_asked`: the day for which the last check-in was planned, under this plan. `session_time`: by the patient's clock.
    """

    rating_days: float
    session_days: float | None
    last_session: date | None
    session_time: time | None
    last_rated: date | None
    last_asked: date | None


@dataclass(frozen=True)
class Planned:
    """One check-in to be: its occasion (the same one is asked once), its day, and from when to when it can be answered."""

    occasion: str
    anchor: date
    opens_at: datetime
    closes_at: datetime


def next_checkin(rhythm: Rhythm, zone: ZoneInfo, now: datetime, before_session: timedelta) -> Planned | None:
    """The next check-in that can still be answered: before the session that the rating falls to, else on its own day."""
    today = now.astimezone(zone).date()
    for due in _due_days(rhythm, today):
        session = _session_near(rhythm, due)
        found = _before_session(session, rhythm, zone, before_session) if session else _on_its_day(due, zone)
        rated_since = rhythm.last_rated is not None and rhythm.last_rated >= found.opens_at.astimezone(zone).date()
        asked_since = rhythm.last_asked is not None and rhythm.last_asked >= found.anchor
        if found.closes_at > now and not rated_since and not asked_since:
            return found
    return None


def ladder(opens_at: datetime, closes_at: datetime, zone: ZoneInfo) -> tuple[tuple[int, datetime], ...]:
    """The rungs with the instant at which each is due: by day, apart from each other, while there is time to answer."""
    found: list[tuple[int, datetime]] = []
    for number, rung in enumerate(LADDER):
        raw = opens_at + rung.after_opening if rung.after_opening is not None else closes_at - (rung.before_closing or APART)
        at = by_day(raw, zone)
        if at > closes_at - LEAST_TIME:
            at = _evening_before(raw, zone)
        apart = not found or at - found[-1][1] >= APART
        if opens_at <= at <= closes_at - LEAST_TIME and apart:
            found.append((number, at))
    return tuple(found)


def by_day(at: datetime, zone: ZoneInfo) -> datetime:
    """The instant itself where the patient is awake, else the next morning's first hour."""
    local = at.astimezone(zone)
    if FIRST_HOUR <= local.time() < LAST_HOUR:
        return at
    day = local.date() if local.time() < FIRST_HOUR else local.date() + timedelta(days=1)
    return instant_at(day, FIRST_HOUR, zone)


def instant_at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """A time on the wall as an instant: of one that comes twice the first, of one that the clock leaps over the time after the leap."""
    return datetime.combine(day, clock.replace(tzinfo=None, fold=0), tzinfo=zone).astimezone(UTC)


def _due_days(rhythm: Rhythm, today: date) -> Iterator[date]:
    """The days on which a rating falls due: counted from the last one that was asked for, else from the last rating, else today."""
    base = rhythm.last_asked or rhythm.last_rated
    if base is None:
        yield from (today + timedelta(days=n) for n in range(_LONGEST_LOOK))
        return
    behind = max(0, int((today - base).days / rhythm.rating_days) - 2)
    for count in range(behind + 1, behind + _LONGEST_LOOK):
        yield base + timedelta(days=max(1, int(count * rhythm.rating_days)))


def _session_near(rhythm: Rhythm, due: date) -> date | None:
    """The session to which a rating belongs: the first that is not too early for it, if it comes about when it is due."""
    every = rhythm.session_days
    if every is None or rhythm.last_session is None:
        return None
    slack = int(min(every, rhythm.rating_days) / 2)
    count = max(1, int(((due - rhythm.last_session).days - slack) / every))
    while (session := rhythm.last_session + timedelta(days=max(1, int(count * every)))) < due - timedelta(days=slack):
        count += 1
    return session if session <= due + timedelta(days=slack) else None


def _before_session(session: date, rhythm: Rhythm, zone: ZoneInfo, before: timedelta) -> Planned:
    begins = instant_at(session, rhythm.session_time or SESSION_TIME, zone)
    return Planned(f"session:{session.isoformat()}", session, begins - before, begins)


def _on_its_day(due: date, zone: ZoneInfo) -> Planned:
    opens = instant_at(due, FIRST_HOUR, zone)
    return Planned(f"rating:{due.isoformat()}", due, opens, opens + RATING_STAYS_OPEN)


def _evening_before(at: datetime, zone: ZoneInfo) -> datetime:
    """For a message that would come at night with no morning left: the evening before."""
    local = at.astimezone(zone)
    day = local.date() if local.time() >= EVENING else local.date() - timedelta(days=1)
    return instant_at(day, EVENING, zone)
