"""The verdict in words: plain, exact, kind. Numbers with units and dates; "since", never "because of"."""

from euthymia.catalog import Catalog
from euthymia.definition import Durations
from euthymia.episode import CurrentEpisode
from euthymia.heading import PopulationUsed
from euthymia.moment import day_in_words
from euthymia.outcomes import Outcomes
from euthymia.rating_days import rating_days
from euthymia.verdict import Status, Verdict

STATUS_WORDS: dict[Status, str] = {
    "remission": "In remission",
    "moving_toward_remission": "Moving toward remission",
    "holding_above_remission": "Holding above remission",
    "not_improving": "Not improving",
    "losing_ground": "Losing ground",
    "undecided": "Undecided",
    "too_early": "Too early to tell",
    "cannot_tell": "Cannot tell",
}
STATUS_SHAPES: dict[Status, str] = {
    "remission": "●",
    "moving_toward_remission": "▼",
    "holding_above_remission": "▬",
    "not_improving": "■",
    "losing_ground": "▲",
    "undecided": "◇",
    "too_early": "…",
    "cannot_tell": "?",
}
# Worst need first, for every list of patients.
STATUS_ORDER: tuple[Status, ...] = (
    "losing_ground",
    "not_improving",
    "holding_above_remission",
    "cannot_tell",
    "undecided",
    "too_early",
    "moving_toward_remission",
    "remission",
)


_FORECAST: frozenset[Status] = frozenset({"moving_toward_remission", "holding_above_remission", "not_improving", "undecided"})


def sentence(verdict: Verdict, episode: CurrentEpisode, catalog: Catalog) -> str:
    """The answer in one sentence."""
    name = catalog.instruments[episode.primary].short_name if episode.primary else "score"
    days = rating_days(episode)
    latest = f"{name} {days[-1].total:g}" if days else name
    cut = f"{episode.cut:g}" if episode.cut is not None else "the cut"
    figure = "" if verdict.heading_to is None else f"{verdict.heading_to:g}"
    to = f"{name} of {figure}"
    if verdict.status == "cannot_tell":
        return f"Cannot tell: {verdict.missing}."
    if verdict.status == "remission":
        return _remission(verdict, latest, cut, catalog.definitions[episode.definition].durations)
    prefix = ""
    if verdict.vetoes:
        prefix = f"The score is in the remission range, but {'; '.join(verdict.vetoes)}. "
    if verdict.probability is None and verdict.status in _FORECAST and days:
        status = STATUS_WORDS[verdict.status]
        return f"{prefix}{status} as of {latest} on {day_in_words(days[-1].day)}; the day it was forecast for has come: rate again."
    chance = f"{_percent(verdict.probability)} for a {name} of {cut} or lower{_by(verdict)}"
    words = {
        "losing_ground": f"Losing ground: {latest}, {verdict.warning}.",
        "moving_toward_remission": f"This protocol is moving toward remission: {chance}; heading to {figure}.",
        "too_early": f"Too early to tell: {verdict.missing}.",
        "holding_above_remission": _holding(verdict, to, cut),
        "not_improving": f"Not improving: {latest}, {_change(verdict)}; this protocol is heading to a {to}, remission is {cut} or lower.",
        "undecided": _undecided(verdict, latest, chance),
    }
    return prefix + words[verdict.status]


def reasons(
    verdict: Verdict, episode: CurrentEpisode, outcomes: Outcomes, used: PopulationUsed | None, catalog: Catalog
) -> tuple[str, ...]:
    """What the sentence rests on: the course with its dates, the probability with its population, what was assumed."""
    if episode.index is None or episode.primary is None:
        return episode.assumptions
    name, index = catalog.instruments[episode.primary].short_name, episode.index
    days = rating_days(episode)
    found = []
    if days:
        start = f"{name} {index.total:g} on {day_in_words(index.day)} ({index.words})"
        found.append(f"{start} → {days[-1].total:g} on {day_in_words(days[-1].day)}, {_change(verdict)}.")
        found.append(_recent(name, [rated.total for rated in days]))
    if verdict.probability is not None and verdict.horizon and used:
        tag = f"borrowed population ({used.words})" if used.borrowed else f"population: {used.name}"
        found.append(
            f"Chance of a {name} of {episode.cut:g} or lower on {day_in_words(verdict.horizon)}: {_percent(verdict.probability)}; "
            f"expected {verdict.heading_to:g} (80 %: {verdict.heading_low:g} to {verdict.heading_high:g}); {tag}."
        )
    above = _above(verdict) if episode.cut is not None else None
    found += [line for line in (_settling(verdict), _reliable(outcomes, name), above) if line]
    found += [f"{assumption[0].upper()}{assumption[1:]}." for assumption in episode.assumptions]
    return tuple(found)


