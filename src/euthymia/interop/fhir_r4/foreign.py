"""Other systems' FHIR resources as events.

A resource is read only as far as its meaning is sure. What was retracted, never happened, is not final, or has no
date is not an event; it is told instead, with the reason.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from euthymia.catalog import Catalog
from euthymia.interop.fhir_r4.elements import Resource, UnreadError, codings, concept_code, concept_text, first_moment, get
from euthymia.interop.fhir_r4.foreign_observations import Found, read_observations, read_questionnaires
from euthymia.interop.fhir_r4.form import event_id
from euthymia.interop.fhir_r4.forms import read_as
from euthymia.interop.fhir_r4.resources import Resources

# Statuses of things that did not happen, do not hold, or are not known well enough; of every type read here.
_NOT_READ = frozenset(
    (
        *("entered-in-error", "cancelled", "rejected", "registered", "preliminary", "draft", "unknown"),
        *("preparation", "planned", "proposed", "intended", "in-progress", "not-done", "not-taken"),
    )
)
_STATUS_STILL_READ = {"Procedure": {"in-progress"}, "Encounter": {"in-progress"}, "MedicationStatement": {"unknown"}}
_ORDERS = ("order", "original-order", "reflex-order", "filler-order", "instance-order")
_INPATIENT = ("IMP", "ACUTE", "NONAC")
# Units that can be counted one by one: in words, as UCUM's "1", as HL7's drug forms. A box, a bottle or a millilitre cannot.
_COUNTED = re.compile(r"1|each|TAB|CAP|LOZ|TROCHE|(tablet|capsule|troche|lozenge|wafer|film|spray)s?", re.IGNORECASE)


def read_foreign(resource: Mapping[str, Any], resources: Resources, catalog: Catalog) -> Found:
    """The events that another system's resource states (fields as plain data). Raises UnreadError."""
    kind = str(resource["resourceType"])
    if resource.get("modifierExtension"):
        raise UnreadError(f"{kind} with a modifierExtension", "none: it could turn the meaning round")
    retracted = [resource.get("status"), resource.get("lifecycleStatus")]
    retracted.append(get(resource, "verificationStatus.coding.0.code"))
    for status in retracted:
        if status in _NOT_READ - _STATUS_STILL_READ.get(kind, set()):
            raise UnreadError(f"{kind} with status {status!r}", "one that has happened and is final")
    own = event_id(resource) or f"{kind}/{resource.get('id') or _digest(resource)}"
    for index, fields in enumerate(_READERS[kind](resource, resources, catalog)):
        if fields.get("at") is None:
            raise UnreadError(f"{kind} without a date", "a date: when it began or was recorded")
        given = {name: value for name, value in fields.items() if value is not None}
        yield given | {"id": own if not index else f"{own}#{index + 1}"}


def _digest(resource: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(resource, sort_keys=True).encode()).hexdigest()[:16]


def _patient(resource: Mapping[str, Any], _resources: Resources, catalog: Catalog) -> Found:
    fields = read_as("person", resource, catalog)
    if fields.get("name") is None and (name := get(resource, "name.0")):
        fields["name"] = " ".join(filter(None, [*(name.get("given") or []), name.get("family")])) or None
    if zone := next((e.get("valueCode") for e in resource.get("extension") or [] if "timezone" in e["url"]), None):
        fields["zone"] = zone
    facts = {name: value for name, value in fields.items() if name != "kind" and value is not None}
    if facts:
        yield fields | {"at": first_moment(resource, "birthDate", "meta.lastUpdated")}
    if resource.get("deceasedBoolean"):
        raise UnreadError("Patient with deceasedBoolean", "deceasedDateTime: a death has a date")


