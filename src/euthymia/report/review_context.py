"""What the templates of a review are given, in words: the same for the page that stands alone and for the clinic's."""

from collections.abc import Iterator, Sequence
from typing import Any

from euthymia.domains import DomainView
from euthymia.report.follow_up_page import follow_up_view
from euthymia.report.home_words import LEGEND, home_view
from euthymia.report.options_page import decide_view
from euthymia.report.review_words import decision_lines, history_lines, position_lines, trial_row
from euthymia.report.rules_words import rule_lines
from euthymia.report.titration_words import titration_view
from euthymia.report.words import (
    DOMAIN_WORDS,
    FINDING_SHAPES,
    TONES,
    badge,
    chance_rests_on,
    chance_title,
    data_lines,
    due_words,
    finding_words,
    number,
    percent,
    phase_words,
    provenance_lines,
    safety_line,
    short_day,
    standing,
)
from euthymia.reviewing import Review
from euthymia.timeline import Lane

_SPARK_WIDTH, _SPARK_HEIGHT = 84, 24


def review_context(review: Review) -> dict[str, Any]:
    """Everything that `templates/parts/` and `templates/options.html` show of one review; the chart apart."""
    return {
        "name": review.patient_id,
        "review": review,
        "tone": TONES[review.verdict.status],
        "shapes": FINDING_SHAPES,
        "finding_words": finding_words,
        "standing": standing(review),
        "badge": badge(review),
        "course": " ".join(review.answer.reasons[:2]) if review.verdict.better is not None else "",
        "chance": _chance(review),
        "instrument": review.timeline.scale.short_name if review.timeline.scale else "",
        "domains": [_domain(view, review) for view in review.domains],
        "parts": list(_parts(review)),
        "due": [{"words": due_words(item, review.on), "overdue": item.overdue} for item in review.due],
        "data_lines": data_lines(review),
        "safety_line": safety_line(review),
        "ratings": [_rating(review, index) for index in range(len(review.episode.ratings))],
        "history": list(_history(review)),
        "decide": decide_view(review.options),
        "follow_up": follow_up_view(review.follow_up) if review.follow_up else None,
        "decision": {"lines": decision_lines(review), "overdue": bool(review.decisions.due and review.decisions.due.overdue)},
        "rules": rule_lines(review.rules),
        "titration": titration_view(review),
        "combination": review.combination,
        "home": home_view(review),
        "home_legend": LEGEND,
        "position": position_lines(review),
        "told": history_lines(review),
        "trials": [trial_row(trial) for trial in review.history.trials],
        "made_from": provenance_lines(review),
    }


def _chance(review: Review) -> dict[str, Any] | None:
    title, chance = chance_title(review), review.verdict.probability
    if title is None or chance is None or review.verdict.status == "cannot_tell":
        return None
    return {"title": title, "percent": percent(chance), "width": round(chance * 100), "rests_on": chance_rests_on(review)}


def _domain(view: DomainView, review: Review) -> dict[str, Any]:
    cut = review.episode.cut if view.domain == "symptoms" else None
    totals = [total for _, total in view.points]
    return {
        "title": DOMAIN_WORDS[view.domain],
        "short_name": view.short_name,
        "latest": None if view.latest is None else number(view.latest),
        "day": short_day(view.day) if view.day else "",
        "higher_is_better": not view.lower_is_better,
        "words": view.words,
        "course": f"course: {', '.join(number(total) for total in totals)}",
        **spark(totals, cut),
    }


def spark(totals: Sequence[float], cut: float | None) -> dict[str, Any]:
    """A small line from the first to the last score, with the remission line where it is known."""
    if len(totals) < 2:
        return {"spark": None, "cut": None, "end": None}
    seen = [*totals, *([cut] if cut is not None else [])]
    low, span = min(seen), (max(seen) - min(seen)) or 1.0

    def height(total: float) -> float:
        return round(_SPARK_HEIGHT - 2 - (total - low) / span * (_SPARK_HEIGHT - 4), 1)

    points = [(round(i * (_SPARK_WIDTH - 4) / (len(totals) - 1), 1), height(total)) for i, total in enumerate(totals)]
    return {"spark": " ".join(f"{x},{y}" for x, y in points), "end": points[-1], "cut": None if cut is None else height(cut)}


def _parts(review: Review) -> Iterator[str]:
    for words, part in (("Mood and thinking", review.left.mood_thinking), ("Bodily", review.left.bodily)):
        if part:
            yield f"{words}: {number(part.total)} of {number(part.maximum)}"


def _rating(review: Review, index: int) -> dict[str, str]:
    rating = review.episode.ratings[index]
    counted, score = any(rating.id == each.id for each in review.episode.series), rating.score
    return {
        "day": short_day(rating.day),
        "instrument": _instrument(review, rating.instrument),
        "score": number(rating.total) if rating.total is not None else "no total" if score else "incomplete",
        "band": ((score.band_label or "") + (" (prorated)" if score.prorated else "")) if score else "",
        "phase": phase_words(rating.phase),
        "counted": "yes" if counted else "no",
    }


def _instrument(review: Review, instrument: str) -> str:
    """The short name where the review holds it, else the id as it is written on paper."""
    names = {view.instrument: view.short_name for view in review.domains}
    scale = review.timeline.scale
    return scale.short_name if scale and scale.instrument == instrument else names.get(instrument) or instrument.upper().replace("_", "-")


def _history(review: Review) -> Iterator[tuple[str, str, str]]:
    for lane in review.timeline.lanes:
        yield from _lane_rows(lane)
    for mark in review.timeline.marks:
        yield short_day(mark.day), f"{mark.kind}: {mark.words}", mark.detail or ""


def _lane_rows(lane: Lane) -> Iterator[tuple[str, str, str]]:
    if lane.doses:
        taken = [dose for dose in lane.doses if dose.taken]
        amounts = sorted({dose.amount for dose in taken if dose.amount})
        unit = next((dose.unit for dose in taken if dose.unit), "")
        span = (
            f"{number(amounts[0])} to {number(amounts[-1])} {unit}"
            if len(amounts) > 1
            else f"{number(amounts[0])} {unit}"
            if amounts
            else ""
        )
        when = f"{short_day(lane.doses[0].day)} to {short_day(lane.doses[-1].day)}"
        yield when, lane.name, ", ".join(filter(None, (f"{len(taken)} of {len(lane.doses)} taken", span)))
    for stretch in lane.stretches:
        until = short_day(stretch.end) if stretch.end else "today"
        yield f"{short_day(stretch.start)} to {until}", lane.name, stretch.words
