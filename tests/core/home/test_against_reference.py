"""Doses at home by two routes: the product's, and a slow walk through days and hours, over regimens drawn at will."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.home.reference import WEEK, Numbers, Walk
from euthymia.home import home_doses
from euthymia.loading import load_catalog
from euthymia.record import PatientRecord

CATALOG = load_catalog()
HOME = CATALOG.home
NUMBERS = Numbers(
    grace=int(HOME.grace_days.value),
    look_back=int(HOME.look_back_days.value),
    early=int(HOME.early_refill_days.value),
    tolerance=HOME.unaccounted_units.value,
    count=int(HOME.count_days.value),
)
START = date(2026, 3, 2)  # A Monday, as day 0 of the reference is.
LAST = 130
days = st.integers(0, LAST)


def at(day: int, hour: int) -> str:
    return f"{(START + timedelta(days=day)).isoformat()}T{hour:02}:00:00+00:00"


@st.composite
def regimens(draw: st.DrawFn) -> list[dict]:
    found = []
    for day in sorted(draw(st.sets(days, min_size=1, max_size=3))):
        how = draw(st.sampled_from(["weekdays", "every", "every", "open"]))
        found.append(
            {
                "day": day,
                "mg": draw(st.sampled_from([50, 100])),
                "a_day": draw(st.integers(1, 2)),
                "weekdays": draw(st.lists(st.sampled_from(WEEK), min_size=1, unique=True)) if how == "weekdays" else None,
                "every": draw(st.integers(1, 5)) if how == "every" else None,
                "ended": day + draw(st.integers(0, 60)) if draw(st.integers(0, 3)) == 0 else None,
            }
        )
    return found


@st.composite
def logs(draw: st.DrawFn) -> list[dict]:
    """Mostly a run of days on which every dose is logged, and single ones besides."""
    first, length, every = draw(days), draw(st.integers(0, 60)), draw(st.integers(1, 5))
    run = [(day, 20) for day in range(first, min(first + length, LAST), every)]
    single = draw(st.lists(st.tuples(days, st.sampled_from([5, 12])), max_size=8, unique=True))
    found = []
    for day, hour in sorted({*run, *single}):
        odd = (day, hour) in single or draw(st.integers(0, 5)) == 0
        found.append(
            {
                "day": day,
                "hour": hour,
                "taken": draw(st.sampled_from(["taken", "changed", "not_taken", "unknown"])) if odd else "taken",
                "mg": draw(st.sampled_from([None, 50, 100, 150])) if odd else None,
                "units": draw(st.sampled_from([None, 1, 2])) if odd else None,
                "present": draw(st.sampled_from([True, False, None])) if odd else True,
                "pressure": draw(st.sampled_from([None, "measured", "not_measured"])) if odd else "measured",
                "worrying": odd and draw(st.integers(0, 4)) == 0,
            }
        )
    return found


@st.composite
def dispensings(draw: st.DrawFn) -> list[dict]:
    unit_mg = draw(st.sampled_from([50, 50, None]))
    amounts = st.sampled_from([5, 10, 30, 60])
    return [{"day": day, "units": draw(amounts), "unit_mg": unit_mg} for day in sorted(draw(st.sets(days, max_size=4)))]


counts = st.sets(days, max_size=4).flatmap(
    lambda found: st.tuples(*(st.builds(lambda units, day=day: {"day": day, "units": units}, st.integers(0, 40)) for day in sorted(found)))
)


def events(regimens, logs, dispensed, counts) -> list[dict]:
    found = []
    for n, r in enumerate(regimens):
        fields = {"dose_mg": r["mg"], "doses_a_day": r["a_day"], "every_days": r["every"], "weekdays": r["weekdays"] or []}
        ended = {"ended": (START + timedelta(days=r["ended"])).isoformat()} if r["ended"] is not None else {}
        found.append({"kind": "regimen", "id": f"r{n}", "at": at(r["day"], 0), **fields, **ended})
    for n, log in enumerate(logs):
        fields = {"taken": log["taken"], "dose_mg": log["mg"], "units": log["units"], "someone_present": log["present"]}
        more = {"pressure": log["pressure"], "worrying": log["worrying"]}
        found.append({"kind": "dose_log", "id": f"l{n}", "at": at(log["day"], log["hour"]), **fields, **more})
    for n, d in enumerate(dispensed):
        found.append({"kind": "dispensing", "id": f"d{n}", "at": at(d["day"], 7), "quantity": d["units"], "unit_mg": d["unit_mg"]})
    for n, c in enumerate(counts):
        found.append({"kind": "left_over", "id": f"c{n}", "at": at(c["day"], 8), "units": c["units"]})
    return [{"treatment": "ketamine", "route": "sublingual", **event} for event in found]


def compare(regimens, logs, dispensed, counts, on) -> None:
    record = PatientRecord.model_validate({"patient_id": "p", "events": events(regimens, logs, dispensed, counts)})
    day = START + timedelta(days=on)
    found = home_doses(record.until(day), CATALOG, day)
    walk = Walk(regimens, logs, dispensed, counts, on, NUMBERS)
    assert found is not None
    told = walk.run()
    shown = {(d.day - START).days: (d.planned, d.taken, d.not_taken, d.changed, d.unlogged, d.unknown) for d in found.days}
    assert shown == told.days
    kinds = Counter((f.kind, None if f.day is None else (f.day - START).days) for f in found.findings)
    assert kinds == told.findings
    stock = found.stock
    numbers = (stock.dispensed, stock.taken, stock.left_over, stock.unaccounted_low, stock.unaccounted_high)
    assert numbers == pytest.approx((told.dispensed, told.taken, told.left_over, told.low, told.high))


@settings(max_examples=300)
@given(regimens(), logs(), dispensings(), counts, st.integers(0, LAST))
def test_two_routes_agree(regimens, logs, dispensed, counts, later):
    compare(regimens, logs, dispensed, counts, max(later, regimens[0]["day"]))


@settings(max_examples=300)
@given(regimens(), logs(), dispensings(), counts)
def test_two_routes_agree_at_the_end(regimens, logs, dispensed, counts):
    compare(regimens, logs, dispensed, counts, LAST)


@st.composite
def lived(draw: st.DrawFn) -> tuple[list[dict], list[dict], list[dict], list[dict]]:
    """A supply that was used as prescribed but for a few days, refilled about when it ended, and counted nearly rightly."""
    own = {"mg": draw(st.sampled_from([50, 100])), "a_day": draw(st.integers(1, 2)), "weekdays": None, "every": draw(st.integers(1, 4))}
    prescribed = [{"day": 0, **own, "ended": None}]
    if draw(st.booleans()):
        prescribed.append({"day": draw(st.integers(1, LAST)), **own, "mg": 100, "every": draw(st.integers(1, 4)), "ended": None})
    walk = Walk(prescribed, [], [], [], LAST, NUMBERS)
    lost, kept = draw(st.sets(days, max_size=3)), []
    said = {"taken": "taken", "mg": None, "units": None, "present": True, "pressure": None, "worrying": False}
    for day in sorted(set(range(LAST + 1)) - lost):
        kept += [{"day": day, "hour": 12 + n, **said} for n in range(walk.calendar[day])]
    each, refilled = walk.rule[0]["mg"] / 50, []
    day = 0
    while day <= LAST:
        doses = draw(st.integers(5, 30))
        refilled.append({"day": day, "units": doses * each, "unit_mg": 50})
        day += max(1, doses * own["every"] // own["a_day"] - draw(st.integers(-1, 5)))
    counted = []
    for day in sorted(draw(st.sets(days, max_size=3))):
        used = sum(walk.rule[log["day"]]["mg"] / 50 for log in kept if log["day"] < day)
        true = sum(d["units"] for d in refilled if d["day"] <= day) - used
        counted.append({"day": day, "units": max(0, true - draw(st.sampled_from([0, 0, 1, 4, -1])))})
    return prescribed, kept, refilled, counted


@settings(max_examples=200)
@given(lived(), st.integers(0, LAST))
def test_two_routes_agree_on_a_supply_that_is_used(home, on):
    compare(*home, on)
