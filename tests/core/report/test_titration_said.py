"""Titration and combination as the page and the terminal say them: every row and reason there, words true, nothing for patients."""

import re
from datetime import date
from html import unescape
from html.parser import HTMLParser

import pytest

from core.report.people import HOSTILE, review_of, sample
from core.titration.people import log, reviewed, settled
from euthymia.conversation import conversation
from euthymia.loading import load_catalog
from euthymia.report.combination_words import combination_lines
from euthymia.report.html import page
from euthymia.report.patient_page import patient_page
from euthymia.report.titration_words import titration_lines, titration_view


def section(html: str, title: str) -> str:
    found = re.search(rf'<section[^>]*aria-labelledby="{title}-title".*?</section>', html, re.S)
    assert found is not None
    return found[0]


def words(html: str) -> str:
    heard: list[str] = []
    parser = HTMLParser()
    parser.handle_data = heard.append  # type: ignore[method-assign]
    parser.feed(html)
    return " ".join(unescape(" ".join(heard)).split())


def test_every_dose_is_a_row_with_its_own_header_and_labelled_cells() -> None:
    review = sample("holding-above-remission")
    view = titration_view(review)
    assert view is not None
    html = section(page(review), "titration")
    assert html.count('scope="row"') == html.count('<tr role="row">') - len(view.lists) == sum(len(rows) for _, rows in view.lists)
    assert html.count("data-label=") == 3 * html.count('scope="row"')
    said = words(html)
    for title, rows in view.lists:
        assert title in said
        for row in rows:
            assert all(line.lower() in said.lower() for line in (row.dose, row.doses, *row.response, *row.tolerability, *row.not_known))
    assert all(line.lower() in said.lower() for line in (*view.holds, *view.against, *view.unknown))


@pytest.mark.parametrize(("burden", "answer"), [(1, "possible"), (3, "not now"), (None, "not now")])
def test_the_answer_is_said_with_its_reason(burden: float | None, answer: str) -> None:
    lines = titration_lines(reviewed(settled(burden=burden)))
    assert lines[0].startswith("a higher dose: ")
    assert f" {answer}: " in lines[0]
    holds = [line for line in lines if line.startswith("holds it back: ")]
    assert bool(holds) == (answer == "not now")
    if burden == 3:
        assert "3 or more (FIBSER)" in holds[0]
        assert "FIBSER 3 on 29 May 2026" in holds[0]
    if burden is None:
        assert holds[0].endswith("FIBSER first — rate side effects (FIBSER)")


def test_routes_are_said_to_be_apart() -> None:
    lines = titration_lines(reviewed(settled(log(5, 40, "IV"))))
    assert any("never compared and never converted" in line for line in lines)
    view = titration_view(reviewed(settled(log(5, 40, "IV"))))
    assert view is not None
    assert [(title, [row.dose for row in rows]) for title, rows in view.lists] == [
        ("ketamine, sublingual", ["100 mg"]),
        ("ketamine, IV", ["40 mg"]),
    ]


def test_the_words_blame_nobody_and_order_nothing() -> None:
    for review in (sample("holding-above-remission"), sample("in-remission"), reviewed(settled()), reviewed(settled(burden=None))):
        said = " ".join((*titration_lines(review), *combination_lines(review))).lower()
        assert not re.search(r"\b(failed|non-compliant|refused|because of|increase the dose|raise the dose now|should)\b", said)


def test_combination_stands_before_the_history_and_says_every_sentence() -> None:
    review = sample("losing-ground")
    html = page(review)
    # In the reading order of a review: after what is due, before what was tried one after the other.
    assert html.index("due-title") < html.index("combination-title") < html.index("trials-title")
    assert review.combination is not None
    said = words(section(html, "combination"))
    assert all(each.sentence in said for each in review.combination.coincidences)
    assert review.combination.caveat in said


def test_markup_in_a_record_stays_text() -> None:
    events = [
        {"kind": "assessment", "id": f"a{n}", "at": day, "instrument": "phq9", "total": total}
        for n, (day, total) in enumerate((("2026-01-05", 20), ("2026-02-05", 9)))
    ]
    events += [
        {"kind": "medication", "id": "m", "at": "2026-01-06", "drug": HOSTILE},
        {"kind": "dose_session", "id": "s", "at": "2026-01-06", "treatment": "ketamine", "route": HOSTILE, "dose_mg": 40},
    ]
    review = review_of(events, date(2026, 2, 6))
    html = page(review)
    for title in ("titration", "combination"):
        assert "<script>" not in section(html, title)
    assert review.titration is not None
    assert review.titration.increase == "cannot_tell" or review.titration.increase == "not_now"


def test_patients_see_nothing_of_titration() -> None:
    for record in (settled(), settled(burden=None)):
        html = patient_page(conversation(reviewed(record), load_catalog(), "en"))
        assert not re.search(r"titrat|higher dose|FIBSER|next step of this protocol|upper bound", html, re.I)


def test_nothing_is_shown_where_there_is_no_titration() -> None:
    review = sample("losing-ground")
    assert titration_view(review) is None
    assert titration_lines(review) == []
    assert "titration-title" not in page(review)
