"""What was decided, by the protocol's rhythm and once a status asked for it; some are still to come."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from euthymia.reviewing import Review
from euthymia_clinic.demo.drawing import Body, Drawn, at_clock

_DECIDED, _CAUGHT_UP = 31, 32
_CLOCK = time(15, 30)
_RECORDED, _ANSWERED = 0.93, 0.75
_SIMULATED = {"switch": "not_enough_better", "stop": "patient_preference"}
# What is done about a plateau, and how often.
_PLATEAU = (
    (("continue", "just_changed"), 0.35),
    (("titrate", "not_enough_better"), 0.3),
    (("refer", "not_enough_better"), 0.2),
    (("add", "not_enough_better"), 0.15),
)


def decisions_made(drawn: Drawn) -> Iterator[Body]:
    """The decisions that the simulator made, in the clinic's words, and "continue" at most of the other decision points."""
    chance, zone = drawn.place.stream(_DECIDED), ZoneInfo(drawn.place.zone)
    changed = {event["at"][:10]: event for event in drawn.events if event["kind"] == "decision"}
    plans = {event["at"][:10]: event for event in drawn.events if event["kind"] == "plan"}
    interval: float | None = None
    for day in sorted({*changed, *plans}):
        new = plans.get(day, {}).get("session_interval_days")
        if day in changed:
            code = _SIMULATED.get(
                changed[day]["disposition"], "remission_less" if new and interval and new > interval else "not_enough_better"
            )
            yield decision(drawn, date.fromisoformat(day), changed[day]["disposition"], code, zone)
            if changed[day]["disposition"] == "stop":
                yield _without_sessions(day)
        interval = new
    for day in drawn.decision_days:
        if chance.random() < _RECORDED and not any(abs((day - date.fromisoformat(other)).days) < 5 for other in changed):
            yield decision(drawn, day, "continue", _why(drawn, day), zone)


def caught_up(drawn: Drawn, review: Review, again: int = 0) -> Body | None:
    """The decision that answers what is overdue in a review; None where nothing is, or nobody has answered it yet."""
    due, status = review.decisions.due, review.verdict.status
    chance = drawn.place.stream(_CAUGHT_UP)
    if due is None or not due.overdue or status == "cannot_tell" or chance.random() >= _ANSWERED:
        return None
    latest = drawn.last - timedelta(days=int(chance.integers(0, 12)))
    day = min(max(latest, due.by - timedelta(days=3), review.verdict.since or due.by), drawn.last)
    disposition, code = _answer(status, chance)
    if disposition == "continue" and (review.decisions.continues_in_a_row >= 2 or again):
        disposition, code = "titrate", "not_enough_better"
    return decision(drawn, day, disposition, code, ZoneInfo(drawn.place.zone), f"-answer-{again}")


def decision(drawn: Drawn, day: date, disposition: str, code: str, zone: ZoneInfo, more: str = "") -> Body:
    """A decision of the prescriber, with its reason from the catalog's list."""
    reason = drawn.catalog.decisions.reason(code)
    event = {"kind": "decision", "id": f"decision-{day}{more}", "at": at_clock(day, _CLOCK, zone), "disposition": disposition}
    return {**event, "reason": reason.words if reason else code, "reason_code": code, "by": "prescriber"}


def _without_sessions(day: str) -> Body:
    """The plan after the last session: what goes on, rated every four weeks."""
    plan = {"kind": "plan", "id": f"plan-after-{day}", "at": day, "protocol": "as_so_far", "rating_interval_days": 28}
    return {**plan, "summary": "No more sessions for now; ratings go on"}


def _why(drawn: Drawn, day: date) -> str:
    """Why nothing was changed: by where the patient stood."""
    then, first = drawn.severity(day), drawn.ratings[0][1] / 27
    if (day - drawn.place.start).days < 40:
        return "still_moving" if then < 0.8 * first else "too_early"
    return "remission_holds" if then <= 4 / 27 else "still_moving" if then < 0.6 * first else "patient_preference"


def _answer(status: str, chance: np.random.Generator) -> tuple[str, str]:
    if status == "losing_ground":
        return "change_interval", "lost_ground"
    if status in ("holding_above_remission", "not_improving"):
        return _PLATEAU[int(chance.choice(len(_PLATEAU), p=[share for _, share in _PLATEAU]))][0]
    return "continue", {"remission": "remission_holds", "too_early": "too_early"}.get(status, "still_moving")
