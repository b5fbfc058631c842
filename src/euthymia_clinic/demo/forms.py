"""The monitoring forms of the demo's sprays: most submitted within the week, one in a while left lying."""

from collections.abc import Iterator
from datetime import date, timedelta

from euthymia.rems import SUBMITTED
from euthymia_clinic.demo.drawing import Body, Drawn

_FORMS = 7
_LEFT_LYING = 0.02
_LATEST_DAYS = 6


def forms_submitted(drawn: Drawn) -> Iterator[Body]:
    """That the form of a session was submitted, some days after it; of the last days not all are."""
    chance = drawn.place.stream(_FORMS)
    for event in drawn.events:
        if event["kind"] == "dose_session" and event["treatment"] == "esketamine":
            lies, days = chance.random() < _LEFT_LYING, int(chance.integers(0, _LATEST_DAYS))
            day = date.fromisoformat(event["at"][:10]) + timedelta(days=days)
            if not lies and day <= drawn.last:
                yield {
                    "kind": "observation",
                    "id": f"rems-{event['id']}",
                    "at": str(day),
                    "about": SUBMITTED,
                    "answer": "yes",
                    "of": event["id"],
                }
