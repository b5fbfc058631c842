"""Safety, plan and next decision in a letter; what the referring clinician is asked, and what to watch."""

from collections.abc import Iterator

from euthymia.events import DoseLog, DoseSession, Incident, Medication, Plan
from euthymia.letter.dates import long_date
from euthymia.letter.facts import Facts
from euthymia.letter.form import Blank, Field, Section, Words, listed, or_blank, said, sentence
from euthymia.letter.trials import questions
from euthymia.moment import day_in_words
from euthymia.rules import CannotTell
from euthymia.rules import Finding as RuleFinding
from euthymia.safety import Finding

# What a rule's silence may hide: the severities that could stop or hold a treatment.
_STOPPING = ("emergency", "contraindicated", "hold", "escalate", "block")
_DECIDED = {
    "change_interval": "change the interval",
    "measure_again": "measure again",
    "hold_by_agreement": "hold by agreement",
}


def safety_section(facts: Facts) -> Section:
    """The last answer on suicidal thoughts, every other safety finding, and the adverse events of this episode."""
    safe = facts.review.safety
    others = [found for found in safe.findings if found.sentence != safe.line]
    fields = [Field("Suicidal thoughts", _suicidality(facts)), Field("Adverse events", _adverse_events(facts))]
    if open_ := _cannot_be_told(facts):
        fields.append(Field("Cannot be told", (Blank("; ".join(open_)),)))
    if overdue := _overdue(facts):
        fields.append(Field("Monitoring overdue", (", ".join(overdue),)))
    points = dict.fromkeys([*(_finding(found) for found in others), *_found_by_rules(facts)])
    return Section("safety", "Safety", fields=tuple(fields), points=tuple(points))


def plan_section(facts: Facts) -> Section:
    """The treatment in force with its dose and interval, what was decided last, and when it is decided again."""
    return Section("plan", "Plan and next decision", fields=tuple(_plan(facts)))


def treatment(facts: Facts) -> Words:
    """The plan in force, in the prescriber's words where there are some, and since when."""
    plan = facts.review.episode.plan
    if plan.assumed:
        return (Blank("the plan in force"),)
    named = f"“{plan.summary}”" if plan.summary else f"{plan.protocol_name}, {plan.phase.name}"
    return (f"{named}, in force since {day_in_words(plan.since)}",)


def asked_section(facts: Facts) -> Section:
    """What the recipient may know and the record does not."""
    open_ = tuple(questions(facts))
    asked = "What the record does not say, and you may know:" if open_ else "Please add what we do not know, and correct what is wrong."
    return Section("asked", "What we ask", paragraphs=((asked,),), points=open_)


def watch_section(facts: Facts) -> Section:
    """Safety in short, and what would be a return of the illness by the definition in force."""
    safe = safety_section(facts)
    watched = facts.review.position.monitoring
    notes = ((f"Watched by the protocol: {'; '.join(watched)}.",),) if watched else ()
    return Section("watch", "What to watch", fields=safe.fields, points=(*safe.points, *_relapse(facts)), notes=notes)


def _suicidality(facts: Facts) -> Words:
    safe = facts.review.safety
    if safe.suicidality == "cannot_tell":
        return (Blank(safe.line),)
    return (safe.line if safe.suicidality == "negative" or "positive" in safe.line else f"positive: {safe.line}",)


def _finding(found: Finding) -> Words:
    if found.state == "cannot_tell":
        return (Blank(found.sentence),)
    said_already = found.state == "negative" or "positive" in found.sentence
    return (sentence(found.sentence if said_already else f"positive: {found.sentence}"),)


def _found_by_rules(facts: Facts) -> Iterator[Words]:
    """What the rules found, worst first; their notes are for the page, not for a letter."""
    for result in facts.review.rules:
        if isinstance(result, RuleFinding) and result.severity not in ("overdue", "note"):
            yield (sentence(result.sentence),)


def _overdue(facts: Facts) -> list[str]:
    """What is overdue by the rules, by name."""
    late = [result for result in facts.review.rules if isinstance(result, RuleFinding) and result.severity == "overdue"]
    return list(dict.fromkeys(result.sentence.split(":")[0].rstrip(". ").lower() for result in late))


def _cannot_be_told(facts: Facts) -> list[str]:
    """The questions of the rules that nobody can answer and that could stop or hold a treatment."""
    open_ = [result for result in facts.review.rules if isinstance(result, CannotTell) and result.severity in _STOPPING]
    return list(dict.fromkeys(result.sentence.split(":")[0].removeprefix("cannot tell ") for result in open_))


def _adverse_events(facts: Facts) -> Words:
    """Those of this episode. None recorded is not none: it is asked."""
    started = facts.review.episode.started
    told = [i for i in facts.record.of_kind(Incident) if i.incident == "adverse_event"]
    told = [i for i in told if started is None or i.at.last_day(facts.zone) >= started]
    if not told:
        return (Blank("none is recorded; ask"),)
    when = [f" ({long_date(i.at, facts.zone)}{', serious' if i.serious else ''})" for i in told]
    return listed([said(or_blank(i.description, "what"), day) for i, day in zip(told, when, strict=True)])


