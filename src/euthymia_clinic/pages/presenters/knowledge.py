"""The knowledge page: what is in force and since when, what the site changed, and every fact to read, with its status."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from euthymia.catalog import Catalog
from euthymia_clinic.catalogs.editing import Leaf, leaves
from euthymia_clinic.catalogs.in_force import Files, shipped_files, shipped_with
from euthymia_clinic.catalogs.models import Adoption

# The part of a page of facts that is shown at once.
AT_ONCE = 100
DIFFERENCES_SHOWN = 60
SECTIONS = {
    "instruments": "Instruments",
    "outcomes": "Definitions of remission and response",
    "verdict": "Verdict rules and ledger",
    "protocols": "Protocols",
    "decisions": "Decisions",
    "rules": "Safety rules",
    "options": "Options",
    "titration": "Titration",
    "sessions": "Session sheet and base rates",
    "forms": "Monitoring forms",
    "home": "Doses at home",
    "combination": "What was tried at once",
    "adequacy": "Adequate trials and resistance",
    "evidence": "Evidence",
    "trajectory": "Populations of the forecast",
    "help": "Crisis lines and alerts",
    "phrases": "Phrases for patients",
    "texts": "This site's licensed wording",
    "codes": "Codes",
    "references": "References",
}
STATUSES = {
    "verified": ("●", "seen in a public source"),
    "recalled": ("◐", "background knowledge, not confirmed"),
    "design": ("◇", "a proposal, for a site to adopt or change"),
}


@dataclass(frozen=True)
class Row:
    """One fact as it is shown: where, its words, its value, and what it rests on."""

    place: str
    section: str
    file: str
    words: str
    value: str
    status: str
    shape: str
    reference: str
    address: str
    note: str
    editable: bool


@dataclass(frozen=True)
class Difference:
    """One value that two versions have differently; `before` or `after` empty where one does not have it."""

    place: str
    before: str
    after: str


@dataclass(frozen=True)
class Found:
    """What a search found: the rows of one page, how many there are, and whether more follow."""

    rows: tuple[Row, ...]
    total: int
    start: int

    @property
    def after(self) -> int | None:
        return self.start + AT_ONCE if self.start + AT_ONCE < self.total else None

    @property
    def before(self) -> int | None:
        return max(0, self.start - AT_ONCE) if self.start else None


def files_in_force(adoption: Adoption | None) -> Files:
    """Every file that the site goes by."""
    return merged(shipped_with(adoption.version), adoption.version.files) if adoption else shipped_files()


def merged(shipped: Files, own: Files) -> Files:
    """The site's files over the shipped; its references stand beside the shipped ones."""
    return shipped | {("references.site.toml" if name == "references.toml" else name): text for name, text in own.items()}


def search(files: Files, catalog: Catalog, section: str, status: str, words: str, start: int = 0) -> Found:
    """The facts of a section and a status that have every word somewhere; all where nothing is asked for."""
    wanted = words.lower().split()
    found = [
        leaf
        for leaf in _all_leaves(files)
        if (not section or section_of(leaf.file) == section) and (not status or leaf.status == status) and _has(leaf, wanted)
    ]
    return Found(tuple(_row(leaf, catalog) for leaf in found[start : start + AT_ONCE]), len(found), start)


def section_counts(files: Files) -> list[tuple[str, str, int]]:
    """Every section that has something, in the order of SECTIONS: its id, its words, how many values."""
    counts = Counter(section_of(leaf.file) for leaf in _all_leaves(files))
    return [(key, words, counts[key]) for key, words in SECTIONS.items() if counts[key]]


def section_of(file: str) -> str:
    """The section that a file belongs to."""
    return file.partition("/")[0].partition(".")[0]


def differences(before: Files, after: Files) -> list[Difference]:
    """Every value that is another, new, or gone, by its place."""
    same = {name for name in before if after.get(name) == before[name]}
    old, new = _values(before, same), _values(after, same)
    return [Difference(place, old.get(place, ""), new.get(place, "")) for place in {**old, **new} if old.get(place) != new.get(place)]


def shipped_changes(adoption: Adoption | None) -> list[Difference]:
    """What the engine ships differently since the site adopted its version."""
    return differences(shipped_with(adoption.version), shipped_files()) if adoption else []


def said(value: Any) -> str:
    """A value in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(said(each) for each in value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def words_of(path: str) -> str:
    """A key as people read it."""
    parts = [part.replace("_", " ") for part in path.split(".")]
    return " › ".join(parts[:-1] if len(parts) > 1 and parts[-1] == "value" else parts)


def _row(leaf: Leaf, catalog: Catalog) -> Row:
    reference = catalog.references.get(leaf.ref)
    note = f"{leaf.note}{f' (confidence: {leaf.confidence})' if leaf.confidence else ''}".strip()
    return Row(
        place=leaf.place,
        section=SECTIONS.get(section_of(leaf.file), section_of(leaf.file)),
        file=leaf.file,
        words=words_of(leaf.path),
        value=said(leaf.value),
        status=leaf.status,
        shape=STATUSES[leaf.status][0] if leaf.status in STATUSES else "",
        reference=reference.citation if reference else "",
        address=(reference.url or "") if reference else "",
        note=note,
        editable=leaf.editable,
    )


def _has(leaf: Leaf, wanted: Sequence[str]) -> bool:
    if not wanted:
        return True
    text = f"{leaf.file} {leaf.path.replace('_', ' ')} {leaf.path} {leaf.value} {leaf.note} {leaf.ref}".lower()
    return all(word in text for word in wanted)


def _all_leaves(files: Files) -> Iterable[Leaf]:
    for name in sorted(files, key=lambda file: (list(SECTIONS).index(s) if (s := section_of(file)) in SECTIONS else 99, file)):
        yield from _leaves(name, files[name])


def _values(files: Files, without: set[str]) -> dict[str, str]:
    return {leaf.place: said(leaf.value) for name, text in files.items() if name not in without for leaf in _leaves(name, text)}


@lru_cache(maxsize=600)
def _leaves(name: str, text: str) -> tuple[Leaf, ...]:
    return leaves(name, text)
