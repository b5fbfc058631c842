"""The REMS forms of a patient in the terminal: how each stands, and one of them field by field."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from euthymia.moment import day_in_words
from euthymia.rems import RemsDuty, RemsForm
from euthymia.report.rems_words import OUR_OWN, SECTIONS, SHAPES, answer_words, duty_words, standing_words, version_words
from euthymia.report.words import printable


def print_duties(duties: Sequence[RemsDuty], console: Console) -> None:
    """Print every session that has a form, or may have one."""
    if not duties:
        console.print(Text("No session has a form of the REMS: none was esketamine given by the nasal route."))
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    for duty in duties:
        said = f"{SHAPES[duty.state]} {duty_words(duty)}" + (f"; {duty.what}" if duty.asks else "")
        style = "bold red" if duty.state == "overdue" else ""
        table.add_row(Text(day_in_words(duty.day)), Text(printable(said), style=style), Text(printable(duty.session_id), style="dim"))
    console.print(table, highlight=False)


def print_form(form: RemsForm, console: Console) -> None:
    """Print one form."""
    head = f"{form.title}: {printable(form.patient_id)}, session of {day_in_words(form.session_day)}"
    console.print(Text(head, style="bold"), highlight=False)
    console.print(Text(standing_words(form)), highlight=False)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(ratio=2)
    table.add_column(ratio=3)
    for section, title in SECTIONS.items():
        rows = [answer for answer in form.answers if answer.section == section]
        if rows:
            table.add_row(Text(title, style="bold"), "")
        for answer in rows:
            missing = answer.state == "missing"
            why = f": {answer.settle}" if missing and answer.settle != "not recorded" else ""
            said = f"{'? ' if missing else ''}{answer_words(answer)}{why}"
            table.add_row(Text(f"  {answer.label}"), Text(printable(said), style="bold" if missing or answer.remark else ""))
    console.print(table, highlight=False)
    console.print(Text(version_words(form), style="dim"), highlight=False)
    console.print(Text(OUR_OWN, style="dim"), highlight=False)
