"""Events in words: what kind, what it says, and how it stands to others."""

from typing import Any

KIND_WORDS = {
    "person": "Person",
    "episode": "Episode",
    "target": "Target",
    "plan": "Plan",
    "assessment": "Rating",
    "request": "Request",
    "dose_session": "Session",
    "dose_log": "Dose at home",
    "regimen": "Regimen for home",
    "dispensing": "Dispensing",
    "left_over": "Units left over",
    "treatment_course": "Treatment course",
    "medication": "Medication",
    "condition": "Diagnosis or problem",
    "measurement": "Measurement",
    "observation": "Observation",
    "incident": "Incident",
    "goal": "Goal",
    "decision": "Decision",
    "concern": "Concern",
}
_NOT_SAID = {"id", "kind", "at", "recorded_at", "source", "supersedes", "entered_in_error", "answers_review", "code", "weights", "of"}


def kind_words(kind: str) -> str:
    """The kind of an event as people say it."""
    return KIND_WORDS.get(kind, kind.replace("_", " "))


def content_words(body: dict[str, Any]) -> str:
    """What an event says, field by field, as it was entered."""
    return " · ".join(f"{name.replace('_', ' ')}: {_value(value)}" for name, value in body.items() if name not in _NOT_SAID)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_value(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return "not answered" if value is None else str(value).replace("_", " ") if isinstance(value, str) and " " not in value else str(value)
