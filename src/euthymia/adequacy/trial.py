"""What a treatment trial is, once it is judged."""

from dataclasses import dataclass
from typing import Literal

from euthymia.facts import Status
from euthymia.moment import Moment
from euthymia.treatment import TreatmentKind

Adequacy = Literal["adequate", "inadequate", "indeterminate"]
Why = Literal["dose", "duration", "adherence", "intolerant"]
TrialOutcome = Literal["remission", "response", "partial", "none", "worse", "unknown"]
CountsAs = Literal["no_response", "partial_response", "benefit", "not_counted", "cannot_tell"]


@dataclass(frozen=True)
class Judgement:
    """One trial's exposure: adequate or not, why, in which words, and what would settle it.

    `why`: of an inadequate trial alone. `days_lowest`, `days_highest`: days at an adequate dose, whatever the true dates
    are (None where sessions are counted). `atrq`: whether the longer minimum of the MGH-ATRQ is reached too.
    `not_known`: of an indeterminate trial, what leaves it so.
    """

    adequacy: Adequacy
    why: Why | None
    exposure: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    basis: Status
    days_lowest: int | None = None
    days_highest: int | None = None
    atrq: bool | None = None
    in_episode: bool | None = None
    not_known: tuple[Literal["dose", "duration"], ...] = ()


@dataclass(frozen=True)
class Trial:
    """One treatment trial: what was taken, when, whether that was enough, and how it turned out.

    `treatment` None: not in the catalog; kept, never counted. `end` None: going on, or the end is not known
    (`ended_known`). `in_episode`: begun in the current episode, or taken in it for an adequate time; None: cannot tell.
    `counts_as`: what the trial says by itself; which kinds count is for a definition. `added_to`: the antidepressants
    that were going on when it was begun. `drug`: recorded as a drug, not as sessions or a course. `basis`: the weakest
    status of the facts used. `may_be`: the antidepressants of an entry that names several: one after the other, or at once.
    """

    id: str
    events: tuple[str, ...]
    treatment: str | None
    name: str
    kind: TreatmentKind
    drug_class: str | None
    start: Moment
    end: Moment | None
    ended_known: bool
    going_on: bool
    in_episode: bool | None
    exposure: str
    adequacy: Adequacy
    why: Why | None
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    outcome: TrialOutcome
    outcome_source: str | None
    counts_as: CountsAs
    basis: Status
    days_lowest: int | None = None
    days_highest: int | None = None
    atrq: bool | None = None
    not_known: tuple[Literal["dose", "duration"], ...] = ()
    adherence_percent: float | None = None
    technique: str | None = None
    added_to: tuple[str, ...] = ()
    drug: bool = True
    may_be: tuple[str, ...] = ()


def counts_as(adequacy: Adequacy, outcome: TrialOutcome) -> CountsAs:
    """What a trial says. A benefit is one at any dose; no response says something only after an adequate exposure."""
    if outcome in ("remission", "response"):
        return "benefit"
    if adequacy == "inadequate":
        return "not_counted"
    if adequacy == "indeterminate" or outcome == "unknown":
        return "cannot_tell"
    return "partial_response" if outcome == "partial" else "no_response"
