"""The chart: a valid specification that draws what the review says, in both themes."""

import json
import re
import warnings
from datetime import date

import pytest
import vl_convert

from core.report.people import all_samples, hostile, review_of, sample
from euthymia.report.chart import chart
from euthymia.report.tokens import DARK, LIGHT


def rows(spec, *keys):
    """The rows of the first layer whose data have all of these keys."""
    found = [layer["data"]["values"] for layer in spec["layer"] if layer["data"]["values"]]
    return next(values for values in found if set(keys) <= values[0].keys())


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_compiles_to_vega(tokens):
    for review in all_samples():
        assert vl_convert.vegalite_to_vega(chart(review, tokens))["marks"]


def test_is_valid_vega_lite():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import altair as alt
    for review in all_samples():
        alt.LayerChart.validate(chart(review, LIGHT))


def test_every_date_is_local_midnight():
    for review in all_samples():
        text = json.dumps(chart(review, LIGHT)["layer"])
        assert not re.findall(r'"\d{4}-\d{2}-\d{2}"', text)
        assert "T00:00:00" in text


def test_ratings_after_a_dose_are_shown_and_lighter():
    points = rows(chart(sample("in-remission"), LIGHT), "counted", "Score")
    assert [p["counted"] for p in points].count(False) == 2
    assert all("does not carry the verdict" in p["Phase"] for p in points if not p["counted"])


def test_remission_line_is_the_strongest_and_lies_above_the_last_score_in_range():
    spec = chart(sample("holding-above-remission"), LIGHT)
    widths = [layer["mark"].get("strokeWidth", 1) for layer in spec["layer"] if layer["mark"]["type"] in ("rule", "line")]
    rule = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "rule" and layer["mark"]["color"] == LIGHT.remission)
    assert rule["mark"]["strokeWidth"] == max(widths)
    assert rule["data"]["values"][0]["score"] == 4.5


def test_the_future_is_dashed_and_says_where_it_heads():
    spec = chart(sample("holding-above-remission"), LIGHT)
    dashed = [layer for layer in spec["layer"] if layer["mark"]["type"] == "line" and "strokeDash" in layer["mark"]]
    assert len(dashed) == 1
    assert "heading to" in json.dumps(spec)


def test_timeline_has_doses_by_height_courses_and_what_was_not_taken():
    spec = chart(sample("holding-above-remission"), LIGHT)
    doses = rows(spec, "Dose", "taken")
    assert [d["taken"] for d in doses].count(False) == 1
    heights = {d["Dose"]: round(d["to"] - d["from"], 3) for d in doses}
    assert heights["100 mg"] < heights["250 mg"]
    assert {"CBT 3 sessions", "sertraline 150 mg a day"} <= {
        row["label"] for lane in spec["layer"] for row in lane["data"]["values"] if "label" in row
    }


def test_time_not_observed_is_hollow():
    events = [
        {"kind": "assessment", "id": f"a{d}", "at": d, "instrument": "phq9", "total": t}
        for d, t in [("2026-01-05", 20), ("2026-03-30", 12)]
    ]
    spec = chart(review_of(events, date(2026, 3, 30)), LIGHT)
    strip = rows(spec, "state", "What")
    assert "not observed" in {row["What"] for row in strip}
    layer = next(one for one in spec["layer"] if one["data"]["values"] == strip)
    assert layer["encoding"]["color"]["scale"]["range"][-1] == "transparent"


def test_no_chart_where_nothing_carries_the_episode():
    events = [{"kind": "assessment", "id": "a", "at": "2026-01-05", "instrument": "isi", "total": 12}]
    assert chart(review_of(events, date(2026, 1, 6)), LIGHT) is None


def test_words_of_a_record_stay_data():
    assert vl_convert.vegalite_to_vega(chart(hostile(), LIGHT))
