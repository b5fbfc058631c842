"""Scores and course in a letter: where it started, where it stands, since when; function, the target and the goals.

The verdict is told in words. Chances are left out: in a letter a forecast reads as a promise.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from euthymia.domains import DomainView
from euthymia.events import Goal
from euthymia.instrument import Instrument
from euthymia.letter.dates import long_date, short_day
from euthymia.letter.facts import Facts
from euthymia.letter.form import Blank, Field, Section, Table, Words, listed, or_blank, said, sentence
from euthymia.moment import day_in_words
from euthymia.rating_days import RatingDay, rating_days
from euthymia.verdict import Status

_DOMAINS = {"function": "Function", "quality_of_life": "Quality of life", "burden": "Burden of treatment"}
_ATTAINED = {-2: "much less than hoped", -1: "less than hoped", 0: "reached", 1: "more than hoped", 2: "much more than hoped"}
_FORECAST = "a forecast from the ratings so far, not a promise"
_NOT_EXPECTED = f"on this protocol not expected to come into the remission range ({_FORECAST})"
_MEANS: dict[Status, str] = {
    "remission": "the score is in the remission range and nothing known speaks against it",
    "moving_toward_remission": f"on this protocol more likely than not to come into the remission range ({_FORECAST})",
    "holding_above_remission": f"better than at the index, and {_NOT_EXPECTED}",
    "not_improving": f"little better than at the index, and {_NOT_EXPECTED}",
    "losing_ground": "the score has risen from the best that was reached",
    "undecided": "by the ratings so far it could go either way",
    "too_early": "the protocol asks for more time before it is judged",
    "cannot_tell": "a rating is missing",
}
# Where a protocol's window for telling that a treatment does not help is of interest.
_WINDOWS_MATTER: tuple[Status, ...] = ("holding_above_remission", "not_improving", "losing_ground")
_RESPONSES = {
    "response": "a response",
    "partial_response": "a partial response, short of response",
    "no_response": "no response",
}


def latest(facts: Facts) -> RatingDay | None:
    """The last rating day of the primary instrument after the index."""
    return next(reversed(rating_days(facts.review.episode)), None)


def scores_section(facts: Facts) -> Section:
    """Index and latest score of every depression scale and of function, quality of life and burden."""
    columns = ("Measured", "Scale", "At the start", "Latest", "Change")
    rows = (*_primary(facts), *_other_scales(facts), *(_domain(view, facts) for view in facts.review.domains if view.domain in _DOMAINS))
    notes = tuple((sentence(found),) for found in (*facts.review.outcomes.discordant, *facts.review.episode.findings))
    return Section("scores", "Scores at the start and now", table=Table("Scores at the start and now", columns, rows), notes=notes)


def course_section(facts: Facts) -> Section:
    """The verdict in words with its day, since when, and what it rests on."""
    return Section("course", "Course", paragraphs=(verdict_words(facts),), points=tuple(_rests_on(facts)))


def verdict_words(facts: Facts) -> Words:
    """The status with its meaning and since when it holds; why it cannot be told, and what would settle it."""
    answer, review = facts.review.verdict, facts.review
    start = f"On {day_in_words(review.on)}: {review.answer.words.lower()}"
    if answer.status == "cannot_tell":
        settled = f" It would be settled by {answer.would_settle}." if answer.would_settle else ""
        return said(f"{start}: ", Blank(answer.missing or "why"), f".{settled}")
    day = "that day" if answer.since == review.on else day_in_words(answer.since) if answer.since else Blank("when")
    since = said(", since ", day)
    prefix = f"The score is in the remission range, but {'; '.join(answer.vetoes)}. " if answer.vetoes else ""
    means = {True: "; confirmed by its duration", False: "; not yet confirmed by its duration", None: ""}[answer.confirmed]
    detail = answer.missing if answer.status == "too_early" else answer.warning
    return said(f"{prefix}{start}", since, f": {_MEANS[answer.status]}{means}{f'; {detail}' if detail else ''}.")


def goals_section(facts: Facts) -> Section:
    """The agreed target and the patient's own goals, in the patient's words."""
    target, zone, title = facts.review.episode.target, facts.zone, "What the patient wants to reach"
    held = {goal.goal: goal for goal in facts.record.of_kind(Goal)}
    attained = [said(f"“{g.goal}”: ", _attained(g)) for g in held.values()]
    scored = [f"{view.short_name} {view.words}" for view in facts.review.domains if view.domain == "goals" and view.instrument]
    fields = [Field("Goals", listed([*attained, *scored]) if attained or scored else (Blank("the patient's own goals"),))]
    if target is None:
        return Section("goals", title, fields=(Field("Agreed target", (Blank("no target is agreed"),)), *fields))
    own = or_blank(f"“{target.own_words}”" if target.own_words else None, "being well in the patient's own words")
    by = or_blank(long_date(target.by, zone) if target.by else None, "by when")
    otherwise = f"; if not: {target.otherwise}" if target.otherwise else ""
    agreed = said("remission by ", _definition(facts), "; to be reached by ", by, otherwise)
    return Section("goals", title, fields=(Field("In own words", own), *fields, Field("Agreed target", agreed)))


def _definition(facts: Facts) -> Words:
    """The definition of remission in force, with its cut on the primary scale; an assumed one is not called agreed."""
    review = facts.review
    target, named = review.episode.target, facts.catalog.definitions[review.episode.definition]
    if target is None or target.definition != named.id:
        return (Blank("definition of remission agreed"),)
    return said(named.name, f" ({_cut(facts)})" if review.episode.cut is not None else "")


def _cut(facts: Facts) -> str:
    return f"{_primary_instrument(facts).short_name} {facts.review.episode.cut:g} or lower"


def _attained(goal: Goal) -> Words:
    return or_blank(None if goal.attainment is None else _ATTAINED[goal.attainment], "how far it is reached")


def _primary_instrument(facts: Facts) -> Instrument:
    return facts.catalog.instruments[facts.review.episode.primary or ""]


def _primary(facts: Facts) -> Iterator[tuple[Words, ...]]:
    episode, now = facts.review.episode, latest(facts)
    if episode.primary is None:
        yield ("Depression",), (Blank("no depression scale was rated"),), (), (), ()
        return
    start = episode.index
    index = or_blank(f"{start.total:g}, {short_day(start.day)} ({start.words})" if start else None, "index score")
    current = said(f"{now.total:g}, {short_day(now.day)}{_band(facts, now)}") if now else (Blank("score after the index"),)
    change = facts.review.outcomes.change
    moved = _moved(change.points, change.fraction) if change and now else ""
    yield ("Depression, primary scale",), (_primary_instrument(facts).short_name,), index, current, (moved,) if moved else ()


def _band(facts: Facts, now: RatingDay) -> str:
    same = [r for r in facts.review.episode.series if r.day == now.day and r.total == now.total and r.score and r.score.band_label]
    return f" ({same[-1].score.band_label})" if same and same[-1].score else ""


def _moved(points: float, fraction: float | None) -> str:
    if not points:
        return "unchanged"
    share = f" ({abs(fraction) * 100:.0f} %)" if fraction else ""
    return f"{abs(points):g} {'better' if points > 0 else 'worse'}{share}"


def _other_scales(facts: Facts) -> Iterator[tuple[Words, ...]]:
    """Every other depression scale that was rated in this episode."""
    episode = facts.review.episode
    for instrument in facts.catalog.instruments.values():
        if instrument.severity_of_depression and instrument.id != episode.primary:
            points = [(r.day, r.total) for r in episode.of_instrument(instrument.id) if r.total is not None]
            if points:
                yield ("Depression",), *_start_and_now(instrument, points, None)


def _domain(view: DomainView, facts: Facts) -> tuple[Words, ...]:
    name = (_DOMAINS[view.domain],)
    if view.instrument is None:
        return name, (Blank("never measured"),), (), (), ()
    return name, *_start_and_now(facts.catalog.instruments[view.instrument], view.points, view.band)


def _start_and_now(instrument: Instrument, points: Sequence[tuple[date, float]], band: str | None) -> tuple[Words, ...]:
    """Scale, first and last score, and the change between them; a scale rated once has no change."""
    (first_day, first), (last_day, last) = points[0], points[-1]
    scale = f"{instrument.short_name}{'' if instrument.lower_is_better else ' (higher is better)'}"
    now = said(f"{round(last, 1):g}, {short_day(last_day)}{f' ({band})' if band else ''}")
    if len(points) == 1:
        return (scale,), (Blank("an earlier score"),), now, ()
    change = round(first - last if instrument.lower_is_better else last - first, 1)
    return (scale,), said(f"{round(first, 1):g}, {short_day(first_day)}"), now, (_moved(change, None),)


def _rests_on(facts: Facts) -> Iterator[Words]:
    """Response and reliable change by definition; weeks above remission; changes tried; what was assumed."""
    review, now = facts.review, latest(facts)
    change, name = review.outcomes.change, facts.catalog.definitions[review.episode.definition].name
    if change and now and change.response in _RESPONSES:
        yield (f"Since the index: {_RESPONSES[change.response]} by {name}{_beyond_noise(facts)}.",)
    if review.episode.cut is not None:
        yield (f"Remission means {_cut(facts)} ({name}).",)
        weeks, unseen, tried = review.verdict.weeks_above_remission, review.verdict.weeks_not_observed, review.verdict.changes_tried
        seen = f"; {_count(unseen, 'week')} not observed" if unseen else ""
        changes = _count(tried, "change") if tried else "no change"
        yield (f"Above remission for {_count(weeks, 'week')} since the index{seen}; {changes} of treatment since then.",)
    if review.verdict.status in _WINDOWS_MATTER:
        yield from ((sentence(f"reached: {window.words}"),) for window in facts.review.position.futility if window.reached)
    yield from ((sentence(assumed),) for assumed in review.episode.assumptions)


def _beyond_noise(facts: Facts) -> str:
    change = facts.review.outcomes.change
    if change is None or change.reliable is None or change.reliable_points is None:
        return ""
    scale = _primary_instrument(facts).short_name
    return f"; the change is {'more' if change.reliable else 'not more'} than noise alone ({scale}: {change.reliable_points:g} points)"


def _count(number: float, what: str) -> str:
    return f"{number:g} {what}{'' if number == 1 else 's'}"
