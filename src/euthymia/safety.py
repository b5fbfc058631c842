"""Safety facts as they stand: the last answer on suicidal thoughts, mania, incidents, concerns.

Silence is never "safe": an unanswered, missing or old answer is `cannot_tell` with what was last known.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from typing import Literal

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import Assessment, Concern, Condition, Incident
from euthymia.instrument import Instrument, Item
from euthymia.moment import Moment, day_in_words
from euthymia.ratings import Rating
from euthymia.record import PatientRecord

FindingState = Literal["positive", "cannot_tell", "negative"]
_ORDER: tuple[FindingState, ...] = ("positive", "cannot_tell", "negative")


@dataclass(frozen=True)
class Finding:
    """One safety statement: what, in which state, since which fact, on which source."""

    id: str
    state: FindingState
    sentence: str
    day: date | None
    source: str
    about: Literal["suicidality", "other"] = "other"


@dataclass(frozen=True)
class SuicidalityAnswer:
    """The answers to one suicidality item: `answer` None = asked and not answered, or (`total_only`) never recorded."""

    day: date
    instrument: str
    item: str
    answer: float | None
    trigger: float
    total_only: bool = False
    after_dose: bool = False

    @property
    def positive(self) -> bool:
        return self.answer is not None and self.answer >= self.trigger


@dataclass(frozen=True)
class Safety:
    """The findings, worst first, and the line that stands beside the patient's name."""

    suicidality: FindingState
    line: str
    last_answer_day: date | None
    findings: tuple[Finding, ...]


def safety(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date) -> Safety:
    """Everything that a safety reader must see on `on`."""
    undated = tuple(_undated(record, catalog, episode))
    asked = _suicidality(episode, catalog, on)
    if undated and asked.state == "negative":
        # The answer without a day may be the later one.
        asked = replace(undated[-1], id="suicidality")
    found = (asked, *undated, *_tiers(episode, catalog, on), *_mania(episode, catalog, on), *_recorded(record, catalog, on))
    ordered = tuple(sorted(found, key=lambda finding: _ORDER.index(finding.state)))
    # Beside the name stands the answer itself, unless an attempt, a triage or a concern says worse.
    first = min((finding for finding in (asked, *ordered) if finding.about == "suicidality"), key=lambda f: _ORDER.index(f.state))
    return Safety(first.state, first.sentence, asked.day, ordered)


def suicidality_answers(ratings: Sequence[Rating], catalog: Catalog) -> Iterator[SuicidalityAnswer]:
    """Every answer to every suicidality item of every instrument; an item not asked because of an earlier "no" is none."""
    for rating in ratings:
        instrument = catalog.instruments[rating.instrument]
        answers = rating.answers or (None,) * len(instrument.items)
        for item, answer in zip(instrument.items, answers, strict=False):
            if item.suicidality_trigger is not None and (answer is not None or not not_asked(instrument, item, answers)):
                after_dose = rating.phase == "after_dose"
                yield SuicidalityAnswer(
                    rating.day, instrument.id, item.id, answer, item.suicidality_trigger, rating.answers is None, after_dose
                )


def _undated(record: PatientRecord, catalog: Catalog, episode: CurrentEpisode) -> Iterator[Finding]:
    """Positive answers of assessments without a day, which carry nothing else: not before the last answer whose day is known."""
    known = max((a.day for a in suicidality_answers(_all(episode), catalog) if a.answer is not None), default=date.min)
    for assessment in record.of_kind(Assessment):
        instrument = catalog.instruments.get(assessment.instrument)
        if instrument is None or assessment.at.has_day or assessment.at.last_day(record.zone) < known:
            continue
        for item, answer in zip(instrument.items, assessment.answers or (), strict=False):
            if item.suicidality_trigger is not None and answer is not None and answer >= item.suicidality_trigger:
                words = f"{instrument.short_name} item {item.id} was {answer:g} in {assessment.at}, its day is not known; ask"
                yield _finding(f"undated_{assessment.id}_{item.id}", "cannot_tell", words, None)


def not_asked(instrument: Instrument, item: Item, answers: Sequence[float | None]) -> bool:
    """Whether an earlier "no" of the same form is why a question was left out."""
    return item.asked_if is not None and answers[instrument.item_index[item.asked_if]] == 0


