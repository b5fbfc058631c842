"""What is followed in the long term: subjects of facts, what is drawn of them, and where a finding refers to."""

from pydantic import Field

from euthymia.facts import Fact, Id, Strict


class ReferralFound(Strict):
    """Where findings refer to: the observation that records it, how a decision to refer names it, the rules that ask for it."""

    to: str
    fact: Id
    words: tuple[str, ...] = Field(min_length=1)
    asked_by: tuple[Id, ...] = Field(min_length=1)


class Followed(Strict):
    """One subject of long-term safety: the facts that are followed together, in the order of a page.

    `drawn`: the numbers that are drawn, each tuple in one picture with one axis.
    """

    name: str
    facts: tuple[Id, ...] = Field(min_length=1)
    drawn: tuple[tuple[Id, ...], ...] = ()
    referral: ReferralFound | None = None


class LongTermEvidence(Fact):
    """What is known of long-term safety, in one sentence that stands on every page about it."""

    sentence: str
