"""A record as a Bundle, and Bundles (or single resources, or lists of them) as records, one per patient."""

import hashlib
import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from euthymia.catalog import Catalog
from euthymia.events import EventBase, Person
from euthymia.interop.fhir_r4.elements import PATIENT, Resource, UnreadError, codings, get, put
from euthymia.interop.fhir_r4.foreign import READ_TYPES, read_foreign
from euthymia.interop.fhir_r4.foreign_observations import parts_of_assessments
from euthymia.interop.fhir_r4.form import Form, event_id
from euthymia.interop.fhir_r4.forms import form_of, own_form
from euthymia.interop.fhir_r4.resources import Entry, Resources, entries_of
from euthymia.interop.intake import Intake, path_of, shown
from euthymia.interop.result import Reading
from euthymia.record import PatientRecord

_LEGAL_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


def to_fhir(record: PatientRecord, catalog: Catalog) -> Resource:
    """The record as a FHIR R4 Bundle of type collection. Reading it gives the same record."""
    person = next((event for event in reversed(record.events) if isinstance(event, Person)), None)
    others = [event for event in record.events if event is not person]
    main = {"fullUrl": _url(record.patient_id, ""), "resource": _patient(record, person, catalog)}
    entries = [{"fullUrl": _url(record.patient_id, e.id), "resource": _resource(e, record, catalog)} for e in others]
    return {"resourceType": "Bundle", "type": "collection", "entry": [main, *entries]}


def from_fhir(bundle: object, catalog: Catalog) -> list[Reading]:
    """One reading per patient of a Bundle, a resource or a list of resources (decoded JSON)."""
    intake = Intake()
    gather([("", bundle)], intake, catalog)
    return intake.readings()


def _url(patient_id: str, event_id: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:euthymia:{patient_id}\0{event_id}").urn


def _legal_id(text: str) -> str:
    return text if _LEGAL_ID.fullmatch(text) else hashlib.sha256(text.encode()).hexdigest()[:32]


def _patient(record: PatientRecord, person: Person | None, catalog: Catalog) -> Resource:
    resource: Resource = _written(person, catalog) if person else {"resourceType": "Patient", "identifier": []}
    resource["identifier"].insert(0, {"system": PATIENT, "value": record.patient_id})
    return resource | {"id": _legal_id(record.patient_id)}


def _resource(event: EventBase, record: PatientRecord, catalog: Catalog) -> Resource:
    resource, form = _written(event, catalog), _form(event)
    reference = {"reference": _url(record.patient_id, "")}
    if form.subject:
        put(resource, form.subject, reference)
    else:
        # An earlier or corrected statement about the same patient.
        resource["identifier"].insert(0, {"system": PATIENT, "value": record.patient_id})
        resource["link"] = [{"other": reference, "type": "seealso"}]
    return resource


def _written(event: EventBase, catalog: Catalog) -> Resource:
    return _form(event).write(event, catalog) | {"id": _legal_id(event.id)}


def _form(event: EventBase) -> Form:
    return form_of(event.model_dump(mode="json", exclude_none=True))


def gather(documents: Iterable[tuple[str, object]], intake: Intake, catalog: Catalog) -> None:
    """Bring FHIR documents into `intake`, each with its place (a file, a line, or ""). They may refer to each other."""
    resources = Resources([entry for where, document in documents for entry in entries_of(document, where, intake)])
    for known in resources.patients.values():
        intake.patient(known)
    for bundle, patient_ids in resources.several_patients():
        found = f"{len(patient_ids)} patients in one bundle"
        for each in patient_ids:
            intake.skip(bundle, found, "one patient a bundle (it was split by subject)", each)
    # Hundreds of claims or encounters of one bundle are one message, with the first place and how many.
    unread: dict[tuple[str | None, str, str], list[str]] = defaultdict(list)

    def attempt(action: Callable[[Entry], None], entries: Iterable[Entry]) -> list[Entry]:
        """The entries with which `action` went well; the reasons of the others are noted."""
        done = []
        for entry in entries:
            owner = resources.patient_id(entry.resource)
            try:
                action(entry)
                done.append(entry)
            except UnreadError as reason:
                unread[owner, reason.found, reason.allowed].append(entry.where)
            except RecursionError:
                unread[owner, "a resource nested too deeply", "some tens of levels"].append(entry.where)
        return done

    resources.keep(attempt(_validate, resources.entries))
    consumed = parts_of_assessments(resources, catalog)
    attempt(lambda entry: _admit(entry, resources, intake, catalog), [e for e in resources.entries if e.key not in consumed])
    for (owner, what, allowed), places in unread.items():
        others = f" and {len(places) - 1} more" if len(places) > 1 else ""
        intake.skip(f"{places[0]}{others}", what, allowed, owner)


def _own(resource: Mapping[str, Any]) -> Form | None:
    """The form in which this project wrote a resource; None of another system's."""
    kind = next((coding.get("code") for coding in codings({"coding": get(resource, "meta.tag")})), None)
    return own_form(kind, resource["resourceType"]) if event_id(resource) else None


def _admit(entry: Entry, resources: Resources, intake: Intake, catalog: Catalog) -> None:
    """Read one resource into `intake`. Raises UnreadError."""
    resource, patient_id = entry.resource, resources.patient_id(entry.resource)
    if patient_id is None:
        found = f"{_a(resource)} whose subject is no patient of this document"
        raise UnreadError(found, "a reference to its Patient: Patient/<id> or its fullUrl")
    if form := _own(resource):
        intake.admit(patient_id, entry.where, form.read_own(resource, catalog), separator=", field ")
        return
    for fields in read_foreign(resource, resources, catalog):
        intake.admit(patient_id, entry.where, fields, separator=", field ")


def _validate(entry: Entry) -> None:
    """Hold a resource against the published model of its type. Raises UnreadError."""
    from fhir.resources.R4B import get_fhir_model_class  # a quarter of a second: only where there is FHIR to read

    resource = entry.resource
    if resource["resourceType"] not in READ_TYPES and _own(resource) is None:
        raise UnreadError(f"the resource type {shown(resource['resourceType'])}", ", ".join(READ_TYPES))
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as error:
        raise _explained(resource, error) from None
    except (TypeError, KeyError, AttributeError, ValueError):
        # The models themselves stumble over a resource within a resource that is none.
        raise UnreadError(f"{_a(resource)} of a broken shape", "FHIR R4") from None


def _explained(resource: Mapping[str, Any], error: ValidationError) -> UnreadError:
    problem = error.errors(include_url=False, include_context=False)[0]
    private = {"name", "telecom", "address", "contact"} & set(problem["loc"])
    found = "nothing" if "missing" in problem["type"] else "a value that is not shown" if private else shown(problem["input"])
    message = problem["msg"].removeprefix("Value error, ").rstrip(".")
    place = path_of([part for part in problem["loc"] if part != "root"])
    return UnreadError(f"{_a(resource)} with {found} at {place or 'its root'}", f"FHIR R4 ({message})")


def _a(resource: Mapping[str, Any]) -> str:
    name = str(resource["resourceType"])
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"
