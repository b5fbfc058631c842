"""The forms of treatments: dose sessions, doses at home, courses, drugs. Part of the table in `forms`."""

from euthymia.interop.fhir_r4.constraints import no_dose_no_dosage
from euthymia.interop.fhir_r4.dosage import dosage
from euthymia.interop.fhir_r4.elements import URN, code, coded, coded_concept, instant, milligrams, moment, period, text
from euthymia.interop.fhir_r4.form import Form, Status

# Treatments whose single session is a procedure rather than the administration of a drug.
DEVICE_TREATMENTS = frozenset({"ect", "tms", "rtms", "itbs", "mst"})
_OUTCOME = {v: v for v in ("remission", "response", "partial", "none", "worse")}
_COURSE_OUTCOME = coded_concept("outcome", f"{URN}outcome", _OUTCOME)
_MEDICATION = {"drug": text("medicationCodeableConcept.text"), "code": code("medicationCodeableConcept")}
_STOPPED = {"stopped_because": text("statusReason.text")}
_STATEMENT_STOPPED = {"stopped_because": text("statusReason.0.text")}
_ADMINISTRATION = {
    "treatment": text("medicationCodeableConcept.text"),
    "dose_mg": milligrams("dosage.dose"),
    "route": text("dosage.route.text"),
    "note": text("note.0.text"),
}
_CATEGORY = "http://terminology.hl7.org/CodeSystem/medication-admin-category"

TREATMENT_FORMS: tuple[Form, ...] = (
    Form(
        "dose_session",
        "Procedure",
        {**period("performedPeriod"), "treatment": text("code.text"), "note": text("note.0.text")},
        Status("status", "completed", "completed"),
        when=lambda event: event["treatment"].lower() in DEVICE_TREATMENTS,
    ),
    Form(
        "dose_session",
        "MedicationAdministration",
        {**_ADMINISTRATION, **period("effectivePeriod")},
        Status("status", "completed", "completed"),
        {"category": {"coding": [{"system": _CATEGORY, "code": "outpatient"}]}},
        finish=no_dose_no_dosage,
    ),
    Form(
        "dose_log",
        "MedicationAdministration",
        {
            **_ADMINISTRATION,
            "at": moment("effectiveDateTime"),
            "taken": coded("status", {"completed": "taken", "not-done": "not_taken", "unknown": "unknown"}),
        },
        Status("status"),
        # "changed" has no status of its own: some dose was taken, and the extension says that it was another one.
        {"status": "completed", "category": {"coding": [{"system": _CATEGORY, "code": "community"}]}},
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
