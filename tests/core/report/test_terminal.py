"""The terminal: the same reading order in text, at any width, without colour, exactly as it was agreed."""

import io
import os
import re
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

import euthymia
from core.report.people import HOSTILE, SAMPLES, all_samples, hostile, review_of, sample
from euthymia.record import PatientRecord
from euthymia.report.html import page
from euthymia.report.terminal import print_panel, print_review
from euthymia.report.words import worst_first
from euthymia.wording import STATUS_SHAPES

CATALOG = euthymia.load_catalog()
SNAPSHOTS = Path(__file__).parent / "snapshots"


def printed(show, width, **console):
    out = io.StringIO()
    show(Console(file=out, width=width, **console))
    return out.getvalue()


def review_text(review, width, **console):
    return printed(lambda c: print_review(review, c), width, **console)


def same_as_before(name, text):
    """Compare with the agreed text; EUTHYMIA_SNAPSHOTS=write agrees on a new one. Digests and counts of facts change freely."""
    text = re.sub(r"record [0-9a-f]{12}|catalog [0-9a-f]{12}|\d+ (verified|recalled|design)", "…", text)
    text = re.sub(r" +$", "", text, flags=re.M)
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("EUTHYMIA_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", ["holding-above-remission", "in-remission", "losing-ground"])
def test_snapshots(name, width):
    same_as_before(f"{name}-{width}", review_text(sample(name), width))


@pytest.mark.parametrize("width", [80, 120])
def test_panel_snapshots(width):
    same_as_before(f"panel-{width}", printed(lambda c: print_panel(all_samples(), c), width))


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_never_wider_than_the_terminal(width):
    for review in [*all_samples(), hostile()]:
        assert max(map(len, review_text(review, width).splitlines())) <= width


def test_reading_order():
    text = review_text(sample("losing-ground"), 100)
    parts = [
        "item 9",
        "▲ Losing ground",
        "PHQ-9 4 or lower on",
        "remission: 4 or lower",
        "Symptoms",
        "What is left",
        "Safety",
        "Due",
        "Rests on",
        "euthymia 0",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_colour_only_repeats_what_is_said():
    for review in all_samples():
        plain = review_text(review, 80)
        coloured = review_text(review, 80, force_terminal=True, color_system="truecolor")
        assert "\x1b[" in coloured
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
        assert f"{STATUS_SHAPES[review.verdict.status]} {review.answer.words}" in plain


def test_ratings_in_range_are_below_the_line_and_others_above():
    for review in all_samples():
        lines = review_text(review, 100).splitlines()
        start = next(i for i, line in enumerate(lines) if line.startswith("PHQ-9 (lower"))
        rule = next(i for i, line in enumerate(lines) if "━" in line and "remission:" in line)
        end = next(i for i, line in enumerate(lines) if "not seen" in line)
        totals = [r.total for r in review.episode.series]
        assert sum(line.count("○") for line in lines[start:rule]) <= sum(t > 4 for t in totals)
        assert sum(line.count("○") for line in lines[rule:end]) <= sum(t <= 4 for t in totals)
        assert any("○" in line for line in lines[rule:end]) == any(t <= 4 for t in totals)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_year_mistyped_by_a_century_is_drawn_too(width):
    """One entry of 1926, or a review in 2199: the axis has as few ticks as fit."""
    record, _ = euthymia.read(SAMPLES / "holding-above-remission.json")
    assert "2199" in review_text(euthymia.review(record, CATALOG, date(2199, 1, 1)), width)


def test_nothing_of_a_record_is_markup():
    text = review_text(hostile(), 200)
    assert HOSTILE in text


def test_cannot_tell_shows_no_probability_and_no_fan():
    events = [{"kind": "assessment", "id": f"a{d}", "at": d, "instrument": "phq9", "total": 15} for d in ("2026-01-05", "2026-01-12")]
    text = review_text(review_of(events, date(2026, 6, 1)), 80)
    assert "? Cannot tell" in text
    assert "░" not in text
    assert "heading to" not in text


def test_positive_suicidality_stands_first():
    assert worst_first(all_samples())[0].patient_id == "Synthetic 0093"


@pytest.mark.parametrize("instrument", ["phq9", "qids_sr16", "qids_c16", "madrs", "hamd17", "bdi2", "promis_dep_8a", "cesd"])
def test_every_scale_that_carries_a_verdict_can_be_shown(instrument):
    """CES-D has no severity bands."""
    totals = (40, 32, 30) if instrument != "promis_dep_8a" else (70.7, 65.8, 60.3)
    scale = CATALOG.instruments[instrument].range
    events = [
        {"kind": "assessment", "id": f"a{i}", "at": f"2026-03-{1 + 7 * i:02}", "instrument": instrument, "total": min(t, scale.maximum - i)}
        for i, t in enumerate(totals)
    ]
    review = euthymia.review(PatientRecord.model_validate({"patient_id": "p", "events": events}), CATALOG, date(2026, 3, 15))
    assert review.verdict.probability is not None
    assert "remission" in review_text(review, 80)
    assert "<svg" in page(review) or "vega" in page(review)
