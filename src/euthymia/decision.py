"""What a site asks of decisions: its list of reasons, when one falls due, and what "no change" needs on a plateau."""

from typing import Literal

from pydantic import Field, model_validator

from euthymia.events import Disposition
from euthymia.facts import Fact, Id, Number, Strict
from euthymia.rule import Severity

AskingStatus = Literal[
    "losing_ground", "not_improving", "holding_above_remission", "undecided", "too_early", "moving_toward_remission", "remission"
]


class DecisionReason(Fact):
    """One entry of the site's list of reasons, and the dispositions that it can be given for."""

    id: Id
    words: str = Field(min_length=1)
    dispositions: tuple[Disposition, ...] = Field(min_length=1)


class DecisionRules(Strict):
    """When a decision is asked for, and what it must hold.

    `after_status`, `after_finding`: within how many days a decision is due once the verdict has entered the status, or a
    finding of that severity has come up. `plateau`: the statuses on which each "continue" is counted;
    `second_opinion_at`: the place in the row that needs more than a reason. `overdue_after_days`: days after the due
    day. `next_max_weeks`: the farthest next day, whatever is decided (a hold has its own, in the verdict rules).
    """

    reasons: tuple[DecisionReason, ...] = Field(min_length=1)
    plateau: tuple[AskingStatus, ...] = Field(min_length=1)
    second_opinion_at: Number
    second_opinion_days: Number
    overdue_after_days: Number
    next_max_weeks: Number
    after_status: dict[AskingStatus, Number]
    after_finding: dict[Severity, Number]

    def reason(self, reason_id: str) -> DecisionReason | None:
        """The entry of that id; None where the list has none."""
        return next((reason for reason in self.reasons if reason.id == reason_id), None)

    @model_validator(mode="after")
    def _sound(self) -> "DecisionRules":
        ids = [reason.id for reason in self.reasons]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"found the reason {twice[0]!r} twice; allowed: each id once")
        if "continue" not in {d for reason in self.reasons for d in reason.dispositions}:
            raise ValueError("found no reason for 'continue'; allowed: at least one, for no change needs a reason")
        whole = {"second_opinion_at": 2.0, "second_opinion_days": 0.0, "overdue_after_days": 0.0, "next_max_weeks": 1.0}
        for name, least in whole.items():
            _whole(name, getattr(self, name), least)
        for table in ("after_status", "after_finding"):
            for key, number in getattr(self, table).items():
                _whole(f"{table}.{key}", number, 0.0)
        return self


def _whole(name: str, number: Number, least: float) -> None:
    if number.value < least or number.value != int(number.value):
        raise ValueError(f"found {name} {number.value:g}; allowed: a whole number from {least:g}")
