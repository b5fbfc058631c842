"""The circumstances of one patient that options are listed by: what holds, what nobody can tell, and the words for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from euthymia.adequacy import Trial
from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import Incident, Plan
from euthymia.left import Left
from euthymia.moment import day_in_words
from euthymia.option import PLATEAU
from euthymia.options.differential import Look
from euthymia.options.features import Age
from euthymia.options.listing import Situation
from euthymia.position import Position
from euthymia.record import PatientRecord
from euthymia.resistance import History
from euthymia.rules import Finding, RuleResult
from euthymia.verdict import Verdict

Truth = bool | None
_LOOKED: dict[str, Truth] = {"present": True, "absent": False, "known": False, "cannot_tell": None}
ADEQUATE_WITHOUT_RESPONSE = ("no_response", "partial_response")
STATUS_IN_WORDS = {
    "cannot_tell": "cannot tell",
    "losing_ground": "losing ground",
    "remission": "in remission",
    "moving_toward_remission": "moving toward remission",
    "too_early": "too early to tell",
    "holding_above_remission": "holding above remission",
    "not_improving": "not improving",
    "undecided": "undecided",
}


@dataclass(frozen=True)
class Case:
    """Everything that options are computed from, for one patient on one day."""

    record: PatientRecord
    episode: CurrentEpisode
    history: History
    position: Position
    verdict: Verdict
    rules: Sequence[RuleResult]
    left: Left
    catalog: Catalog
    on: date
    looks: Mapping[str, Look]
    age: Age


def situation(case: Case) -> Situation:
    """Read the circumstances of a case."""
    truths: dict[str, Truth] = {
        **{name: _LOOKED[found.state] for name, found in case.looks.items()},
        **_trial_truths(case),
        **_course_truths(case),
        **_care_truths(case),
        **_interval_truths(case),
    }
    tried = in_this_episode(case.history.trials)
    return Situation(
        status=case.verdict.status,
        trials=len([t for t in tried if t.counts_as in ADEQUATE_WITHOUT_RESPONSE and t.in_episode]),
        unsettled=len([t for t in tried if _unsettled(t)]),
        holds=frozenset(name for name, truth in truths.items() if truth is True),
        unknown=frozenset(name for name, truth in truths.items() if truth is None),
        words=_words(case),
    )


def _unsettled(trial: Trial) -> bool:
    """Whether nobody can tell if it counts: what it was, how it ended, or in which episode."""
    return trial.counts_as == "cannot_tell" or (trial.in_episode is None and trial.counts_as in ADEQUATE_WITHOUT_RESPONSE)


def in_this_episode(trials: Sequence[Trial]) -> list[Trial]:
    """The trials of an antidepressant in the current episode, as far as anybody can tell."""
    return [t for t in trials if t.kind == "antidepressant" and t.in_episode is not False]


def _trial_truths(case: Case) -> dict[str, Truth]:
    trials, limits = case.history.trials, case.catalog.option_limits
    running = [t for t in trials if t.going_on]
    antidepressants = [t for t in running if t.kind == "antidepressant"]
    # Trials that are still running have not ended in anything yet.
    without = [t for t in trials if t.counts_as in ADEQUATE_WITHOUT_RESPONSE and not t.going_on]
    old = case.age.surely_at_least(limits.older_age.value)
    return {
        "antidepressant_running": bool(antidepressants),
        "antidepressant_below_adequate": any(t.adequacy == "inadequate" for t in antidepressants),
        "augmentation_running": any(t.kind == "augmentation" for t in running),
        "many_trials": len(without) >= limits.many_trials.value,
        "aged_60": old,
    }


def _course_truths(case: Case) -> dict[str, Truth]:
    verdict, better = case.verdict, case.verdict.better
    fractions = case.catalog.definitions[case.episode.definition].fractions
    response = fractions.response if fractions else None
    partial = case.catalog.verdict.better_fraction.value
    was_in_remission = any(step.status == "remission" for step in verdict.steps)
    dipped = (verdict.status == "remission" and verdict.warning is not None) or verdict.status == "losing_ground"
    return {
        "partial_response": None if better is None or response is None else partial <= better < response,
        "response": None if better is None or response is None else better >= response,
        "severe": _severe(case),
        "high_acuity": _acute(case),
        "dip": dipped or (verdict.status in PLATEAU and was_in_remission),
        "remission_unconfirmed": verdict.status == "remission" and verdict.confirmed is not True,
        "remission_long": _long_remission(case),
    }


def _severe(case: Case) -> Truth:
    """Whether the last counted rating lies in the highest band of its instrument; None without one, or without bands."""
    rated = [r for r in case.episode.series if r.score is not None and r.score.band is not None]
    bands = case.catalog.instruments[case.episode.primary].bands if case.episode.primary else ()
    return rated[-1].score is not None and rated[-1].score.band == bands[-1].id if rated and bands else None


def _acute(case: Case) -> bool:
    """An emergency or an escalation of the rules, or an attempt or an admission within the window of incidents."""
    window = timedelta(days=case.catalog.verdict.incident_window_days.value)
    struck = [i for i in case.record.of_kind(Incident) if i.incident != "adverse_event"]
    recent = any(case.on - i.at.last_day(case.record.zone) <= window for i in struck)
    return recent or any(isinstance(r, Finding) and r.severity in ("emergency", "escalate") for r in case.rules)


def _long_remission(case: Case) -> bool:
    since = case.verdict.since
    days = case.catalog.option_limits.long_remission_days.value
    return case.verdict.status == "remission" and case.verdict.confirmed is True and since is not None and (case.on - since).days >= days


def _care_truths(case: Case) -> dict[str, Truth]:
    protocol = case.catalog.protocols[case.episode.plan.protocol]
    running = {t.treatment for t in case.history.trials if t.going_on and t.kind == "ketamine"}
    # Under the adult age nothing is said of ketamine, whatever is being given.
    adult = case.age.surely_at_least(case.catalog.option_limits.adult_age.value) is not False
    esketamine = adult and (protocol.kind == "esketamine" or "esketamine" in running)
    racemic = adult and (protocol.kind == "ketamine" or bool(running - {"esketamine"}))
    dose = case.position.dose
    step: Truth = {"yes": True, "no": False, "cannot_tell": None}[dose.can_titrate]
    return {
        "ketamine_care": esketamine or racemic,
        "esketamine_care": esketamine,
        "racemic_care": racemic,
        "racemic_care_in_clinic": racemic and protocol.kind == "ketamine" and protocol.setting == "clinic",
        "home_care": racemic and protocol.setting == "home",
        "course_care": protocol.kind in ("tms", "ect", "psychotherapy"),
        "can_step_up": step if dose.upper is not None else None,
        "can_step_down": None if dose.last is None or dose.lower is None else dose.last > dose.lower,
        "minimum_reached": case.position.minimum_reached,
        "futility_reached": _futile(case),
        "plan_recorded": not case.episode.plan.assumed,
    }


def _futile(case: Case) -> Truth:
    """Whether any source's window has passed; sources disagree, and the words name each of them."""
    reached = [window.reached for window in case.position.futility]
    return True if True in reached else None if None in reached else False


