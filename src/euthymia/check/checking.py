"""Does the catalog do what its case files say? Runs every case, asks for both sides of every edge, counts the facts.

Pure: it reads the case files beside the knowledge and returns a Report; `euthymia check` prints it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from euthymia.catalog import Catalog
from euthymia.check.adequacy import adequacy_files
from euthymia.check.alerts import alerts_file
from euthymia.check.cases import FileReport
from euthymia.check.combination import combination_file
from euthymia.check.decisions import decisions_file
from euthymia.check.definitions import definition_file
from euthymia.check.forms import form_files
from euthymia.check.home import home_file
from euthymia.check.instruments import instrument_file
from euthymia.check.looking import looking_file
from euthymia.check.options import option_files
from euthymia.check.protocols import protocol_file
from euthymia.check.resistance import resistance_file
from euthymia.check.rules import rules_file
from euthymia.check.session_sheet import sheet_file
from euthymia.check.studies import grading_file, question_files
from euthymia.facts import Status
from euthymia.knowledge_file import KNOWLEDGE

FIRST = "phq9"  # The instrument that most records hold: where it is wrong, nothing else needs reading.


@dataclass(frozen=True)
class Report:
    """The whole catalog: its files, its links, its facts by status."""

    files: tuple[FileReport, ...]
    link_failures: tuple[str, ...]
    facts: dict[Status, int]

    @property
    def cases(self) -> int:
        return sum(file.cases for file in self.files)

    @property
    def failures(self) -> tuple[str, ...]:
        """Everything that is wrong, each line with the file it is found in."""
        return (*(f"{file.name}: {line}" for file in self.files for line in file.failures), *self.link_failures)

    @property
    def ok(self) -> bool:
        return not self.failures


def check(catalog: Catalog, site: Path | str | None = None) -> Report:
    """Run every case of the catalog. `site` is the folder that `load_catalog` was given, whose cases come first."""
    folders = (*([Path(site)] if site is not None else []), KNOWLEDGE)
    instruments = sorted(catalog.instruments.values(), key=lambda found: (found.id != FIRST, found.id))
    files = [instrument_file(catalog, instrument, folders) for instrument in instruments]
    files += [definition_file(catalog, definition, folders) for definition in catalog.definitions.values()]
    files += [protocol_file(catalog, protocol, folders) for protocol in catalog.protocols.values()]
    files += [decisions_file(catalog, folders), alerts_file(catalog, folders), home_file(catalog, folders)]
    files += [combination_file(catalog, folders)]
    files += [*option_files(catalog, folders), looking_file(catalog, folders)]
    files += form_files(catalog, folders)
    files += [rules_file(catalog, rules, folders) for rules in catalog.rules.values()]
    files += [sheet_file(catalog, folders)]
    files += [*adequacy_files(catalog, folders), resistance_file(catalog, folders)]
    files += [grading_file(catalog, folders), *question_files(catalog)]
    return Report(tuple(files), tuple(_link_problems(catalog)), catalog.status_counts)


def _link_problems(catalog: Catalog) -> Iterator[str]:
    """A verified or recalled fact names its source; a source that nobody has seen verifies nothing."""
    for path, fact in catalog.facts():
        reference = catalog.references.get(fact.ref or "")
        if fact.status != "design" and reference is None:
            yield f"{path}: a {fact.status} fact names the reference {fact.ref!r}, which references.toml does not have"
        elif fact.status == "verified" and reference is not None and reference.seen == "not seen":
            yield f"{path}: a verified fact rests on {fact.ref!r}, which was not seen"
