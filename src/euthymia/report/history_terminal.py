"""A treatment history in the terminal: the trials, what they are called together, what can look like resistance.

One patient in full, many one line each. Everything is `Text`: nothing in a record is markup.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from rich.console import Console, ConsoleRenderable, Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from euthymia.adequacy import Adequacy, CountsAs, Trial
from euthymia.moment import Moment, day_in_words
from euthymia.report.words import DECISION_SUPPORT, NOT_ADOPTED, printable
from euthymia.resistance import History, PseudoResistance, Resistance, Staging

SCHEMA = "euthymia/history/1"
_SHAPES: dict[Adequacy, str] = {"adequate": "●", "inadequate": "○", "indeterminate": "?"}
_STYLES: dict[Adequacy, str] = {"adequate": "green", "inadequate": "dim", "indeterminate": "bold"}
_COUNTS: dict[CountsAs, str] = {
    "no_response": "no response",
    "partial_response": "kept apart",
    "benefit": "benefit",
    "not_counted": "not counted",
    "cannot_tell": "cannot tell",
}
_OUTCOMES = {"none": "no response", "worse": "worse", "unknown": "outcome not known"}
_STATES = {"met": "met", "not_met": "not met", "cannot_tell": "cannot tell"}
_PSEUDO = {"present": "▲", "absent": "○", "cannot_tell": "?"}
_WIDE = 110


@dataclass(frozen=True)
class PatientHistory:
    """Whose history on which day."""

    patient_id: str
    on: date
    history: History


def history_dict(told: PatientHistory) -> dict[str, Any]:
    """The versioned JSON form."""
    return {"schema": SCHEMA, **_adapter().dump_python(told, mode="json")}


def print_history(told: PatientHistory, console: Console) -> None:
    """Print one patient's history."""
    console.print(Group(*_parts(told, console.width)), highlight=False)


def print_histories(told: Iterable[PatientHistory], console: Console) -> None:
    """Print many, one line each."""
    for one in told:
        line = Text(printable(one.patient_id), style="bold")
        line.append(f"  {one.history.sentence}", style="")
        console.print(line, highlight=False)
    console.print(Text(NOT_ADOPTED, style="dim"), highlight=False)


def _parts(told: PatientHistory, width: int) -> Iterator[ConsoleRenderable]:
    found = told.history
    yield Text(printable(told.patient_id), style="bold")
    yield Text(f"{day_in_words(told.on)} · treatment history", style="dim")
    yield Text()
    yield Text(found.sentence, style="bold")
    if found.trials:
        yield Text()
        yield _trials(found.trials, width)
    yield from _why(found.trials)
    yield _listed("Treatment-resistant?", [line for each in found.resistance for line in _definition(each)])
    if missing := _missing([*found.resistance, *found.staging]):
        yield _listed("What would settle it", missing)
    yield _listed("Staging", [line for each in found.staging for line in _stage(each)])
    yield _listed("What can look like resistance", [_pseudo(each) for each in found.pseudo_resistance])
    if found.not_trials:
        yield _listed("Also recorded, no treatment of depression", [printable(", ".join(found.not_trials))])
    yield Text()
    yield Text(f"{_known(found)}\n{NOT_ADOPTED}\n{DECISION_SUPPORT}", style="dim")