def _condition(resource: Mapping[str, Any], _resources: Resources, catalog: Catalog) -> Found:
    fields = read_as("condition", resource, catalog)
    fields["at"] = first_moment(resource, "onsetDateTime", "onsetPeriod.start", "recordedDate")
    fields["ended"] = first_moment(resource, "abatementDateTime", "abatementPeriod.start")
    yield fields | {"condition": concept_text(resource.get("code"))}


def _drug(resource: Mapping[str, Any], resources: Resources) -> Resource:
    concept = resource.get("medicationCodeableConcept")
    if concept is None:
        reference = resource.get("medicationReference")
        concept = get(resources.resolve(reference, resource), "code") or {"text": get(reference, "display")}
    if (name := concept_text(concept)) is None:
        raise UnreadError(f"{resource['resourceType']} without the name of its drug", "medicationCodeableConcept, or a Medication")
    return {"drug": name, "code": concept_code(concept)}


def _request(resource: Mapping[str, Any], resources: Resources, catalog: Catalog) -> Found:
    if resource.get("intent") not in _ORDERS or resource.get("doNotPerform"):
        raise UnreadError(f"MedicationRequest with intent {resource.get('intent')!r}", "an order (and not doNotPerform)")
    fields = read_as("medication", resource, catalog) | _drug(resource, resources)
    period = "dosageInstruction.0.timing.repeat.boundsPeriod"
    fields["at"] = first_moment(resource, f"{period}.start", "authoredOn")
    fields["ended"] = first_moment(resource, f"{period}.end")
    yield from _with_end(fields, resource)


def _statement(resource: Mapping[str, Any], resources: Resources, catalog: Catalog) -> Found:
    fields = read_as("medication", resource, catalog) | _drug(resource, resources)
    fields["at"] = first_moment(resource, "effectivePeriod.start", "effectiveDateTime", "dateAsserted")
    yield from _with_end(fields, resource)


def _with_end(fields: Resource, resource: Mapping[str, Any]) -> Found:
    yield fields
    if resource.get("status") in ("stopped", "completed") and fields.get("ended") is None:
        found = f"{resource['resourceType']} with status {resource['status']!r} and no end: it was read as going on"
        raise UnreadError(found, "the end of its period")


def _session_drug(resource: Mapping[str, Any], resources: Resources, catalog: Catalog) -> str:
    """The name of a drug that is dosed in sessions; of any other, one dose or one box says nothing of a course. Raises UnreadError."""
    drug = str(_drug(resource, resources)["drug"])
    said = " ".join([drug, *(str(c.get("display") or "") for c in codings(resource.get("medicationCodeableConcept")))])
    if not catalog.codes["session_drug"].names(said):
        raise UnreadError(f"{resource['resourceType']} of a drug that is not known as one dosed in sessions", "ketamine, esketamine, …")
    return drug


def _administration(resource: Mapping[str, Any], resources: Resources, catalog: Catalog) -> Found:
    drug = _session_drug(resource, resources, catalog)
    home = any(c.get("code") == "community" for c in codings(resource.get("category")))
    fields = read_as("dose_log" if home else "dose_session", resource, catalog) | {"treatment": drug}
    yield fields | {"at": first_moment(resource, "effectiveDateTime", "effectivePeriod.start")}


def _dispense(resource: Mapping[str, Any], resources: Resources, catalog: Catalog) -> Found:
    drug = _session_drug(resource, resources, catalog)
    if resource.get("status") != "completed" or any(c.get("code") == "inpatient" for c in codings(resource.get("category"))):
        raise UnreadError("MedicationDispense that was not handed out for use at home", "a completed one, not of an inpatient")
    unit = str(get(resource, "quantity.code") or get(resource, "quantity.unit") or "").strip("{}")
    if get(resource, "quantity.value") is None or not _COUNTED.fullmatch(unit):
        raise UnreadError(f"MedicationDispense of a quantity in {unit or 'no unit'}", "tablets, troches, … that can be counted")
    yield read_as("dispensing", resource, catalog) | {"treatment": drug}


