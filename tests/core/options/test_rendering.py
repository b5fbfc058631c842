"""The section "Decide" in the terminal and on the page, and `euthymia options`."""

import json
from io import StringIO

import jinja2
import pytest
from rich.console import Console, Group
from typer.testing import CliRunner

from core.options.people import ON, SAMPLES, event, options_on, plateau, sample
from euthymia.cli import app
from euthymia.options import Options
from euthymia.report.options_page import decide_view
from euthymia.report.options_terminal import decide_section, print_options

HOSTILE = "<script>alert(1)</script>[bold]"


def of_sample(name: str) -> Options:
    record = sample(name)
    day = record.last_day()
    assert day is not None
    return options_on(record, day)


def printed(found: Options, width: int = 100) -> str:
    out = StringIO()
    Console(file=out, width=width, color_system=None).print(Group(*decide_section(found)), highlight=False)
    return out.getvalue()


def fragment(found: Options) -> str:
    environment = jinja2.Environment(loader=jinja2.PackageLoader("euthymia.report"), autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template("options.html").render(decide=decide_view(found), decision=None)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_the_section_is_compact_and_names_every_option(path: object) -> None:
    found = of_sample(path.stem)  # type: ignore[attr-defined]
    said = printed(found)
    assert len(said.splitlines()) <= 48
    flat = " ".join(said.split())
    for view in (*found.offered, *found.withheld):
        assert view.name.removeprefix("add ") in flat
    assert "recommends nothing" in flat


def test_the_question_stands_first() -> None:
    assert printed(of_sample("holding-above-remission")).splitlines()[2].strip() == "? Why is this patient not remitting?"


def test_everything_about_every_option_is_printed_on_request() -> None:
    found, out = of_sample("holding-above-remission"), StringIO()
    print_options(found, Console(file=out, width=400, color_system=None))
    for view in (*found.offered, *found.withheld):
        for line in (*view.why, *view.against, *view.know_first, *view.blocked_by, view.regulatory, *view.monitoring):
            assert line in out.getvalue()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_the_page_holds_every_option_with_its_parts_and_no_script(path: object) -> None:
    found = of_sample(path.stem)  # type: ignore[attr-defined]
    html = fragment(found)
    for view in (*found.offered, *found.withheld):
        assert f'id="option-{view.id}"' in html
    assert html.count("Regulatory status") == len((*found.offered, *found.withheld))
    assert html.count("<details") == html.count("</details>")
    assert "<script" not in html
    assert "style=" not in html


def test_what_a_record_says_is_never_markup() -> None:
    record = plateau(event("medication", 20, drug=f"clonazepam {HOSTILE}"), event("condition", 20, condition=f"insomnia {HOSTILE}"))
    found = options_on(record, ON)
    assert "<script>" not in fragment(found)
    assert "[bold]" in printed(found, 300)


def test_after_a_death_the_section_says_so() -> None:
    found = options_on(plateau(event("person", 2, died="2026-05-30")), ON)
    assert "Died: 2026-05-30" in printed(found)
    assert "died: 2026-05-30" in fragment(found)


def test_the_command_prints_text_and_json() -> None:
    path = str(next(p for p in SAMPLES if p.stem == "losing-ground"))
    shown = CliRunner().invoke(app, ["options", path, "--on", "last"])
    assert shown.exit_code == 0, shown.output
    assert "Why is this patient not remitting?" in shown.output
    found = json.loads(CliRunner().invoke(app, ["options", path, "--on", "last", "--json"]).output)
    assert found["offered"][0]["id"] == "safety_first"
    assert CliRunner().invoke(app, ["options", path, "--patient", "nobody"]).exit_code == 2
