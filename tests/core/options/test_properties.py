"""Options of histories that a clinic could have, and of odd ones: never a crash, never a silent addition."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from core.options.people import CATALOG, event, ids, looked, options_on, plateau
from core.properties.histories import START, histories
from euthymia.record import PatientRecord

DAYS = st.integers(0, 130).map(lambda offset: START + timedelta(days=offset))
ADDITIONS = ("optimise", "titrate", "augment", "psychotherapy", "add", "neuromodulation", "interventional", "switch")


@settings(max_examples=60, deadline=None)
@given(histories(), DAYS)
def test_options_say_why_and_how_sure_whatever_the_history(record: PatientRecord, on: date) -> None:
    found = options_on(record, on)
    for shown in (*found.offered, *found.withheld):
        assert shown.why
        assert shown.regulatory
        assert shown.evidence is not None
    # Whatever is added stands below the differential; each item of it is dated, or says that nobody can tell.
    if any(shown.adds for shown in found.offered):
        assert found.differential
        assert all(item.day is not None or item.state == "cannot_tell" for item in found.differential if item.state != "absent")
        assert all("ask" in item.sentence or ";" in item.sentence for item in found.differential if item.state == "cannot_tell")


@settings(max_examples=60, deadline=None)
@given(histories(), DAYS, st.randoms(use_true_random=False))
def test_the_order_of_entry_does_not_matter(record: PatientRecord, on: date, random: object) -> None:
    shuffled = list(record.events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert options_on(PatientRecord(patient_id="p", events=tuple(shuffled)), on) == options_on(record, on)


@settings(max_examples=40, deadline=None)
@given(histories(), DAYS)
def test_what_comes_later_changes_nothing(record: PatientRecord, on: date) -> None:
    assert options_on(record.until(on), on) == options_on(record, on)


@settings(max_examples=40, deadline=None)
@given(histories(), DAYS)
def test_nothing_is_added_too_early_in_remission_or_without_knowledge(record: PatientRecord, on: date) -> None:
    from euthymia.episode import current_episode
    from euthymia.heading import filtered_course
    from euthymia.verdict import verdict

    cut = record.until(on)
    episode = current_episode(cut, CATALOG)
    status = verdict(cut, episode, filtered_course(episode, CATALOG), CATALOG, on).status
    found = options_on(record, on)
    added = {shown.id for shown in (*found.offered, *found.withheld) if shown.adds}
    if status == "too_early":
        assert added <= {"ect", "switch_antidepressant"}  # Psychosis, catatonia; a burden of side effects that cannot be borne.
    if status == "cannot_tell":
        assert added <= {"ect"}
    if status == "remission":
        assert added <= {"booster", "step_back", "cbt", "cbt_for_insomnia", "add_psychotherapy_to_ketamine"}


burdens = st.one_of(st.none(), st.tuples(st.integers(0, 60), st.integers(0, 6)))
bounds = st.fixed_dictionaries({"dose_lower": st.sampled_from([None, 50]), "dose_upper": st.sampled_from([None, 120, 300])})


@settings(max_examples=60, deadline=None)
@given(burdens, bounds, st.sampled_from([None, 100, 300]))
def test_up_is_never_offered_with_a_burden_high_or_unknown_or_without_bounds(
    burden: tuple[int, int] | None, plan: dict[str, float | None], dose: float | None
) -> None:
    from core.options.people import ON

    events = [event("assessment", burden[0], instrument="fibser", answers=[1, 1, burden[1]])] if burden else []
    events += [event("dose_log", 3, treatment="ketamine", route="sublingual", taken="taken", dose_mg=dose)]
    found = options_on(plateau(*events, **{k: v for k, v in plan.items() if v is not None}), ON, rules=())
    if burden is None or burden[0] > 28 or burden[1] >= 3 or plan["dose_upper"] is None or dose is None or dose >= plan["dose_upper"]:
        assert "titrate_up" not in ids(found.offered)
        assert "titrate_up" in ids(found.withheld)
    else:
        assert "titrate_up" in ids(found.offered)


abouts = [each.observations[0] for each in CATALOG.looking.looked if each.differential and each.observations]


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(abouts), st.tuples(st.sampled_from(["yes", "no", "unclear"]), st.integers(0, 900))))
def test_what_was_not_looked_at_lately_is_never_absent(answers: dict[str, tuple[str, int]]) -> None:
    from core.options.people import ON

    record = plateau(*(looked(about, answer, days) for about, (answer, days) in answers.items()))
    states = {item.id: item.state for item in options_on(record, ON, rules=()).differential}
    for item in CATALOG.looking.looked:
        if not item.differential or not item.observations or item.readings or item.measured or item.also:
            continue
        answer, days = answers.get(item.observations[0], ("unclear", 0))
        fresh = days <= item.max_age_days
        expected = {"yes": "present", "no": "absent"}.get(answer, "cannot_tell") if fresh else "cannot_tell"
        assert states[item.id] == expected
