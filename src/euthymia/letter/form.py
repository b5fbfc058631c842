"""What a letter is made of: sections of words in which every blank is marked. Content only; report/ sets it in type.

A text is a tuple of pieces: plain text, or a `Blank` that says what is missing. So a blank can never be mistaken for
a fact, in print, in Markdown or in a search.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["authorisation", "renewal", "referring"]
KINDS: tuple[Kind, ...] = ("authorisation", "renewal", "referring")


@dataclass(frozen=True)
class Blank:
    """A place that is left open. "not known": the record does not say it; "to complete": the prescriber writes it in."""

    what: str
    why: Literal["not known", "to complete"] = "not known"

    def __str__(self) -> str:
        return f"[{self.why}: {self.what}]"


Words = tuple[str | Blank, ...]


@dataclass(frozen=True)
class Field:
    """One labelled line: `Date of birth: 2 May 1980`."""

    label: str
    words: Words


@dataclass(frozen=True)
class Table:
    """A table with a caption for those who hear it read; every row has one cell for each column."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Words, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(
                f"found a row without {len(self.columns)} cells in the table {self.caption!r}; allowed: one cell for each column"
            )


@dataclass(frozen=True)
class Section:
    """One section, read in this order: paragraphs, labelled lines, table, points, notes in small print."""

    id: str
    title: str
    paragraphs: tuple[Words, ...] = ()
    fields: tuple[Field, ...] = ()
    table: Table | None = None
    points: tuple[Words, ...] = ()
    notes: tuple[Words, ...] = ()

    def texts(self) -> Iterator[Words]:
        """Every text with its blanks, in reading order."""
        yield from self.paragraphs
        yield from (field.words for field in self.fields)
        yield from (cell for row in (self.table.rows if self.table else ()) for cell in row)
        yield from (*self.points, *self.notes)


@dataclass(frozen=True)
class Letter:
    """A letter about one patient as of one day: a draft, to be edited and signed by the prescriber.

    `language` is BCP 47; `head`: from whom, to whom, as of when; `patient`: about whom; `diagnoses`: with what.
    `provenance` names the engine, the record and the catalog that it was made from.
    """

    kind: Kind
    language: str
    on: date
    title: str
    draft: str
    head: tuple[Field, ...]
    patient: tuple[Field, ...]
    diagnoses: tuple[Field, ...]
    sections: tuple[Section, ...]
    signature: tuple[Field, ...]
    adoption: str
    provenance: str

    @property
    def blanks(self) -> tuple[Blank, ...]:
        """Every blank, in reading order."""
        return tuple(piece for words in self.texts() for piece in words if isinstance(piece, Blank))

    def texts(self) -> Iterator[Words]:
        """Every text with its blanks, in reading order."""
        yield from (field.words for field in (*self.head, *self.patient, *self.diagnoses))
        for section in self.sections:
            yield from section.texts()
        yield from (field.words for field in self.signature)

    def section(self, section_id: str) -> Section:
        """The section of that id. Raises KeyError where the letter has none."""
        found = {section.id: section for section in self.sections}
        return found[section_id]


def said(*parts: str | Blank | Words) -> Words:
    """One text from pieces and texts; neighbouring plain pieces become one."""
    pieces: list[str | Blank] = []
    for piece in (inner for part in parts for inner in (part if isinstance(part, tuple) else (part,))):
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        elif piece:
            pieces.append(piece)
    return tuple(pieces)


def listed(parts: Iterable[str | Blank | Words], separator: str = "; ") -> Words:
    """Several texts in one, with a separator between them."""
    found: list[str | Blank | Words] = []
    for part in parts:
        found += [separator, part] if found else [part]
    return said(*found)


def plain(words: Words) -> str:
    """A text as plain characters, with its blanks in brackets."""
    return "".join(str(piece) for piece in words)


def or_blank(text: str | None, what: str) -> Words:
    """The text, or a blank that says what is not known."""
    return (text,) if text else (Blank(what),)


def sentence(text: str) -> str:
    """A text with a capital at its start and one full stop at its end."""
    return f"{text[:1].upper()}{text[1:].rstrip('. ')}."
