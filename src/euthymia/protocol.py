"""A treatment protocol as data, as far as the verdict needs it: phases, cadence, decision points, minimum exposures."""

from pydantic import Field

from euthymia.facts import Fact, Id, Strict


class ProtocolPhase(Fact):
    """One phase of a protocol, as far as the verdict needs it: cadence, decision points, and when it is too early.

    It is too early before both `minimum_weeks` and `minimum_sessions` (where given) are reached in this phase.
    """

    id: Id
    name: str
    session_interval_days: float | None = Field(None, gt=0)
    rating_interval_days: float = Field(gt=0)
    decision_every_weeks: float = Field(gt=0)
    minimum_weeks: float = Field(ge=0)
    minimum_sessions: int | None = Field(None, ge=0)


class Protocol(Strict):
    """A treatment protocol as data."""

    id: Id
    name: str
    regulatory: str
    phases: tuple[ProtocolPhase, ...] = Field(min_length=1)

    def phase(self, phase_id: str | None) -> ProtocolPhase | None:
        """The phase of that id; the first phase where none is named; None where it is unknown."""
        return self.phases[0] if phase_id is None else next((p for p in self.phases if p.id == phase_id), None)
