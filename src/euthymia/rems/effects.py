"""Whether an effect occurred at any time of a session, when it was first noted and when it was gone.

"Yes" needs one look that saw it. "No" needs a look late enough, or one over the whole session, and nothing that speaks
against it: whoever saw nothing after five minutes has seen nothing of the forty that follow.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from euthymia.events import Observation
from euthymia.monitoring_form import FormField
from euthymia.rems.session import Seen
from euthymia.rules.readings import measured


@dataclass(frozen=True)
class Effect:
    """What is known of an effect. `why`: what would settle it, where it is not known. The observations: where it began and ended."""

    answer: Literal["yes", "no"] | None
    why: str = ""
    first: Observation | None = None
    gone: Observation | None = None


def effect(seen: Seen, field: FormField) -> Effect:
    """What the session's observations say of an effect."""
    found = [look for look in seen.observed(field.about) if (seen.minutes_at(look) or 0) >= 0]
    noted = [look for look in found if look.answer == "yes"]
    if noted:
        later = found[found.index(noted[-1]) + 1 :]
        gone = next((look for look in later if look.answer == "no" and look.at.instant is not None), None)
        return Effect("yes", first=next((look for look in noted if look.at.instant is not None), None), gone=gone)
    if scored := next(_scored(seen, field), ""):
        return Effect(None, f"{scored}: say whether it was {field.label.rstrip('?').lower()}")
    if not found:
        return Effect(None, "not recorded")
    if found[-1].answer == "unclear":
        return Effect(None, "the last answer was unclear")
    if not any(_late_enough(seen, look) for look in found if look.answer == "no"):
        return Effect(None, f"nobody looked from {seen.form.check_minutes.value:g} minutes after the dose on")
    return Effect("no")


def _late_enough(seen: Seen, look: Observation) -> bool:
    """Whether a "no" speaks of the session: late enough after the dose, or of the session as a whole."""
    if look.at.precision == "day":
        return True
    minutes = seen.minutes_at(look)
    return minutes is not None and minutes >= seen.form.check_minutes.value


def _scored(seen: Seen, field: FormField) -> Iterator[str]:
    """Scores after the dose that speak for the effect, with their time."""
    if field.score is None:
        return
    name = field.score.measured
    fact = seen.catalog.vocabulary[name]
    for reading in measured(seen.scene, name, fact):
        instant = reading.at.instant
        after = reading.day == seen.day and (instant is None or seen.start is None or instant > seen.start)
        if after and isinstance(reading.value, float) and field.score.speaks(reading.value):
            when = f" at {instant.astimezone(seen.record.zone):%H:%M}" if instant else ""
            yield f"{fact.words} was {reading.value:g}{when}"
