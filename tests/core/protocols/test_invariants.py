"""What holds of every record: no bound is left, nothing blanked becomes a step, the future says nothing, order does not matter."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.properties.histories import histories
from core.protocols.courses import CATALOG, START, day, on, plan, record, standing, weight
from euthymia.episode import current_episode
from euthymia.position import position
from euthymia.position.pacing import regular_points

DOSED = [(p.id, phase.id) for p in CATALOG.protocols.values() for phase in p.phases if phase.dose]
LAST = 60


def dosed(draw: st.DrawFn, offset: int, name: str, unit: str) -> dict[str, object]:
    protocol = CATALOG.protocols[name]
    amounts = st.sampled_from([0.3, 0.5, 0.6, 0.7, 0.9, 1.2]) if unit == "mg/kg" else st.sampled_from([28, 56, 70, 84, 100, 200, 400])
    event: dict[str, object] = {"id": f"g{offset}", "at": day(offset), "treatment": protocol.drugs[0]}
    event["route"] = draw(st.sampled_from([protocol.route, protocol.route, None, "rectal"]))
    dose = draw(st.none() | amounts)
    if protocol.setting == "home":
        return event | {"kind": "dose_log", "taken": draw(st.sampled_from(["taken", "changed", "not_taken", "unknown"])), "dose_mg": dose}
    key = "dose_mg" if unit == "mg" else "dose_mg_per_kg"
    return event | {"kind": "dose_session", key: dose, "weight_kg": draw(st.sampled_from([None, 80.0]))}


@st.composite
def courses(draw: st.DrawFn) -> list[dict[str, object]]:
    """A plan with or without bounds, sessions with or without doses and weights, weights measured, all within sixty days."""
    name, phase_id = draw(st.sampled_from(DOSED))
    phase = CATALOG.protocols[name].phase(phase_id)
    assert phase is not None
    assert phase.dose is not None
    unit = phase.dose.unit
    lower, upper = draw(st.sampled_from([(None, None), (0.4, 0.8), (None, 0.7), (50, 90), (100, 250), (None, 300), (60, None)]))
    bounds = {"dose_lower": lower, "dose_upper": upper, "dose_unit": draw(st.sampled_from([unit, unit, "mg"]))}
    offsets = draw(st.lists(st.integers(0, LAST), unique=True, max_size=8))
    weights = draw(st.lists(st.integers(-120, LAST), unique=True, max_size=2))
    return [plan(name, phase_id, **bounds), *(dosed(draw, o, name, unit) for o in offsets), *(weight(o, 80) for o in weights)]


@given(courses())
def test_the_next_step_never_leaves_any_bound(events):
    dose = standing(*events, at=LAST).dose
    assert (dose.next_step is None) or dose.can_titrate == "yes"
    if dose.next_step is None:
        return
    assert dose.last is not None
    assert dose.next_step > dose.last
    protocol = CATALOG.protocols[events[0]["protocol"]].phase(events[0]["phase"]).dose
    for upper in (protocol.upper, events[0]["dose_upper"]):
        assert upper is None or dose.next_step <= upper
    for lower in (protocol.lower, events[0]["dose_lower"]):
        assert lower is None or dose.next_step >= lower


@given(courses())
def test_without_any_upper_bound_there_is_never_a_step(events):
    blanked = [{**events[0], "dose_lower": None, "dose_upper": None}, *events[1:]]
    dose = standing(*blanked, at=LAST).dose
    if CATALOG.protocols[events[0]["protocol"]].phase(events[0]["phase"]).dose.upper is None:
        assert (dose.can_titrate, dose.next_step) == ("cannot_tell", None)


@given(courses())
def test_without_a_weight_a_mg_per_kg_dose_has_never_a_step(events):
    bare = [{k: v for k, v in event.items() if k != "weight_kg"} for event in events if event["kind"] != "measurement"]
    dose = standing(*bare, at=LAST).dose
    if dose.unit == "mg/kg":
        assert (dose.can_titrate, dose.next_step) == ("cannot_tell", None)


@given(courses(), st.integers(0, 7))
def test_blanking_a_dose_or_its_route_never_makes_a_step_of_it(events, which):
    """Blanking the last dose itself: cannot tell. Blanking any other: at most the same step as before."""
    if len(events) < 2:
        return
    before = standing(*events, at=LAST).dose
    target = events[1 + which % (len(events) - 1)]
    if target["kind"] == "measurement" or before.day is None or target["at"] != before.day.isoformat():
        return
    for keys in ({"dose_mg", "dose_mg_per_kg"}, {"route"}):
        blanked = [{k: (None if event is target and k in keys else v) for k, v in event.items()} for event in events]
        after = standing(*blanked, at=LAST).dose
        assert after.next_step is None
        assert after.can_titrate == "cannot_tell"


@given(courses(), st.integers(0, LAST))
def test_no_look_ahead(events, at):
    """The record of all sixty days, cut, says the same as a record in which the rest was never written."""
    known = [event for event in events if event["at"] <= day(at)]
    assert standing(*events, at=at) == standing(*known, at=at)


@given(histories(), st.integers(-25, 130))
def test_every_history_has_a_position_and_the_order_of_entry_does_not_matter(history, at):
    cut = history.until(on(at))
    found = position(cut, current_episode(cut, CATALOG), CATALOG, on(at))
    again = record(*reversed([event.model_dump(mode="json") for event in cut.events]))
    assert found == position(again, current_episode(again, CATALOG), CATALOG, on(at))
    assert found.weeks_in_phase >= 0
    assert list(found.decision_points) == sorted(found.decision_points, key=lambda point: (point.day, point.id))
    assert all(point.day <= on(at) for point in found.decision_points if point.reached)


# A second route to the dates: day by day, with a calendar and no formula.


def slow_week_ends(first_week, start, week):
    """Walk day by day and count every seventh."""
    today, number = start, first_week - 1
    while number < week:
        for _ in range(7):
            today += timedelta(days=1)
        number += 1
    return today


def slow_regular(every_weeks, start, after, until):
    found, today = [], start
    while not found or found[-1] <= until:
        today += timedelta(days=1)
        if (today - start).days % (7 * every_weeks) == 0 and today > after:
            found.append(today)
    return tuple(found)


PHASES = [(p.id, phase) for p in CATALOG.protocols.values() for phase in p.phases]


@given(st.sampled_from(PHASES), st.integers(0, 200), st.integers(0, 30))
def test_dates_of_decision_points_by_walking_the_calendar(which, at, shift):
    name, phase = which
    found = {point.id: point for point in standing(plan(name, phase.id, -shift), at=at).decision_points}
    start = START - timedelta(days=shift)
    for point in phase.decision_points:
        if point.week is not None:
            expected = slow_week_ends(phase.first_week or 1, start, point.week)
            assert (found[point.id].day, found[point.id].reached) == (expected, expected <= on(at))
    assert sum(not point.reached for name, point in found.items() if name.startswith("regular_")) == 1


@given(st.sampled_from(PHASES), st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 120), st.integers(0, 400))
def test_regular_points_by_walking_the_calendar(which, start, after, length):
    phase = which[1]
    last = start + timedelta(days=after)
    until = last + timedelta(days=length)
    expected = slow_regular(int(phase.decision_every_weeks), start, last, until)
    assert regular_points(phase, start, last, until) == expected


@given(courses(), st.sampled_from(["dose_upper", "dose_lower"]))
def test_a_tighter_bound_never_opens_a_step(events, which):
    """What a looser bound does not allow, a tighter one does not either."""
    loose = standing(*events, at=LAST).dose
    if loose.last is None or loose.upper is None or which == "dose_lower":
        return
    tight = standing(
        {**events[0], "dose_upper": min(loose.upper, loose.last), "dose_lower": None, "dose_unit": loose.unit}, *events[1:], at=LAST
    )
    assert tight.dose.next_step is None
    assert replace(tight.dose, words="").can_titrate != "yes"
