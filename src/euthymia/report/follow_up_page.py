"""What the templates of long-term safety are given: the same part for the page on paper and for the clinic's."""

from typing import Any

from euthymia.follow_up import FollowUp, Subject
from euthymia.report.compiled import compiled
from euthymia.report.follow_up_chart import Against, Panel, panel_chart, panels
from euthymia.report.follow_up_words import (
    answer_line,
    care_line,
    due_line,
    exposure_lines,
    given_row,
    is_alarming,
    referral_line,
    result_lines,
    series_line,
    session_row,
    sessions_lines,
    state_shape,
    state_words,
    threshold_line,
)
from euthymia.report.tokens import DARK, LIGHT
from euthymia.report.words import short_day

_SESSIONS_SHOWN = 40


def follow_up_view(said: FollowUp) -> dict[str, Any]:
    """Everything that `parts/follow_up.html` shows."""
    drawn = panels(said)
    rows = [session_row(seen) for seen in reversed(said.sessions)]
    return {
        "care": care_line(said),
        "answer": answer_line(said),
        "given": [given_row(given) for given in said.exposure.given],
        "exposure_lines": exposure_lines(said),
        "subjects": [_subject(subject, said, [panel for panel in drawn if panel.subject == subject.id]) for subject in said.subjects],
        "sessions": rows[:_SESSIONS_SHOWN],
        "sessions_left_out": max(0, len(rows) - _SESSIONS_SHOWN),
        "sessions_lines": sessions_lines(said),
        "referrals": [
            f"decided to refer on {short_day(each.day)}, without one of the places above: {each.words}" for each in said.referrals
        ],
        "evidence": said.evidence.sentence if said.evidence else "",
        "evidence_source": said.evidence_source,
    }


def _subject(subject: Subject, said: FollowUp, drawn: list[Panel]) -> dict[str, Any]:
    return {
        "id": subject.id,
        "name": subject.name,
        "state": subject.state,
        "shape": state_shape(subject),
        "words": state_words(subject),
        "alarming": is_alarming(subject),
        "results": result_lines(subject),
        "referral": referral_line(subject.referral) if subject.referral else None,
        "referral_open": bool(subject.referral and subject.referral.asked and subject.referral.state != "recorded"),
        "due": [{"words": due_line(item, said.on), "overdue": item.by < said.on} for item in subject.due],
        # What is computed of doses at home says nothing where there are none.
        "lines": [series_line(series, said.on) for series in subject.series if series.stated or series.points],
        "thresholds": [threshold_line(series, each) for series in subject.series for each in series.thresholds],
        "reasons": list(subject.reasons),
        "doings": [],
        "panels": [{"id": panel.id, "title": panel.title, "description": panel.description} for panel in drawn],
    }


def follow_up_pictures(said: FollowUp | None, against: Against = "time") -> dict[str, dict[str, Any]]:
    """Every picture in both themes as the browser draws it, by the id of its panel; empty where there is nothing to draw."""
    return {
        panel.id: {name: compiled(panel_chart(panel, said, tokens, against)) for name, tokens in (("light", LIGHT), ("dark", DARK))}
        for panel in (panels(said) if said else ())
        if said
    }
