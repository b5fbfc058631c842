"""Which FHIR resource carries which kind of event, and where in it each field stands.

One table for reading and writing. A field that a form does not name travels as an extension.
"""

from collections.abc import Mapping
from typing import Any

from euthymia.catalog import Catalog
from euthymia.interop.fhir_r4 import assessments
from euthymia.interop.fhir_r4.constraints import abated_is_not_active, unit_is_code
from euthymia.interop.fhir_r4.elements import (
    EVENT,
    FACT,
    KIND,
    URN,
    Element,
    Resource,
    code,
    coded,
    coded_concept,
    day,
    get,
    instant,
    local,
    moment,
    number,
    period,
    read_number,
    text,
    yes_or_no,
)
from euthymia.interop.fhir_r4.form import Form, Status
from euthymia.interop.fhir_r4.home_forms import HOME_FORMS
from euthymia.interop.fhir_r4.treatment_forms import TREATMENT_FORMS

_HL7 = "http://terminology.hl7.org/CodeSystem"
_BCP47 = "urn:ietf:bcp:47"


def form_of(event: Mapping[str, Any]) -> Form:
    """The form in which an event (as plain fields) is written."""
    return next(form for form in FORMS if form.kind == event["kind"] and form.when(event))


def own_form(kind: str | None, resource_type: object) -> Form | None:
    """The form of a resource that this project wrote."""
    return next((form for form in FORMS if (form.kind, form.resource) == (kind, resource_type)), None)


def read_as(kind: str, resource: Mapping[str, Any], catalog: Catalog) -> Resource:
    """The fields that a resource says as an event of `kind`, without extensions. Raises KeyError of an unknown form."""
    form = own_form(kind, resource["resourceType"])
    if form is None:
        raise KeyError(f"no form of {kind} is a {resource['resourceType']}")
    return form.read(resource, catalog)


def _language() -> Element:
    return Element(
        "communication",
        lambda value: [{"language": {"coding": [{"system": _BCP47, "code": value}]}, "preferred": True}],
        lambda value: get(next((each for each in value or [] if get(each, "preferred")), get(value, "0")), "language.coding.0.code"),
    )


def _measured() -> Element:
    """The number; its unit is put beside it."""
    return Element("valueQuantity.value", number, read_number)


def _event() -> Element:
    """The event that this one belongs to, by its identifier: also where it is not in the same document."""
    return Element(
        "partOf",
        lambda value: [{"identifier": {"system": EVENT, "value": value}}],
        lambda value: next((get(e, "identifier.value") for e in value or [] if get(e, "identifier.system") == EVENT), None),
    )


_GOAL = {"at": day("startDate"), "by": day("target.0.dueDate")}
_GOAL_STATUS = Status("lifecycleStatus", "active", "active")


