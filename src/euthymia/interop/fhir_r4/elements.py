"""The small pieces of FHIR: paths, extensions, concepts, quantities; and how a field of ours becomes one of them."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from euthymia.moment import Moment

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
URN = "urn:euthymia:"
PATIENT, EVENT, KIND = f"{URN}patient", f"{URN}event", f"{URN}kind"
INSTRUMENT, ITEM = f"{URN}instrument", f"{URN}item"
FACT, ANSWER = f"{URN}fact", f"{URN}answer"
# LOINC's answers Yes and No; "unclear" is not LOINC's Unknown, so that it has our own code alone.
_LOINC_ANSWERS = {"yes": "LA33-6", "no": "LA32-8"}
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
# FHIR has an extension of its own for these.
_OWN_URL = {"zone": "http://hl7.org/fhir/StructureDefinition/timezone"}
_FIELD = {url: name for name, url in _OWN_URL.items()}
_LISTS = ("answers", "weights", "offered")
_INTEGER_MAX = 2**31
_FRACTION = re.compile(r"(\.\d{6})\d+")

Resource = dict[str, Any]


class Element(NamedTuple):
    """Where a field of an event stands in a resource, and how it is written and read. None: it cannot be said there."""

    path: str
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def get(resource: Any, path: str) -> Any:  # noqa: ANN401
    """The value at `path` ("period.end", "note.0.text"), or None."""
    for part in path.split("."):
        if part == "0":
            resource = resource[0] if isinstance(resource, list) and resource else None
        else:
            resource = resource.get(part) if isinstance(resource, Mapping) else None
    return resource


def put(resource: Resource, path: str, value: Any) -> None:  # noqa: ANN401
    """Set the value at `path`, beside what is already there."""
    for part in reversed(path.split(".")):
        value = [value] if part == "0" else {part: value}
    _merge(resource, value)


def _merge(old: Any, new: Any) -> Any:  # noqa: ANN401
    if isinstance(old, dict) and isinstance(new, dict):
        for key, value in new.items():
            old[key] = _merge(old[key], value) if key in old else value
        return old
    if isinstance(old, list) and isinstance(new, list) and old:
        return [_merge(old[0], new[0]), *old[1:]]
    return new


def text(path: str) -> Element:
    """A text as it is."""
    return Element(path, lambda value: value, lambda value: value if isinstance(value, str) else None)


def moment(path: str) -> Element:
    """A dateTime, as precise as it is known."""
    return Element(path, lambda value: value, fhir_moment)


def period(path: str, ended: str = "ended") -> dict[str, Element]:
    """Start and end of an event."""
    return {"at": moment(f"{path}.start"), ended: moment(f"{path}.end")}


def day(path: str) -> Element:
    """A FHIR date: no clock time fits in."""
    return Element(path, lambda value: value[:10], fhir_moment)


def instant(path: str) -> Element:
    """When it became known: only an instant says that."""
    return Element(path, lambda value: value, lambda value: read if (read := fhir_moment(value)) and "T" in read else None)


def coded(path: str, codes: Mapping[str, str]) -> Element:
    """A code of FHIR for each value of ours. Several of theirs may mean one of ours; the first one is written."""
    ours: dict[str, str] = {}
    for theirs, value in codes.items():
        ours.setdefault(value, theirs)
    return Element(path, ours.get, lambda value: codes.get(value) if isinstance(value, str) else None)


def coded_concept(path: str, system: str, codes: Mapping[str, str]) -> Element:
    """The same as a CodeableConcept of one system."""
    plain = coded(path, codes)
    return Element(
        path,
        lambda value: {"coding": [{"system": system, "code": code}]} if (code := plain.write(value)) else None,
        lambda value: next((read for c in codings(value) if (read := plain.read(c.get("code")))), None),
    )


def local(path: str, system: str) -> Element:
    """A value of ours as a coding of our own system."""
    return Element(
        path,
        lambda value: [{"system": system, "code": value}],
        lambda value: next((c.get("code") for c in codings({"coding": value}) if c.get("system") == system), None),
    )


def yes_or_no(path: str) -> Element:
    """The answer of an observation: our own coding, with LOINC's Yes or No beside it."""
    answers = {(ANSWER, answer): answer for answer in ("yes", "no", "unclear")}
    answers |= {(LOINC, theirs): answer for answer, theirs in _LOINC_ANSWERS.items()}

    def write(value: str) -> Resource:
        theirs = [{"system": LOINC, "code": _LOINC_ANSWERS[value]}] if value in _LOINC_ANSWERS else []
        return {"coding": [{"system": ANSWER, "code": value}, *theirs]}

    def read(value: object) -> str | None:
        """None where no coding is one of these, and where two of them contradict each other."""
        said = {answers[key] for c in codings(value) if (key := (str(c.get("system")), str(c.get("code")))) in answers}
        return said.pop() if len(said) == 1 else None

    return Element(path, write, read)


