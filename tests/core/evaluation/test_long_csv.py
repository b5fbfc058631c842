"""Reading a long CSV: what is taken for what, and every way in which it is refused."""

import re
from pathlib import Path

import pytest

from core.evaluation.people import PHQ9, as_csv, cohort
from euthymia.evaluation import Columns, EvaluationError, read_long_csv, scale_of
from euthymia.loading import load_catalog

CATALOG = load_catalog()
GOOD = "patient,week,total\na,0,20\na,1,15\nb,0,18\nb,2,9\n"


@pytest.fixture
def read(tmp_path):
    def of(text, columns=None, instrument="phq9"):
        path = tmp_path / "ratings.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_long_csv(path, PHQ9, columns, instrument)

    return of


def test_a_plain_file(read):
    found = read(GOOD)
    assert [(p.label, p.weeks, p.totals) for p in found.people] == [("a", [0, 1], [20, 15]), ("b", [0, 2], [18, 9])]
    assert found.notes == ("columns: person patient, time week (in weeks), total total",)


def test_what_was_written_is_read(read):
    made = cohort()
    people = sorted(made.people, key=lambda person: person.label)
    assert [(p.label, list(p.weeks), list(p.totals)) for p in read(as_csv(made)).people] == [(p.label, p.weeks, p.totals) for p in people]


@pytest.mark.parametrize("line", ["Somebody,2026-01-01,19", "Somebody,3.5,19", "17,0,19"])
def test_a_file_without_a_header_is_refused_and_none_of_its_cells_is_said(read, line):
    with pytest.raises(EvaluationError, match="found numbers or dates where names should be") as refused:
        read(f"{line}\n{line}\n")
    assert not any(cell in str(refused.value) for cell in line.split(","))


def test_halfway_between_two_totals_counts_as_the_worse(read):
    text = "person,week,total\na,0,4.5\na,1,3.5\nb,0,10\nb,1,26.5\n"
    assert {p.label: list(p.totals) for p in read(text).people} == {"a": [5, 4], "b": [10, 27]}


@pytest.mark.parametrize("mark", [";", "\t"])
def test_separators_byte_order_mark_and_order_do_not_matter(read, mark):
    lines = GOOD.strip().split("\n")
    text = "\ufeff" + "\r\n".join([lines[0], *reversed(lines[1:])]).replace(",", mark)
    assert {p.label: (p.weeks, p.totals) for p in read(text).people} == {"a": ([0, 1], [20, 15]), "b": ([0, 2], [18, 9])}


def test_days_become_weeks_from_the_earliest_of_the_file(read):
    found = read("ID,RELDAY,PHQ9\na,-7,20\na,7,15\nb,0,18\n", Columns(time="RELDAY"))
    assert [p.weeks for p in found.people] == [[0, 2], [1]]
    assert "times count from -7 days, the earliest of the file" in found.notes


def test_dates_count_from_each_persons_first_rating(read):
    found = read("patient_id,at,instrument,total\na,2026-03-02,phq9,20\na,2026-03-16T09:00:00+01:00,phq9,15\na,2026-03-20,gad7,9\n")
    assert [(p.weeks, p.totals) for p in found.people] == [([0, 2], [20, 15])]
    assert "rows of another instrument, left out: 1" in found.notes


def test_rows_without_a_total_are_left_out_and_counted(read):
    found = read(GOOD + "b,3,\nb,4,NA\n")
    assert len(found.people[1].totals) == 2
    assert "rows without a total, left out: 2" in found.notes


def test_totals_between_steps_are_rounded_and_counted(read):
    found = read(GOOD + "b,3,7.4\n")
    assert found.people[1].totals[-1] == 7
    assert "totals between two steps of 1, rounded: 1" in found.notes


def test_sessions_and_changes(read):
    text = "patient,week,total,infusion,new\na,0,20,0,\na,0.5,,yes,\na,1,15,1,no\na,2,12,,TRUE\nb,1,,1,\n"
    found = read(text, Columns(session="infusion", change="new"))
    assert [(p.label, p.weeks, p.session_weeks, p.change_weeks) for p in found.people] == [("a", [0, 1, 2], [0.5, 1], [2])]
    assert "people with sessions or changes but no rating, left out: 1" in found.notes


def test_the_example_of_the_formats_page(read):
    page = (Path(__file__).parents[3] / "docs/formats.md").read_text(encoding="utf-8")
    example = re.search(r"```text\n(patient,week.*?)```", page, re.DOTALL)
    found = read(example.group(1), Columns(session="infusion"))
    assert [(len(p.totals), p.session_weeks) for p in found.people] == [(3, [0.5]), (3, [])]
    assert len(found.notes) == 1