FORMS: tuple[Form, ...] = (
    Form(
        "person",
        "Patient",
        {
            "name": text("name.0.text"),
            "birth_date": day("birthDate"),
            "sex": coded("gender", {sex: sex for sex in ("female", "male", "other", "unknown")}),
            "language": _language(),
            "died": moment("deceasedDateTime"),
        },
        subject="",
    ),
    Form(
        "episode",
        "EpisodeOfCare",
        {**period("period"), "diagnosis": text("diagnosis.0.condition.display")},
        Status("status", "active", "finished"),
        subject="patient",
    ),
    Form(
        "target",
        "Goal",
        {
            **_GOAL,
            "own_words": text("description.text"),
            "definition": local("description.coding", f"{URN}definition"),
            "otherwise": text("note.0.text"),
            "reason": text("statusReason"),
        },
        _GOAL_STATUS,
        {"description": {"coding": [{"system": KIND, "code": "target"}]}},
    ),
    Form(
        "plan",
        "CarePlan",
        {"at": moment("period.start"), "summary": text("description"), "recorded_at": instant("created")},
        Status("status", "active", "active"),
        {"intent": "plan"},
    ),
    Form(
        "assessment",
        "QuestionnaireResponse",
        {"at": moment("authored"), "rater": text("author.display")},
        Status("status", "completed", "completed"),
        when=lambda event: event.get("total") is None,
        one_identifier=True,
        write_more=assessments.write_questionnaire,
        read_more=assessments.read_questionnaire,
    ),
    Form(
        "assessment",
        "Observation",
        {"at": moment("effectiveDateTime"), "recorded_at": instant("issued"), "rater": text("performer.0.display")},
        Status("status", "final", "final"),
        {"category": [{"coding": [{"system": f"{_HL7}/observation-category", "code": "survey"}]}]},
        write_more=assessments.write_observation,
        read_more=assessments.read_observation,
    ),
    Form(
        "request",
        "Task",
        {
            "at": moment("restriction.period.end"),
            "recorded_at": instant("authoredOn"),
            "instrument": local("code.coding", f"{URN}instrument"),
            "outcome": coded("status", {"requested": "open", "completed": "answered", "failed": "missed", "rejected": "excused"}),
            "reason": text("statusReason.text"),
        },
        Status("status"),
        {"intent": "order"},
        subject="for",
    ),
    *TREATMENT_FORMS,
    *HOME_FORMS,
    Form(
        "condition",
        "Condition",
        {
            "at": moment("onsetDateTime"),
            "ended": moment("abatementDateTime"),
            "condition": text("code.text"),
            "code": code("code"),
            "recorded_at": instant("recordedDate"),
            "clinical_status": coded_concept(
                "clinicalStatus",
                f"{_HL7}/condition-clinical",
                {
                    "active": "active",
                    "recurrence": "active",
                    "relapse": "active",
                    "remission": "remission",
                    "resolved": "resolved",
                    "inactive": "resolved",
                },
            ),
            "verification": coded_concept(
                "verificationStatus",
                f"{_HL7}/condition-ver-status",
                {v: v for v in ("confirmed", "provisional", "refuted", "unconfirmed")} | {"differential": "provisional"},
            ),
        },
        Status("verificationStatus.coding.0.code"),
        finish=abated_is_not_active,
    ),
    Form(
        "measurement",
        "Observation",
        {
            "at": moment("effectiveDateTime"),
            "recorded_at": instant("issued"),
            "measure": text("code.text"),
            "code": code("code"),
            "value": _measured(),
            "unit": text("valueQuantity.unit"),
            "text": text("valueString"),
        },
        Status("status", "final", "final"),
        finish=unit_is_code,
    ),
    Form(
        "observation",
        "Observation",
        {
            "at": moment("effectiveDateTime"),
            "recorded_at": instant("issued"),
            "about": local("code.coding", FACT),
            "answer": yes_or_no("valueCodeableConcept"),
            "of": _event(),
            "by": text("performer.0.display"),
            "note": text("note.0.text"),
        },
        Status("status", "final", "final"),
    ),
    Form(
        "incident",
        "Encounter",
        {**period("period"), "description": text("reasonCode.0.text")},
        Status("status", "in-progress", "finished"),
        {"class": {"system": f"{_HL7}/v3-ActCode", "code": "IMP", "display": "inpatient encounter"}},
        {"incident": "hospitalisation"},
        when=lambda event: event["incident"] == "hospitalisation",
    ),
    Form(
        "incident",
        "AdverseEvent",
        {
            "at": moment("date"),
            "recorded_at": instant("recordedDate"),
            "incident": local("event.coding", f"{URN}incident"),
            "description": text("event.text"),
            "serious": Element(
                "seriousness",
                lambda value: {
                    "coding": [
                        {
                            "system": f"{_HL7}/adverse-event-seriousness",
                            "code": "serious" if value else "non-serious",
                        }
                    ]
                },
                lambda value: {"serious": True, "non-serious": False}.get(get(value, "coding.0.code") or ""),
            ),
        },
        fixed={"actuality": "actual"},
        one_identifier=True,
    ),
    Form("goal", "Goal", {**_GOAL, "goal": text("description.text")}, _GOAL_STATUS),
    Form(
        "decision",
        "ClinicalImpression",
        {
            "at": moment("effectiveDateTime"),
            "recorded_at": instant("date"),
            "disposition": local("code.coding", f"{URN}disposition"),
            "reason": text("summary"),
            "by": text("assessor.display"),
        },
        Status("status", "completed", "completed"),
    ),
    Form(
        "concern",
        "Flag",
        {
            **period("period", "settled"),
            "concern": text("code.text"),
            "about": Element(
                "category",
                lambda value: [{"coding": [{"system": f"{URN}about", "code": value}]}],
                lambda value: get(value, "0.coding.0.code"),
            ),
        },
        Status("status", "active", "inactive"),
    ),
)
