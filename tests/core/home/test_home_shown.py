"""Doses at home as a page, a terminal and the list of what is due show them: in words, with a shape beside every colour."""

import io
from datetime import timedelta

import pytest
from rich.console import Console

from core.home.planted import ON, START, Home, at, twice_a_day, units_lost, weekdays_missed
from euthymia.loading import load_catalog
from euthymia.record import PatientRecord
from euthymia.report.home_words import LEGEND, home_view
from euthymia.report.html import page
from euthymia.report.terminal import print_review
from euthymia.reviewing import Review, review

CATALOG = load_catalog()


def reviewed(home: Home, on=ON) -> Review:
    return review(PatientRecord.model_validate({"patient_id": "p", "events": home.events}), CATALOG, on)


def due(found: Review) -> dict[str, str]:
    return {item.id: item.what for item in found.due if item.source == "home"}


def test_the_first_sentence_counts_the_days_and_the_second_the_units():
    view = home_view(reviewed(weekdays_missed(0)))[0]
    assert view.sentence == "Since 2 March 2026: 26 doses planned, 18 logged as taken, 4 not taken, 4 not logged"
    assert view.stock.startswith("60 units dispensed since 2 March 2026 − 36 logged as taken − ")
    assert [row.words for row in view.rows] == ["not logged, so not known", "not taken"]


def test_every_day_of_the_strip_has_a_shape_of_the_legend_and_the_same_in_words():
    home = twice_a_day(3)
    view = home_view(reviewed(home))[0]
    shapes = {shape for shape, _ in LEGEND}
    assert view.blanks == 0
    assert len(view.cells) == 41  # Six weeks, the last of which ends on its Saturday.
    for place, cell in enumerate(view.cells):
        day = ON - timedelta(days=40 - place)
        assert cell.number == day.day
        assert cell.shape in shapes
        assert cell.words.startswith(f"{day:%A} {day.day} {day:%b %Y}: ")
    planted = {(day - START).days: kind for kind, day in home.expected if day and kind in ("extra", "unlogged", "changed")}
    told = {"extra": "▲", "unlogged": "?", "changed": "◐"}
    for place, cell in enumerate(view.cells):
        assert cell.shape == told.get(planted.get(89 - 40 + place), "●")


def test_the_page_says_it_for_whoever_cannot_see_it():
    text = page(reviewed(twice_a_day(3)))
    assert '<section class="card home" aria-labelledby="home-title">' in text
    assert text.count('<span class="unseen">') >= 41
    assert "FDA safety communication, October 2023" in text
    assert "Doses at home" not in page(review(PatientRecord(patient_id="p"), CATALOG, ON))


def test_the_terminal_lists_the_same():
    console = Console(file=io.StringIO(), width=100)
    print_review(reviewed(units_lost(0)), console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Doses at home" in text
    assert "units that the count does not explain: 30 May 2026" in text


@pytest.mark.parametrize(("day", "asked"), [(22, False), (23, True), (30, True)])
def test_a_count_falls_due_within_a_week(day, asked):
    home = Home(0)
    home.prescribe(every_days=30)
    home.dispense(0, 60)
    assert ("home_count_ketamine_sublingual" in due(reviewed(home, START + timedelta(days=day)))) == asked


def test_doses_that_nobody_logged_are_asked_about_until_somebody_says_that_nobody_knows():
    home = Home(0)
    home.prescribe(every_days=1)
    home.live(range(5))
    home.unlogged(2)
    on = START + timedelta(days=5)
    assert due(reviewed(home, on)) == {
        "home_log_ketamine_sublingual": "ask about 1 dose of ketamine sublingual not logged since 4 March 2026"
    }
    home.add("dose_log", at=at(2, 9), taken="unknown")
    assert due(reviewed(home, on)) == {}
    assert [finding.kind for finding in reviewed(home, on).home.findings] == ["unlogged"]  # type: ignore[union-attr]
