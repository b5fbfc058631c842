"""What holds for every record: brute force over all possible dates, and what blanking a field can do."""

from datetime import date, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.history.people import CATALOG, ON, drug, state, told, tried
from euthymia.adequacy.sessions import best_window
from euthymia.moment import Moment

NAMES = ["sertraline", "venlafaxine", "mirtazapine", "lithium", "novelpramine", "nortriptyline", "aripiprazole"]
FIRST, LAST = date(2024, 1, 1), date(2025, 12, 31)  # An outcome of something that ends after the day told of is not known yet.
days = st.integers(0, 700).map(lambda n: FIRST + timedelta(days=n))
cut = st.sampled_from([10, 10, 7, 4])  # characters of an ISO date: a day, a month or a year


@st.composite
def moments(draw, day):
    return draw(day).isoformat()[: draw(cut)]


@st.composite
def entries(draw, names=NAMES, ended=None):
    start = draw(days)
    length = draw(st.sampled_from([5, 20, 27, 28, 29, 45, 90, 400]))
    end = (
        None if not draw(st.booleans() if ended is None else ended) else min(start + timedelta(days=length), LAST).isoformat()[: draw(cut)]
    )
    return drug(
        draw(st.sampled_from(names)),
        start.isoformat()[: draw(cut)],
        end,
        draw(st.sampled_from([None, 10.0, 49.0, 50.0, 100.0, 150.0, 300.0])),
        adherence_percent=draw(st.sampled_from([None, 79.0, 80.0, 95.0])),
        outcome=draw(st.sampled_from(["none", "none", "worse", "partial", "response", "unknown"])),
        stopped_because=draw(st.sampled_from([None, None, "side effects", "no effect"])),
    )


def possible(text):
    """Every calendar day that a date can be, by looking at each one."""
    first, last = FIRST - timedelta(days=400), ON + timedelta(days=400)
    every = (first + timedelta(days=n) for n in range((last - first).days))
    return [day for day in every if day.isoformat().startswith(text)]


@settings(max_examples=120, deadline=None)
@given(entries(["sertraline"], ended=st.just(True)))
def test_one_entry_against_every_possible_date(entry):
    starts = [day for day in possible(entry.at.text) if day <= ON]
    ends = [min(day, ON) for day in possible(entry.ended.text)]
    # The lengths that start and end allow: the extremes are reached at the ends of both, and every one between them is there.
    lengths = {(end - start).days for start in (starts[0], starts[-1]) for end in {ends[0], ends[-1], *ends[:40]} if end >= start}
    lengths |= {0} if any(end in starts for end in ends) else set()
    assume(lengths)
    enough = [entry.daily_dose_mg is not None and entry.daily_dose_mg >= 50 and length >= 28 for length in lengths]
    taken = entry.adherence_percent is None or entry.adherence_percent >= 80
    (trial,) = tried(entry)
    if entry.daily_dose_mg is None:
        expected = "indeterminate" if taken and max(lengths) >= 28 else "inadequate"
    else:
        results = {ok and taken for ok in enough}
        expected = "indeterminate" if len(results) == 2 else "adequate" if results == {True} else "inadequate"
    assert trial.adequacy == expected


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 60), st.sampled_from([25.0, 50.0, 100.0]), st.sampled_from([10, 7])),
        min_size=2,
        max_size=2,
    )
)
def test_days_at_a_dose_of_two_entries_against_every_possible_date(rows):
    """Whatever the true dates are, the days at the minimum lie between the lowest and the highest that are said."""
    given_entries = []
    for number, (start, length, dose, precision) in enumerate(rows):
        first, last = FIRST + timedelta(days=start), FIRST + timedelta(days=start + length)
        given_entries.append(
            drug("sertraline", first.isoformat()[:precision], last.isoformat()[:precision], dose, id=str(number), route=str(number))
        )
    found = [trial for trial in tried(*given_entries) if len(trial.events) == 2]
    assume(found)
    for starts_low in (True, False):
        for ends_low in (True, False):
            at_dose = set()
            for entry in given_entries:
                begin = (possible(entry.at.text)[0] if starts_low else possible(entry.at.text)[-1]).toordinal()
                end = (possible(entry.ended.text)[0] if ends_low else possible(entry.ended.text)[-1]).toordinal()
                at_dose |= set(range(begin, end)) if entry.daily_dose_mg >= 50 else set()
            overlapping = {e.daily_dose_mg for e in given_entries}
            lowest_holds = len(overlapping) == 1 or found[0].days_lowest <= len(at_dose)
            assert lowest_holds
            assert len(at_dose) <= found[0].days_highest


