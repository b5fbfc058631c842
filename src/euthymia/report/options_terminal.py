"""The options in the terminal: the section "Decide" of a review, and everything on request."""

from collections.abc import Iterator

from rich.console import Console, ConsoleRenderable
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from euthymia.options import Options, OptionView
from euthymia.options.differential import LookedState
from euthymia.report.options_words import (
    LOOKED_SHAPES,
    LOOKED_WORDS,
    STATUS_OF_FACTS,
    OptionGroup,
    asks_for_studies,
    certainty,
    certainty_briefly,
    evidence_lines,
    first_of,
    grouped,
    held_briefly,
    looked_briefly,
    looked_line,
    named_first,
    nothing_offered,
)
from euthymia.report.words import printable

_STYLES: dict[LookedState, str] = {"present": "bold", "cannot_tell": "", "absent": "dim"}
_AGAINST_SHOWN = 1


def decide_section(options: Options) -> Iterator[ConsoleRenderable]:
    """The section "Decide" of a review: the question, what was looked at, the options by group; compact."""
    yield Text()
    yield Rule(Text("Decide", style="bold"), align="left", style="dim", characters="─")
    if none := nothing_offered(options):
        yield Padding(Text(_sentence(none)), (0, 0, 0, 1))
        return
    table = _table()
    _looked(options, table)
    told: set[str] = set()
    for group in grouped(options.offered):
        _group(group, table, told)
    if first := named_first(options.offered):
        table.add_row("·", Text(f"To know first, for some of them: {printable(first)}", style="dim"))
    for names, reason in held_briefly(options.withheld):
        table.add_row("×", Text(f"Not offered now: {names} — {printable(reason)}"))
    if options.not_applicable:
        table.add_row("·", Text(_sentence(options.not_applicable)))
    yield Padding(table, (0, 0, 0, 1))
    yield Padding(Text(f"{options.order} Everything about each: euthymia options.", style="dim"), (0, 0, 0, 1))


def _looked(options: Options, table: Table) -> None:
    if options.question is None:
        return
    table.add_row("?", Text(options.question, style="bold"))
    for state in ("present", "cannot_tell", "absent"):
        if state == "present":
            for item in (each for each in options.differential if each.state == state):
                table.add_row(LOOKED_SHAPES[state], Text(printable(looked_line(item)), style="bold"))
        elif line := looked_briefly(options, state):
            table.add_row(LOOKED_SHAPES[state], Text(f"{LOOKED_WORDS[state]}: {printable(line)}", style=_STYLES[state]))


def _group(group: OptionGroup, table: Table, told: set[str]) -> None:
    """One line of names, then what is new among the reasons, and what speaks against."""
    line = Text(f"{group.name}: ", style="bold")
    line.append("; ".join(f"{view.name.removeprefix('add ')}{_how_sure(view)}" for view in group.views), style="not bold")
    table.add_row("·", line)
    listed = dict.fromkeys(why for view in group.views if view.adds for why in view.why)
    reasons = [why for why in listed if why not in told and _says_more(why)]
    told.update(reasons)
    for why in reasons[:1]:
        table.add_row("", Text(f"why: {printable(why)}", style="dim"))
    against = [view for view in group.views if view.against and not told.issuperset(view.against)]
    told.update(line for view in against for line in view.against)
    for view in against[:_AGAINST_SHOWN]:
        table.add_row("", Text(f"against {view.name}: {printable(first_of(view.against))}"))
    if len(against) > _AGAINST_SHOWN:
        others = ", ".join(view.name.removeprefix("add ") for view in against[_AGAINST_SHOWN:])
        table.add_row("", Text(f"something speaks against {others} too", style="dim"))


def _how_sure(view: OptionView) -> str:
    """The certainty in brackets; nothing where nothing is given to the patient and no study is asked for."""
    return f" ({certainty_briefly(view)})" if asks_for_studies(view) else ""


def _says_more(why: str) -> bool:
    return why != "no trial of it is recorded"


def print_options(options: Options, console: Console) -> None:
    """Everything about every option, one after the other."""
    if none := nothing_offered(options):
        console.print(Text(_sentence(none)), highlight=False)
        return
    if options.question:
        console.print(Text(options.question, style="bold"), highlight=False)
    looked = _table()
    for item in options.differential:
        shape = LOOKED_SHAPES[item.state]
        looked.add_row(shape, Text(printable(looked_line(item)), style=_STYLES[item.state]))
    console.print(Padding(looked, (0, 0, 1, 1)), highlight=False)
    console.print(Text(options.order, style="dim"), highlight=False)
    for title, views in (("Offered", options.offered), ("Not offered now", options.withheld)):
        for group in grouped(views):
            console.print(Text(f"\n{title} · {group.name}", style="bold"), highlight=False)
            for view in group.views:
                console.print(Padding(_whole(view), (0, 0, 0, 1)), highlight=False)
    if options.not_applicable:
        console.print(Text(f"\n{_sentence(options.not_applicable)}"), highlight=False)


def _whole(view: OptionView) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, width=16)
    table.add_column()
    table.add_row(Text(view.id, style="dim", overflow="ellipsis"), Text(f"{view.name[:1].upper()}{view.name[1:]}", style="bold"))
    rows = [("", view.what), *(("not offered", line) for line in view.blocked_by), *(("why", line) for line in view.why)]
    rows += [*(("against", line) for line in view.against), *(("know first", line) for line in view.know_first)]
    rows += [("certainty", certainty(view)), *evidence_lines(view)]
    rows += [("regulatory", view.regulatory), *(("monitor", line) for line in view.monitoring)]
    rows.append(("basis", STATUS_OF_FACTS[view.basis]))
    before = ""
    for kind, line in rows:
        table.add_row(Text("" if kind == before else kind, style="dim"), Text(printable(line)))
        before = kind
    return table


def _table() -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    return table


def _sentence(line: str) -> str:
    return f"{line[:1].upper()}{line[1:]}"
