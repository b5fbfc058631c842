"""The forms of treatments: dose sessions, courses, drugs. Part of the table in `forms`; doses at home have their own."""

from euthymia.interop.fhir_r4.constraints import no_dose_no_dosage
from euthymia.interop.fhir_r4.dosage import dosage
from euthymia.interop.fhir_r4.elements import URN, Element, code, coded_concept, codings, get, instant, milligrams, period, text
from euthymia.interop.fhir_r4.form import Form, Status

# Treatments whose single session is a procedure rather than the administration of a drug.
DEVICE_TREATMENTS = frozenset({"ect", "tms", "rtms", "itbs", "mst"})
_OUTCOME = {v: v for v in ("remission", "response", "partial", "none", "worse")}
_COURSE_OUTCOME = coded_concept("outcome", f"{URN}outcome", _OUTCOME)
_MEDICATION = {"drug": text("medicationCodeableConcept.text"), "code": code("medicationCodeableConcept")}
_STOPPED = {"stopped_because": text("statusReason.text")}
_STATEMENT_STOPPED = {"stopped_because": text("statusReason.0.text")}
ADMINISTRATION = {
    "treatment": text("medicationCodeableConcept.text"),
    "dose_mg": milligrams("dosage.dose"),
    "route": text("dosage.route.text"),
    "note": text("note.0.text"),
}


def administered(category: str) -> dict[str, object]:
    """Where it was given, as FHIR's category of an administration: outpatient, community."""
    return {"category": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/medication-admin-category", "code": category}]}}


def _monitor() -> Element:
    """Who watched the patient: a performer with a function of our own, since who gave the drug need not have stayed."""
    function = {"system": f"{URN}function", "code": "monitor"}
    return Element(
        "performer",
        lambda value: [{"function": {"coding": [function]}, "actor": {"display": value}}],
        lambda value: next((get(each, "actor.display") for each in value or [] if function in codings(get(each, "function"))), None),
    )


TREATMENT_FORMS: tuple[Form, ...] = (
    Form(
        "dose_session",
        "Procedure",
        {**period("performedPeriod"), "treatment": text("code.text"), "note": text("note.0.text"), "monitored_by": _monitor()},
        Status("status", "completed", "completed"),
        when=lambda event: event["treatment"].lower() in DEVICE_TREATMENTS,
    ),
    Form(
        "dose_session",
        "MedicationAdministration",
        {**ADMINISTRATION, **period("effectivePeriod"), "monitored_by": _monitor()},
        Status("status", "completed", "completed"),
        administered("outpatient"),
        finish=no_dose_no_dosage,
    ),
    Form(
        "treatment_course",
        "Procedure",
        {
            **period("performedPeriod"),
            "treatment": text("code.text"),
            "code": code("code"),
            "outcome": _COURSE_OUTCOME,
            "stopped_because": text("statusReason.text"),
        },
        Status("status", "in-progress", "completed"),
    ),
    Form(
        "medication",
        "MedicationRequest",
        {
            **_MEDICATION,
            **period("dosageInstruction.0.timing.repeat.boundsPeriod"),
            **dosage("dosageInstruction"),
            **_STOPPED,
            "recorded_at": instant("authoredOn"),
        },
        Status("status", "active", "completed"),
        {"intent": "order"},
        {"intent": "prescribed"},
        when=lambda event: event.get("intent") == "prescribed",
    ),
    Form(
        "medication",
        "MedicationStatement",
        {
            **_MEDICATION,
            **period("effectivePeriod"),
            **dosage("dosage"),
            **_STATEMENT_STOPPED,
            "recorded_at": instant("dateAsserted"),
        },
        Status("status", "active", "completed"),
        {},
        {"intent": "reported"},
    ),
)
