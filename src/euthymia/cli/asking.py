"""What every command asks and how it ends: options, the day, plain errors, exit codes.

Imports are inside the functions: `euthymia score` must not wait for NumPy or Rich. This is the only module that reads
the clock, and only where no day was given.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from euthymia.catalog import Catalog
    from euthymia.interop.result import Reading
    from euthymia.moment import Moment

Site = Annotated[Path | None, typer.Option(help="A site's own knowledge folder, laid over the shipped one.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
On = Annotated[str, typer.Option(help="The day to review: 2026-03-01, today, or last (the day of the last event).")]
Patient = Annotated[str | None, typer.Option(help="Only this patient.")]
SKIPPED, NOTHING = 1, 2
_FIRST_YEAR, _LAST_YEAR = 1850, 2199  # of an event's day (events.py)
# How a command ends on purpose: they go on to the command line itself.
_OWN_ENDS = (typer.Exit, typer.Abort, typer.BadParameter)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Bad input ends in a sentence and exit code 2, never in a traceback."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        stop(f"{error.filename or 'file'}: found {error.strerror or error}; allowed: a path that can be read and written")
    except Exception as error:
        from euthymia.interop.result import ReadError
        from euthymia.knowledge_file import CatalogError

        if isinstance(error, CatalogError | ReadError):
            stop(str(error))
        if isinstance(error, _OWN_ENDS):
            raise
        # Its type and place alone: the words of an unforeseen error may hold a patient's data.
        stop(f"found a fault of this program ({type(error).__name__} in {_place(error)}); allowed: none: please report it")


def _place(error: Exception) -> str:
    """Where in this program an error arose, as module and line: its deepest frame of ours, else its deepest."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "euthymia" in Path(frame.filename).parts]
    frame = (ours or frames)[-1]
    return f"{Path(frame.filename).name}, line {frame.lineno}"


def stop(reason: str) -> NoReturn:
    """Say why, and end with exit code 2."""
    tell(reason)
    raise typer.Exit(NOTHING)


def tell(words: str) -> None:
    """Say something beside the result. What comes from a file (an id, a value) never moves the cursor or colours the terminal."""
    typer.echo("".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in words), err=True)


def catalog_of(site: Path | None) -> "Catalog":
    """The shipped catalog with a site's own over it."""
    from euthymia.loading import load_catalog

    return load_catalog(site)


def one_patient(path: Path, patient: str | None, catalog: "Catalog") -> "tuple[Reading, int]":
    """The one patient that a command is about, and the exit code that says whether all of the file could be read."""
    from euthymia.reading import read_many

    everyone = read_many(path, catalog=catalog)
    found = [reading for reading in everyone if patient is None or reading.record.patient_id == patient]
    if not found:
        stop(f"{path.name}: found no patient {patient!r}; allowed: one of the {len(everyone)} patients in it")
    if len(found) > 1:
        stop(f"{path.name}: found {len(found)} patients; allowed: one, chosen with --patient")
    # What was not read may belong to the patient asked for, whoever it was found beside.
    skipped = [note for reading in everyone for note in reading.skipped]
    for note in skipped:
        tell(f"skipped: {note}")
    return found[0], SKIPPED if skipped else 0


def day_of(text: str) -> date | None:
    """The day asked for; None = the last day of each record."""
    if text == "last":
        return None
    if text == "today":
        return date.today()  # noqa: DTZ011, TID251 - the only clock: a person at a terminal means the day on their wall
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"found {text!r}; allowed: a day such as 2026-03-01, today, or last", param_hint="--on") from None
    _in_years(day, text, "--on")
    return day


def _in_years(day: date, text: str, option: str) -> None:
    """The years of a record: beside them nothing can be reckoned."""
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise typer.BadParameter(f"found {text!r}; allowed: a year from {_FIRST_YEAR} to {_LAST_YEAR}", param_hint=option)


def decided_at(at: str | None, on: str, last: date | None, zone: tzinfo) -> "tuple[Moment, Moment | None]":
    """When something was decided, and (where that was before now) when it is recorded: now.

    Without `at` it is now on today's day, else the day asked for. What lies ahead of this clock is taken as it is said.
    """
    from euthymia.moment import Moment

    now = datetime.now(zone).replace(microsecond=0)  # noqa: TID251 - a decision is recorded now
    if at is None and on == "today":
        return Moment.of(now), None
    day = day_of(on) or last
    try:
        moment = Moment.of(at or day or now)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from None
    if not moment.has_day:
        raise typer.BadParameter(f"found {at!r}; allowed: a day, or an instant with its offset", param_hint="--at")
    if at is not None and on != "today" and day != moment.day(zone):
        raise typer.BadParameter(f"found {at!r} with --on {on}; allowed: both of one day, or one of them", param_hint="--at")
    past = moment.instant <= now if moment.instant else moment.day(zone) <= now.date()
    return moment, Moment.of(now) if past else None


def instant_of(text: str, option: str) -> datetime:
    """The instant asked for; `option` is where it was asked."""
    from euthymia.moment import Moment

    try:
        instant = Moment.of(text).instant
    except ValueError:
        instant = None
    if instant is None:
        allowed = "an instant with its offset, such as 2026-03-01T09:00:00+01:00"
        raise typer.BadParameter(f"found {text!r}; allowed: {allowed}", param_hint=option)
    _in_years(instant.date(), text, option)
    return instant
