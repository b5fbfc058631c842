"""Long-term safety in words: the same lines for the page on paper, the clinic's page and the terminal."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from euthymia.decisions import LISTED_AHEAD
from euthymia.facts import Status
from euthymia.follow_up import FollowUp, Given, Referral, Series, SessionSeen, Subject, SubjectState, Threshold
from euthymia.report.rules_words import ALARMING, SHAPES, RuleLine, rule_lines, severity_words
from euthymia.report.words import number, short_day
from euthymia.rule import SEVERITIES, Severity
from euthymia.rules import Finding, WatchDue

STATE_WORDS: dict[SubjectState, str] = {
    "finding": "found",
    "never_measured": "never measured",
    "cannot_tell": "cannot tell",
    "overdue": "overdue",
    "nothing_found": "nothing found",
    "not_applicable": "does not apply",
}
STATE_SHAPES: dict[SubjectState, str] = {
    "finding": "▲", "never_measured": "◇", "cannot_tell": "?", "overdue": "◇", "nothing_found": "○", "not_applicable": "–",
}  # fmt: skip
STATUS_SAID: dict[Status, str] = {
    "verified": "verified in a source",
    "recalled": "recalled from consensus, not confirmed",
    "design": "DESIGN: our own proposal",
}
STATUS_SHORT: dict[Status, str] = {"verified": "verified", "recalled": "recalled", "design": "DESIGN"}
_OPS = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}
_SAID_DAYS = 60


def care_line(said: FollowUp) -> str:
    """Which care, since when, and how much of it."""
    exposure = said.exposure
    if not exposure.given:
        return f"{said.care} ketamine care; no dose is recorded one by one"
    first = min(given.first for given in exposure.given)
    return f"{said.care} ketamine care since {short_day(first)}: {_doses(exposure.doses)}"


def answer_line(said: FollowUp) -> str:
    """What to know first: findings, what was never measured, what is overdue."""
    parts = [
        *(f"{subject.name.lower()}: {state_words(subject)}" for subject in said.subjects if subject.state == "finding"),
        *_named("never measured", [s.name.lower() for s in said.subjects if s.state == "never_measured"]),
        *_named("cannot tell", [s.name.lower() for s in said.subjects if s.state == "cannot_tell"]),
    ]
    late = sum(item.by < said.on for subject in said.subjects for item in subject.due)
    now = sum(item.by == said.on for subject in said.subjects for item in subject.due)
    parts += [f"{late} {'check is' if late == 1 else 'checks are'} overdue"] if late else []
    parts += [f"{now} due today"] if now else []
    return f"{'; '.join(parts)}." if parts else "Nothing was found, and nothing is overdue."


def _named(words: str, names: list[str]) -> list[str]:
    return [f"{words}: {', '.join(names)}"] if names else []


def state_words(subject: Subject) -> str:
    """The state of a subject; of a finding, how grave."""
    severity = _gravest(subject)
    return severity_words(severity) if severity else STATE_WORDS[subject.state]


def state_shape(subject: Subject) -> str:
    """Its shape, which says the same as the words."""
    severity = _gravest(subject)
    return SHAPES[severity] if severity else STATE_SHAPES[subject.state]


def is_alarming(subject: Subject) -> bool:
    """Whether its gravest finding asks for a hold or more."""
    return _gravest(subject) in ALARMING


def _gravest(subject: Subject) -> Severity | None:
    found = [SEVERITIES.index(result.severity) for result in subject.results if isinstance(result, Finding)]
    return SEVERITIES[min(found)] if found else None


def exposure_lines(said: FollowUp) -> list[str]:
    """What the table of exposure does not hold: what is not in it, and that nothing is summed over routes."""
    exposure, lines = said.exposure, []
    if exposure.listed:
        lines.append(f"{', '.join(exposure.listed)} stands among the medicines; its single doses are not recorded there")
    if exposure.unclear:
        lines.append(f"{_count(exposure.unclear, 'log')} at home without saying whether the dose was taken: not counted")
    if any(given.at_home for given in exposure.given):
        lines.append("doses at home that nobody logged are not known: there can have been more")
    if exposure.undated:
        lines.append(
            f"{_count(exposure.undated, 'dose')} on a day that is not known exactly, counted from the earliest day that it can have been"
        )
    if len(exposure.given) > 1:
        lines.append("mg are never added over drugs or routes: a mg is not the same by another route")
    return lines


def given_row(given: Given) -> dict[str, str]:
    """One drug by one route, as a row."""
    counts = [f"{given.supervised} in sessions" if given.supervised else "", f"{given.at_home} at home" if given.at_home else ""]
    known = given.supervised + given.at_home - given.mg_unknown
    unknown = f"{given.mg_unknown} of unknown mg, not in the sum" if given.mg_unknown else ""
    return {
        "what": f"{given.drug}, {given.route or 'route not recorded'}",
        "doses": ", ".join(filter(None, counts)),
        "mg": f"{number(given.mg)} mg" if known else "not known",
        "unknown": unknown,
        "when": f"{short_day(given.first)} to {short_day(given.last)}",
    }


def value_words(series: Series, value: float | str | None, upper: float | None = None) -> str:
    """A reading as it is said."""
    if value is None:
        return "not known"
    if isinstance(value, str):
        return {"yes": series.answers[0], "no": series.answers[1]}.get(value, value.replace("_", " "))
    said = number(value) if upper is None or number(upper) == number(value) else f"{number(value)} to {number(upper)}"
    return f"{said} {series.unit}".strip()


def series_line(series: Series, on: date) -> str:
    """The last value with its day and age; the trend since the patient's own first one."""
    last = series.last
    if last.value is None:
        seen = f"; last known {value_words(series, last.last)}" if last.last is not None else ""
        never = not any(point.value is not None for point in series.points)
        why = f" ({last.why})" if last.why not in ("", "not recorded") else ""
        return f"{series.words}: {'never measured' if never and series.numeric else 'not recorded' if never else 'not known'}{why}{seen}"
    when = f" on {short_day(last.day)} ({age_words(series.age_days)})" if last.day is not None and last.day != on else " today"
    standing = "" if last.source in ("record", "person") else when
    # A number may be known as a range for more than one reason: the point says for which.
    ranged = last.upper is not None and last.upper != last.value and series.points
    limit = f"; {series.points[-1].why}" if ranged and series.points[-1].why else ""
    return f"{series.words}: {value_words(series, last.value, last.upper)}{standing}{limit}{_trend(series)}{_gaps(series)}"


