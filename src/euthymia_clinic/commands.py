"""The clinic's commands: `euthymia serve`, `work`, `backup`, `audit` … The core finds them by an entry point."""

import os
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

import typer

# Each command stands in its own room; what it needs is imported when it runs.
COMMANDS = {
    "site": "euthymia_clinic.accounts.command",
    "serve": "euthymia_clinic.serving.command",
    "work": "euthymia_clinic.worker.command",
    "backup": "euthymia_clinic.backup.command",
    "restore": "euthymia_clinic.backup.command",
    "clinic": "euthymia_clinic.demo.command",
}
# They say first, in the environment, what clinic is to be set up.
SETS_UP_ITSELF = frozenset({"serve", "clinic"})


def add_to(app: typer.Typer) -> None:
    """Add the clinic's commands to `euthymia`."""
    from euthymia_clinic.audit.command import verify

    for name, module in COMMANDS.items():
        command = getattr(import_module(module), name)
        app.command(name)(plainly(command, set_up=name not in SETS_UP_ITSELF))
    audit = typer.Typer(help="The audit: every write chained, every read sealed.", no_args_is_help=True)
    audit.callback()(lambda: None)
    audit.command("verify")(plainly(verify, set_up=True))
    app.add_typer(audit, name="audit")


def plainly(command: Callable[..., Any], *, set_up: bool) -> Callable[..., Any]:
    """A command whose bad input ends in a sentence, and that finds Django set up where it does not do that itself."""
    from euthymia.cli.asking import plain_errors

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        with plain_errors():
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "euthymia_clinic.settings")
            if set_up:
                import django

                django.setup()
            return command(*args, **kwargs)

    return run
