"""A letter in type, as text and in FHIR: the same words, literally; same letter, same bytes."""

import base64
import hashlib
import io
import json
import re
from dataclasses import replace
from datetime import date
from typing import Any, get_args

import fhirkit
import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from core.letter.letters import HOSTILE, SAMPLES, many_trials, sample, told, trial, write
from core.strategies import records, texts
from euthymia.instrument import _loinc
from euthymia.interop.fhir_r4 import document_reference
from euthymia.interop.fhir_r4.document import DocumentKind
from euthymia.letter import KINDS, Kind, Letter, Section, plain
from euthymia.letter.form import Kind as LetterKind
from euthymia.record import PatientRecord
from euthymia.report import letter_pdf as pdf_module
from euthymia.report.letter_fhir import letter_fhir
from euthymia.report.letter_pdf import letter_pdf, letter_png
from euthymia.report.letter_text import letter_text
from euthymia.report.words import printable

LETTER = write(sample("in-remission"), "renewal")


def read_pdf(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def squeezed(text: str) -> str:
    """Letters and signs without the spaces and hyphens that setting adds and takes away."""
    return re.sub(r"[\s\u00ad\u200b]+", "", text)


def pdf_text(pdf: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in read_pdf(pdf).pages))


def saying(text: str) -> Letter:
    """A letter with one section that says this, in every place where a record's text can stand."""
    words = (f"({text})",)
    row = trial(name=text, outcome_source=text, exposure=text, drug_class=text, reasons=(text,), missing=(text,))
    written = write(sample("in-remission"), "authorisation", told=told(row, sentence=text))
    return replace(written, sections=(Section("x", f"({text})", (words,), points=(words,), notes=(words,)), *written.sections[1:3]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SAMPLES)
def test_the_pdf_has_at_most_two_pages_and_names_every_treatment(name: str, kind: Kind) -> None:
    written = write(sample(name), kind)
    for paper in ("a4", "us-letter"):
        pdf = letter_pdf(written, paper)
        assert len(read_pdf(pdf).pages) <= 2
        text, table = pdf_text(pdf), written.section("trials").table
        assert table is not None
        assert [plain(row[0]) for row in table.rows if squeezed(plain(row[0])) not in text] == []
        assert [str(blank) for blank in written.blanks if squeezed(str(blank)) not in text] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("paper", ["a4", "us-letter"])
def test_twelve_trials_fit_on_two_pages(kind: Kind, paper: Any) -> None:
    assert len(read_pdf(letter_pdf(write(many_trials(12), kind), paper)).pages) == 2


def test_the_pdf_is_tagged_dated_and_in_its_language() -> None:
    pdf = read_pdf(letter_pdf(LETTER))
    root: Any = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]) == "en"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert pdf.metadata is not None
    assert pdf.metadata.title == LETTER.title
    assert pdf.metadata.creation_date is not None
    assert pdf.metadata.creation_date.date() == LETTER.on


@pytest.mark.parametrize("kind", KINDS)
def test_same_letter_same_bytes(kind: Kind) -> None:
    assert letter_pdf(write(sample("in-remission"), kind)) == letter_pdf(write(sample("in-remission"), kind))


def test_fonts_are_embedded_and_not_of_this_machine() -> None:
    fonts = {str(f.get_object()["/BaseFont"]) for page in read_pdf(letter_pdf(LETTER)).pages for f in page["/Resources"]["/Font"].values()}
    assert {name.split("+")[-1].split("-")[0] for name in fonts} == {"LibertinusSerif"}


def test_a_warning_of_typst_stops_the_letter(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """An unknown font is only a warning to Typst."""
    template = tmp_path / "letter.typ"
    template.write_text('#set document(title: "x")\n#set text(font: "No Such Font")\nx #metadata(1) <pages>', encoding="utf-8")
    monkeypatch.setattr(pdf_module, "_template", lambda: pdf_module.as_file(template))
    with pytest.raises(RuntimeError, match=r"unknown font family.*allowed: no warning"):
        letter_pdf(LETTER)


def test_hostile_text_comes_out_literally() -> None:
    pdf = letter_pdf(saying(HOSTILE))
    shown = HOSTILE.replace("日", "[U+65E5]").replace("本", "[U+672C]").replace("🙂", "[U+1F642]")
    assert pdf_text(pdf).count(squeezed(shown)) >= 8
    assert "printedasitsUnicodecode" in pdf_text(pdf)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(texts, st.sampled_from(HOSTILE.split())), min_size=1, max_size=4).map(" ".join))
