"""From nothing to a clinic that answers: settings, tables, patients, sign-ins, server. Django is imported after its settings."""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from euthymia_clinic.demo.cast import SEED
from euthymia_clinic.demo.makers import makers
from euthymia_clinic.demo.roles import DEMO_PEOPLE, PASSWORD, ZONE
from euthymia_clinic.demo.server import free_port, serve

if TYPE_CHECKING:
    from euthymia_clinic.demo.cast import Place

_MARK, _BEGUN = "demo.json", "demo.begun"
# What a demo clinic consists of; nothing else in its folder is ever touched.
_OWN = ("clinic.sqlite3", "clinic.sqlite3-wal", "clinic.sqlite3-shm", "mail", "static", _MARK, _BEGUN)


class Asked(NamedTuple):
    """What the command was asked for."""

    host: str
    port: int
    patients: int
    home: Path
    fresh: bool
    check: bool


def run(asked: Asked) -> int:
    """Bring up the clinic and serve it until it is stopped. Gives the exit code."""
    console = Console()
    if problem := _in_the_way(asked.home):
        console.print(Text(problem))
        return 2
    _settings(asked)
    if _kept(asked):
        one_review(console)
        console.print(Text(f"\nThe demo clinic of today is kept in {asked.home}. Anew: euthymia clinic --fresh"))
    else:
        _make(asked, console)
    port = free_port(asked.host, asked.port)
    if port != asked.port:
        console.print(Text(f"Port {asked.port} is taken; this clinic takes {port}."))
    address = f"http://{'localhost' if asked.host in ('127.0.0.1', '0.0.0.0', '::1') else asked.host}:{port}"  # noqa: S104 - compared, not bound
    os.environ["EUTHYMIA_ADDRESS"] = address

    def ready() -> bool:
        _sign_ins(console, address)
        return not asked.check

    code = serve(asked.host, port, ready)
    if code:
        console.print(Text("The server does not answer; what it said stands above."))
    return code


def one_review(console: Console) -> None:
    """The review of the first sample, as `euthymia demo` tells it."""
    from euthymia.demo.tour import samples
    from euthymia.loading import load_catalog
    from euthymia.report.terminal import print_brief
    from euthymia.reviewing import review

    record = samples()[0]
    day = record.last_day()
    if day is not None:
        console.print(Text("One review, of a SYNTHETIC person shipped with the project:", style="bold"))
        print_brief(review(record, load_catalog(), day), console)
        console.print(Rule(style="dim"))


def _settings(asked: Asked) -> None:
    """The environment of the demo, for this process and those that it starts."""
    os.environ.update(EUTHYMIA_HOME=str(asked.home), EUTHYMIA_DEMO="1", DJANGO_SETTINGS_MODULE="euthymia_clinic.settings")
    # A demo is on this machine alone: no production, no other database, no mail that leaves it.
    for name in ("EUTHYMIA_SECRET_KEY", "DATABASE_URL", "EUTHYMIA_MAIL_BACKEND"):
        os.environ.pop(name, None)
    os.environ["EUTHYMIA_HOSTS"] = ",".join(dict.fromkeys(["localhost", "127.0.0.1", "[::1]", asked.host]))


def _in_the_way(home: Path) -> str | None:
    """Why the clinic in a folder is not ours to make anew; None where it is a demo, or none."""
    if (home / "clinic.sqlite3").exists() and not ((home / _MARK).exists() or (home / _BEGUN).exists()):
        return f"{home}: found a clinic that is no demo; allowed: another folder (--home)"
    return None


def _today() -> date:
    from django.utils import timezone

    return timezone.now().astimezone(ZoneInfo(ZONE)).date()


def _made_of(asked: Asked) -> dict[str, object]:
    """What a clinic was made from: another day, number, program or knowledge makes another."""
    from euthymia import __version__
    from euthymia.loading import load_catalog

    return {"day": _today().isoformat(), "patients": asked.patients, "seed": SEED, "program": __version__, "catalog": load_catalog().digest}


def _kept(asked: Asked) -> bool:
    """Whether the clinic asked for stands already."""
    try:
        return not asked.fresh and json.loads((asked.home / _MARK).read_text()) == _made_of(asked)
    except (OSError, ValueError):
        return False


def _make(asked: Asked, console: Console) -> None:
    """Make the clinic from nothing, while the processes that make patients get ready."""
    asked.home.mkdir(parents=True, exist_ok=True)
    (asked.home / _BEGUN).touch()
    for name in _OWN[:-1]:
        path = asked.home / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    with makers() as make:
        one_review(console)
        _tables()
        from euthymia_clinic.demo.seeding import seed

        console.print(Text(f"\nBringing up a clinic: {asked.patients} virtual patients over 18 months. Nobody of them exists."))
        seed(_today(), asked.patients, make, _progress)
    (asked.home / _MARK).write_text(json.dumps(_made_of(asked)))
    (asked.home / _BEGUN).unlink()


def _tables() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _progress(places: "Sequence[Place]") -> "Iterator[Place]":
    from euthymia.report.progress import progress

    return progress(places, "Simulating, reviewing")


def _sign_ins(console: Console, address: str) -> None:
    console.print(Text("\nSign in as", style="bold"))
    for person in DEMO_PEOPLE:
        console.print(Text(f"  {person.email:<28} {person.name}"))
    console.print(Text(f"with the password  {PASSWORD}\n"))
    console.print(Text(f"The clinic is at {address}   (Ctrl-C ends it)", style="bold"))
    sys.stdout.flush()
