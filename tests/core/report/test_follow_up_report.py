"""Long-term safety as it is shown: pictures that compile, thresholds with their status, words that assume nothing."""

import json
import warnings

import pytest
import vl_convert

from core.follow_up.people import ON, measurement, record, said_of, session, statement, subject
from core.report.people import all_samples, hostile, sample
from core.rules.people import CATALOG
from euthymia.report.follow_up_chart import panel_chart, panels
from euthymia.report.follow_up_page import follow_up_pictures
from euthymia.report.follow_up_words import (
    answer_line,
    exposure_lines,
    given_row,
    referral_line,
    series_line,
    session_row,
    terminal_lines,
    threshold_line,
)
from euthymia.report.html import page
from euthymia.report.tokens import DARK, LIGHT
from euthymia.reviewing import review

SCORES = [measurement(day, "BPIC-SS", value, "{score}") for day, value in (("2026-01-10", 5), ("2026-02-20", 12))]
DOSES = [session(f"2026-02-{day}T10:00:00+01:00") for day in (10, 17)]


def followed():
    return [review.follow_up for review in all_samples() if review.follow_up]


def drawn(said, panel_id, against="time"):
    panel = next(each for each in panels(said) if each.id == panel_id)
    return panel_chart(panel, said, LIGHT, against)


def rows(spec):
    return [row for layer in spec["layer"] for row in layer["data"]["values"]]


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
@pytest.mark.parametrize("against", ["time", "doses"])
def test_every_picture_compiles_and_is_valid(tokens, against):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import altair as alt
    found = [(panel, said) for said in followed() for panel in panels(said)]
    assert len(found) > 8
    for panel, said in found:
        spec = panel_chart(panel, said, tokens, against)
        alt.LayerChart.validate(spec)
        assert vl_convert.vegalite_to_vega(spec)["marks"]
        assert panel.description


def test_a_threshold_is_a_line_with_its_number_what_follows_and_its_status():
    text = json.dumps(drawn(said_of(*SCORES, *DOSES), "bladder-bpic_ss"), ensure_ascii=False)
    assert "19 hold · recalled" in text
    assert "11 caution · DESIGN" in text  # 5, the own first score, and the rise of 6


def test_a_reading_stands_at_its_day_and_at_the_doses_until_then():
    spec = drawn(said_of(*SCORES, *DOSES), "bladder-bpic_ss", "doses")
    points = {(row["value"], row["doses"]) for row in rows(spec) if "Value" in row}
    assert points == {(5, 0), (12, 2)}
    assert all("T00:00:00" in row["day"] for row in rows(spec) if "day" in row)


def test_what_cannot_be_used_is_a_cross_and_says_why():
    said = said_of(*SCORES, measurement("2026-02-25", "BPIC-SS", 400, "{score}"))
    assert any("400" in row.get("Why", "") for row in rows(drawn(said, "bladder-bpic_ss")))


def test_an_answer_is_filled_hollow_or_open():
    said = said_of(
        statement("2026-02-01", "craving", "yes"), statement("2026-02-02", "craving", "no"), statement("2026-02-03", "craving", "unclear")
    )
    spec = drawn(said, "misuse-answers")
    assert {row["answer"] for row in rows(spec) if "answer" in row} == {"yes", "no", "unclear"}


def test_no_picture_where_nothing_was_recorded():
    assert [panel for panel in panels(said_of(*DOSES)) if panel.subject != "misuse"] == []
    assert follow_up_pictures(None) == {}


def test_what_nobody_measured_is_said_to_be_so_everywhere():
    said = said_of(*DOSES)
    assert answer_line(said).startswith("never measured: ")
    bpic = subject(said, "bladder").series[0]
    assert series_line(bpic, said.on) == "BPIC-SS: never measured"
    for line in terminal_lines(said):
        assert "nothing found" not in line


def test_the_trend_has_both_values_and_their_days():
    bpic = subject(said_of(*SCORES), "bladder").series[0]
    assert series_line(bpic, said_of().on) == (
        "BPIC-SS: 12 on 20 Feb 2026 (10 days ago); up by 7 since the own first one (5 on 10 Jan 2026)"
    )