def age_words(days: int | None) -> str:
    """How long ago, in days, and in months where it is long."""
    if days is None:
        return "when is not known"
    return f"{days} day{'' if days == 1 else 's'} ago" if days < _SAID_DAYS else f"{round(days / 30.4)} months ago"


def _trend(series: Series) -> str:
    if series.change is None or series.first is None or series.first.day == series.last.day:
        return ""
    first = f"{value_words(series, series.first.value)} on {short_day(series.first.day)}"
    change = number(abs(series.change))
    if change == "0":
        return f"; as the own first one ({first})"
    return f"; {'up' if series.change > 0 else 'down'} by {change} since the own first one ({first})"


def _gaps(series: Series) -> str:
    unknown, sessions = series.unrecorded or (0, 0)
    return f"; not known of {unknown} of {_count(sessions, 'session')}" if unknown else ""


def threshold_line(series: Series, threshold: Threshold) -> str:
    """The number, what it means, and how well it is known."""
    value = f"{number(threshold.value)} {'' if threshold.unit.startswith('{') else series.unit}".strip()
    at = f"{'change of ' if threshold.since_first else ''}{_OPS.get(threshold.op, threshold.op)} {value}"
    since = " since the own first one" if threshold.since_first else ""
    follows = f"{severity_words(threshold.severity)}: {', '.join(threshold.actions) or threshold.question}"
    own = f"; what follows is {STATUS_SHORT[threshold.rule_status]}" if threshold.rule_status != threshold.status else ""
    source = threshold.source or threshold.note
    return f"{series.words} {at}{since} — {follows}. Number: {STATUS_SAID[threshold.status]}{f' ({source})' if source else ''}{own}"


