"""The gates of a session in the terminal: what is held, what cannot be told, what is clear; worst first."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from euthymia.report.rules_words import SHAPES, severity_words
from euthymia.report.words import NOT_ADOPTED, printable
from euthymia.rule import Severity
from euthymia.rules import CannotTell, Finding, NotApplicable, RuleResult

_PHASES = {"before": "before the dose", "during": "during observation", "discharge": "before leaving"}
_STYLES: dict[Severity, str] = {"overdue": "bold", "caution": "bold", "block": "bold", "note": ""}


def print_gates(patient_id: str, at: datetime, phase: str, results: Sequence[RuleResult], adopted_by: str | None, console: Console) -> None:
    """Print the gates of one patient at one instant."""
    console.print(Text(f"{printable(patient_id)}   {_PHASES[phase]}, {at.isoformat(timespec='minutes')}", style="bold"), highlight=False)
    console.print(Text(_summary(results)), highlight=False)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    for result in results:
        if not isinstance(result, NotApplicable):
            table.add_row(*_row(result))
    console.print(table, highlight=False)
    clear = [result for result in results if isinstance(result, NotApplicable)]
    console.print(Text(f"Clear or not applicable ({len(clear)}):", style="dim"), highlight=False)
    for result in clear:
        console.print(Text(f"  ● {_words(result.rule)}: {printable(result.reason)}", style="dim"), highlight=False)
    if adopted_by is None:
        console.print(Text(NOT_ADOPTED, style="dim"), highlight=False)


def _summary(results: Sequence[RuleResult]) -> str:
    findings = sum(isinstance(result, Finding) for result in results)
    open_questions = sum(isinstance(result, CannotTell) for result in results)
    clear = len(results) - findings - open_questions
    return f"{findings} found, {open_questions} that nobody can tell yet, {clear} clear. The clinician decides."


def _row(result: Finding | CannotTell) -> tuple[Text, Text]:
    shape, word = SHAPES[result.severity], severity_words(result.severity)
    style = _STYLES.get(result.severity, "bold red")
    if isinstance(result, CannotTell):
        return Text(f"? {word}?", style="bold"), Text(f"{printable(result.sentence)}  [{result.status}]")
    said = Text(f"{printable(result.sentence)}  [{result.status}{'' if result.ref is None else f', {result.ref}'}]", style=style)
    for action in result.actions:
        said.append(f"\n· {action}", style="not bold default")
    return Text(f"{shape} {word}", style=style), said


def _words(rule: str) -> str:
    return rule.replace("_", " ")
