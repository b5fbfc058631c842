"""A letter as Markdown, for editing: what is not known stands in brackets, as in print."""

from collections.abc import Iterator

from euthymia.letter import Field, Letter, Section, Table, Words, plain
from euthymia.report.words import printable

# What Markdown would read as markup. A hyphen or a digit starts a list only at the head of a line, where none stands.
_MARKUP = str.maketrans({character: f"\\{character}" for character in "\\`*_{}#|<>~$"})


def letter_text(letter: Letter) -> str:
    """The letter as Markdown. Text of the record comes out literally: nothing in it is markup."""
    return "\n".join(_lines(letter)) + "\n"


def _lines(letter: Letter) -> Iterator[str]:
    yield from (f"# {_literal(letter.title)}", "", f"*{_literal(letter.draft)}*", "")
    yield from _fields((*letter.head, *letter.patient, *letter.diagnoses))
    for section in letter.sections:
        yield from _section(section)
    yield from ("---", "")
    yield from _fields(letter.signature)
    yield f"{_literal(letter.adoption)} {_literal(letter.provenance)}"


def _section(section: Section) -> Iterator[str]:
    yield from (f"## {_literal(section.title)}", "")
    for paragraph in section.paragraphs:
        yield from (_words(paragraph), "")
    if section.fields:
        yield from _fields(section.fields)
    if section.table:
        yield from _table(section.table)
    if section.points:
        yield from (*(f"- {_words(point)}" for point in section.points), "")
    for note in section.notes:
        yield from (f"*Note:* {_words(note)}", "")


def _fields(fields: tuple[Field, ...]) -> Iterator[str]:
    yield from (f"- **{_literal(field.label)}:** {_words(field.words)}" for field in fields)
    yield ""


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(_literal, table.columns))} |"
    yield f"|{' --- |' * len(table.columns)}"
    yield from (f"| {' | '.join(map(_words, row))} |" for row in table.rows)
    yield ""


def _words(words: Words) -> str:
    return _literal(plain(words))


def _literal(text: str) -> str:
    """One line, without control characters and without markup."""
    return printable(" ".join(text.split())).translate(_MARKUP)
