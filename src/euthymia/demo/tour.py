"""The tour: a list of real people where their data are at hand, then three made-up people in full, with every paper that follows."""

from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from euthymia.catalog import Catalog
from euthymia.conversation import conversation
from euthymia.demo.trials import KETAMINE, ORAL, ketamine_trial, oral_trial, trial_words
from euthymia.letter import Kind, letter
from euthymia.loading import load_catalog
from euthymia.reading import read_many
from euthymia.record import PatientRecord
from euthymia.report.html import write_pages
from euthymia.report.letter_pdf import letter_pdf
from euthymia.report.patient_page import write_patient_page
from euthymia.report.progress import progress
from euthymia.report.terminal import print_brief, print_panel
from euthymia.reviewing import Review, review

_DATA = Path("../shared/data")
_EACH = 2
# Told in this order: the question of this project first, then what it hopes for, then what must not wait.
_PEOPLE = ("holding-above-remission", "in-remission", "losing-ground")


def run(data: Path | None, out: Path) -> None:
    """Say which data it is; list the real people; tell three made-up ones; write their pages, patient's pages and letters."""
    console, catalog = Console(), load_catalog()
    for line in _real_people(data, catalog, console):
        console.print(Text(line))
    told = samples()
    console.print(Text("\nThree SYNTHETIC people, made up and shipped with the project; nobody of them exists.", style="bold"))
    reviews = []
    for record in told:
        if day := record.last_day():
            found = review(record, catalog, day)
            reviews.append(found)
            console.print(Rule(style="dim"))
            print_brief(found, console)
    console.print(Rule(style="dim"))
    for line in _papers(told, reviews, catalog, out):
        console.print(Text(line))
    console.print(Text("\nYour own file: euthymia review FILE --on last   (native JSON, CSV or FHIR R4)"))


def samples() -> list[PatientRecord]:
    """The synthetic people shipped with the project."""
    with as_file(files("euthymia") / "samples") as folder:
        return [reading.record for name in _PEOPLE for reading in read_many(folder / f"{name}.json")]


def _real_people(data: Path | None, catalog: Catalog, console: Console) -> Iterator[str]:
    folder = data or _DATA
    missing = [folder / name for name in (ORAL, KETAMINE) if not (folder / name).is_file()]
    if data is not None and missing:
        raise FileNotFoundError(2, "no such trial data", str(missing[0]))
    if missing:
        yield "The data of the two published trials are not here (../shared/data): the list of real people is left out."
        return
    records = [*oral_trial(folder / ORAL), *ketamine_trial(folder / KETAMINE)]
    yield from trial_words(records)
    reviews = [review(record, catalog, day) for record in progress(records, "Reviewing") if (day := record.last_day())]
    console.print()
    print_panel(reviews, console, each=_EACH)


def _papers(records: list[PatientRecord], reviews: list[Review], catalog: Catalog, out: Path) -> Iterator[str]:
    """Write what each of them is given, and say where it is."""
    yield f"\nWritten for each of them, as pages to look at ({write_pages(reviews, out)} lists them):"
    for name, record, found in zip(_PEOPLE, records, reviews, strict=True):
        spoken = conversation(found, catalog, "en", country="us")
        pages = [write_patient_page(spoken, out / f"{name}.patient.html")]
        pages.append(write_patient_page(conversation(found, catalog, "es", country="us"), out / f"{name}.patient.es.html"))
        kind: Kind = "renewal" if found.verdict.status == "remission" else "authorisation"
        paper = out / f"{name}.{kind}.pdf"
        paper.write_bytes(letter_pdf(letter(found, record, catalog, kind)))
        yield f"  {found.patient_id}   the patient's page: {', '.join(map(str, pages))}; letter: {paper}"
