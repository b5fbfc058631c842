"""What ketamine care has to look at, and by when: monitoring by time and exposure, and facts that will be too old at the next session."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import DoseSession, Plan
from euthymia.record import PatientRecord
from euthymia.rule import MaximumAge, Rule, RuleSet
from euthymia.rules.care_facts import exposures, ketamine_care
from euthymia.rules.judging import FactsOf, facts_on, truth
from euthymia.rules.known import last_known_day, look_up
from euthymia.rules.readings import Scene
from euthymia.safety import Safety
from euthymia.three_valued import both


@dataclass(frozen=True)
class WatchDue:
    """Something to look at: `by` is the day on which it falls due, `source` the rule file that asks for it."""

    id: str
    what: str
    by: date
    source: str


def watched(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date, safe: Safety) -> tuple[WatchDue, ...]:
    """Monitoring, past due or coming, and what a session's gates will find too old; by day. The record is cut at `on`."""
    return watched_by(facts_on(record, episode, catalog, on, safe))


def watched_by(facts: FactsOf) -> tuple[WatchDue, ...]:
    """The same over what is known on the day."""
    scene = facts.scene
    return tuple(sorted((*_monitoring(facts), *_stale_at_next_session(scene)), key=lambda item: (item.by, item.id)))


def next_session(scene: Scene) -> date | None:
    """The day of the next ketamine session by the plan in force, today at the earliest; None where none is foreseen."""
    given = [day for day, dose in exposures(scene) if isinstance(dose, DoseSession)]
    plan = next(iter(reversed(scene.record.of_kind(Plan))), None)
    interval = (plan.session_interval_days if plan else None) or scene.episode.plan.phase.session_interval_days
    if not given or interval is None or ketamine_care(scene) != "current":
        return None
    return max(scene.on, given[-1] + timedelta(days=round(interval)))


def _monitoring(facts: FactsOf) -> Iterator[WatchDue]:
    scene = facts.scene
    for rules in scene.catalog.rules.values():
        for rule in rules.rules:
            if rule.severity != "overdue" or "review" not in (rule.asked or rules.asked):
                continue
            conditions = [condition for condition in (rules.applies, rule.applies) if condition is not None]
            if both(truth(condition, rules, facts) for condition in conditions) is True:
                by = _due_day(scene, rules, rule, holding=truth(rule.when, rules, facts) is True)
                if by is not None:
                    yield WatchDue(rule.id, rule.actions[0] if rule.actions else rule.question, by, rules.id)


def _due_day(scene: Scene, rules: RuleSet, rule: Rule, *, holding: bool) -> date | None:
    """By time: the last day on which the rule does not hold yet. By exposure, or never done so far: today, where it holds."""
    days = []
    for leaf in rule.when.leaves():
        since = scene.catalog.vocabulary[leaf.fact or ""].since
        if since and since.count == "days" and leaf.threshold is not None:
            last = last_known_day(scene, since.of)
            days += [last + timedelta(days=int(rules.thresholds[leaf.threshold].value))] if last else []
    first = min(days, default=None)
    return scene.on if holding and (first is None or first > scene.on) else first


def _stale_at_next_session(scene: Scene) -> Iterator[WatchDue]:
    """Facts that count in days, were known once, and will be older than a gate allows when the next session comes."""
    by = next_session(scene)
    if by is None:
        return
    then = replace(scene, on=by)
    asked: dict[str, tuple[MaximumAge, str]] = {}
    for rules in scene.catalog.rules.values():
        for rule in rules.rules:
            if "before" in (rule.asked or rules.asked):
                for leaf in rules.leaves[rule.id]:
                    asked.setdefault(leaf.fact or "", (rules.facts[leaf.fact or ""], rules.id))
    for fact_id, (age, source) in asked.items():
        if age.days is not None and look_up(then, fact_id, age).state == "stale":
            words = scene.catalog.vocabulary[fact_id].words
            yield WatchDue(f"stale_{fact_id}", f"before the next session, ask again: {words}", by, source)
