"""How often something happens in a session, as published or as chosen by us: what made-up sessions are held against.

Nothing of it is read by a review: it says nothing of any one patient.
"""

from pydantic import Field, model_validator

from euthymia.facts import Fact, Id, Number, Strict


class SessionRates(Fact):
    """Shares of sessions (0 to 1) in which something was reported. `sessions`, `patients`: of how many, where it was counted."""

    sessions: int | None = Field(None, gt=0)
    patients: int | None = Field(None, gt=0)
    sedation: Number
    dissociation: Number
    raised_pressure: Number
    serious_adverse_event: Number
    side_effects: dict[Id, Number] = Field({}, description="By the words of an observation.")

    @model_validator(mode="after")
    def _shares(self) -> "SessionRates":
        for name in ("sedation", "dissociation", "raised_pressure", "serious_adverse_event"):
            if not 0 < getattr(self, name).value < 1:
                raise ValueError(f"found {name} {getattr(self, name).value:g}; allowed: a share between 0 and 1")
        if wrong := {name: rate.value for name, rate in self.side_effects.items() if not 0 < rate.value < 1}:
            raise ValueError(f"found side_effects {wrong}; allowed: shares between 0 and 1")
        return self


class BaseRates(Strict):
    """By protocol. A protocol that is not here has no rates, and nothing is drawn for it."""

    protocols: dict[Id, SessionRates]