def referral_line(referral: Referral) -> str | None:
    """What is recorded of a referral; that none is, where a finding asks for one."""
    last = referral.recorded[-1] if referral.recorded else None
    said = f"referral to {referral.to} recorded on {short_day(last.day)}: {last.words}" if last else ""
    if referral.state == "older":
        return f"{said}; that was before what asks for it now. No referral is recorded since"
    if referral.state == "recorded":
        return said
    if not referral.asked:
        return None
    answered = " It was answered that there is none." if referral.state == "not_referred" else ""
    return f"a finding asks for a referral to {referral.to}; no referral is recorded.{answered}"


def due_line(item: WatchDue, on: date) -> str:
    """What is due, and by when."""
    late = (on - item.by).days
    when = f"overdue since {short_day(item.by)}" if late > 0 else "due today" if late == 0 else f"by {short_day(item.by)}"
    return f"{item.what}: {when}"


def result_lines(subject: Subject) -> list[RuleLine]:
    """What the rules found, and what they cannot tell, with what is missing."""
    return rule_lines(subject.results)


def session_row(seen: SessionSeen) -> dict[str, str]:
    """One dose and what was recorded around it."""
    rise = None if seen.systolic_before is None or seen.systolic_peak is None else seen.systolic_peak - seen.systolic_before
    return {
        "number": str(seen.number),
        "day": short_day(seen.day),
        "dose": seen.dose + (", at home" if seen.at_home else ""),
        "same": {True: "as before", False: "changed", None: ""}[seen.same_dose],
        "before": _pressure(seen.systolic_before, seen.diastolic_before),
        "peak": _pressure(seen.systolic_peak, seen.diastolic_peak),
        "rise": "not known" if rise is None else f"{rise:+.0f}",
        "cadss6": "not recorded" if seen.cadss6 is None else number(seen.cadss6),
        "missing": "; ".join(seen.missing),
    }


def sessions_lines(said: FollowUp) -> list[str]:
    """Of how many sessions something was not recorded."""
    sessions = [seen for seen in said.sessions if not seen.at_home]
    gaps = Counter(line.split(":")[0] for seen in sessions for line in seen.missing)
    lines = [f"{what}: not known of {count} of {_count(len(sessions), 'session')}" for what, count in sorted(gaps.items())]
    if said.home_without_readings:
        lines.append(f"{_count(said.home_without_readings, 'dose')} at home without any reading around it")
    return lines


def terminal_lines(said: FollowUp) -> Iterator[str]:
    """Long-term safety as lines: the answer, then every subject that says something, then exposure."""
    yield answer_line(said)
    for subject in said.subjects:
        drawn = {fact for facts in subject.drawn for fact in facts}
        told = [series for series in subject.series if series.fact in drawn or series.last.value == series.worse]
        parts = [series_line(series, said.on) for series in told if series.last.value is not None]
        referral = referral_line(subject.referral) if subject.referral else None
        due = [due_line(item, said.on) for item in subject.due if item.by <= said.on + LISTED_AHEAD]
        yield f"{state_shape(subject)} {subject.name}: {'; '.join([state_words(subject), *parts, *([referral] if referral else []), *due])}"
    for given in said.exposure.given:
        row = given_row(given)
        unknown = f" ({row['unknown']})" if row["unknown"] else ""
        yield f"so far {row['what']}: {row['doses']}, {row['mg']}{unknown}"
    yield from exposure_lines(said)
    if said.evidence:
        yield f"{said.evidence.sentence} ({said.evidence_source})"


def _pressure(systolic: float | None, diastolic: float | None) -> str:
    if systolic is None and diastolic is None:
        return "not recorded"
    return f"{'?' if systolic is None else number(systolic)}/{'?' if diastolic is None else number(diastolic)}"


def _doses(count: int) -> str:
    return _count(count, "session or dose") if count == 1 else f"{count} sessions and doses"


def _count(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
