"""Other systems' FHIR resources as events.

A resource is read only as far as its meaning is sure. What was retracted, never happened, is not final, or has no
date is not an event; it is told instead, with the reason.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from euthymia.catalog import Catalog
from euthymia.interop.fhir_r4.assessments import (
    answer_value,
    in_item_order,
    part_of,
    read_observation,
    read_questionnaire,
)
from euthymia.interop.fhir_r4.elements import (
    Resource,
    UnreadError,
    codings,
    concept_code,
    concept_text,
    fhir_moment,
    get,
    read_number,
)
from euthymia.interop.fhir_r4.form import event_id
from euthymia.interop.fhir_r4.forms import own_form
from euthymia.interop.fhir_r4.resources import Resources

Found = Iterator[Resource]
_FINAL = ("final", "amended", "corrected")
# Statuses of things that did not happen, do not hold, or are not known well enough; of every type read here.
_NOT_READ = frozenset(
    (
        *("entered-in-error", "cancelled", "rejected", "registered", "preliminary", "draft", "unknown"),
        *("preparation", "planned", "proposed", "intended", "in-progress", "not-done", "not-taken"),
    )
)
_STATUS_STILL_READ = {"Procedure": {"in-progress"}, "Encounter": {"in-progress"}, "MedicationStatement": {"unknown"}}
_ORDERS = ("order", "original-order", "reflex-order", "filler-order", "instance-order")
_SESSION_DRUGS = re.compile(r"ketamine|brexanolone|psilocybin", re.IGNORECASE)
_PROCEDURES = {
    "ect": re.compile(r"electro-?convulsive|\bECT\b", re.IGNORECASE),
    "tms": re.compile(r"transcranial magnetic|\br?TMS\b", re.IGNORECASE),
    "psychotherapy": re.compile(r"psychotherap|cognitive[ -]behaviou?r\w* therap|interpersonal therap", re.IGNORECASE),
}
# recalled; SNOMED CT and CPT, where a system sends codes without words
_PROCEDURE_CODES = {
    "23835007": "ect", "90870": "ect", "90867": "tms", "90868": "tms", "90869": "tms", "75516001": "psychotherapy",
    "90832": "psychotherapy", "90834": "psychotherapy", "90837": "psychotherapy", "90853": "psychotherapy",
}  # fmt: skip
_INPATIENT = ("IMP", "ACUTE", "NONAC")


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


def _base(kind: str, resource: Mapping[str, Any], catalog: Catalog) -> Resource:
    form = own_form(kind, resource["resourceType"])
    assert form is not None  # noqa: S101 - the readers below name forms of the table
    return form.read(resource, catalog)


def _first_moment(resource: Mapping[str, Any], *paths: str) -> str | None:
    return next((found for path in paths if (found := fhir_moment(get(resource, path)))), None)


def _patient(resource: Mapping[str, Any], _resources: Resources, catalog: Catalog) -> Found:
    fields = _base("person", resource, catalog)
    if fields.get("name") is None and (name := get(resource, "name.0")):
        fields["name"] = " ".join([*(name.get("given") or []), *filter(None, [name.get("family")])]) or None
    if zone := next((e.get("valueCode") for e in resource.get("extension") or [] if "timezone" in e["url"]), None):
        fields["zone"] = zone
    facts = {name: value for name, value in fields.items() if name != "kind" and value is not None}
    if facts:
        yield fields | {"at": _first_moment(resource, "birthDate", "meta.lastUpdated")}
    if resource.get("deceasedBoolean"):
        raise UnreadError("Patient with deceasedBoolean", "deceasedDateTime: a death has a date")


def _observation(resource: Mapping[str, Any], resources: Resources, catalog: Catalog) -> Found:
    part = part_of(resource.get("code"), catalog)
    at = _first_moment(resource, "effectiveDateTime", "effectivePeriod.start", "effectiveInstant", "issued")
    if part is None:
        yield from _measurements(resource, at, catalog)
        return
    name = catalog.instruments[part.instrument].short_name if part.instrument in catalog.instruments else part.instrument
    if part.item is not None:
        raise UnreadError(f"one item of {name} on its own", "its panel (hasMember), or components of the total")
    fields = _base("assessment", resource, catalog) | _from_members(resource, part.instrument, resources, catalog)
    if "total" not in fields and "answers" not in fields:
        raise UnreadError(f"a {name} without a score or answers", "a value, components or members")
    yield fields | {"at": at}


def _measurements(resource: Mapping[str, Any], at: str | None, catalog: Catalog) -> Found:
    """A vital or laboratory value; of several components (blood pressure) one each."""
    shared = {"kind": "measurement", "at": at, "recorded_at": _base("measurement", resource, catalog).get("recorded_at")}
    for part in [resource, *(resource.get("component") or [])]:
        quantity = part.get("valueQuantity") or {}
        value = read_number(quantity.get("value") if quantity else part.get("valueInteger"))
        words = part.get("valueString") or concept_text(part.get("valueCodeableConcept")) or part.get("valueDateTime")
        if isinstance(part.get("valueBoolean"), bool):
            words = str(part["valueBoolean"]).lower()
        if quantity.get("comparator") and value is not None:
            # "< 0.1" is not 0.1.
            words, value = f"{quantity['comparator']} {value:g} {quantity.get('unit') or ''}".strip(), None
        if value is not None or words:
            unit = quantity.get("code") or quantity.get("unit")
            measure, code = concept_text(part.get("code")), concept_code(part.get("code"))
            yield shared | {"measure": measure, "code": code, "value": value, "unit": unit, "text": words}
            continue
        if part is not resource or not resource.get("component"):
            raise UnreadError("Observation without a value that is read", "a number, a Quantity, a text, a concept, true or false")


def _members(resource: Mapping[str, Any], resources: Resources) -> Iterator[Mapping[str, Any]]:
    """The final members (items, totals) and sources (questionnaires) of a panel, of the same patient."""
    for reference in [*(resource.get("hasMember") or []), *(resource.get("derivedFrom") or [])]:
        member = resources.resolve(reference)
        if member is None or member is resource or resources.patient_id(member) != resources.patient_id(resource):
            continue
        if member["resourceType"] in ("Observation", "QuestionnaireResponse") and member.get("status") in (
            *_FINAL,
            "completed",
        ):
            yield member


def _from_members(resource: Mapping[str, Any], instrument_id: str, resources: Resources, catalog: Catalog) -> Resource:
    fields: Resource = {}
    answers: dict[int, float | None] = {}
    instrument = catalog.instruments.get(instrument_id)
    for member in _members(resource, resources):
        if member["resourceType"] == "QuestionnaireResponse":
            said = read_questionnaire(member, catalog)
            fields |= said if said.get("instrument") == instrument_id else {}
        elif (part := part_of(member.get("code"), catalog)) and part.instrument == instrument_id:
            if part.item is None:
                fields |= read_observation(member, catalog)
            else:
                answers[part.item] = answer_value(member, instrument)
    if answers:
        fields["answers"] = in_item_order(answers, instrument)
    return fields | read_observation(resource, catalog)


def parts_of_assessments(resources: Resources, catalog: Catalog) -> set[int]:
    """The keys of the resources that are read as part of another one: items of a panel, the form behind a score."""
    consumed: set[int] = set()
    for entry in resources.entries:
        resource = entry.resource
        part = part_of(resource.get("code"), catalog) if resource["resourceType"] == "Observation" else None
        if part is None or part.item is not None or entry.key in consumed or resource.get("status") not in _FINAL:
            continue
        for member in _members(resource, resources):
            try:
                said = (
                    read_questionnaire(member, catalog).get("instrument")
                    if member["resourceType"] == "QuestionnaireResponse"
                    else getattr(part_of(member.get("code"), catalog), "instrument", None)
                )
            except UnreadError:
                continue
            if said == part.instrument:
                consumed.add(id(member))
    return consumed


def _questionnaire(resource: Mapping[str, Any], _resources: Resources, catalog: Catalog) -> Found:
    if resource.get("status") not in ("completed", "amended"):
        raise UnreadError(f"QuestionnaireResponse with status {resource.get('status')!r}", "completed or amended")
    fields = _base("assessment", resource, catalog)
    if "instrument" not in fields:
        raise UnreadError("a questionnaire that the catalog does not know", "one whose items carry LOINC codes of the catalog")
    if "answers" not in fields and "total" not in fields:
        raise UnreadError("a questionnaire without answers", "answers by LOINC linkId")
    yield fields


def _condition(resource: Mapping[str, Any], _resources: Resources, catalog: Catalog) -> Found:
    fields = _base("condition", resource, catalog)
    fields["at"] = _first_moment(resource, "onsetDateTime", "onsetPeriod.start", "recordedDate")
    fields["ended"] = _first_moment(resource, "abatementDateTime", "abatementPeriod.start")
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
    fields = _base("medication", resource, catalog) | _drug(resource, resources)
    period = "dosageInstruction.0.timing.repeat.boundsPeriod"
    fields["at"] = _first_moment(resource, f"{period}.start", "authoredOn")
    fields["ended"] = _first_moment(resource, f"{period}.end")
    yield from _with_end(fields, resource)


def _statement(resource: Mapping[str, Any], resources: Resources, catalog: Catalog) -> Found:
    fields = _base("medication", resource, catalog) | _drug(resource, resources)
    fields["at"] = _first_moment(resource, "effectivePeriod.start", "effectiveDateTime", "dateAsserted")
    yield from _with_end(fields, resource)


def _with_end(fields: Resource, resource: Mapping[str, Any]) -> Found:
    yield fields
    if resource.get("status") in ("stopped", "completed") and fields.get("ended") is None:
        found = f"{resource['resourceType']} with status {resource['status']!r} and no end: it was read as going on"
        raise UnreadError(found, "the end of its period")


def _administration(resource: Mapping[str, Any], resources: Resources, catalog: Catalog) -> Found:
    drug = str(_drug(resource, resources)["drug"])
    if not _SESSION_DRUGS.search(drug):
        raise UnreadError("MedicationAdministration of a drug that is not dosed in sessions", "ketamine, esketamine, …")
    home = any(c.get("code") == "community" for c in codings(resource.get("category")))
    fields = _base("dose_log" if home else "dose_session", resource, catalog) | {"treatment": drug}
    yield fields | {"at": _first_moment(resource, "effectiveDateTime", "effectivePeriod.start")}


def _procedure(resource: Mapping[str, Any], _resources: Resources, catalog: Catalog) -> Found:
    treatment = _treatment(resource.get("code"))
    if treatment is None:
        raise UnreadError("a Procedure that is not ECT, TMS or psychotherapy", "ECT, TMS, psychotherapy")
    start = _first_moment(resource, "performedDateTime", "performedPeriod.start")
    end = _first_moment(resource, "performedPeriod.end")
    one_day = "performedDateTime" in resource or (start and end and start[:10] == end[:10])
    kind = "dose_session" if treatment != "psychotherapy" and one_day else "treatment_course"
    fields = _base(kind, resource, catalog) | {"treatment": treatment, "at": start, "ended": end}
    yield fields | ({"ended": end or start} if kind == "treatment_course" and one_day else {})


def _treatment(concept: object) -> str | None:
    by_code = (_PROCEDURE_CODES.get(c.get("code") or "") for c in codings(concept))
    words = " ".join(filter(None, [get(concept, "text"), *(c.get("display") for c in codings(concept))]))
    return next((t for t in by_code if t), None) or next((t for t, p in _PROCEDURES.items() if p.search(words)), None)


def _goal(resource: Mapping[str, Any], _resources: Resources, catalog: Catalog) -> Found:
    fields = _base("goal", resource, catalog) | {"goal": concept_text(resource.get("description"))}
    yield fields | {"at": _first_moment(resource, "startDate", "statusDate")}


def _adverse_event(resource: Mapping[str, Any], _resources: Resources, catalog: Catalog) -> Found:
    if resource.get("actuality") != "actual":
        raise UnreadError(f"AdverseEvent that is {resource.get('actuality')}", "an actual one")
    fields = _base("incident", resource, catalog) | {"incident": "adverse_event"}
    fields["at"] = _first_moment(resource, "date", "detected", "recordedDate")
    yield fields | {"description": concept_text(resource.get("event"))}


def _encounter(resource: Mapping[str, Any], _resources: Resources, catalog: Catalog) -> Found:
    """Only a stay for a mental disorder (ICD-10, chapter F) is a hospitalisation: any other would look like a relapse."""
    reasons = [coding for concept in resource.get("reasonCode") or [] for coding in codings(concept)]
    mental = any("icd-10" in str(c.get("system")) and str(c.get("code")).startswith("F") for c in reasons)
    if get(resource, "class.code") not in _INPATIENT or not mental:
        raise UnreadError("Encounter that is not an inpatient stay for a mental disorder", "class IMP with a reason F… of ICD-10")
    yield _base("incident", resource, catalog) | {"description": concept_text(get(resource, "reasonCode.0"))}


_READERS: Mapping[str, Callable[[Mapping[str, Any], Resources, Catalog], Found]] = {
    "Patient": _patient,
    "Observation": _observation,
    "QuestionnaireResponse": _questionnaire,
    "Condition": _condition,
    "MedicationRequest": _request,
    "MedicationStatement": _statement,
    "MedicationAdministration": _administration,
    "Procedure": _procedure,
    "Goal": _goal,
    "AdverseEvent": _adverse_event,
    "Encounter": _encounter,
}
READ_TYPES = tuple(_READERS)
