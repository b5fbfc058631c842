"""The phrases of the options that the page and the terminal share."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from euthymia.options import Options, OptionView
from euthymia.options.differential import LookedAt, LookedState

LOOKED_SHAPES: dict[LookedState, str] = {"present": "▲", "cannot_tell": "?", "absent": "○"}
LOOKED_WORDS: dict[LookedState, str] = {"present": "found", "cannot_tell": "not known", "absent": "looked for, not found"}
CERTAINTY_WORDS = {"high": "high", "moderate": "moderate", "low": "low", "very_low": "very low", "none": "no study"}
STATUS_OF_FACTS = {"verified": "verified", "recalled": "recalled, unconfirmed", "design": "our design"}


@dataclass(frozen=True)
class OptionGroup:
    """The options of one group, in their order."""

    name: str
    views: tuple[OptionView, ...]


def grouped(views: Iterable[OptionView]) -> list[OptionGroup]:
    """Options under the names of their groups; the order stays."""
    found: dict[str, list[OptionView]] = {}
    for view in views:
        found.setdefault(view.group_name, []).append(view)
    return [OptionGroup(name, tuple(inside)) for name, inside in found.items()]


def certainty(view: OptionView) -> str:
    """How certain the evidence is for this patient; what it is in the studies where that differs."""
    evidence = view.evidence
    if evidence is None or evidence.certainty == "none":
        return CERTAINTY_WORDS["none"]
    here = CERTAINTY_WORDS[evidence.certainty_here]
    return here if evidence.certainty_here == evidence.certainty else f"{here} here, {CERTAINTY_WORDS[evidence.certainty]} in its studies"


def certainty_briefly(view: OptionView) -> str:
    """The certainty for this patient as one word."""
    return CERTAINTY_WORDS[view.evidence.certainty_here if view.evidence else "none"]


def looked_briefly(options: Options, state: LookedState) -> str:
    """Every item of the differential in one state, on one line, with its day where it has one."""
    found = [item for item in options.differential if item.state == state]
    return "; ".join(f"{item.words}{f' ({_short(item.day)})' if item.day and state == 'absent' else ''}" for item in found)


def briefly(reason: str) -> str:
    """A reason that holds an option back, without what is missing where nobody can tell."""
    return reason.partition(": ")[0] if reason.startswith("cannot tell") else reason


def asks_for_studies(view: OptionView) -> bool:
    """Whether the certainty of evidence says something here: something is given to the patient, or a study is asked for."""
    return view.adds or bool(view.evidence and view.evidence.question)


def held_briefly(views: Iterable[OptionView]) -> list[tuple[str, str]]:
    """Options that are not offered, by what holds them back: their names, and the first reason in short with how many more there are."""
    found: dict[str, list[str]] = {}
    for view in views:
        short = briefly(view.blocked_by[0])
        more = f" (and {len(view.blocked_by) - 1} more)" if len(view.blocked_by) > 1 else ""
        found.setdefault(f"{short}{more}", []).append(view.name)
    return [("; ".join(names), reason) for reason, names in found.items()]


def looked_line(item: LookedAt) -> str:
    """One item of the differential: its state as words where its sentence does not say it."""
    said = {"present": "found ", "cannot_tell": "not known", "absent": "not found"}[item.state]
    return item.sentence if said in item.sentence else f"{LOOKED_WORDS[item.state]}: {item.sentence}"


def first_of(lines: Sequence[str]) -> str:
    """The first of several, and how many more there are."""
    return f"{lines[0]}{f' (and {len(lines) - 1} more)' if len(lines) > 1 else ''}"


def named_first(views: Iterable[OptionView]) -> str:
    """What must be known first for a group, by name, each once."""
    return ", ".join(dict.fromkeys(line.partition(":")[0] for view in views for line in view.know_first))


def nothing_offered(options: Options) -> str | None:
    """Why there is nothing to decide; None where there is something."""
    if options.offered or options.withheld:
        return None
    return options.not_applicable or "No option is listed."


def evidence_lines(view: OptionView) -> Iterator[tuple[str, str]]:
    """What the evidence says beside this patient: what kind of line, and the line."""
    evidence = view.evidence
    if evidence is None:
        return
    yield "evidence", evidence.sentence
    for kind, lines in (
        ("figures", evidence.figures),
        ("does not match", evidence.mismatches),
        ("not known here", evidence.unknown),
        ("guidelines", evidence.positions),
    ):
        yield from ((kind, line) for line in lines)


def _short(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
