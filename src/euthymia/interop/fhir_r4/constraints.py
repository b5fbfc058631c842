"""What FHIR forbids a resource to say. What is taken away here travels as an extension."""

from euthymia.interop.fhir_r4.elements import UCUM, Resource, get


def no_dose_no_dosage(resource: Resource) -> None:
    """A dosage has a dose (a route alone is none)."""
    if "dose" not in resource.get("dosage", {"dose": None}):
        del resource["dosage"]


def abated_is_not_active(resource: Resource) -> None:
    """FHIR: an abated condition is inactive, resolved or in remission; one in error has no clinical status."""
    if get(resource, "verificationStatus.coding.0.code") == "entered-in-error":
        resource.pop("clinicalStatus", None)
    elif get(resource, "clinicalStatus.coding.0.code") not in ("remission", "resolved"):
        resource.pop("abatementDateTime", None)


def unit_is_code(resource: Resource) -> None:
    """A unit is a UCUM code as well where it can be one; a value is a number or a text, not both."""
    unit = get(resource, "valueQuantity.unit")
    if get(resource, "valueQuantity.value") is None:
        resource.pop("valueQuantity", None)
    elif unit and not any(map(str.isspace, unit)):
        resource["valueQuantity"] |= {"system": UCUM, "code": unit}
    if "valueQuantity" in resource:
        resource.pop("valueString", None)
