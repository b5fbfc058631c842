"""Who is told of an answer on suicidal thoughts, and how soon: the tiers as data, for a site to adopt or change.

A tier comes from the screener's answer, by the rules of `rules/`; a row here says which rule, or which situation around
it, means which tier. What is done then (the steps) stands in the rule that the row names.
"""

from typing import Literal

from pydantic import Field, model_validator

from euthymia.facts import Fact, Id, Number, Strict

Tier = Literal["high", "same_day", "low"]
TIERS: tuple[Tier, ...] = ("high", "same_day", "low")
# finding: the rule named says so, of a screener answered in this contact. unscreened: something is positive, and the
# screener was not answered to its end. new_or_higher: a question was answered higher than the last time it was asked, or
# for the first time. unchanged: positive as before, and the screener says no. old: recorded so late that it is history.
# concern: somebody who works here is worried. patient_concern: the patient is, and said so beside the questions.
When = Literal["finding", "unscreened", "new_or_higher", "unchanged", "old", "concern", "patient_concern"]
# Somebody says so: no answer of a form is looked at.
CONCERNS: tuple[When, ...] = ("concern", "patient_concern")


class AlertRow(Fact):
    """One row: when it holds, which tier it means, and what is done: as a rule says it, or in `steps` of its own."""

    id: Id
    tier: Tier
    when: When
    rule: Id | None = None
    steps: tuple[str, ...] = ()
    words: str = Field(min_length=1, description="Why, in plain words, for whoever is told.")

    @model_validator(mode="after")
    def _says_what_is_done(self) -> "AlertRow":
        if (self.rule is None) != bool(self.steps):
            raise ValueError("found both `rule` and `steps`, or neither; allowed: one of them")
        return self


class AlertRules(Strict):
    """The rows, highest first (the first that holds gives the tier), and the clocks around them."""

    screener: Id
    rules: Id
    contact_hours: Number
    page_again_minutes: Number
    measured_days: Number
    receives_more_by: Number
    rows: tuple[AlertRow, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> "AlertRules":
        ids = [row.id for row in self.rows]
        if len(set(ids)) != len(ids):
            raise ValueError(f"found rows {ids} with one twice; allowed: each once")
        # What is old is asked first: it is history, whatever it says.
        ranks = [TIERS.index(row.tier) for row in self.rows if row.when not in ("old", *CONCERNS)]
        if ranks != sorted(ranks):
            raise ValueError("found a row of a higher tier below one of a lower; allowed: highest first")
        if missing := {"unscreened", "new_or_higher", "old", "concern"} - {row.when for row in self.rows}:
            raise ValueError(f"found no row for {', '.join(sorted(missing))}; allowed: one each, so that nothing is silent")
        return self

    def row(self, when: When) -> AlertRow:
        """The row of a situation that is no rule's finding. A catalog of before hears a patient's concern as one of staff."""
        wanted = (when, "concern") if when == "patient_concern" else (when,)
        return next(row for each in wanted for row in self.rows if row.when == each)
