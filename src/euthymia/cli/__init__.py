"""`euthymia …`: the command line. Reads files, passes the day in, prints; what is said is decided elsewhere."""

from importlib.metadata import entry_points
from typing import Annotated

import typer

from euthymia import __version__
from euthymia.cli.asking import plain_errors
from euthymia.cli.conversation import conversation
from euthymia.cli.decide import decide
from euthymia.cli.demo import demo
from euthymia.cli.evidence import evidence
from euthymia.cli.gates import gates
from euthymia.cli.history import history
from euthymia.cli.knowledge import check, instruments, score
from euthymia.cli.letter import letter
from euthymia.cli.options import options
from euthymia.cli.protocol import protocol
from euthymia.cli.records import convert, schema
from euthymia.cli.rems import rems
from euthymia.cli.review import review
from euthymia.evaluation.command import evaluate
from euthymia.simulate.command import simulate

app = typer.Typer(
    help="Is this depression protocol moving toward remission, or managing symptoms at a tolerable baseline?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _main(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(f"euthymia {__version__}")
        raise typer.Exit


app.command(context_settings={"ignore_unknown_options": True})(score)
for command in (review, history, options, evidence, gates, decide, conversation, letter, rems, check, convert, schema, instruments, demo):
    app.command()(command)
app.command()(plain_errors()(evaluate))
app.add_typer(simulate, name="simulate")
app.add_typer(protocol, name="protocol")
# Another package may bring commands of its own: the clinic does.
for found in entry_points(group="euthymia.commands"):
    found.load()(app)
