"""A protocol in plain words: phases on a line of weeks, decision points, doses, monitoring, windows, and how well each is known.

Plain text, one line a statement; every fact carries its status. For prescribers: doses are what the protocol says, not advice.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from euthymia.facts import Fact, Reference
from euthymia.phase import OUTCOMES, DecisionPoint, Dose, FutilityWindow, Measured, Monitoring, ProtocolPhase, Row
from euthymia.protocol import Protocol
from euthymia.report.words import printable

_LONGEST_LINE = 40  # Weeks drawn; what goes on is an arrow.
_OPEN_WEEKS = 4
_OUTCOME_WORDS = {"remission": "remission", "partial": "partial response", "no_response": "no response", "any": "in any case"}
_ANCHORS = {
    "before_session": "before each session",
    "during_session": "during each session",
    "after_dose": "after each dose",
    "before_leaving": "before leaving",
    "days": "by the calendar",
}


def protocol_lines(protocol: Protocol, references: Mapping[str, Reference]) -> Iterator[str]:
    """The protocol in words, line by line. `references`: where the sources named at the end are found."""
    yield from map(printable, chain(_head(protocol), _line_of_weeks(protocol), *(_phase(phase) for phase in protocol.phases)))
    yield from map(printable, chain(_in_every_phase(protocol), _how_known(protocol, references)))


def list_line(protocol: Protocol) -> str:
    """One protocol on one line: id, kind, setting, phases."""
    phases = " → ".join(phase.id for phase in protocol.phases)
    return printable(f"{protocol.id:26} {protocol.kind:14} {protocol.setting:7} {phases}")


def tag(fact: Fact) -> str:
    """How well a fact is known, with its source: '[recalled, medium: phillips_2019]'."""
    known = fact.status + (f", {fact.confidence}" if fact.confidence else "")
    return f"[{known}{f': {fact.ref}' if fact.ref else ''}]"


def _head(protocol: Protocol) -> Iterator[str]:
    yield f"{protocol.name} ({protocol.id})"
    route = f", {protocol.route}" if protocol.route else ""
    yield f"  {protocol.kind}{route}, {'at home' if protocol.setting == 'home' else 'in a clinic'}"
    yield f"  regulation: {protocol.regulation.words} {tag(protocol.regulation)}"
    if protocol.drugs:
        yield f"  a record's session counts where its treatment is: {', '.join(protocol.drugs)}"


def _line_of_weeks(protocol: Protocol) -> Iterator[str]:
    """The phases on a line, a week a place; ◆ a decision point. Phases without fixed weeks have their line without a place."""
    yield ""
    width = max(len(phase.id) for phase in protocol.phases)
    for phase in protocol.phases:
        start = phase.first_week
        bar = _bar(phase)
        offset = " " * (min(start, _LONGEST_LINE) - 1 if start else 0)
        yield f"  {phase.id:{width}}  {offset}{bar}  {_when(phase)}".rstrip()


def _bar(phase: ProtocolPhase) -> str:
    first = phase.first_week or 1
    last = phase.last_week or first + _OPEN_WEEKS - 1
    points = {point.week for point in phase.decision_points}
    weeks = "".join("◆" if week in points else "━" for week in range(first, min(last, _LONGEST_LINE) + 1))
    return weeks + ("▶" if phase.last_week is None or last > _LONGEST_LINE else "")


def _when(phase: ProtocolPhase) -> str:
    if phase.first_week and phase.last_week:
        weeks = f"weeks {phase.first_week} to {phase.last_week}"
    else:
        weeks = f"from week {phase.first_week}, open-ended" if phase.first_week else "open-ended, its weeks are not fixed"
    return weeks + (f", at most {phase.last_session} sessions" if phase.last_session else "")


def _phase(phase: ProtocolPhase) -> Iterator[str]:
    yield ""
    yield f"{phase.name} ({phase.id}): {_when(phase)} {tag(phase)}"
    yield from _note(phase, "  ")
    sessions = f"a session every {phase.session_interval_days:g} days, " if phase.session_interval_days else ""
    yield f"  {sessions}rated every {phase.rating_interval_days:g} days, a decision every {phase.decision_every_weeks:g} weeks"
    also = f" and {phase.minimum_sessions} sessions" if phase.minimum_sessions else ""
    yield f"  too early to judge before {phase.minimum_weeks:g} weeks{also}"
    if phase.interval:
        shortest, longest = phase.interval.shortest_days, phase.interval.longest_days
        until = f" to {longest:g}" if longest > shortest else ""
        yield f"  interval: {shortest:g}{until} days {tag(phase.interval)}"
        yield from _note(phase.interval)
    if rule := phase.extending:
        asked = f"{rule.ratings} ratings before sessions in remission over {rule.span_days:g} days"
        yield f"  longer only from remission: {asked}, changes {rule.apart_days:g} days apart {tag(rule)}"
        yield f"    worsening: {rule.on_worsening}; a session missed: {rule.on_missed_session}"
        yield from _note(rule)
    yield from _dose(phase.dose) if phase.dose else ()
    yield from (f"  at a decision point {_row(row)}" for row in phase.rows)
    yield from chain.from_iterable(_point(point) for point in phase.decision_points)
    yield from (_window(window) for window in phase.futility)
    yield from (f"  measured: {_measured(each)}" for each in phase.measures)
    yield from (f"  watched: {_watched(each)}" for each in phase.monitoring)
    yield from (f"  stopping is considered: {rule.when} {tag(rule)}" for rule in phase.stop_rules)
    if phase.next:
        yield f"  then: {phase.next}"


def _note(fact: Fact, indent: str = "    ") -> Iterator[str]:
    if fact.note:
        yield f"{indent}note: {fact.note}"


def _dose(dose: Dose) -> Iterator[str]:
    lower = f"from {dose.lower:g}" if dose.lower is not None else "no lower bound"
    upper = f"up to {dose.upper:g}" if dose.upper is not None else "the upper bound is left to the prescriber"
    steps = f"; steps {', '.join(f'{step:g}' for step in dose.steps)}" if dose.steps else ""
    steps += f"; steps of {dose.step_size:g}" if dose.step_size else ""
    start = f"; starts at {dose.start:g}" if dose.start is not None else ""
    yield f"  dose in {dose.unit} a {dose.per}: {lower}, {upper}{start}{steps} {tag(dose)}"
    if dose.step_rule:
        yield f"    {dose.step_rule}"
    yield from _note(dose)
    if dose.weight:
        yield f"    weight: {dose.weight.basis}; not older than {dose.weight.max_age_days:g} days {tag(dose.weight)}"


def _row(row: Row) -> str:
    spans = (f"{_OUTCOME_WORDS[name]} {row.span(name)[0]:g} to {row.span(name)[1]:g}" for name in OUTCOMES)
    return f"{row.instrument}: {', '.join(spans)} {tag(row)}"


def _point(point: DecisionPoint) -> Iterator[str]:
    when = f"end of week {point.week}" if point.week is not None else f"after session {point.session}"
    by = f", measured by {', '.join(point.measured_by)}" if point.measured_by else ""
    yield f"  decision point {point.id}, {when}: {point.name}{by} {tag(point)}"
    yield from (f"    {_OUTCOME_WORDS[outcome]}: {'; '.join(looked)}" for outcome, looked in point.considers.items())


def _window(window: FutilityWindow) -> str:
    after = f"{window.after_sessions} sessions" if window.after_sessions is not None else f"{window.after_weeks:g} weeks"
    against = f"; but: {window.disagreement}" if window.disagreement else ""
    return f"  futility window, {after}: {window.says}{against} {tag(window)}"


def _measured(each: Measured) -> str:
    when = _ANCHORS[each.anchor]
    if each.minutes_after is not None:
        when = f"{each.minutes_after:g} minutes after each dose"
    elif each.every_days is not None:
        when = f"every {each.every_days:g} days"
    return f"{each.instrument or each.measure}, {when} {tag(each)}"


def _watched(each: Monitoring) -> str:
    return f"{each.what} ({each.id}): {each.when} {tag(each)}"


def _in_every_phase(protocol: Protocol) -> Iterator[str]:
    said = [
        *(f"  measured: {_measured(each)}" for each in protocol.measures),
        *(f"  watched: {_watched(each)}" for each in protocol.monitoring),
        *(f"  stopping is considered: {rule.when} {tag(rule)}" for rule in protocol.stop_rules),
    ]
    if said:
        yield from ("", "In every phase", *said)


def _how_known(protocol: Protocol, references: Mapping[str, Reference]) -> Iterator[str]:
    facts = list(_facts(protocol))
    counts = Counter(fact.status for fact in facts)
    yield ""
    ours = f"{counts['design']} design (ours or the site's)"
    yield f"Facts: {counts['verified']} verified, {counts['recalled']} recalled (to be checked), {ours}."
    for ref in sorted({fact.ref for fact in facts if fact.ref}):
        source = references.get(ref)
        yield f"  {ref}: {source.citation} (seen: {source.seen})" if source else f"  {ref}"


def _facts(protocol: Protocol) -> Iterator[Fact]:
    yield protocol.regulation
    yield from _parts(protocol.measures, protocol.monitoring, protocol.stop_rules)
    for phase in protocol.phases:
        yield phase
        yield from (part for part in (phase.interval, phase.extending, phase.dose) if part)
        yield from (phase.dose.weight,) if phase.dose and phase.dose.weight else ()
        yield from _parts(phase.rows, phase.decision_points, phase.measures, phase.monitoring, phase.futility, phase.stop_rules)


def _parts(*groups: Iterable[Fact]) -> Iterator[Fact]:
    return chain.from_iterable(groups)
