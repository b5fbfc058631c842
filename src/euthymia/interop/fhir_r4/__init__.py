"""FHIR R4: a patient's record as a Bundle, and Bundles (ours and other systems') as records.

What FHIR can say stands in FHIR's own fields. What it has no field for, or cannot say exactly (a definition id, the
phase of a rating, a birth year known to the month of a clock time), stands beside it in an extension
`urn:euthymia:<field>`; of a field and its extension, the extension is the exact one. docs/formats.md lists them.
"""

from euthymia.interop.fhir_r4.bundle import from_fhir, gather, to_fhir
from euthymia.interop.fhir_r4.document import Attachment, document_reference

__all__ = ["Attachment", "document_reference", "from_fhir", "gather", "to_fhir"]
