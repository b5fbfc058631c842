"""A record as a Bundle, and Bundles (or single resources, or lists of them) as records, one per patient."""

import hashlib
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from euthymia.catalog import Catalog
from euthymia.interop.fhir_r4.elements import PATIENT, Resource, Unread, codings, get, put
from euthymia.interop.fhir_r4.foreign import READ_TYPES, parts_of_assessments, read_foreign
from euthymia.interop.fhir_r4.form import event_id
from euthymia.interop.fhir_r4.forms import form_of, own_form
from euthymia.interop.fhir_r4.resources import Entry, Resources, entries_of
from euthymia.interop.intake import Intake, path_of, shown
from euthymia.interop.result import Reading
from euthymia.record import EventBase, PatientRecord, Person

_LEGAL_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


def to_fhir(record: PatientRecord, catalog: Catalog) -> Resource:
    """The record as a FHIR R4 Bundle of type collection. Reading it gives the same record."""
    persons = [event for event in record.events if isinstance(event, Person)]
    main = _patient(record, persons[-1] if persons else None, catalog)
    url = _url(record.patient_id, "")
    entries = [{"fullUrl": url, "resource": main}]
    for event in record.events:
        if event is not (persons[-1] if persons else None):
            entries.append({"fullUrl": _url(record.patient_id, event.id), "resource": _resource(event, record, catalog)})
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def from_fhir(bundle: object, catalog: Catalog) -> list[Reading]:
    """One reading per patient of a Bundle, a resource or a list of resources (decoded JSON)."""
    intake = Intake()
    gather([("", bundle)], intake, catalog)
    return intake.readings()


def _url(patient_id: str, event_id: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:euthymia:{patient_id}\0{event_id}").urn


def _legal_id(text: str) -> str:
    return text if _LEGAL_ID.fullmatch(text) else hashlib.sha256(text.encode()).hexdigest()[:32]


def _patient(record: PatientRecord, person: EventBase | None, catalog: Catalog) -> Resource:
    resource = own_form("person", "Patient").write(person, catalog) if person else {"resourceType": "Patient"}
    resource.setdefault("identifier", []).insert(0, {"system": PATIENT, "value": record.patient_id})
    return {"resourceType": "Patient", "id": _legal_id(record.patient_id), **resource}


def _resource(event: EventBase, record: PatientRecord, catalog: Catalog) -> Resource:
    form = form_of(event.model_dump(mode="json", exclude_none=True))
    resource = form.write(event, catalog)
    reference = {"reference": _url(record.patient_id, "")}
    if form.subject:
        put(resource, form.subject, reference)
    else:
        # An earlier or corrected statement about the same patient.
        resource["identifier"].insert(0, {"system": PATIENT, "value": record.patient_id})
        resource["link"] = [{"other": reference, "type": "seealso"}]
    return {"resourceType": form.resource, "id": _legal_id(event.id), **resource}


def gather(documents: Iterable[tuple[str, object]], intake: Intake, catalog: Catalog) -> None:
    """Bring FHIR documents into `intake`, each with its place (a file, a line, or ""). They may refer to each other."""
    resources = Resources([entry for where, document in documents for entry in entries_of(document, where, intake)])
    for patient_id in dict.fromkeys(resources.patients.values()):
        intake.patient(patient_id)
    for where, patient_ids in resources.several_patients():
        for patient_id in patient_ids:
            found = f"{len(patient_ids)} patients in one bundle"
            intake.skip(where, found, "one patient a bundle (it was split by subject)", patient_id)
    consumed = parts_of_assessments(resources, catalog)
    # Hundreds of claims or encounters of one bundle are one message, with the first place and how many.
    unread: dict[tuple[str | None, str, str], list[str]] = defaultdict(list)
    for entry in resources.entries:
        if entry.key not in consumed:
            patient_id = resources.patient_id(entry.resource)
            try:
                _admit(entry, patient_id, resources, intake, catalog)
            except Unread as reason:
                unread[patient_id, reason.found, reason.allowed].append(entry.where)
            except RecursionError:
                unread[patient_id, "a resource nested too deeply", "some tens of levels"].append(entry.where)
    for (patient_id, found, allowed), places in unread.items():
        others = f" and {len(places) - 1} more" if len(places) > 1 else ""
        intake.skip(f"{places[0]}{others}", found, allowed, patient_id)


def _admit(entry: Entry, patient_id: str | None, resources: Resources, intake: Intake, catalog: Catalog) -> None:
    """Read one resource into `intake`. Raises Unread."""
    resource = entry.resource
    kind = next((coding.get("code") for coding in codings({"coding": get(resource, "meta.tag")})), None)
    form = own_form(kind, resource["resourceType"]) if event_id(resource) else None
    if form is None and resource["resourceType"] not in READ_TYPES:
        raise Unread(f"the resource type {shown(resource['resourceType'])}", ", ".join(READ_TYPES))
    _validate(resource)
    if patient_id is None:
        found = f"{_a(resource)} whose subject is no patient of this document"
        raise Unread(found, "a reference to its Patient: Patient/<id> or its fullUrl")
    if form:
        intake.admit(patient_id, entry.where, form.read_own(resource, catalog), separator=", field ")
        return
    for fields in read_foreign(resource, resources, catalog):
        intake.admit(patient_id, entry.where, fields, separator=", field ")


def _validate(resource: Mapping[str, Any]) -> None:
    """Hold a resource against the published model of its type. Raises Unread."""
    from fhir.resources.R4B import get_fhir_model_class  # a quarter of a second: only where there is FHIR to read

    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False)[0]
        found = "nothing" if "missing" in problem["type"] else shown(problem["input"])
        message = problem["msg"].removeprefix("Value error, ").rstrip(".")
        place = path_of(problem["loc"])
        raise Unread(f"{_a(resource)} with {found} at {place or '(root)'}", f"FHIR R4 ({message})") from None


def _a(resource: Mapping[str, Any]) -> str:
    name = str(resource["resourceType"])
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"