def _remission(verdict: Verdict, latest: str, cut: str, held: Durations) -> str:
    since = f" since {day_in_words(verdict.since)}" if verdict.since else ""
    confirmed = "confirmed by its duration" if verdict.confirmed else f"not yet confirmed ({_asked(held)})"
    items = "; by total, items not known" if verdict.by_total_only else ""
    warning = f" ({verdict.warning})" if verdict.warning else ""
    return f"In remission{since}: {latest}, remission is {cut} or lower; {confirmed}{items}{warning}."


def _asked(held: Durations) -> str:
    """What the definition asks for before a remission is confirmed."""
    ratings = f"{held.remission_ratings} ratings, " if held.remission_ratings > 1 else ""
    gap = f", ratings at most {held.max_gap_days:g} days apart" if held.max_gap_days else ""
    return f"{ratings}{held.remission_days:g} days{gap}"


def _holding(verdict: Verdict, to: str, cut: str) -> str:
    still = "" if verdict.arrived is not False else "still improving, but "
    start = "Better than at the start, " if not still else "Better than at the start and "
    joined = f"{start}{still}heading to a {to}" if still else f"{start}but this protocol is heading to a {to}"
    return f"{joined}, not {cut} or lower."


def _undecided(verdict: Verdict, latest: str, chance: str) -> str:
    if verdict.warning:
        return f"Undecided: {latest}, {_change(verdict)} and {verdict.warning}; so far {chance}{_settles(verdict)}."
    return f"It could go either way: {chance}{_settles(verdict)}."


def _change(verdict: Verdict) -> str:
    if verdict.better is None:
        return "no percentage of an index at the best score of the scale"
    if abs(verdict.better) < 0.005:
        return "unchanged since the index"
    return f"{abs(verdict.better):.0%} {'better' if verdict.better > 0 else 'worse'} since the index".replace("%", " %")


def _recent(name: str, totals: list[float]) -> str:
    last = totals[-6:]
    if len(last) == 1:
        return f"One counted {name} since the index."
    return f"Last {len(last)} counted ratings: {', '.join(f'{t:g}' for t in last)}."


def _settling(verdict: Verdict) -> str | None:
    said_days = [f"by {day_in_words(day)}: {_percent(p)}" for day, p in verdict.settling]
    if verdict.status == "too_early" and verdict.would_settle:
        return f"Can be judged with {verdict.would_settle}" + (f"; settled {', '.join(said_days)}." if said_days else ".")
    if verdict.status == "cannot_tell" and verdict.would_settle:
        return f"Would be settled with {verdict.would_settle}."
    return f"Settled one way or the other {', '.join(said_days)}." if said_days else None


def _reliable(outcomes: Outcomes, name: str) -> str | None:
    change = outcomes.change
    if change is None or change.reliable_points is None:
        return None
    size, enough = f"{abs(change.points):g} points", "more" if change.reliable else "not more"
    return f"The change of {size} is {enough} than noise alone ({name}: {change.reliable_points:g} points, Jacobson–Truax)."


def _above(verdict: Verdict) -> str:
    gaps = f", {_weeks(verdict.weeks_not_observed)} not observed" if verdict.weeks_not_observed else ""
    changes = {0: "no change of treatment tried", 1: "1 change of treatment tried"}
    tried = changes.get(verdict.changes_tried, f"{verdict.changes_tried} changes of treatment tried")
    return f"Above remission for {_weeks(verdict.weeks_above_remission)} since the index{gaps}; {tried}."


def _weeks(weeks: float) -> str:
    return "1 week" if weeks == 1 else f"{weeks:g} weeks"


def _settles(verdict: Verdict) -> str:
    if not verdict.settling:
        return ""
    day, chance = verdict.settling[-1]
    return f"; settled by {day_in_words(day)}: {_percent(chance)}"


def _by(verdict: Verdict) -> str:
    return f" on {day_in_words(verdict.horizon)}" if verdict.horizon else ""


def _percent(value: float | None) -> str:
    return "not known" if value is None else f"{value * 100:.0f} %"
