"""The forest plot: what is drawn is what was computed, in the terminal and on the page; shapes say what colour says."""

import html
import io
import re

import pytest
import vl_convert
from rich.console import Console

from euthymia import load_catalog
from euthymia.evidence import answer
from euthymia.report.evidence_page import evidence_page
from euthymia.report.evidence_terminal import forest_lines, print_answer, print_questions
from euthymia.report.forest import direction_words, forest_chart, forests
from euthymia.report.tokens import DARK, LIGHT

CATALOG = load_catalog()
POOLED = [q.id for q in CATALOG.questions.values() if q.pools]


def printed(question, width):
    console = Console(width=width, record=True, force_terminal=False, file=io.StringIO())
    print_answer(answer(question, CATALOG), console)
    return console.export_text()


@pytest.mark.parametrize("question", CATALOG.questions)
@pytest.mark.parametrize("width", [40, 80, 160])
def test_every_answer_fits_the_terminal(question, width):
    text = printed(question, width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert answer(question, CATALOG).question.asks[:12] in text


def test_the_list_fits_too():
    console = Console(width=80, record=True, file=io.StringIO())
    print_questions([answer(each, CATALOG) for each in CATALOG.questions], console)
    assert max(len(line) for line in console.export_text().splitlines()) <= 80


def test_marks_stand_where_the_effects_are():
    """Of the drawn cells, the place of the mark gives the estimate back to within one cell."""
    forest = forests(answer("esketamine_acute", CATALOG))[0]
    lines = [line.plain for line in forest_lines(forest, 98)]
    for row, line in zip(forest.rows[:4], lines[2::2], strict=False):
        place = next(i for i, cell in enumerate(line) if cell in "■□◆") - 1
        cell = (forest.high - forest.low) / 95
        assert forest.low + place * cell == pytest.approx(row.estimate, abs=cell)
    assert lines[2][next(i for i, c in enumerate(lines[2]) if c == "■")] == "■"
    assert "□" in lines[4]  # Fedgchin's figures are recalled
    assert "╌" in lines[10]


def test_an_interval_that_leaves_the_picture_has_arrows():
    text = "\n".join(line.plain for line in forest_lines(forests(answer("accelerated_tms", CATALOG))[0], 80))
    assert text.count("◀") == 2
    assert text.count("▶") == 2


def test_without_a_pool_the_studies_stand_for_themselves():
    forest = forests(answer("maintenance", CATALOG))[0]
    assert forest.measure == "HR"
    assert [row.kind for row in forest.rows] == ["study", "study"]
    assert "not pooled" in forest.title
    assert forests(answer("sublingual_home", CATALOG)) == ()


def test_the_sides_are_named_by_what_is_better():
    assert direction_words(forests(answer("esketamine_acute", CATALOG))[0])[0] == "← favours the treatment"
    assert direction_words(forests(answer("aripiprazole", CATALOG))[0])[1] == "favours the treatment →"


@pytest.mark.parametrize("question", POOLED)
def test_the_chart_draws_in_both_themes_with_a_strong_line_of_no_difference(question):
    forest = forests(answer(question, CATALOG))[0]
    for tokens in (LIGHT, DARK):
        spec = forest_chart(forest, tokens)
        rules = [layer["mark"] for layer in spec["layer"] if layer["mark"]["type"] == "rule"]
        assert rules[0]["strokeWidth"] == 2.5
        assert any(mark.get("strokeDash") == [5, 4] for mark in rules), "the prediction interval is dashed"
        shapes = {layer["mark"].get("shape") for layer in spec["layer"] if layer["mark"]["type"] == "point"}
        assert {"square", "diamond"} <= shapes
        assert vl_convert.vegalite_to_svg({**spec, "width": 600}).startswith("<svg")


@pytest.mark.parametrize("question", CATALOG.questions)
def test_the_page_asks_for_nothing_and_holds_every_row(question):
    page = evidence_page(answer(question, CATALOG))
    assert not re.search(r"""(?:src|href)=["']https?:""", re.sub(r"(?s)<script.*?</script>", "", page))
    plain = html.unescape(page)
    assert "default-src 'none'" in plain
    for study in answer(question, CATALOG).studies:
        assert study.label in plain
        assert all(row in plain for row in study.rows)
    assert answer(question, CATALOG).sentence in plain


def test_the_page_says_whether_the_content_was_adopted():
    assert "has not been adopted" in evidence_page(answer("maintenance", CATALOG))
    assert "Adopted by Dr. One." in evidence_page(answer("maintenance", CATALOG), "Dr. One")