def _all(episode: CurrentEpisode) -> tuple[Rating, ...]:
    """What safety reads: a new episode does not make the answers before it unsaid."""
    return (*episode.earlier, *episode.ratings)


def _suicidality(episode: CurrentEpisode, catalog: Catalog, on: date) -> Finding:
    """What was last answered on suicidal thoughts: the worst of the last day, and every positive answer not taken back since."""
    answers = list(suicidality_answers(_all(episode), catalog))
    known = [a for a in answers if a.answer is not None]
    if not known:
        return _finding("suicidality", "cannot_tell", "no item-level answer on suicidal thoughts; ask", None)
    last_day = max(a.day for a in known)
    last = _worst([a for a in known if a.day == last_day])
    standing = _standing(known, lambda a: a.positive, catalog, on)
    worst = _worst(standing) if standing else last
    # A total without its answers leaves open what was said since; on the same day another instrument has asked.
    gaps = [a for a in answers if a.answer is None and (a.day > worst.day or (a.day == worst.day and not a.total_only))]
    gaps = gaps or _standing([a for a in answers if not a.total_only], lambda a: a.answer is None, catalog, on)
    gap = (
        f"{_item_name(catalog, gaps[-1])} {'not known' if gaps[-1].total_only else 'not answered'} on {day_in_words(gaps[-1].day)}"
        if gaps
        else ""
    )
    said, age = _answered(catalog, worst), _age(on, worst.day)
    if worst.positive:
        later = f"; {_answered(catalog, last)}" if last.day > worst.day else f"; {gap}" if gap else ""
        return _finding(
            "suicidality", "positive", f"{said}, positive{later}{f'; {age}, ask again' if _old(catalog, on, worst.day) else ''}", worst.day
        )
    if gap:
        return _finding("suicidality", "cannot_tell", f"{gap}; ask (last: {said})", worst.day)
    if _old(catalog, on, worst.day):
        return _finding("suicidality", "cannot_tell", f"last answer on suicidal thoughts is {age} ({said}); ask", worst.day)
    before = [a for a in known if a.positive and a.day < worst.day and (on - a.day).days <= catalog.verdict.veto_window_days.value]
    return _finding("suicidality", "negative", said + (f" ({_answered(catalog, before[-1])})" if before else ""), worst.day)


def _standing(
    answers: Sequence[SuicidalityAnswer], stands: Callable[[SuicidalityAnswer], bool], catalog: Catalog, on: date
) -> list[SuicidalityAnswer]:
    """Answers that stand (positive ones, or questions left out), not too old, and that the same question has not taken back on a later day.

    Another instrument's "no", or one in the days after a dose, takes nothing back. One rule for both kinds: leaving an
    answer out must never be quieter than giving it.
    """
    latest: dict[tuple[str, str], SuicidalityAnswer] = {}
    for answer in answers:
        before = latest.get((answer.instrument, answer.item))
        if stands(answer) or before is None or (answer.day > before.day and not answer.after_dose):
            latest[answer.instrument, answer.item] = answer
    return [a for a in latest.values() if stands(a) and not _old(catalog, on, a.day)]


def _worst(answers: Sequence[SuicidalityAnswer]) -> SuicidalityAnswer:
    return max(answers, key=lambda a: (a.positive, a.day, (a.answer or 0.0) - a.trigger))


def _answered(catalog: Catalog, answer: SuicidalityAnswer) -> str:
    return f"{_item_name(catalog, answer)}: {answer.answer:g} on {day_in_words(answer.day)}"


def _tiers(episode: CurrentEpisode, catalog: Catalog, on: date) -> Iterator[Finding]:
    """The last triage: its worst tier, however old; an old or incomplete one says so."""
    for instrument in catalog.instruments.values():
        rated = _last_day_of(episode, instrument)
        if instrument.scoring.method != "triage" or not rated:
            continue
        day, rank = rated[-1].day, [row.id for row in instrument.triage]
        reached = [r.score for r in rated if r.score and r.score.band in rank]
        said = f"{instrument.short_name} {day_in_words(day)}"
        aged = f" ({_age(on, day)})" if _old(catalog, on, day) else ""
        if reached:
            worst = min(reached, key=lambda score: rank.index(score.band or ""))
            yield Finding(f"triage_{instrument.id}", "positive", f"{said}: {worst.band_label}{aged}", day, instrument.id, "suicidality")
        elif any(r.score is None for r in rated):
            yield Finding(
                f"triage_{instrument.id}",
                "cannot_tell",
                f"{said}: not every question was answered; ask{aged}",
                day,
                instrument.id,
                "suicidality",
            )
        else:
            yield Finding(
                f"triage_{instrument.id}", "cannot_tell" if aged else "negative", f"{said}: none{aged}", day, instrument.id, "suicidality"
            )


