"""A letter as a PDF (PDF/UA-1: tagged, with its language), set by Typst. Same letter, same bytes.

Every text goes to Typst as data, never as markup. The fonts are those that Typst itself carries: nothing of the
machine decides how a letter looks. A character that they do not have is printed as its code, and the letter says so.
"""

import json
import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from euthymia.letter import Blank, Field, Letter, Section, Table, Words, plain
from euthymia.moment import day_in_words
from euthymia.report.letter_glyphs import with_codes
from euthymia.report.typesetting import Paper as Paper  # noqa: PLC0414 - for those who ask for a letter
from euthymia.report.typesetting import compiler_of, one_line, typeset

# Point sizes, tried from the largest until the letter fits; nothing is left out to make it fit.
_SIZES = ("10", "9.5", "9", "8.5", "8")
_PAGES = 2
# A row of more characters than this may break over a page.
_ROW_MAY_BREAK = 900
# So may a section.
_SECTION_MAY_BREAK = 1200
# The widths of table columns, in characters.
_NARROW, _WIDE = 12, 30
# Labels of more characters get a wider column.
_SHORT_LABEL = 30
# What stays on one line: a number and its unit, the parts of a date.
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_TOGETHER = re.compile(rf"(?<=\d) (?=(?:%|mg\b|{_MONTHS}))|(?<={_MONTHS}) (?=\d{{4}})|(?<=PHQ-9|WHO-5) (?=\d)")


def letter_pdf(letter: Letter, paper: Paper = "a4") -> bytes:
    """The letter as a PDF of at most two pages, in the largest type that fits; a longer one in the smallest type."""
    return _set_to_fit(letter, paper)[1]


def letter_png(letter: Letter, paper: Paper = "a4") -> list[bytes]:
    """The pages of the same PDF as pictures."""
    inputs, _ = _set_to_fit(letter, paper)
    with _template() as template:
        return typeset(compiler_of(template), inputs, "png", letter.on)


def _set_to_fit(letter: Letter, paper: Paper) -> tuple[dict[str, str], bytes]:
    """What Typst is given, and the PDF: in the largest type in which the letter has two pages."""
    from typst import TypstError

    data = _data(letter)
    try:
        return _largest(data, paper, letter.on)
    except TypstError:
        # PDF/UA wants a glyph for every character, and a name may be written in any script.
        return _largest(with_codes(data), paper, letter.on)


def _largest(data: dict[str, Any], paper: Paper, on: date) -> tuple[dict[str, str], bytes]:
    text = json.dumps(data, ensure_ascii=False)
    with _template() as template:
        compiler = compiler_of(template)
        for size in _SIZES:
            inputs = {"letter": text, "paper": paper, "size": size}
            [pdf] = typeset(compiler, inputs, "pdf", on)
            if int(compiler.query("<pages>", field="value", one=True)) <= _PAGES:
                break
    return inputs, pdf


def _template() -> AbstractContextManager[Path]:
    # A path, not its bytes: only of a file can Typst be asked how many pages it has.
    return as_file(files("euthymia.report").joinpath("templates/letter.typ"))


def _data(letter: Letter) -> dict[str, Any]:
    """The letter as the template reads it; characters that cannot be set are written as their codes."""
    data = {
        "language": letter.language,
        "on": letter.on.isoformat(),
        "title": letter.title,
        "draft": letter.draft,
        "footer": f"{letter.title} · {day_in_words(letter.on)}",
        "page": "page",
        "of": "of",
        "head": _fields(letter.head),
        "patient": _fields(letter.patient),
        "diagnoses": _fields(letter.diagnoses),
        "sections": [_section(section) for section in letter.sections],
        "signature": _fields(letter.signature),
        "adoption": letter.adoption,
        "made-from": letter.provenance,
    }
    return {key: _text(value) if isinstance(value, str) else value for key, value in data.items()}


def _section(section: Section) -> dict[str, Any]:
    longest = max((len(field.label) for field in section.fields), default=0)
    length = sum(len(plain(words)) for words in section.texts())
    return {
        "title": section.title,
        "paragraphs": [_words(words) for words in section.paragraphs],
        "fields": _fields(section.fields),
        "label-width": 40 if longest <= _SHORT_LABEL else 58,
        "whole": length <= _SECTION_MAY_BREAK,
        "table": _table(section.table) if section.table else None,
        "points": [_words(words) for words in section.points],
        "notes": [_words(words) for words in section.notes],
    }


def _table(table: Table) -> dict[str, Any]:
    """Columns as wide as their longest texts ask for, within bounds; long rows may break over a page."""
    cells = [[plain(cell) for cell in row] for row in table.rows]
    longest = [max(map(len, (head, *column))) for head, *column in zip(table.columns, *cells, strict=True)]
    rows = [{"cells": [_words(cell) for cell in row], "whole": sum(map(len, map(plain, row))) <= _ROW_MAY_BREAK} for row in table.rows]
    return {"columns": list(table.columns), "widths": [min(max(n, _NARROW), _WIDE) for n in longest], "rows": rows}


def _fields(fields: Iterable[Field]) -> list[dict[str, Any]]:
    return [{"label": field.label, "words": _words(field.words)} for field in fields]


def _words(words: Words) -> list[Any]:
    return [{"blank": _text(str(piece))} if isinstance(piece, Blank) else _text(piece) for piece in words]


def _text(text: str) -> str:
    """One line without control characters, its numbers beside their units."""
    return _TOGETHER.sub("\N{NO-BREAK SPACE}", one_line(text))
