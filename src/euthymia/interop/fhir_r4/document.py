"""A document about a patient as a FHIR R4 DocumentReference: unsigned, with its files inside."""

import base64
import hashlib
import uuid
from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

from euthymia.interop.fhir_r4.elements import LOINC, PATIENT, Resource

DocumentKind = Literal["authorisation", "renewal", "referring"]
# LOINC has no code for a letter that asks a payer for something (52034-6 "Payer letter" is the payer's own): such a letter is
# a "Letter", and its kind stands in words. What is sent back to the referring clinician is by LOINC's own description a
# consult note.
_TYPES: dict[DocumentKind, tuple[str, str, str]] = {
    "authorisation": ("51852-2", "Letter", "Letter for prior authorisation"),
    "renewal": ("51852-2", "Letter", "Letter for renewal of an authorisation"),
    "referring": ("11488-4", "Consult note", "Report to the referring clinician"),
}


class Attachment(NamedTuple):
    """One file of a document: its media type (application/pdf), its language (BCP 47) and its bytes."""

    media_type: str
    language: str
    data: bytes


def document_reference(patient_id: str, kind: DocumentKind, day: date, title: str, attachments: Sequence[Attachment]) -> Resource:
    """The document with its attachments, the leading one first. The same files give the same resource.

    `docStatus` is preliminary: nobody has signed it. No author is named, and no clock time: neither is known.
    Raises ValueError without an attachment.
    """
    if not attachments:
        raise ValueError("found a document without a file; allowed: at least one attachment")
    code, display, words = _TYPES[kind]
    digest = hashlib.sha256(b"\0".join(each.data for each in attachments)).hexdigest()
    urn = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:euthymia:{patient_id}\0{kind}\0{day}\0{digest}")
    return {
        "resourceType": "DocumentReference",
        "id": str(urn),
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": urn.urn},
        "status": "current",
        "docStatus": "preliminary",
        "type": {"coding": [{"system": LOINC, "code": code, "display": display}], "text": words},
        "subject": {"type": "Patient", "identifier": {"system": PATIENT, "value": patient_id}},
        "description": title,
        "content": [{"attachment": _attachment(each, day, title)} for each in attachments],
    }


def _attachment(given: Attachment, day: date, title: str) -> Resource:
    # FHIR asks for SHA-1; it finds a damaged file, it secures nothing.
    sha1 = hashlib.sha1(given.data, usedforsecurity=False).digest()
    return {
        "contentType": given.media_type,
        "language": given.language,
        "data": base64.b64encode(given.data).decode("ascii"),
        "size": len(given.data),
        "hash": base64.b64encode(sha1).decode("ascii"),
        "title": title,
        "creation": day.isoformat(),
    }
