"""How soon somebody has to see an answer on suicidal thoughts: high, the same working day, at the next review, or nobody.

The tier comes from the screener answered in the same contact, by the rules of `rules/suicidality.toml`; `help/alerts.toml`
says which finding means which tier. What was left out never lowers it: it is asked, or seen the same working day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from euthymia.alerting import AlertRow, Tier
from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode, current_episode
from euthymia.events import Assessment
from euthymia.facts import Status
from euthymia.instrument import Instrument
from euthymia.moment import Moment, day_in_words
from euthymia.ratings import Rating
from euthymia.record import PatientRecord
from euthymia.rules import Finding, facts_on
from euthymia.rules.judging import FactsOf, judge
from euthymia.safety import not_asked, safety


@dataclass(frozen=True)
class Triage:
    """The tier of one contact, and why. Without a tier nobody is told; `unknown`: a question was left out, ask it.

    `positive`: the assessment itself says so (another of the same contact may). `said`: the answers that were positive.
    `steps`: what the rule lists to be done. `contact`: the assessments that were looked at together.
    """

    tier: Tier | None
    unknown: bool
    positive: bool
    row: str = ""
    why: str = ""
    said: tuple[str, ...] = ()
    rule: str = ""
    status: Status = "design"
    ref: str | None = None
    steps: tuple[str, ...] = ()
    contact: tuple[str, ...] = ()


def triage(record: PatientRecord, catalog: Catalog, assessment: Assessment, on: date) -> Triage:
    """The tier of an assessment, newly recorded on `on` in a record that holds it already. Pure, as a review is."""
    last = assessment.at.last_day(record.zone)
    cut = record.until(max(on, last))
    episode = current_episode(cut, catalog)
    ratings = (*episode.earlier, *episode.ratings)
    contact = [rating for rating in ratings if _same_contact(rating.at, assessment.at, catalog, record.zone)]
    own = list(_positive(catalog, assessment.instrument, assessment.answers))
    said = list(dict.fromkeys([*_said(catalog, contact), *own]))
    names = tuple(dict.fromkeys([*(rating.id for rating in contact), assessment.id]))
    if not said and not any(_behaviour(catalog, rating) for rating in contact):
        return Triage(None, _left_out(catalog, contact, assessment), positive=False, contact=names)
    # A form that cannot be counted (its day is not known, its version neither) is still heard: nobody knows that it is not new.
    new = _higher(catalog, contact, _before(ratings, contact)) or (bool(own) and assessment.id not in {r.id for r in contact})
    row = _old(catalog, on, last, own) or _row(catalog, contact, bool(said), new, facts_of(cut, episode, catalog, on))
    if row is None:
        return Triage(None, unknown=False, positive=bool(own), contact=names)
    return of_row(catalog, row, positive=bool(own), said=tuple(said), contact=names)


def of_row(catalog: Catalog, row: AlertRow, *, positive: bool = True, said: tuple[str, ...] = (), contact: tuple[str, ...] = ()) -> Triage:
    """The triage that a row of `help/alerts.toml` stands for, with what is done: the row's own steps, or those of its rule."""
    if row.rule is None:
        return Triage(row.tier, False, positive, row.id, row.words, said, "", row.status, row.ref, row.steps, contact)
    rule = next(rule for rule in catalog.rules[catalog.alerts.rules].rules if rule.id == row.rule)
    return Triage(
        row.tier,
        False,
        positive,
        row.id,
        row.words,
        said,
        rule.id,
        row.status,
        row.ref or rule.ref,
        rule.actions,
        contact,
    )


def facts_of(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date) -> FactsOf:
    """What is known on a day, as the rules ask for it."""
    return facts_on(record, episode, catalog, on, safety(record, episode, catalog, on))


def _row(catalog: Catalog, contact: Sequence[Rating], triggered: bool, new: bool, facts: FactsOf) -> AlertRow | None:
    """The first row that holds of a contact; `triggered`: an answer is positive by itself, `new`: one is new or higher."""
    rules = catalog.rules[catalog.alerts.rules]
    screened = [rating for rating in contact if rating.instrument == catalog.alerts.screener]
    holds = {
        "unscreened": triggered and not any(_whole(catalog, rating) for rating in screened),
        "new_or_higher": new,
        "unchanged": triggered,
    }
    for row in catalog.alerts.rows:
        if row.when == "finding" and screened:
            rule = next(rule for rule in rules.rules if rule.id == row.rule)
            if isinstance(judge(rules, rule, facts), Finding):
                return row
        if holds.get(row.when):
            return row
    # A screener that nobody finished, with an old behaviour its only yes, is not settled by that behaviour's review.
    return catalog.alerts.row("unscreened") if screened and not any(_whole(catalog, rating) for rating in screened) else None


