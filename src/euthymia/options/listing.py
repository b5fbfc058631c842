"""Whether an option is listed, and whether it may be offered: its own conditions, read against what is known. Nothing else is read here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from euthymia.option import PLATEAU, Listing, Need, Option, VerdictStatus


@dataclass(frozen=True)
class Situation:
    """What the conditions of options are read against.

    `trials`: adequate trials of an antidepressant in this episode that did not end in response; `unsettled`: trials of
    which that cannot be told. `holds`, `unknown`: circumstances that are known to hold, and those that nobody can tell;
    all others are known not to hold. `words`: what a placeholder stands for; what nobody knows is not in it.
    """

    status: VerdictStatus
    trials: int
    unsettled: int
    holds: frozenset[str]
    unknown: frozenset[str]
    words: Mapping[str, str] = field(default_factory=dict)


def listing(option: Option, situation: Situation) -> Listing | None:
    """The first row of "listed when" that holds; None where the option is not for this situation."""
    return next((row for row in option.listed_when if row_holds(row, situation)), None)


def row_holds(row: Listing, situation: Situation) -> bool:
    """Whether every condition of a row holds. Trials that nobody can judge may be what is missing to its minimum."""
    named = {*row.statuses, *(PLATEAU if "plateau" in row.statuses else ())}
    return (
        situation.status in named
        and (row.trials_at_least is None or situation.trials + situation.unsettled >= row.trials_at_least)
        and (row.trials_at_most is None or situation.trials <= row.trials_at_most)
        and situation.holds.issuperset(row.holds)
        and situation.holds.isdisjoint(row.not_when)
    )


def unmet(option: Option, situation: Situation) -> tuple[tuple[Need, str], ...]:
    """The needs that hold an option back, with the words that say so."""
    found: list[tuple[Need, str]] = []
    for need in option.needs:
        if need.circumstance in situation.unknown:
            if need.unknown is not None:
                found.append((need, need.unknown))
        elif (need.circumstance in situation.holds) != (need.must_be == "present"):
            found.append((need, need.otherwise))
    return tuple(found)


def said(template: str, words: Mapping[str, str]) -> str | None:
    """A sentence with this patient's facts; None where one of them is not known: then it is left out, never filled in."""
    try:
        return template.format_map(words)
    except KeyError:
        return None