def code(path: str) -> Element:
    """The first coding that has both a system and a code, of a CodeableConcept."""
    return Element(path, lambda value: {"coding": [value]}, concept_code)


def milligrams(path: str) -> Element:
    """A dose in mg."""
    return Element(path, lambda value: quantity(value, "mg"), quantity_mg)


def quantity(value: float, unit: str) -> Resource:
    """A Quantity with a UCUM unit."""
    return {"value": number(value), "unit": unit, "system": UCUM, "code": unit}


def quantity_mg(value: object) -> float | None:
    """The milligrams of a Quantity; None where its unit is not a mass."""
    factors = {"mg": 1.0, "g": 1000.0, "ug": 0.001}
    factor = factors.get(get(value, "code") or get(value, "unit") or "")
    amount = read_number(get(value, "value"))
    return amount * factor if amount is not None and factor else None


def number(value: float) -> float:
    """A number as JSON writes it best: 14 rather than 14.0."""
    return int(value) if float(value).is_integer() and abs(value) < _INTEGER_MAX else value


def read_number(value: object) -> float | None:
    """A finite number, else None (text, NaN and booleans are no numbers)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return read if math.isfinite(read := float(value)) else None
    except OverflowError:
        return None


def codings(concept: object) -> Iterator[Mapping[str, Any]]:
    """The codings of a CodeableConcept."""
    found = get(concept, "coding")
    for coding in found if isinstance(found, list) else []:
        if isinstance(coding, Mapping):
            yield coding


def concept_code(concept: object) -> Resource | None:
    """Our Code of a CodeableConcept."""
    for coding in codings(concept):
        if coding.get("system") and coding.get("code"):
            return {key: coding[key] for key in ("system", "code", "display") if coding.get(key)}
    return None


def concept_text(concept: object) -> str | None:
    """The words of a CodeableConcept: its text, else a display, else a code."""
    words = [get(concept, "text")]
    words += [coding.get("display") for coding in codings(concept)] + [c.get("code") for c in codings(concept)]
    return next((word for word in words if isinstance(word, str) and word.strip()), None)


def fhir_moment(value: object) -> str | None:
    """A date, dateTime or instant as text; FHIR allows more digits of a second than can be kept."""
    return _FRACTION.sub(r"\1", value) if isinstance(value, str) else None


def first_moment(resource: Any, *paths: str) -> str | None:  # noqa: ANN401
    """The first date of several places where a resource may have it."""
    return next((found for path in paths if (found := fhir_moment(get(resource, path)))), None)


def extensions(field: str, value: Any, native: object) -> list[Resource]:  # noqa: ANN401
    """A field that FHIR does not have, as extensions (a list is repeated). `native` tells a moment from a text."""
    url = _OWN_URL.get(field, f"{URN}{field}")
    if isinstance(value, list):
        return [extension for inner in value for extension in extensions(field, inner, inner)]
    if field in _OWN_URL:
        return [{"url": url, "valueCode": value}]
    if isinstance(value, dict):
        return [{"url": url, "valueCoding": value}]
    if isinstance(value, bool):
        return [{"url": url, "valueBoolean": value}]
    if isinstance(value, int | float):
        return [{"url": url, "valueDecimal": number(value)}]
    return [{"url": url, "valueDateTime" if isinstance(native, Moment) else "valueString": value}]


def read_extensions(resource: Mapping[str, Any]) -> Resource:
    """Our extensions of a resource, as fields."""
    fields: Resource = {}
    for extension in resource.get("extension") or []:
        url = get(extension, "url") or ""
        name = _FIELD.get(url) or (url.removeprefix(URN) if url.startswith(URN) else None)
        value = next((extension[key] for key in extension if key.startswith("value")), None)
        if name is None or value is None:
            continue
        if name in _LISTS:
            fields.setdefault(name, []).append(value)
        else:
            fields[name] = concept_code({"coding": [value]}) if isinstance(value, Mapping) else value
    return fields


class UnreadError(Exception):
    """A resource that is not read: what was found, and what would be."""

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(f"found {found}; allowed: {allowed}")
        self.found, self.allowed = found, allowed
