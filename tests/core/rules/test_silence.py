"""Blanking or ageing any single fact never turns a hold or an escalation into silence.

A finding may become "cannot tell". It may become "not applicable" only by a positive fact: a rule of its own group that
is at least as severe, or another reading of the same fact that the record holds and that says otherwise.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.properties.histories import histories
from core.rules.people import CATALOG, DOSE, HAZARDS, OBSERVED, ON, SEVERE, record
from euthymia.episode import current_episode
from euthymia.events import Assessment, Condition, EventBase, Measurement, Observation, Person
from euthymia.moment import Moment
from euthymia.reading import read_many
from euthymia.record import PatientRecord
from euthymia.rule import SEVERITIES
from euthymia.rules import CannotTell, Finding, NotApplicable, RuleResult, evaluate, gates
from euthymia.safety import safety

SAMPLES = sorted((Path(__file__).parents[3] / "src/euthymia/samples").glob("*.json"))
LONG_AGO = timedelta(days=800)  # longer than any fact may be old
# What the record is, not what it says of the patient: which event corrects which, when it became known, which days are counted.
NOT_FACTS = {"kind", "id", "at", "recorded_at", "source", "supersedes", "entered_in_error", "zone"}

Look = Callable[[PatientRecord], dict[str, RuleResult]]


def blanked(event: EventBase) -> Iterator[EventBase | None]:
    """The event with one thing that it says taken away; None: without the event."""
    if isinstance(event, Assessment):
        for place, answer in enumerate(event.answers or ()):
            if answer is not None:
                kept = tuple(None if p == place else a for p, a in enumerate(event.answers or ()))
                yield event.model_copy(update={"answers": kept})
        if event.answers is not None and event.total is not None:
            yield event.model_copy(update={"total": None})
            yield event.model_copy(update={"answers": None})
        return
    if isinstance(event, Observation):
        yield event.model_copy(update={"answer": "unclear"})
    if isinstance(event, Measurement):
        yield event.model_copy(update={"value": None, "text": "not done"})
    if isinstance(event, Observation | Measurement):
        yield None
    for name, info in type(event).model_fields.items():
        if name not in NOT_FACTS and not info.is_required() and getattr(event, name) != info.default and name not in ("value", "text"):
            yield event.model_copy(update={name: info.default})


def aged(event: EventBase) -> EventBase:
    """The same, as if it had happened long ago."""
    instant = event.at.instant
    if instant is not None:
        return event.model_copy(update={"at": Moment.of(instant - LONG_AGO)})
    return event.model_copy(update={"at": Moment.of(date.fromisoformat(f"{event.at}-01-01"[:10]) - LONG_AGO)})


def changed(found: PatientRecord) -> Iterator[tuple[str, EventBase, PatientRecord]]:
    """Every record that differs from `found` in one fact."""
    for place, event in enumerate(found.events):
        others = (*found.events[:place], *found.events[place + 1 :])
        for new in (*blanked(event), *(() if isinstance(event, Person) else (aged(event),))):
            # Not validated again: a decision without its reason is no record, but nothing may be silent about one.
            yield str(new), event, found._with((*others, *((new,) if new else ())))


def said_elsewhere(event: EventBase, found: PatientRecord) -> bool:
    """Whether another event of the record speaks of the same thing, so that taking this one away lets that one count."""
    same = {Observation: "about", Measurement: "measure", Assessment: "instrument", Condition: "condition"}.get(type(event))
    others = [other for other in found.events if type(other) is type(event) and other.id != event.id]
    return same is not None and any(getattr(other, same) == getattr(event, same) for other in others)


def not_silenced(before: dict[str, RuleResult], after: dict[str, RuleResult], *, contrary: bool, words: str) -> None:
    for rule, result in before.items():
        if not isinstance(result, Finding) or result.severity not in SEVERE:
            continue
        now = after.get(rule)
        assert now is not None, f"{rule} vanished: {words}"
        if isinstance(now, NotApplicable):
            ahead = after.get(now.reason.removeprefix("said by ")) if now.reason.startswith("said by ") else None
            worse = isinstance(ahead, Finding) and SEVERITIES.index(ahead.severity) <= SEVERITIES.index(result.severity)
            assert worse or contrary, f"{rule}: {now.reason}, after {words}"


def looked_at(on: date) -> Look:
    def look(found: PatientRecord) -> dict[str, RuleResult]:
        cut = found.until(on)
        return {result.rule: result for result in evaluate(cut, current_episode(cut, CATALOG), CATALOG, on)}

    return look


def at_the_gate(minutes: float, phase: str) -> Look:
    instant = DOSE + timedelta(minutes=minutes)
    return lambda found: {r.rule: r for r in gates(found, CATALOG, instant, phase)}  # type: ignore[arg-type]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_fact_of_a_sample_silences_when_it_is_taken_away_or_grows_old(path):
    found = read_many(path, catalog=CATALOG)[0].record
    on = found.last_day()
    assert on is not None
    look = looked_at(on)
    before, cut = look(found), found.until(on)
    positive = safety(cut, current_episode(cut, CATALOG), CATALOG, on).suicidality == "positive"
    for words, event, other in changed(found):
        if isinstance(event, Assessment | Observation | Measurement) or event.at.day(found.zone) > on - timedelta(days=400):
            not_silenced(before, look(other), contrary=said_elsewhere(event, found), words=words)
            if positive:
                cut = other.until(on)
                state = safety(cut, current_episode(cut, CATALOG), CATALOG, on).suicidality
                assert state != "negative" or aged(event) in other.events, words


LOOKS = {
    "review": (looked_at(ON), record(HAZARDS)),
    "before": (at_the_gate(-1, "before"), record(HAZARDS, session=False)),
    "during": (at_the_gate(75, "during"), record(OBSERVED)),
    "discharge": (at_the_gate(90, "discharge"), record(OBSERVED)),
}


@pytest.mark.parametrize("name", LOOKS)
def test_no_fact_of_a_patient_with_every_hazard_silences_when_it_is_taken_away_or_grows_old(name):
    look, found = LOOKS[name]
    before = look(found)
    for words, event, other in changed(found):
        not_silenced(before, look(other), contrary=said_elsewhere(event, found), words=words)


def test_the_patient_with_every_hazard_meets_every_severe_rule():
    """Otherwise the test above would say nothing of the rules that are not met."""
    met = {rule for look, found in LOOKS.values() for rule, result in look(found).items() if isinstance(result, Finding)}
    severe = {rule.id for rules in CATALOG.rules.values() for rule in rules.rules if rule.severity in SEVERE}
    tiers = {"suicidality_moderate", "suicidality_low_open", "suicidality_unscreened", "suicidality_positive"}  # below the high tier
    others = {"under_age", "dose_above_bound", "home_dose_above_regimen"}  # tested on their own
    assert severe - met == tiers | others


few = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
EXTRA = st.lists(st.sampled_from([*HAZARDS, *OBSERVED]), max_size=6)


@few
@given(histories(), EXTRA, st.data())
def test_no_fact_of_any_history_silences_when_it_is_taken_away(history, extra, data):
    """Histories with many statements on one thing: what is left open (not what is taken out) never silences."""
    more = record(list(extra)).events
    found = PatientRecord(patient_id="p", events=(*history.events, *(e for e in more if e.id not in {h.id for h in history.events})))
    look = looked_at(ON)
    before = look(found)
    changes = [(w, e, o) for w, e, o in changed(found) if len(o.events) == len(found.events) and aged(e) not in o.events]
    for words, event, other in data.draw(st.lists(st.sampled_from(changes), max_size=8)) if changes else []:
        not_silenced(before, look(other), contrary=type(event) not in (Assessment, Observation, Measurement), words=words)


@few
@given(histories(), st.integers(0, 120))
def test_a_positive_safety_state_is_never_beside_suicidality_rules_that_all_do_not_apply(history, offset):
    on = date(2026, 1, 5) + timedelta(days=offset)
    cut = history.until(on)
    episode = current_episode(cut, CATALOG)
    safe = safety(cut, episode, CATALOG, on)
    results = [r for r in evaluate(cut, episode, CATALOG, on, safe) if r.subject == "suicidality"]
    if safe.suicidality == "positive":
        assert any(isinstance(r, Finding) for r in results)
    if safe.suicidality == "cannot_tell":
        assert any(isinstance(r, Finding | CannotTell) for r in results)