def _mania(episode: CurrentEpisode, catalog: Catalog, on: date) -> Iterator[Finding]:
    """The last mania screen where it is positive, and where it is incomplete: then nobody knows."""
    for instrument in catalog.instruments.values():
        cut = next((cut for cut in instrument.cut_offs if cut.mania), None)
        rated = _last_day_of(episode, instrument)
        if cut is None or not rated:
            continue
        day = rated[-1].day
        aged = f" ({_age(on, day)})" if _old(catalog, on, day) else ""
        positive = [r for r in rated if r.score and cut.id in r.score.positive]
        if positive:
            sentence = (
                f"{instrument.short_name} {positive[-1].total:g} on {day_in_words(day)}: {cut.purpose}; ask about elevated mood{aged}"
            )
            yield Finding("mania_screen", "positive", sentence, day, cut.ref or instrument.id)
        elif any(r.score is None for r in rated):
            yield Finding(
                "mania_screen", "cannot_tell", f"{instrument.short_name} {day_in_words(day)}: incomplete; ask{aged}", day, instrument.id
            )


def _recorded(record: PatientRecord, catalog: Catalog, on: date) -> Iterator[Finding]:
    """Incidents, those of before the window as a question; diagnoses of suicidality; concerns that nobody has surely settled."""
    window, zone = timedelta(days=catalog.verdict.incident_finding_days.value), record.zone
    suicidality = catalog.codes["suicidality"]
    for incident in record.of_kind(Incident):
        named = suicidality.names(incident.description or "")
        if incident.incident == "adverse_event" and not named:
            continue
        kind = {"attempt": "suicide attempt", "hospitalisation": "hospitalisation"}.get(incident.incident) or incident.description
        words, day = f"{kind} {_when(incident.at, zone)}", incident.at.day(zone)
        about: Literal["suicidality", "other"] = "suicidality" if named or incident.incident == "attempt" else "other"
        if on - incident.at.last_day(zone) <= window:
            yield Finding(f"incident_{incident.id}", "positive", words, day, "record", about)
        else:
            yield Finding(f"incident_{incident.id}", "cannot_tell", f"{words}; ask what has come since", day, "record")
    for condition in record.of_kind(Condition):
        gone = condition.clinical_status == "resolved" or condition.verification == "refuted" or condition.ended is not None
        if suicidality.names(condition.condition) and not gone:
            words = f"diagnosis “{condition.condition}” {_when(condition.at, zone)}"
            yield Finding(f"condition_{condition.id}", "positive", words, condition.at.day(zone), "record", "suicidality")
    for concern in record.of_kind(Concern):
        if concern.settled is None or concern.settled.last_day(zone) > on:
            words = f"concern ({concern.about}) {_when(concern.at, zone)}, not settled"
            about = "suicidality" if concern.about == "suicidality" else "other"
            yield Finding(f"concern_{concern.id}", "positive", words, concern.at.day(zone), "record", about)


def _when(moment: Moment, zone: tzinfo) -> str:
    return f"on {day_in_words(moment.day(zone))}" if moment.has_day else f"in {moment}"


def _last_day_of(episode: CurrentEpisode, instrument: Instrument) -> list[Rating]:
    """The ratings of the last day on which the instrument was used: on one day the worst counts."""
    rated = [r for r in _all(episode) if r.instrument == instrument.id]
    return [r for r in rated if r.day == rated[-1].day]


def _old(catalog: Catalog, on: date, day: date) -> bool:
    return (on - day).days > catalog.verdict.suicidality_max_age_days.value


def _finding(finding_id: str, state: FindingState, sentence: str, day: date | None) -> Finding:
    return Finding(finding_id, state, sentence, day, "record", "suicidality")


def _item_name(catalog: Catalog, answer: SuicidalityAnswer) -> str:
    return f"{catalog.instruments[answer.instrument].short_name} item {answer.item}"


def _age(on: date, day: date) -> str:
    return f"{(on - day).days} days old"