def _same_contact(one: Moment, other: Moment, catalog: Catalog, zone: tzinfo) -> bool:
    """Whether two times are of one contact: within the hours; where a clock time is missing, of one day."""
    a, b = one.instant, other.instant
    if a is not None and b is not None:
        return abs(a - b) <= timedelta(hours=catalog.alerts.contact_hours.value)
    return one.has_day and other.has_day and one.day(zone) == other.day(zone)


def _positive(catalog: Catalog, name: str, answers: Sequence[float | None] | None) -> Iterator[str]:
    """The answers of one form that are positive, in words without a day."""
    instrument = catalog.instruments.get(name)
    for item, answer in zip(instrument.items if instrument else (), answers or (), strict=False):
        if instrument and item.suicidality_trigger is not None and answer is not None and answer >= item.suicidality_trigger:
            yield f"{instrument.short_name} item {item.id} ({item.label}): {answer:g}"


def _said(catalog: Catalog, ratings: Sequence[Rating]) -> Iterator[str]:
    for rating in ratings:
        yield from _positive(catalog, rating.instrument, rating.answers)


def _behaviour(catalog: Catalog, rating: Rating) -> bool:
    """Whether the screener's tier rests on an answer that is no trigger by itself (behaviour long ago)."""
    return rating.instrument == catalog.alerts.screener and any(answer for answer in rating.answers or ())


def _whole(catalog: Catalog, rating: Rating) -> bool:
    """Whether every question of a form that was to be asked was answered."""
    instrument = catalog.instruments[rating.instrument]
    answers = rating.answers or (None,) * len(instrument.items)
    return not any(_open_items(instrument, answers))


def _open_items(instrument: Instrument, answers: Sequence[float | None]) -> Iterator[str]:
    for item, answer in zip(instrument.items, answers, strict=False):
        if answer is None and not not_asked(instrument, item, answers):
            yield item.id


def _left_out(catalog: Catalog, contact: Sequence[Rating], assessment: Assessment) -> bool:
    """Whether a question on suicidal thoughts was due and not answered (a total alone answers none)."""
    asked = [(rating.instrument, rating.answers) for rating in contact] + [(assessment.instrument, assessment.answers)]
    for name, answers in asked:
        instrument = catalog.instruments.get(name)
        if instrument is None or not any(item.suicidality_trigger is not None for item in instrument.items):
            continue
        given = answers or (None,) * len(instrument.items)
        open_now = set(_open_items(instrument, given))
        if any(item.id in open_now for item in instrument.items if item.suicidality_trigger is not None):
            return True
    return False


def _before(ratings: Sequence[Rating], contact: Sequence[Rating]) -> list[Rating]:
    """What was answered before a contact began."""
    first = min((rating.day for rating in contact), default=date.min)
    known = {rating.id for rating in contact}
    return [rating for rating in ratings if rating.id not in known and rating.day <= first]


def _higher(catalog: Catalog, contact: Sequence[Rating], before: Sequence[Rating]) -> bool:
    """Whether a question was answered higher than the last time it was answered, or positive for the first time."""
    for rating in contact:
        instrument = catalog.instruments[rating.instrument]
        for index, (item, answer) in enumerate(zip(instrument.items, rating.answers or (), strict=False)):
            if item.suicidality_trigger is None or answer is None or answer < item.suicidality_trigger:
                continue
            last = [r.answers[index] for r in before if r.instrument == rating.instrument and r.answers and index < len(r.answers)]
            known = [value for value in last if value is not None]
            if not known or answer > known[-1]:
                return True
    return False


def _old(catalog: Catalog, on: date, last: date, own: Sequence[str]) -> AlertRow | None:
    """The row of an answer that is history when it is recorded."""
    aged = (on - last).days > catalog.verdict.suicidality_max_age_days.value
    return catalog.alerts.row("old") if aged and own else None


def answered_on(catalog: Catalog, ratings: Sequence[Rating]) -> Iterator[tuple[date, str, bool]]:
    """Every answer on suicidal thoughts with its day, newest last, and whether it is positive: the history beside an alert."""
    for rating in ratings:
        instrument = catalog.instruments[rating.instrument]
        for item, answer in zip(instrument.items, rating.answers or (), strict=False):
            if item.suicidality_trigger is not None and answer is not None:
                words = f"{instrument.short_name} item {item.id} ({item.label}): {answer:g} on {day_in_words(rating.day)}"
                yield rating.day, words, answer >= item.suicidality_trigger