def _trials(trials: Sequence[Trial], width: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim", pad_edge=False)
    wide = width >= _WIDE
    table.add_column("When", no_wrap=True, width=17)
    table.add_column("What")
    table.add_column("Judged", no_wrap=True, width=15)
    table.add_column("Outcome", width=26 if wide else 17)
    for trial in trials:
        what = Text(printable(trial.name), style="bold")
        kind = " · ".join(part for part in (_generic(trial), _kind(trial), trial.drug_class, trial.technique) if part)
        what.append(f" {printable(kind if wide else _generic(trial))}".rstrip() + "\n", style="dim")
        what.append(printable(trial.exposure))
        judged = Text(f"{_SHAPES[trial.adequacy]} {trial.adequacy}", style=_STYLES[trial.adequacy])
        table.add_row(Text(_when(trial)), what, judged, _outcome(trial))
    return table


def _generic(trial: Trial) -> str:
    """The treatment that a brand name or a code stands for."""
    generic = (trial.treatment or "").replace("_", " ")
    return "" if generic.lower() in trial.name.lower() else generic


def _kind(trial: Trial) -> str:
    words = {"antidepressant": "", "other": "not in the catalog" if trial.treatment is None else ""}.get(trial.kind, trial.kind)
    return "" if words.lower() in trial.name.lower() else words


def _when(trial: Trial) -> str:
    start, end = _date(trial.start), "no end recorded" if trial.end is None else _date(trial.end)
    place = {True: "", False: "before episode", None: "this episode?"}[trial.in_episode]
    dates = start if start == end else f"{start} –\n{end}"
    return f"{dates}\n{place}" if place else dates


def _date(moment: Moment) -> str:
    return moment.text[:10]


def _outcome(trial: Trial) -> Text:
    said = Text(_OUTCOMES.get(trial.outcome, trial.outcome))
    counts = _COUNTS[trial.counts_as]
    if counts != str(said):
        said.append(f"\n{counts}", style="dim")
    if trial.outcome_source:
        said.append(f"\n{printable(trial.outcome_source)}", style="dim")
    return said


def _why(trials: Sequence[Trial]) -> Iterator[ConsoleRenderable]:
    """Why each trial was judged so, and what is missing; the minimum behind it with its status."""
    lines = []
    for trial in trials:
        line = Text(printable(trial.name), style="bold")
        line.append(f": {printable('; '.join(trial.reasons))}", style="")
        if trial.missing:
            line.append(f" — missing: {printable('; '.join(trial.missing))}", style="")
        lines.append(line)
    if lines:
        yield _listed("Why", lines)


def _definition(found: Resistance) -> Iterator[Text]:
    line = Text(f"{found.name}: ")
    line.append(_STATES[found.state], style="bold")
    line.append(printable(f". It {found.reasons[0]}."), style="")
    yield line


def _stage(found: Staging) -> Iterator[Text]:
    line = Text(f"{found.name}: ")
    if found.value is not None:
        line.append(found.value, style="bold")
    elif found.lowest is not None and found.highest is not None:
        same = found.lowest == found.highest
        line.append(f"{found.lowest:g}, if it applies" if same else f"between {found.lowest:g} and {found.highest:g}", style="bold")
    line.append(("; " if found.value or found.lowest is not None else "") + "; ".join(found.reasons))
    yield line


def _missing(found: Sequence[Resistance | Staging]) -> list[str]:
    return [printable(line) for line in dict.fromkeys(line for each in found for line in each.missing)]


def _pseudo(found: PseudoResistance) -> Text:
    line = Text(f"{_PSEUDO[found.state]} {found.id.replace('_', ' ')}", style="bold" if found.state != "absent" else "")
    day = f" ({day_in_words(found.day)})" if found.day else ""
    line.append(f": {printable(found.sentence)}{day}", style="")
    return line


def _known(found: History) -> str:
    """Which of the judgements rest on recalled facts or on our own design."""
    recalled = [t.name for t in found.trials if t.basis == "recalled"]
    design = [t.name for t in found.trials if t.basis == "design"]
    said = []
    if recalled:
        said.append(f"Recalled and unconfirmed minima: {', '.join(dict.fromkeys(recalled))}.")
    if design:
        said.append(f"Rests also on this project's own design: {', '.join(dict.fromkeys(design))}.")
    return printable(" ".join(said)) or "No trial rests on a recalled fact."


def _listed(title: str, lines: Iterable[str | Text]) -> ConsoleRenderable:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    for line in lines:
        table.add_row("·", line if isinstance(line, Text) else Text(f"{line[:1].upper()}{line[1:]}"))
    return Group(Text(), Rule(Text(title, style="bold"), align="left", style="dim", characters="─"), Padding(table, (0, 0, 0, 1)))


@cache
def _adapter() -> TypeAdapter[PatientHistory]:
    return TypeAdapter(PatientHistory)
