"""How far apart the sessions are, planned and kept, and what the protocol's rule says of changing that. Words, never an order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import Decision, Plan
from euthymia.moment import day_in_words
from euthymia.phase import Extending
from euthymia.position.exposures import Exposures
from euthymia.position.pacing import Extension, extension
from euthymia.record import PatientRecord


@dataclass(frozen=True)
class _Case:
    """What the rule looks at. `planned`: the interval in force, in days."""

    record: PatientRecord
    episode: CurrentEpisode
    catalog: Catalog
    given: Exposures
    planned: float
    on: date


def interval_words(
    record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, given: Exposures, planned: float | None, on: date
) -> str:
    """The interval planned (days) and kept, and what the protocol's rule says of changing it on `on`."""
    phase = episode.plan.phase
    if planned is None or phase.session_interval_days is None:
        return "no sessions in this phase"
    case = _Case(record, episode, catalog, given, planned, on)
    kept = case.given.interval_days(case.episode.plan.since)
    said = [
        f"planned every {planned:g} days",
        f"kept every {kept:g} days (median)" if kept is not None else "the interval kept is not known",
    ]
    allowed = phase.interval
    if allowed and not allowed.shortest_days <= planned <= allowed.longest_days:
        said.append(f"outside the protocol's {allowed.shortest_days:g} to {allowed.longest_days:g} days")
    if phase.extending is None:
        return "; ".join([*said, "this phase does not lengthen it"])
    said += [*_extending_words(case, phase.extending), *_missed_words(case, phase.extending)]
    return "; ".join(said)


def _extending_words(case: _Case, rule: Extending) -> Iterator[str]:
    if case.episode.cut is None:
        yield "whether it may be longer cannot be told: no line for remission"
        return
    changed, before = _last_change(case)
    rated = _rated(case)
    found = extension(rule, case.episode.cut, rated, changed, case.on, _good_for(case))
    longest = case.episode.plan.phase.interval.longest_days if case.episode.plan.phase.interval else None
    was_well = changed is not None and any(day <= changed and total <= case.episode.cut for day, total in rated)
    if found.state == "above" and was_well and before is not None and before < case.planned:
        yield f"{_why(found, rule)}, and the interval was {before:g} days before: {rule.on_worsening}"
    elif found.state == "may" and longest is not None and case.planned >= longest:
        yield f"at the longest interval of the protocol ({longest:g} days)"
    else:
        yield _why(found, rule)


def _why(found: Extension, rule: Extending) -> str:
    """The rule's answer in words, with the ratings that it rests on."""
    first, last = (day_in_words(day) if day else "" for day in (found.first, found.last))
    run = f"{found.ratings} rating{'s' if found.ratings != 1 else ''} in the remission range by score, {first} to {last}"
    return {
        "may": f"by this protocol it may be longer: {run}",
        "too_short": f"not longer yet: {run}; {rule.ratings} ratings over {rule.span_days:g} days are asked for",
        "changed_lately": f"not longer yet: {run}, but changed less than {rule.apart_days:g} days ago"
        + (f"; not before {day_in_words(found.ready)}" if found.ready else ""),
        "above": f"not longer: the rating of {last} is above the remission line",
        "no_rating": "whether it may be longer cannot be told: no rating",
        "old_rating": f"whether it may be longer cannot be told: the last rating is of {last}",
    }[found.state]


def _missed_words(case: _Case, rule: Extending) -> Iterator[str]:
    """A whole interval without a session: what the protocol says. At home a missing log is not a missing dose."""
    days = [e.day for e in case.given.given if e.day]
    if days and not case.given.at_home and (case.on - max(days)).days >= 2 * case.planned:
        yield f"no session recorded since {day_in_words(max(days))}: {rule.on_missed_session}"


def _rated(case: _Case) -> list[tuple[date, float]]:
    """The counted ratings of the primary instrument, the worst of each day; a prorated total never shows remission."""
    worst: dict[date, float] = {}
    for rating in case.episode.series:
        within = rating.total is not None and rating.total <= (case.episode.cut or 0.0)
        if rating.total is None or (within and rating.score is not None and rating.score.prorated):
            continue
        worst[rating.day] = max(rating.total, worst.get(rating.day, rating.total))
    return sorted(worst.items())


def _good_for(case: _Case) -> float:
    """For how many days a rating speaks: as for the verdict."""
    rules = case.catalog.verdict
    return max(rules.stale_days.value, rules.stale_intervals.value * case.episode.plan.rating_interval_days)


def _last_change(case: _Case) -> tuple[date | None, float | None]:
    """When the interval was last changed within the protocol (by a plan or a decision), and what it was before the last plan changed it."""
    zone, usual = case.record.zone, case.episode.plan.phase.session_interval_days
    changed, before, held = [], None, None
    for plan, force in zip(case.record.of_kind(Plan), case.episode.plans, strict=False):
        interval = plan.session_interval_days or force.phase.session_interval_days or usual
        if held is not None and interval != held:
            changed.append(plan.at.last_day(zone))
            before = held
        held = interval
    changed += [d.at.last_day(zone) for d in case.record.of_kind(Decision) if d.disposition == "change_interval"]
    return max((day for day in changed if day <= case.on), default=None), before