def test_no_text_of_a_record_is_markup(text: str) -> None:
    """Whatever a record says, the letter is set; in Markdown, taking the escapes away gives the text back."""
    written = saying(text)
    assert letter_pdf(written).startswith(b"%PDF")
    assert f"({squeezed(text)})" in squeezed(re.sub(r"\\(.)", r"\1", letter_text(written)).replace("�", "")) or not text.isprintable()


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(records(max_events=8), st.sampled_from(KINDS))
def test_any_record_has_a_letter(record: PatientRecord, kind: Kind) -> None:
    """Whatever is recorded, and however oddly: a letter, every piece of it in the text, and a PDF."""
    written = write(record, kind)
    text = re.sub(r"\\(.)", r"\1", letter_text(written))
    assert [str(blank) for blank in written.blanks if printable(" ".join(str(blank).split())) not in text] == []
    assert letter_pdf(written).startswith(b"%PDF")


def test_pages_can_be_looked_at() -> None:
    pages = letter_png(LETTER)
    assert [page[:4] for page in pages] == [b"\x89PNG"] * len(read_pdf(letter_pdf(LETTER)).pages)


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_says_the_same_as_the_letter(kind: Kind) -> None:
    written = write(sample("losing-ground"), kind)
    text = re.sub(r"\\(.)", r"\1", letter_text(written))
    lost = [plain(words) for words in written.texts() if " ".join(plain(words).split()) not in text]
    assert lost == []
    assert [s.title for s in written.sections] == re.findall(r"^## (.*)$", text, re.MULTILINE)


def test_a_bar_in_a_text_does_not_open_a_column() -> None:
    row = next(
        line
        for line in letter_text(write(sample("in-remission"), "authorisation", told=told(trial(name="a | b")))).splitlines()
        if "a \\| b" in line
    )
    assert len(re.findall(r"(?<!\\)\|", row)) == 7


@pytest.mark.parametrize("kind", KINDS)
def test_the_document_is_valid_fhir(kind: Kind) -> None:
    """Two routes: the published models, and an independent validator."""
    written = write(sample("in-remission"), kind)
    pdf = letter_pdf(written)
    resource = letter_fhir(written, "Synthetic 0012", pdf)
    assert fhirkit.validate(json.dumps(resource)) == []
    get_fhir_model_class("DocumentReference").model_validate(resource)
    assert (resource["status"], resource["docStatus"]) == ("current", "preliminary")
    first, second = (each["attachment"] for each in resource["content"])
    assert base64.b64decode(first["data"]) == pdf
    assert base64.b64decode(first["hash"]) == hashlib.sha1(pdf).digest()  # noqa: S324 - FHIR asks for it
    assert (first["size"], first["contentType"], first["creation"]) == (len(pdf), "application/pdf", written.on.isoformat())
    assert base64.b64decode(second["data"]).decode() == letter_text(written)
    _loinc(resource["type"]["coding"][0]["code"])
    assert resource == letter_fhir(written, "Synthetic 0012", pdf)


def test_the_document_is_of_this_letter_alone() -> None:
    ids = {letter_fhir(write(sample("in-remission"), kind), who, b"%PDF")["id"] for kind in KINDS for who in ("a", "b")}
    assert len(ids) == 6


def test_a_document_has_a_file() -> None:
    with pytest.raises(ValueError, match="at least one attachment"):
        document_reference("p", "renewal", date(2026, 3, 1), "x", [])


def test_every_kind_of_letter_is_a_kind_of_document() -> None:
    assert get_args(DocumentKind) == get_args(LetterKind) == KINDS
