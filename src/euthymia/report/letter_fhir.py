"""A letter as a FHIR R4 DocumentReference: the PDF, and beside it the text that can be edited."""

from typing import Any

from euthymia.interop.fhir_r4 import Attachment, document_reference
from euthymia.letter import Letter
from euthymia.report.letter_text import letter_text


def letter_fhir(letter: Letter, patient_id: str, pdf: bytes) -> dict[str, Any]:
    """The DocumentReference of a letter whose PDF has been made."""
    text = letter_text(letter).encode()
    files = (Attachment("application/pdf", letter.language, pdf), Attachment("text/markdown", letter.language, text))
    return document_reference(patient_id, letter.kind, letter.on, letter.title, files)