def blanked(entry):
    """The entry with one of its fields taken away: dose, an adherence that was enough, end, or day of start or end."""
    yield entry.model_copy(update={"daily_dose_mg": None})
    if entry.adherence_percent is None or entry.adherence_percent >= 80:
        # Less than 80 % is evidence; without it there is "no evidence that it was not taken", as the rule has it.
        yield entry.model_copy(update={"adherence_percent": None})
    yield entry.model_copy(update={"ended": None})
    yield entry.model_copy(update={"at": Moment.of(entry.at.text[:7])})
    yield entry.model_copy(update={"at": Moment.of(entry.at.text[:4])})
    if entry.ended is not None:
        yield entry.model_copy(update={"ended": Moment.of(entry.ended.text[:4])})
    yield entry.model_copy(update={"outcome": "unknown"})


@settings(max_examples=200, deadline=None)
@given(entries())
def test_blanking_a_field_never_makes_a_judgement_more_definite(entry):
    (before,) = tried(entry)
    assume("one of the two is wrong" not in " ".join(before.reasons))
    for after in (tried(blank)[0] for blank in blanked(entry)):
        assert after.adequacy in (before.adequacy, "indeterminate")
        if before.counts_as == "cannot_tell":
            assert after.counts_as == "cannot_tell"


@settings(max_examples=150, deadline=None)
@given(st.lists(entries(), min_size=2, max_size=5, unique_by=lambda e: e.drug), st.data())
def test_blanking_never_turns_met_into_not_met_or_back(found, data):
    """With every drug once: the end of an entry that the same drug follows is taken to be the next one's start (a rule of ours)."""
    before = told(*found)
    assume(not any("one of the two is wrong" in " ".join(t.reasons) for t in before.trials))
    number = data.draw(st.integers(0, len(found) - 1))
    for blank in blanked(found[number]):
        after = told(*found[:number], blank, *found[number + 1 :])
        for definition in ("regulatory", "eu_pearl"):
            assert {state(before, definition), state(after, definition)} != {"met", "not_met"}
        for one, other in zip(before.staging, after.staging, strict=True):
            if one.lowest is not None and other.lowest is not None:
                assert other.lowest <= one.lowest
                assert one.highest <= other.highest


@settings(max_examples=80, deadline=None)
@given(st.lists(entries(), max_size=6, unique_by=lambda e: e.id), st.randoms())
def test_the_order_of_entry_does_not_matter(found, chance):
    mixed = list(found)
    chance.shuffle(mixed)
    assert told(*mixed) == told(*found)


@settings(max_examples=80, deadline=None)
@given(st.lists(entries(), max_size=6, unique_by=lambda e: e.id))
def test_nothing_is_lost(found):
    kept = [event for trial in tried(*found) for event in trial.events]
    assert sorted(kept) == sorted(e.id for e in found)


@settings(max_examples=60, deadline=None)
@given(st.lists(entries(), max_size=5, unique_by=lambda e: e.id), days)
def test_no_look_ahead(found, on):
    """What begins later changes nothing."""
    later = drug("duloxetine", (ON + timedelta(days=1)).isoformat(), None, 60)
    assert told(*found, on=on) == told(*found, later, on=on)


def test_the_number_of_days_is_in_the_catalog():
    assert CATALOG.adequacy.minimum_days.value == 28


spans = st.tuples(st.integers(0, 60), st.sampled_from([0, 0, 0, 5, 30])).map(lambda pair: (float(pair[0]), float(pair[0] + pair[1])))


@given(st.lists(spans, max_size=12), st.sampled_from([0.0, 7.0, 28.0]))
def test_sessions_within_a_time_are_those_found_by_looking_at_every_pair(days, within):
    sure, possible = [0], [0]
    for first_low, first_high in days:
        after = [(first_high <= low and high - first_low <= within) or (low, high) == (first_low, first_high) for low, high in days]
        sure.append(sum(after))
        possible.append(sum(first_low <= high and low - first_high <= within for low, high in days))
    assert best_window(days, within, surely=True) == max(sure)
    assert best_window(days, within, surely=False) == max(possible)
