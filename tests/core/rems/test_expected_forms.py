"""Three sessions written out by hand, field by field, without the code that fills the form: the second route."""

from datetime import date

from core.rems.spray import CATALOG, drug, measured, person, pressure, record, saw, session
from euthymia.rems import RemsForm, rems_form

ADA = person(name="Ada Lovelace", birth_date="1979-12-10", sex="female")


def answers(*events, name: str, on: date) -> tuple[dict[str, str], set[str]]:
    """What is filled in, and what is missing."""
    form = rems_form(record(*events), name, CATALOG, on, {"setting": "First clinic"})
    assert isinstance(form, RemsForm)
    said = {answer.id: answer.words for answer in form.answers if answer.state == "filled"}
    return said, {answer.id for answer in form.answers if answer.state == "missing"}


def test_a_session_of_which_everything_is_recorded() -> None:
    looks = [
        saw("rems_first_treatment", "no", "2026-03-02"), saw("medicines_reviewed", "yes", "2026-03-02", of=None),
        saw("vitals_acceptable_before_dose", "yes", -8), saw("vitals_acceptable_before_leaving", "yes", 121),
        saw("sedation", "yes", 18), saw("sedation", "no", 85), saw("dissociation", "yes", 22), saw("dissociation", "no", 70),
        saw("respiratory_depression", "no", 121), saw("serious_adverse_event", "no", 124), saw("ready_to_leave", "yes", 90),
    ]  # fmt: skip
    said, missing = answers(
        ADA, session(dose_mg=84, lot="AB12", monitored_by="N. Noor, nurse"), looks, drug("lorazepam"), drug("sertraline"),
        pressure(126, 78, -10), pressure(148, 92, 42), pressure(131, 83, 118), measured("moaas", 4, None, 40),
        name="s", on=date(2026, 3, 2),
    )  # fmt: skip
    assert missing == set()
    assert said == {
        "name": "Ada Lovelace", "birth_date": "1979-12-10", "sex": "female", "first_treatment": "no",
        "benzodiazepine": "yes", "hypnotic": "no", "opioid": "no", "psychostimulant": "no",
        "monitored_by": "N. Noor, nurse", "setting": "First clinic",
        "treatment_date": "2026-03-02", "dose": "84", "lot": "AB12", "total_minutes": "125", "ready_minutes": "90",
        "vitals_before": "yes", "vitals_leaving": "yes",
        "pressure_before": "126/78", "pressure_check": "148/92", "pressure_end": "131/83",
        "sedation": "yes", "sedation_onset": "10:18 (18 minutes after the dose)", "sedation_resolved": "11:25 (85 minutes after the dose)",
        "dissociation": "yes", "dissociation_onset": "10:22 (22 minutes after the dose)",
        "dissociation_resolved": "11:10 (70 minutes after the dose)",
        "respiratory_depression": "no", "serious_event": "no",
    }  # fmt: skip


def test_a_session_of_2022_half_recorded() -> None:
    spray = session("old", at="2022-05-04T09:00:00-04:00", ended="2022-05-04T11:00:00-04:00", dose_mg=56)
    readings = [
        {"kind": "measurement", "id": f"m{n}", "at": f"2022-05-04T{clock}:00-04:00", "measure": measure, "value": value, "unit": "mmHg"}
        for n, (clock, measure, value) in enumerate(
            [("08:50", "systolic", 139), ("08:50", "diastolic", 88), ("09:35", "systolic", 150), ("09:35", "diastolic", 90)]
        )
    ]
    drugs = [drug("tranylcypromine", "2021-01-01"), drug("alprazolam", "2020-01-01", ended="2022-05-01")]
    said, missing = answers(
        ADA, spray, readings, drugs, saw("sedation", "no", "2022-05-04T10:55:00-04:00", of="old"), name="old", on=date(2022, 5, 20)
    )
    assert said == {
        "name": "Ada Lovelace", "birth_date": "1979-12-10", "sex": "female", "maoi": "yes", "setting": "First clinic",
        "treatment_date": "2022-05-04", "dose": "56", "total_minutes": "120", "pressure_before": "139/88", "pressure_check": "150/90",
        "sedation": "no",
    }  # fmt: skip
    assert missing == {
        "benzodiazepine", "hypnotic", "psychostimulant", "monitored_by", "lot", "ready_minutes", "vitals_before", "vitals_leaving",
        "pressure_end", "dissociation", "dissociation_onset", "dissociation_resolved", "serious_event",
    }  # fmt: skip


def test_a_session_of_which_only_the_day_is_known() -> None:
    said, missing = answers(person(), session(at="2026-03-02", ended=None), name="s", on=date(2026, 3, 20))
    assert said == {"treatment_date": "2026-03-02", "setting": "First clinic"}
    assert len(missing) == 33 - 2 - 2