def _interval_truths(case: Case) -> dict[str, Truth]:
    planned = _planned_intervals(case)
    share = 1 + case.catalog.option_limits.interval_change_share.value
    now = planned[-1][1] if planned else None
    bounds = case.episode.plan.phase.interval
    shortest = bounds.shortest_days if bounds else None
    return {
        "interval_lengthened": now is not None and any(now > before * share for _, before in planned[:-1]),
        "interval_can_shorten": None if now is None or shortest is None else now > shortest * share,
        "lengthening_met": _lengthening_met(case, planned),
    }


def _planned_intervals(case: Case) -> list[tuple[date, float]]:
    """Since when each interval between sessions was planned, in days; only of the protocol that is in force."""
    recorded = {plan.at.day(case.record.zone): plan.session_interval_days for plan in case.record.of_kind(Plan)}
    found: list[tuple[date, float]] = []
    for plan in case.episode.plans:
        days = recorded.get(plan.since) or plan.phase.session_interval_days
        if days is not None and plan.protocol == case.episode.plan.protocol and (not found or found[-1][1] != days):
            found.append((plan.since, days))
    return found


def _lengthening_met(case: Case, planned: Sequence[tuple[date, float]]) -> Truth:
    """The protocol's rule for a longer interval: remission that held before sessions, and no change just before.

    None where the protocol names no rule, or ratings whose place relative to a session nobody knows could be what is missing.
    """
    rule, verdict, cut = case.episode.plan.phase.extending, case.verdict, case.episode.cut
    if verdict.status != "remission" or verdict.since is None or cut is None:
        return False
    if rule is None:
        return None
    if verdict.warning is not None or (planned and (case.on - planned[-1][0]).days < rule.apart_days):
        return False
    held = [r for r in case.episode.series if r.day >= verdict.since and r.total is not None and r.total <= cut]
    enough = {
        known: len(days) >= rule.ratings and (max(days) - min(days)).days >= rule.span_days
        for known in (True, False)
        if (days := [r.day for r in held if r.phase == "before_session" or (not known and r.phase is None)])
    }
    return True if enough.get(True) else None if enough.get(False) else False


