"""The evidence in the terminal: the list of questions, and one answer with its forest plot. Colour only repeats words."""

import math
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, ConsoleRenderable
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from euthymia.evidence.answering import Answer
from euthymia.report.evidence_words import GROUP_WORDS, HOW_KNOWN, certainty_words, reasons
from euthymia.report.forest import Forest, Row, direction_words, forests
from euthymia.report.words import DECISION_SUPPORT

_MARKS = {"study": ("─", "■"), "pooled": ("━", "◆"), "prediction": ("╌", " ")}


def print_questions(answers: Sequence[Answer], console: Console) -> None:
    """Every question with its certainty, by group; acute, maintenance and low dose apart."""
    for group, title in GROUP_WORDS.items():
        found = [each for each in answers if each.question.group == group]
        if not found:
            continue
        console.print(Text())
        console.print(Rule(Text(title, style="bold"), align="left", style="dim", characters="─"))
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, style="bold")
        table.add_column()
        for each in found:
            table.add_row(Text(certainty_words(each.certainty).replace(" certainty", "")), Text(each.question.id), Text(each.sentence))
        console.print(table)
    console.print()
    console.print(Text(f"One of them: euthymia evidence maintenance. {HOW_KNOWN}", style="dim"))


def print_answer(answer: Answer, console: Console) -> None:
    """One answer: the claim and its certainty, the figures, the studies, what it does not tell, positions."""
    for part in _parts(answer, console.width):
        console.print(part, highlight=False)


def _parts(answer: Answer, width: int) -> Iterator[ConsoleRenderable]:
    question = answer.question
    yield Text(f"{question.name} ({GROUP_WORDS[question.group].lower()})", style="dim")
    yield Text(question.asks)
    yield Text()
    yield Text(answer.sentence, style="bold")
    yield Text(certainty_words(answer.certainty), style="bold")
    yield from _listed("Why this certainty", reasons(answer))
    for forest in forests(answer):
        yield from _listed("Figures", [])
        yield from forest_lines(forest, width)
    left_out = [f"left out: {line}" for each in answer.pooled for line in each.pool.left_out]
    why = [f"not pooled: {answer.why_not_pooled}"] if answer.why_not_pooled else []
    yield from _listed("Pooled" if answer.pooled else "Pooling", [*answer.pooled_words, *left_out, *why])
    yield from _studies(answer)
    yield from _listed("What it does not tell", answer.tells_not)
    yield from _listed("Positions", answer.positions)
    yield from _listed("Disagreements", answer.disagreements)
    if answer.statement:
        yield from _listed("In short", [answer.statement])
    yield Text()
    yield Text(f"{HOW_KNOWN} {DECISION_SUPPORT}", style="dim")


def _studies(answer: Answer) -> Iterator[ConsoleRenderable]:
    for title, carries in (("What the certainty rests on", True), ("Beside it", False)):
        lines: list[Text] = []
        for each in (study for study in answer.studies if study.carries == carries):
            line = Text(each.label, style="bold")
            line.append(f"  n = {each.n}; {each.design}; {each.population}", style="not bold")
            line.append("".join(f"\n{row}" for row in each.rows), style="not bold")
            line.append(f"\nrisk of bias: {each.rob}", style="not bold dim")
            line.append(f"\n{'; '.join([each.citation, *each.links])}", style="not bold dim")
            lines.append(line)
        yield from _listed(title, lines)


def _listed(title: str, lines: Iterable[str | Text]) -> Iterator[ConsoleRenderable]:
    found = [line if isinstance(line, Text) else Text(line) for line in lines]
    if not found and title != "Figures":
        return
    yield Text()
    yield Rule(Text(title, style="bold"), align="left", style="dim", characters="─")
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    for line in found:
        table.add_row("·", line)
    yield Padding(table, (0, 0, 0, 1))


def forest_lines(forest: Forest, width: int) -> Iterator[Text]:
    """The forest plot in characters, two lines a row: who and how much, then where."""
    across = max(20, min(width - 2, 96))
    yield Text(forest.title, style="dim")
    for row in forest.rows:
        line = Text(row.label, style="bold" if row.kind == "pooled" else "")
        line.append(f"  {row.words}" + ("  recalled" if row.recalled else ""), style="dim" if row.kind == "prediction" else "")
        yield line
        yield Text(" " + _drawn(forest, row, across), style="cyan" if row.kind == "study" else "")
    yield Text(" " + _scale(forest, across), style="dim")
    left, right = direction_words(forest)
    yield Text(f" {left}  ┃  {right}", style="dim")


def _drawn(forest: Forest, row: Row, across: int) -> str:
    cells = [" "] * across
    null = _cell(forest, forest.null, across)
    if forest.meaningful is not None:
        cells[_cell(forest, forest.meaningful, across)] = "┊"
    cells[null] = "┃"
    line, mark = _MARKS[row.kind]
    for end in range(*(_cell(forest, each, across) for each in row.outer)) if row.outer else ():
        cells[end] = "╂" if end == null else "─"
    low, high = _cell(forest, row.lower, across), _cell(forest, row.upper, across)
    for place in range(low, high + 1):
        cells[place] = "╋" if place == null else line
    cells[low] = "◀" if row.lower < forest.low else cells[low]
    cells[high] = "▶" if row.upper > forest.high else cells[high]
    if mark != " " and forest.low <= row.estimate <= forest.high:
        cells[_cell(forest, row.estimate, across)] = {"■": "□"}.get(mark, mark) if row.recalled else mark
    return "".join(cells).rstrip()


def _cell(forest: Forest, value: float, across: int) -> int:
    low, high, at = forest.low, forest.high, max(value, forest.low)
    if forest.logarithmic:
        low, high, at = math.log(low), math.log(high), math.log(at)
    return round((across - 1) * min(max((at - low) / (high - low), 0.0), 1.0))


def _scale(forest: Forest, across: int) -> str:
    cells, shown = [" "] * across, {forest.low: f"{forest.low:.2g}", forest.null: f"{forest.null:g}", forest.high: f"{forest.high:.2g}"}
    if forest.meaningful is not None:
        shown[forest.meaningful] = f"{forest.meaningful:g}"
    for value, text in shown.items():
        start = min(max(_cell(forest, value, across) - len(text) // 2, 0), across - len(text))
        if all(cell == " " for cell in cells[max(start - 1, 0) : start + len(text) + 1]):
            cells[start : start + len(text)] = text
    return "".join(cells).rstrip().replace("-", "−")
