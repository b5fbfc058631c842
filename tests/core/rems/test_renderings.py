"""The form on paper, in the terminal and by the command: the same words, nothing left out, nothing of the record read as markup."""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from rich.console import Console
from typer.testing import CliRunner

from core.rems.spray import CATALOG, DAY, filled, person, pressure, record, saw, session
from euthymia.cli import app
from euthymia.interop.native_json import to_json
from euthymia.rems import RemsForm, rems_duties, rems_form
from euthymia.report import rems_pdf as pdf_module
from euthymia.report.rems_pdf import rems_pdf, rems_png
from euthymia.report.rems_terminal import print_duties, print_form
from euthymia.report.rems_words import OUR_OWN, answer_words, duty_words, standing_words

EVENTS: list[Any] = [
    session(dose_mg=56, lot="L77", monitored_by="Nurse Noor"),
    saw("sedation", "yes", 20),
    saw("sedation", "no", 90),
    *pressure(128, 80, -5),
]
HALF = filled(*EVENTS)
EMPTY = filled(session(at="2026-03-02", ended=None))
OLD = filled(session(at="2022-03-02", ended=None))


def squeezed(text: str) -> str:
    return "".join(text.split())


def pdf_text(form: RemsForm, paper: Any = "a4") -> str:
    return squeezed("".join(page.extract_text() for page in PdfReader(io.BytesIO(rems_pdf(form, paper))).pages))


@pytest.mark.parametrize("paper", ["a4", "us-letter"])
@pytest.mark.parametrize("form", [HALF, EMPTY, OLD], ids=["half", "empty", "old"])
def test_every_field_is_on_the_paper_with_its_answer_or_that_it_is_not_recorded(form, paper) -> None:
    text = pdf_text(form, paper)
    for answer in form.answers:
        label, words = squeezed(answer.label), squeezed(answer_words(answer))
        assert f"{label}{words}" in text or f"{label}[{words}" in text, answer.id
    assert squeezed(OUR_OWN) in text
    assert squeezed(form.version_name) in text
    assert text.count("[notrecorded") == sum(answer.state == "missing" for answer in form.answers)
    assert len(PdfReader(io.BytesIO(rems_pdf(form, paper))).pages) <= 2


def test_the_paper_says_how_many_fields_are_missing_and_by_when_it_is_due() -> None:
    text = pdf_text(EMPTY)
    assert squeezed(f"{len(EMPTY.missing)} required fields are not recorded.") in text
    assert squeezed("to be submitted by 9 March 2026") in text
    assert squeezed("overdue since the end of 9 March 2026") in pdf_text(filled(session(), on=date(2026, 3, 10)))
    sent = filled(session(), saw("rems_form_submitted", "yes", "2026-03-03"), on=date(2026, 3, 10))
    assert squeezed("recorded as submitted on 3 March 2026") in pdf_text(sent)
    assert standing_words(sent) == "recorded as submitted on 3 March 2026"


def test_same_form_same_bytes_tagged_dated_and_with_its_own_fonts() -> None:
    made = rems_pdf(HALF)
    assert made == rems_pdf(filled(*EVENTS))
    pdf = PdfReader(io.BytesIO(made))
    root: Any = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]) == "en"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert pdf.metadata is not None
    assert pdf.metadata.creation_date is not None
    assert pdf.metadata.creation_date.date() == DAY
    resources: Any = pdf.pages[0]["/Resources"]
    fonts = {str(font.get_object()["/BaseFont"]).split("+")[-1].split("-")[0] for font in resources["/Font"].values()}
    assert fonts == {"LibertinusSerif"}


def test_a_warning_of_typst_stops_the_form(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    template = tmp_path / "rems.typ"
    template.write_text('#set document(title: "x")\n#set text(font: "No Such Font")\nx', encoding="utf-8")
    monkeypatch.setattr(pdf_module, "_template", lambda: pdf_module.as_file(template))
    with pytest.raises(RuntimeError, match=r"unknown font family.*allowed: no warning"):
        rems_pdf(HALF)


def test_hostile_text_comes_out_literally() -> None:
    hostile = '#panic("x") $a$ *b* <x> @ref \\ [y] 日'
    form = rems_form(record(person(name=hostile), session(lot=hostile)), "s", CATALOG, DAY)
    assert isinstance(form, RemsForm)
    text = pdf_text(form)
    assert text.count(squeezed(hostile.replace("日", "[U+65E5]"))) == 2
    assert "printedasitsUnicodecode" in text
    assert [page[:4] for page in rems_png(form)] == [b"\x89PNG"] * len(PdfReader(io.BytesIO(rems_pdf(form))).pages)


def shown(form: RemsForm) -> str:
    console = Console(width=120, file=io.StringIO(), color_system=None)
    print_form(form, console)
    return squeezed(console.file.getvalue())  # type: ignore[attr-defined]


def test_the_terminal_says_the_same() -> None:
    text = shown(HALF)
    for answer in HALF.answers:
        assert squeezed(answer.label)[:30] in text
        assert answer.state != "filled" or squeezed(answer.words) in text
    assert squeezed(OUR_OWN) in text


def test_the_list_in_the_terminal() -> None:
    found = record(person(), session(), session("open", at="2026-03-09T10:00:00-05:00", ended=None, route=None))
    console = Console(width=160, file=io.StringIO(), color_system=None)
    duties = rems_duties(found, CATALOG, date(2026, 3, 10))
    print_duties(duties, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "▲ overdue since the end of 9 March 2026" in text
    assert "○ due by 16 March 2026; say of the session whether it was the nasal spray" in text
    assert duty_words(duties[0]) in text
    print_duties((), console)
    assert "No session has a form" in console.file.getvalue()  # type: ignore[attr-defined]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "patient.json"
    path.write_text(to_json(record(person(), *EVENTS, session("drip", treatment="ketamine", route="IV"), session("open", route=None))))
    return path


def run(*words: Any) -> Any:
    return CliRunner().invoke(app, ["rems", *map(str, words)])


def test_the_command(file: Path, tmp_path: Path) -> None:
    listed = run(file, "--on", "2026-03-10", "--json")
    assert [(duty["session_id"], duty["state"]) for duty in json.loads(listed.stdout)] == [("open", "overdue"), ("s", "overdue")]
    assert "overdue since the end of 9 March 2026" in run(file, "--on", "2026-03-10").stdout
    # Two sessions of one day: what was noted names its session.
    said = json.loads(run(file, "--session", "s", "--on", "2026-03-02", "--json").stdout)
    assert {each["id"]: each["words"] for each in said["answers"]}["sedation"] == "yes"
    pdf = tmp_path / "deep" / "form.pdf"
    assert run(file, "--session", "s", "--on", "2026-03-02", "--pdf", pdf).exit_code == 0
    assert pdf.read_bytes().startswith(b"%PDF")
    assert "Esketamine (Spravato) REMS" in run(file, "--session", "s", "--on", "2026-03-02").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--session", "drip"), "found a session without a form of the REMS (ketamine is not esketamine); allowed: esketamine nasal"),
        (("--session", "open"), "cannot tell whether it was the nasal spray: the route is not recorded"),
        (("--session", "none"), "unknown session 'none'; known:"),
        (("--pdf", "x.pdf"), "found --pdf without --session; allowed: with the id of a session"),
    ],
)
def test_what_has_no_form_ends_in_a_sentence(file, words, said) -> None:
    result = run(file, "--on", "2026-03-10", *words)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output