def _procedure(resource: Mapping[str, Any], _resources: Resources, catalog: Catalog) -> Found:
    treatment = _treatment(resource.get("code"), catalog)
    if treatment is None:
        raise UnreadError("a Procedure that is not ECT, TMS or psychotherapy", "ECT, TMS, psychotherapy")
    start = first_moment(resource, "performedDateTime", "performedPeriod.start")
    end = first_moment(resource, "performedPeriod.end")
    one_day = "performedDateTime" in resource or (start and end and start[:10] == end[:10])
    in_sessions = catalog.codes[treatment].given_in == "procedures"
    kind = "dose_session" if in_sessions and one_day else "treatment_course"
    fields = read_as(kind, resource, catalog) | {"treatment": treatment, "at": start, "ended": end}
    if kind == "treatment_course":
        # Its own words may be more exact than "psychotherapy": cognitive behavioural therapy, bilateral ECT.
        fields |= {"technique": concept_text(resource.get("code"))} | ({"ended": end or start} if one_day else {})
    yield fields


def _treatment(concept: object, catalog: Catalog) -> str | None:
    """The treatment of the catalog that a procedure names, by code or else by word."""
    known = {key: codes for key, codes in catalog.codes.items() if codes.given_in in ("procedures", "courses")}
    coded = {(c.get("system"), c.get("code")) for c in codings(concept)}
    words = " ".join(filter(None, [get(concept, "text"), *(c.get("display") for c in codings(concept))]))
    by_code = (key for key, t in known.items() if any((system, code) in coded for system, codes in t.codes.items() for code in codes))
    return next(by_code, None) or next((key for key, t in known.items() if t.names(words)), None)


def _goal(resource: Mapping[str, Any], _resources: Resources, catalog: Catalog) -> Found:
    fields = read_as("goal", resource, catalog) | {"goal": concept_text(resource.get("description"))}
    yield fields | {"at": first_moment(resource, "startDate", "statusDate")}


def _adverse_event(resource: Mapping[str, Any], _resources: Resources, catalog: Catalog) -> Found:
    if resource.get("actuality") != "actual":
        raise UnreadError(f"AdverseEvent that is {resource.get('actuality')}", "an actual one")
    event = concept_text(resource.get("event"))
    kind = "attempt" if catalog.codes["suicide_attempt"].names(event or "") else "adverse_event"
    fields = read_as("incident", resource, catalog) | {"incident": kind, "description": event}
    yield fields | {"at": first_moment(resource, "date", "detected", "recordedDate")}


def _encounter(resource: Mapping[str, Any], _resources: Resources, catalog: Catalog) -> Found:
    """Only a stay for a mental disorder or suicidality is a hospitalisation: any other would look like a relapse."""
    reasons = [coding for concept in resource.get("reasonCode") or [] for coding in codings(concept)]
    beginnings = catalog.codes["mental_disorder"].codes
    mental = any(str(c.get("code")).startswith(beginnings.get(str(c.get("system")), ("\0",))) for c in reasons)
    if get(resource, "class.code") not in _INPATIENT or not mental:
        raise UnreadError("Encounter that is not an inpatient stay for a mental disorder", "class IMP with a reason F… of ICD-10")
    yield read_as("incident", resource, catalog) | {"description": concept_text(get(resource, "reasonCode.0"))}


_READERS: Mapping[str, Callable[[Mapping[str, Any], Resources, Catalog], Found]] = {
    "Patient": _patient,
    "Observation": read_observations,
    "QuestionnaireResponse": read_questionnaires,
    "Condition": _condition,
    "MedicationRequest": _request,
    "MedicationStatement": _statement,
    "MedicationAdministration": _administration,
    "MedicationDispense": _dispense,
    "Procedure": _procedure,
    "Goal": _goal,
    "AdverseEvent": _adverse_event,
    "Encounter": _encounter,
}
READ_TYPES = tuple(_READERS)
