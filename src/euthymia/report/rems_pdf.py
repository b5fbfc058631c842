"""A REMS monitoring form as a PDF (PDF/UA-1), set by Typst in our own layout of its fields. Same form, same bytes."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from euthymia.moment import day_in_words
from euthymia.rems import Answer, RemsForm
from euthymia.report.letter_glyphs import with_codes
from euthymia.report.rems_words import OUR_OWN, SECTIONS, answer_words, standing_words, version_words
from euthymia.report.typesetting import Paper, compiler_of, one_line, typeset


def rems_pdf(form: RemsForm, paper: Paper = "a4") -> bytes:
    """The form as a PDF. What is not recorded is an empty line that says so."""
    return _set(form, paper)[1]


def rems_png(form: RemsForm, paper: Paper = "a4") -> list[bytes]:
    """The pages of the same PDF as pictures."""
    inputs, _ = _set(form, paper)
    with _template() as template:
        return typeset(compiler_of(template), inputs, "png", form.on)


def _set(form: RemsForm, paper: Paper) -> tuple[dict[str, str], bytes]:
    """What Typst is given, and the PDF."""
    from typst import TypstError

    data = _data(form)
    inputs = _inputs(data, paper)
    with _template() as template:
        compiler = compiler_of(template)
        try:
            [made] = typeset(compiler, inputs, "pdf", form.on)
        except TypstError:
            # PDF/UA wants a glyph for every character, and a name may be written in any script.
            inputs = _inputs(with_codes(data), paper)
            [made] = typeset(compiler, inputs, "pdf", form.on)
    return inputs, made


def _inputs(data: dict[str, Any], paper: Paper) -> dict[str, str]:
    return {"form": json.dumps(data, ensure_ascii=False), "paper": paper}


def _template() -> AbstractContextManager[Path]:
    return as_file(files("euthymia.report").joinpath("templates/rems.typ"))


def _data(form: RemsForm) -> dict[str, Any]:
    """The form as the template reads it."""
    said = {
        "on": form.on.isoformat(),
        "title": form.title,
        "own": OUR_OWN,
        "session": f"Session of {day_in_words(form.session_day)}; {standing_words(form)}",
        "version": f"Version: {version_words(form)}",
        "missing": _missing_words(form),
        "footer": f"{form.title} · session of {day_in_words(form.session_day)} · as recorded on {day_in_words(form.on)}",
        "made-from": f"Record {form.patient_id}, session {form.session_id}; knowledge {form.catalog_digest[:12]}.",
    }
    return {key: one_line(value) for key, value in said.items()} | {"sections": list(_sections(form))}


def _missing_words(form: RemsForm) -> str:
    number = len(form.missing)
    return f"{number} required {'field is' if number == 1 else 'fields are'} not recorded." if number else ""


def _sections(form: RemsForm) -> Iterator[dict[str, Any]]:
    for section, title in SECTIONS.items():
        if fields := [_field(answer) for answer in form.answers if answer.section == section]:
            yield {"title": title, "fields": fields}


def _field(answer: Answer) -> dict[str, Any]:
    """One row: its label, its words, whether its line is empty, and what would settle it."""
    empty = answer.state in ("missing", "by_hand")
    return {
        "label": one_line(answer.label).replace("mm Hg", "mm\N{NO-BREAK SPACE}Hg"),
        "words": one_line(answer_words(answer)),
        "empty": empty,
        "why": one_line(answer.settle) if answer.state == "missing" and answer.settle != "not recorded" else "",
    }