def test_a_range_says_why_it_is_one_and_only_of_what_it_is_so():
    """The ratio of an ALT without the laboratory's limit is a range; so are units at home of which doses were not logged."""
    drug = {"treatment": "ketamine", "route": "sublingual"}
    events = [
        measurement(f"{ON}", "ALT", 60, "U/L"),
        {"kind": "regimen", "id": "r", "at": "2026-01-01", **drug, "dose_mg": 100, "every_days": 7},
        {"kind": "dispensing", "id": "d", "at": "2026-01-01", **drug, "quantity": 40, "unit_mg": 100},
        {"kind": "left_over", "id": "c", "at": f"{ON}", **drug, "units": 2},
    ]
    said = said_of(*events)
    lines = {series.fact: series_line(series, ON) for each in said.subjects for series in each.series}
    assert lines["alt_ratio"].endswith("; the laboratory’s own limit is not recorded")
    assert " to " in lines["doses_unaccounted"]
    assert "laboratory" not in lines["doses_unaccounted"]


def test_a_threshold_in_words_has_its_number_what_follows_its_status_and_its_source():
    bpic = subject(said_of(*SCORES), "bladder").series[0]
    hold, rise = (threshold_line(bpic, each) for each in bpic.thresholds)
    assert hold.startswith("BPIC-SS ≥ 19 — hold: hold ketamine, refer to urology")
    assert "recalled from consensus, not confirmed" in hold
    assert rise.startswith("BPIC-SS change of ≥ 6 since the own first one — caution: ")
    assert "DESIGN: our own proposal" in rise


def test_mg_are_never_added_over_routes():
    said = said_of(*DOSES, session("2026-02-20T10:00:00+01:00", treatment="ketamine", route="intravenous", dose_mg=40))
    assert {given_row(given)["mg"] for given in said.exposure.given} == {"168 mg", "40 mg"}
    assert any("never added over drugs or routes" in line for line in exposure_lines(said))
    assert not any("208" in line for line in terminal_lines(said))


def test_an_unknown_mg_is_said_and_a_sum_of_nothing_is_not_zero():
    [row] = [given_row(given) for given in said_of(session("2026-02-20T10:00:00+01:00", dose_mg=None)).exposure.given]
    assert row["mg"] == "not known"
    assert row["unknown"] == "1 of unknown mg, not in the sum"


def test_a_session_without_readings_says_so():
    [seen, _] = [session_row(each) for each in said_of(*DOSES).sessions]
    assert (seen["before"], seen["peak"], seen["rise"], seen["cadss6"]) == ("not recorded", "not recorded", "not known", "not recorded")


def test_no_referral_is_said_where_one_is_asked_for():
    referral = subject(said_of(statement("2026-02-20", "haematuria", "yes")), "bladder").referral
    assert "no referral is recorded" in (referral_line(referral) or "")
    assert referral_line(subject(said_of(), "bladder").referral) is None


def test_the_page_on_paper_holds_it_with_its_pictures():
    said = page(sample("in-remission"))
    assert 'id="follow-up"' in said
    assert 'data-panel="bladder-bpic_ss"' in said
    assert 'id="panels"' in said
    assert "no proof of safety" in said
    assert 'id="follow-up"' not in page(sample("losing-ground"))


def test_words_of_a_record_stay_words():
    assert "<script>alert(1)" not in page(hostile())
    events = [statement("2026-02-20", "haematuria", "yes"), statement("2026-02-22", "urology_referral", "yes", note="<b>x</b>")]
    said = page(review(record(*events), CATALOG, ON))
    assert "&lt;b&gt;x&lt;/b&gt;" in said
    assert "<b>x</b>" not in said


def test_every_picture_has_the_same_days_and_a_range_is_a_bar_that_no_line_joins():
    said = said_of(*SCORES, *DOSES, measurement("2026-02-20", "ALT", 60, "U/L"), statement("2015-01-01", "haematuria", "no"))
    specs = {panel.id: panel_chart(panel, said, LIGHT) for panel in panels(said)}
    assert len({json.dumps(spec["encoding"]["x"]["scale"]) for spec in specs.values()}) == 1
    [bar] = [
        layer for layer in specs["liver-alt_ratio"]["layer"] if "y2" in layer["encoding"] and layer["encoding"]["y2"] == {"field": "upper"}
    ]
    assert [(row["value"], row["upper"]) for row in bar["data"]["values"]] == [(0.6, 3.0)]
    assert all(not layer["data"]["values"] for layer in specs["liver-alt_ratio"]["layer"] if layer["mark"]["type"] in ("line", "point"))