def _plan(facts: Facts) -> Iterator[Field]:
    plan, stated = facts.review.episode.plan, facts.last(Plan)
    if plan.assumed or stated is None:
        yield Field("Treatment in force", (Blank("the plan in force"),))
    else:
        named = f"{plan.protocol_name}, {plan.phase.name}" if stated.protocol in facts.catalog.protocols else None
        words = listed([(text,) for text in (plan.summary, named) if text] or [(Blank("the treatment"),)])
        yield Field("Treatment in force", said(words, f"; since {day_in_words(plan.since)}"))
        if plan.phase.session_interval_days or stated.session_interval_days:
            yield Field("Interval", _interval(stated, facts))
        if stated.protocol in facts.catalog.protocols:
            yield Field("Regulatory status", (facts.catalog.protocols[plan.protocol].regulatory,))
    yield from _doses(facts)
    if stated and (stated.dose_lower or stated.dose_upper):
        yield Field("Bounds of the dose", _bounds(stated))
    yield Field("Decided last", _decided(facts))
    decided = facts.review.decisions
    if decided.held_until:
        yield Field("Held by agreement", (f"to be looked at on {day_in_words(decided.held_until)}",))
    if decided.hold_void:
        yield Field("Held by agreement", (f"no longer stands: {decided.hold_void}",))
    yield Field("Next decision", _next_decision(facts))


def _interval(plan: Plan, facts: Facts) -> Words:
    """The prescriber's own interval (the protocol's usual one is no statement about this patient), and the one kept."""
    every, kept = plan.session_interval_days, facts.review.position.interval_days
    planned = or_blank(f"planned every {every:g} {_days(every)}" if every else None, "interval planned")
    return said(planned, f"; kept every {kept:g} {_days(kept)} (median)" if kept else "")


def _days(count: float) -> str:
    return "day" if count == 1 else "days"


def _bounds(plan: Plan) -> Words:
    lower = or_blank(f"{plan.dose_lower:g}" if plan.dose_lower else None, "lower bound")
    upper = or_blank(f"{plan.dose_upper:g}" if plan.dose_upper else None, "upper bound")
    return said(lower, " to ", upper, f" {plan.dose_unit}, set by the prescriber")


def _doses(facts: Facts) -> Iterator[Field]:
    """The last dose given or logged as taken, where doses belong to the treatment; then the medicines that go on."""
    doses = len(facts.record.of_kind(DoseSession)) + len(facts.record.of_kind(DoseLog))
    if doses or facts.review.episode.plan.phase.session_interval_days:
        yield Field("Last dose or session", _last_dose(facts))
    now = [_medicine(m) for m in facts.record.of_kind(Medication) if m.ended is None]
    yield Field("Medicines, no end recorded", listed(now) if now else (Blank("none is recorded; ask"),))


def _medicine(medication: Medication) -> Words:
    stated = f"{medication.daily_dose_mg:g} mg a day" if medication.daily_dose_mg else medication.dose_text
    return said(medication.drug, " ", or_blank(stated, "dose"))


def _last_dose(facts: Facts) -> Words:
    logged = [log for log in facts.record.of_kind(DoseLog) if log.was_taken]
    sessions = facts.record.of_kind(DoseSession)
    given: list[DoseSession | DoseLog] = [*sessions, *logged]
    if not given:
        return (Blank("no dose is recorded"),)
    last = max(given, key=lambda event: event.at.key(facts.zone))
    device = any(last.id in trial.events and trial.kind in ("ect", "tms") for trial in facts.history.trials)
    per_kg = f"{last.dose_mg_per_kg:g} mg/kg" if isinstance(last, DoseSession) and last.dose_mg_per_kg else None
    dose = () if device else said(", ", or_blank(f"{last.dose_mg:g} mg" if last.dose_mg else per_kg, "dose"))
    return said(last.treatment, f", {last.route}" if last.route else "", dose, f", on {long_date(last.at, facts.zone)}")


def _decided(facts: Facts) -> Words:
    last = facts.review.decisions.last
    if last is None:
        return (Blank("no decision is recorded"),)
    what = _DECIDED.get(last.disposition, last.disposition.replace("_", " "))
    reason = or_blank(f"“{last.reason or last.patient_reason}”" if last.reason or last.patient_reason else None, "reason")
    asked = f"; second opinion: {last.second_opinion}" if last.second_opinion else ""
    return said(f"{what}, {long_date(last.at, facts.zone)}: ", reason, f" ({last.by})" if last.by else "", asked)


def _next_decision(facts: Facts) -> Words:
    """The day, and what asks for it; what is reckoned from a plan that nobody recorded is no day."""
    decided = facts.review.decisions
    due, agreed = decided.due, decided.last is not None and decided.last.next_decision is not None
    if due is None or (facts.review.episode.plan.assumed and not agreed):
        return (Blank("date of the next decision"),)
    return (f"{day_in_words(due.by)}{', overdue' if due.overdue else ''}; asked for by {due.since[0]}",)


def _relapse(facts: Facts) -> Iterator[Words]:
    """What the definition in force calls a relapse, where the patient is in remission."""
    review = facts.review
    definition = facts.catalog.definitions[review.episode.definition]
    rule = definition.relapse.get(review.episode.primary or "")
    if rule is None or review.verdict.status != "remission":
        return
    scale = facts.catalog.instruments[review.episode.primary or ""].short_name
    apart = f" at least {rule.apart_days:g} days apart" if rule.apart_days else ""
    yield (f"{scale} {rule.at_least:g} or higher on {rule.ratings} ratings{apart} is a relapse by {definition.name}.",)