def _words(case: Case) -> dict[str, str]:
    """What the placeholders of a sentence stand for; what nobody knows is not among them."""
    verdict, position = case.verdict, case.position
    phase = f"{case.episode.plan.protocol_name}, {case.episode.plan.phase.name}"
    found: dict[str, str | None] = {
        "status": STATUS_IN_WORDS[verdict.status],
        "since": day_in_words(verdict.since) if verdict.since else None,
        "rating": _last_rating(case),
        "left": f"{case.left.sentence} ({day_in_words(case.left.day)})" if case.left.day and case.left.items else None,
        "trials": trials_in_words(in_this_episode(case.history.trials)),
        "running": _running(case),
        "dose": position.dose.words,
        "interval": _interval_in_words(case),
        "futility": "; ".join(window.words for window in position.futility if window.reached) or None,
        "protocol": f"{phase} since {day_in_words(case.episode.plan.since)}" if not case.episode.plan.assumed else "no plan is recorded",
    }
    return {name: words for name, words in found.items() if words}


def _interval_in_words(case: Case) -> str:
    """The interval planned and kept, and what it was before it was last changed within this protocol."""
    planned = _planned_intervals(case)
    before = f"; every {planned[-2][1]:g} days until {day_in_words(planned[-1][0])}" if len(planned) > 1 else ""
    return f"{case.position.interval_words}{before}"


def _last_rating(case: Case) -> str:
    rated = [r for r in case.episode.series if r.total is not None]
    if not rated or case.episode.primary is None:
        return "no counted rating"
    name = case.catalog.instruments[case.episode.primary].short_name
    return f"{name} {rated[-1].total:g} on {day_in_words(rated[-1].day)}"


def _running(case: Case) -> str | None:
    going = [t for t in case.history.trials if t.going_on and t.kind == "antidepressant"]
    return "; ".join(f"{trial_in_words(t)}, {t.adequacy}" for t in going) or None


def trials_in_words(trials: Sequence[Trial]) -> str:
    """How many adequate trials did not end in response, which, and which of the others nobody can judge."""
    without = [t for t in trials if t.counts_as in ADEQUATE_WITHOUT_RESPONSE]
    unsettled = [t for t in trials if t.counts_as == "cannot_tell"]
    count = {0: "no adequate trial", 1: "1 adequate trial"}.get(len(without), f"{len(without)} adequate trials")
    named = "; ".join(f"{trial_in_words(t)}{', partial' if t.counts_as == 'partial_response' else ''}" for t in without)
    open_ones = f"; not settled: {', '.join(t.name for t in unsettled)}" if unsettled else ""
    return f"{count} without response{f': {named}' if named else ''}{open_ones}"


def trial_in_words(trial: Trial) -> str:
    """One trial: its name, its exposure, and when."""
    end = f"to {trial.end}" if trial.end else "going on" if trial.going_on else "end not known"
    return f"{trial.name} ({trial.exposure}, {trial.start} {end})"
