"""`euthymia serve`."""

from typing import Annotated

import typer


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes; 0: one more than this machine has processors, at most 9.")] = 0,
    threads: Annotated[int, typer.Option(help="Threads in each process.")] = 4,
    migrate: Annotated[bool, typer.Option("--migrate", help="Bring the tables up to date first.")] = False,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Without a worker beside it: it runs elsewhere.")] = False,
) -> None:
    """Serve the clinic for production, behind a proxy that speaks HTTPS. Settings come from the environment."""
    import os
    import sys

    from euthymia.cli.asking import stop
    from euthymia_clinic.serving.variables import what_is_wrong

    wrong = what_is_wrong(os.environ)
    if wrong:
        stop("\n".join(wrong))

    import django

    django.setup()
    from django.core.management import call_command

    from euthymia_clinic.serving.keeping import WORKER, keep
    from euthymia_clinic.serving.tables import unapplied

    if migrate:
        call_command("migrate", verbosity=0, interactive=False)
    missing = unapplied()
    if missing:
        stop(f"found {len(missing)} migrations that are not applied ({', '.join(missing[:5])}); allowed: none: euthymia serve --migrate")
    call_command("collectstatic", verbosity=0, interactive=False)
    processes = workers or min(9, (os.cpu_count() or 1) + 1)
    typer.echo(f"http://{host}:{port}: {processes} processes of {threads} threads{'' if no_worker else ', and a worker'}", err=True)
    server = (sys.executable, "-m", "euthymia_clinic.serving.web", host, str(port), str(processes), str(threads))
    raise typer.Exit(keep(server, None if no_worker else WORKER))
