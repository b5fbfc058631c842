"""The rules of the calibration ledger: when a forecast is scored, and when a site's own data withdraw the number. All design."""

from pydantic import Field, model_validator

from euthymia.facts import Fact, Number, Strict


class Alternatives(Fact):
    """How chances could be wrong: on the log-odds scale, every shift with every slope. The test bets on all of them alike."""

    shifts: tuple[float, ...] = Field(min_length=1)
    slopes: tuple[float, ...] = Field(min_length=1)


class LedgerRules(Strict):
    """What counts as the rating at the horizon, how sure the exclusion must be, and what error of a chance does not matter."""

    window_days: Number
    late_entry_days: Number
    false_withdrawal: Number
    tolerance: Number
    alternatives: Alternatives

    @model_validator(mode="after")
    def _in_range(self) -> "LedgerRules":
        if not 0 < self.false_withdrawal.value < 1:
            raise ValueError(f"found a false withdrawal of {self.false_withdrawal.value:g}; allowed: more than 0, less than 1")
        if not 0 <= self.tolerance.value < 0.5:
            raise ValueError(f"found a tolerance of {self.tolerance.value:g}; allowed: 0 to less than 0.5")
        if self.window_days.value < 0 or self.late_entry_days.value < 0:
            raise ValueError("found negative days; allowed: 0 or more")
        return self