REFUSED = [
    ("a,b\n1,2\n", None, r"ratings.csv: line 1: found no column with a common name for it; allowed: --time with one of a, b"),
    (GOOD.replace("week", "time"), None, r"line 1: found a time column time whose name does not say its unit; allowed: --unit"),
    (
        GOOD.replace("patient", "id").replace("total", "subject"),
        Columns(total="subject"),
        r"several that may be it \(id, subject\).*--person",
    ),
    (GOOD, Columns(total="Score"), r"--total: found no column Score; allowed: one of patient, week, total"),
    ("total,total\n1,2\n", None, r"line 1: found the column total twice; allowed: a header with each column once"),
    ("", None, r"line 1: found nothing; allowed: a header"),
    ("patient,week,total\n", None, r"ratings.csv: found no rating in the column total"),
    (GOOD + "b,3,x7\n", None, r"line 6, column total: found a text that is no number; allowed: a number, or empty"),
    (GOOD + "b,3,1_2\n", None, r"line 6, column total: found a text that is no number"),
    (GOOD + "b,3,inf\n", None, r"line 6, column total: found a text that is no number"),
    (GOOD + "b,3,28\n", None, r"line 6, column total: found a total outside the range of PHQ-9; allowed: 0 to 27"),
    (GOOD + "b,3,-1\n", None, r"line 6, column total: found a total outside the range"),
    (GOOD + "b,,7\n", None, r"line 6, column week: found nothing; allowed: a number of weeks"),
    (GOOD + "b,soon,7\n", None, r"line 6, column week: found a text that is no number; allowed: a number of weeks"),
    (GOOD + ",3,7\n", None, r"line 6, column patient: found nothing; allowed: who was rated"),
    (GOOD + "b,2,7\n", None, r"line 6, columns patient and week: found a second rating of the same person at the same time; allowed: one"),
    (GOOD + "b,3\n", None, r"line 6: found 2 cells; allowed: 3, as in the first line"),
    (GOOD.replace("week", "at"), None, r"line 2, column at: found a text that is no date; allowed: dates such as 2026-03-01"),
    ("patient,week,total,s\na,0,20,perhaps\n", Columns(session="s"), r"line 2, column s: found a word that is neither; allowed: 1, yes"),
    (b"patient,week,total\n\xff,0,20\n", None, r"ratings.csv: found byte 19 that is not UTF-8"),
    ('patient,week,total\n"a,0,20\n', None, r"line 2: found a row that cannot be read"),
]


@pytest.mark.parametrize(("text", "columns", "message"), REFUSED)
def test_what_cannot_be_read_is_refused_by_file_line_found_and_allowed(read, text, columns, message):
    with pytest.raises(EvaluationError, match=message) as refused:
        read(text, columns)
    assert "allowed:" in str(refused.value)


def test_messages_hold_no_cell_of_a_patient(read):
    with pytest.raises(EvaluationError) as refused:
        read(GOOD + "Jane Doe,3,99\nJane Doe,soon,7\n")
    assert "Jane" not in str(refused.value)
    assert "99" not in str(refused.value)
    assert str(refused.value).count("\n") == 1


def test_many_problems_are_counted(read):
    with pytest.raises(EvaluationError, match=r"and 15 more lines"):
        read(GOOD + "b,3,x\n" * 25)


@pytest.mark.parametrize(
    ("arguments", "cut", "source", "step"),
    [(("phq9",), 4, "acnp_2006", 1), (("phq9", 9.0), 9, "given", 1), (("own", 5.0, (0.0, 40.0)), 5, "given", 1)],
)
def test_the_scale_comes_from_the_catalog_or_is_given(arguments, cut, source, step):
    found = scale_of(CATALOG, *arguments)
    assert (found.cut, found.cut_source, found.step) == (cut, source, step)


def test_a_scale_without_steps_is_reported_to_one_decimal():
    found = scale_of(CATALOG, "promis_dep_8a")
    assert found.step == 0.1
    assert found.grid[-1] == pytest.approx(found.high)
    assert found.on_grid(54.26) == pytest.approx(54.3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("unknown",), "--instrument: found an unknown instrument; allowed: .*phq9.*or any with --range"),
        (("own", None, (0.0, 40.0)), "found no cut for remission in any definition; allowed: with --cut"),
        (("gad7",), "found no cut for remission in any definition; allowed: with --cut"),
        (("who5", 50.0), "of which higher is better; allowed"),
        (("phq9", 27.0), "--cut: found 27; allowed: from 0 to below 27"),
        (("own", 5.0, (40.0, 0.0)), "--range: found a highest total that is not above the lowest"),
    ],
)
def test_a_scale_that_cannot_be_is_refused(arguments, message):
    with pytest.raises(EvaluationError, match=message):
        scale_of(CATALOG, *arguments)
