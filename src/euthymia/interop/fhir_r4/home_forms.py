"""The forms of doses at home: prescribed, dispensed, logged, left over. Part of the table in `forms`."""

from collections.abc import Mapping
from typing import Any

from euthymia.catalog import Catalog
from euthymia.interop.fhir_r4.constraints import no_dose_no_dosage
from euthymia.interop.fhir_r4.elements import (
    KIND,
    Element,
    Resource,
    coded,
    get,
    instant,
    milligrams,
    moment,
    number,
    period,
    quantity,
    read_number,
    text,
)
from euthymia.interop.fhir_r4.form import Form, Status
from euthymia.interop.fhir_r4.treatment_forms import ADMINISTRATION, administered

_DAYS = {day[:3]: day for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")}
_SHORT = {day: short for short, day in _DAYS.items()}
_INSTRUCTION = "dosageInstruction.0"
_DRUG = {"treatment": text("medicationCodeableConcept.text"), "route": text(f"{_INSTRUCTION}.route.text")}


def _count(path: str) -> Element:
    """How many units: a number, since nobody said what one of them is."""
    return Element(path, number, read_number)


def _days_supply() -> Element:
    return Element(
        "daysSupply",
        lambda value: quantity(value, "d"),
        lambda value: read_number(get(value, "value")) if (get(value, "code") or get(value, "unit")) in ("d", "day", "days") else None,
    )


def _write_days(resource: Resource, fields: Mapping[str, Any], _catalog: Catalog) -> None:
    """So many doses a day on weekdays, or on every so many days; where the days are not fixed, FHIR is told neither."""
    repeat = resource["dosageInstruction"][0]["timing"]["repeat"]
    if fields["weekdays"]:
        repeat |= {"dayOfWeek": [_SHORT[day] for day in fields["weekdays"]], "period": 1}
    elif "every_days" in fields:
        repeat["period"] = number(fields["every_days"])
    if "period" in repeat:
        repeat |= {"periodUnit": "d", "frequency": fields["doses_a_day"]}


def _read_days(resource: Mapping[str, Any], _catalog: Catalog) -> Resource:
    repeat = get(resource, f"{_INSTRUCTION}.timing.repeat")
    days: Resource = {"doses_a_day": frequency} if (frequency := get(repeat, "frequency")) is not None else {}
    if weekdays := get(repeat, "dayOfWeek"):
        return days | {"weekdays": [_DAYS.get(day, day) for day in weekdays]}
    period_days = read_number(get(repeat, "period"))
    return days if period_days is None else days | {"every_days": period_days}


HOME_FORMS: tuple[Form, ...] = (
    Form(
        "dose_log",
        "MedicationAdministration",
        {
            **ADMINISTRATION,
            "at": moment("effectiveDateTime"),
            "taken": coded("status", {"completed": "taken", "not-done": "not_taken", "unknown": "unknown"}),
        },
        Status("status"),
        # "changed" has no status of its own: some dose was taken, and the extension says that it was another one.
        {"status": "completed", **administered("community")},
        finish=no_dose_no_dosage,
    ),
    Form(
        "regimen",
        "MedicationRequest",
        {
            **_DRUG,
            **period(f"{_INSTRUCTION}.timing.repeat.boundsPeriod"),
            "dose_mg": milligrams(f"{_INSTRUCTION}.doseAndRate.0.doseQuantity"),
            "words": text(f"{_INSTRUCTION}.text"),
            "prescriber": text("requester.display"),
            "recorded_at": instant("authoredOn"),
        },
        Status("status", "active", "completed"),
        {"intent": "order"},
        write_more=_write_days,
        read_more=_read_days,
    ),
    Form(
        "dispensing",
        "MedicationDispense",
        {
            **_DRUG,
            "at": moment("whenHandedOver"),
            "quantity": _count("quantity.value"),
            "days_supply": _days_supply(),
            "pharmacy": text("location.display"),
        },
        Status("status", "completed", "completed"),
    ),
    Form(
        "left_over",
        "Observation",
        {
            "at": moment("effectiveDateTime"),
            "recorded_at": instant("issued"),
            "treatment": text("focus.0.display"),
            "units": _count("valueQuantity.value"),
            "counted_by": coded("performer.0.display", {who: who for who in ("patient", "staff")}),
        },
        Status("status", "final", "final"),
        {"code": {"coding": [{"system": KIND, "code": "left_over"}], "text": "units left over"}},
    ),
)
