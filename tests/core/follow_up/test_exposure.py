"""Cumulative exposure, held against a second route over the plain events: counts, mg by drug and route, never over routes."""

from collections import defaultdict
from datetime import date, timedelta
from math import isclose

from hypothesis import given, settings
from hypothesis import strategies as st

from core.follow_up.people import ON, said_of, session

NAMES = {"ketamine": "ketamine", "Spravato": "esketamine", "esketamine": "esketamine"}
ROUTES = {"nasal": "nasal", "iv": "intravenous", "intravenous": "intravenous", "sublingual": "sublingual", None: None}
days = st.integers(0, 60).map(lambda ago: (ON - timedelta(days=ago)).isoformat())
amounts = st.none() | st.sampled_from([28.0, 42.5, 84.0, 100.0])
drugs, routes = st.sampled_from([*NAMES]), st.sampled_from([*ROUTES])
sessions = st.fixed_dictionaries(
    {
        "kind": st.just("dose_session"), "at": days, "treatment": drugs, "route": routes, "dose_mg": amounts,
        "dose_mg_per_kg": st.sampled_from([None, 0.5]), "weight_kg": st.sampled_from([None, 80.0]),
    }
)  # fmt: skip
logs = st.fixed_dictionaries(
    {
        "kind": st.just("dose_log"), "at": days, "treatment": drugs, "route": routes, "dose_mg": amounts,
        "taken": st.sampled_from(["taken", "changed", "not_taken", "unknown"]),
    }
)  # fmt: skip
others = st.just({"kind": "dose_session", "at": "2026-02-20", "treatment": "TMS"})
events = st.lists(sessions | logs | others, max_size=25)


def mg_of(event):
    """The second route: mg as recorded, else mg per kg times kg of a session."""
    if event["dose_mg"] is not None:
        return event["dose_mg"]
    per_kg, weight = event.get("dose_mg_per_kg"), event.get("weight_kg")
    return per_kg * weight if per_kg and weight else None


def counted(found):
    return [e for e in found if e["treatment"] in NAMES and e.get("taken", "taken") in ("taken", "changed")]


@settings(max_examples=60, deadline=None)
@given(events)
def test_every_sum_agrees_with_a_second_route(found):
    exposure = said_of(*found).exposure
    sums = defaultdict(list)
    for event in counted(found):
        sums[NAMES[event["treatment"]], ROUTES[event["route"]]].append(event)
    assert {(given.drug, given.route) for given in exposure.given} == set(sums)
    for given_ in exposure.given:
        own = sums[given_.drug, given_.route]
        known = [mg for event in own if (mg := mg_of(event)) is not None]
        assert isclose(given_.mg, sum(known))
        assert given_.mg_unknown == len(own) - len(known)
        assert given_.supervised + given_.at_home == len(own)
        assert given_.at_home == sum(event["kind"] == "dose_log" for event in own)
        assert (given_.first, given_.last) == tuple(date.fromisoformat(pick(e["at"] for e in own)) for pick in (min, max))
    assert exposure.doses == len(counted(found))
    assert exposure.unclear == sum(e.get("taken") == "unknown" for e in found)


@settings(max_examples=40, deadline=None)
@given(events, st.integers(0, 60))
def test_the_course_on_any_day_is_the_exposure_of_the_record_until_then(found, ago):
    day = ON - timedelta(days=ago)
    exposure = said_of(*found).exposure
    assert exposure.doses_by(day) == sum(date.fromisoformat(e["at"]) <= day for e in counted(found))
    last = exposure.course[-1].mg if exposure.course else ()
    assert all(isclose(so_far, given_.mg) for so_far, given_ in zip(last, exposure.given, strict=True))


def test_a_dose_of_unknown_mg_is_counted_and_never_a_zero_that_is_not_said():
    said = said_of(session("2026-02-10T10:00:00+01:00"), session("2026-02-17T10:00:00+01:00", dose_mg=None))
    [given_] = said.exposure.given
    assert (given_.supervised, given_.mg, given_.mg_unknown) == (2, 84.0, 1)


def test_a_month_without_a_day_is_said():
    assert said_of(session("2026-01")).exposure.undated == 1


def test_ketamine_on_the_list_of_medicines_is_said_where_no_dose_is_recorded():
    said = said_of({"kind": "medication", "at": "2026-01-10", "drug": "Spravato 84 mg"})
    assert said.exposure.listed == ("Spravato 84 mg",)
    assert said.exposure.doses == 0
