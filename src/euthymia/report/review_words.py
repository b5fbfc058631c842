"""Decision, protocol and treatment history as lines that the page and the terminal share."""

from datetime import date

from euthymia.adequacy import Trial
from euthymia.moment import Moment, day_in_words, moment_in_words
from euthymia.report.words import printable, short_day
from euthymia.reviewing import Review

_STATES = {"met": "yes", "not_met": "no", "cannot_tell": "cannot tell"}


def decision_lines(review: Review) -> list[str]:
    """What is to be decided, by when, since what, and what the decision needs; then the last one."""
    decided, lines = review.decisions, []
    if decided.due is None:
        lines.append("nothing asks for a decision now")
    else:
        late = " — overdue" if decided.due.overdue else ""
        lines.append(f"{decided.due.what}, by {day_in_words(decided.due.by)}{late}")
        lines += [f"asked for by {printable(why)}" for why in decided.due.since]
        lines += [f"needs {printable(need)}" for need in decided.due.needs]
    if decided.held_until:
        lines.append(f"on hold by agreement until {day_in_words(decided.held_until)}")
    if decided.hold_void:
        lines.append(printable(decided.hold_void))
    if last := decided.last:
        reason = f": {printable(last.reason)}" if last.reason else ""
        lines.append(f"last decision: {last.disposition.replace('_', ' ')} on {moment_in_words(last.at)}{reason}")
    return lines


def position_lines(review: Review) -> list[str]:
    """Where the patient stands in the protocol: phase, dose and its bounds, interval, decision points, futility windows."""
    stands = review.position
    lines = [*stands.words, stands.dose.words, stands.interval_words]
    lines += [
        f"{'reached' if window.reached else 'not reached' if window.reached is False else 'not known'}: {window.words}"
        for window in stands.futility
    ]
    return [printable(line) for line in lines if line]


def history_lines(review: Review) -> list[str]:
    """The history in one sentence, then each definition of resistance with its answer."""
    told = review.history
    lines = [told.sentence]
    lines += [f"{each.name}: {_STATES[each.state]} — {each.reasons[0]}" for each in told.resistance]
    return [printable(line.rstrip(".")) for line in lines]


def _briefly(moment: Moment) -> str:
    """A day where room is short; a month or a year stays one."""
    return short_day(date.fromisoformat(moment.text[:10])) if moment.has_day else moment_in_words(moment)


def trial_row(trial: Trial) -> dict[str, str]:
    """One treatment trial as a row of a table: when, what, how it is judged, its outcome and why."""
    end = _briefly(trial.end) if trial.end else "going on" if trial.going_on else "end not known"
    return {
        "when": f"{_briefly(trial.start)} – {end}",
        "name": trial.name,
        "exposure": trial.exposure,
        "shape": {"adequate": "●", "inadequate": "○", "indeterminate": "?"}[trial.adequacy],
        "adequacy": trial.adequacy,
        "outcome": {"none": "no response", "unknown": "not known"}.get(trial.outcome, trial.outcome),
        "source": trial.outcome_source or "",
        "why": "; ".join((*trial.reasons, *(f"not known: {line}" for line in trial.missing))),
    }
