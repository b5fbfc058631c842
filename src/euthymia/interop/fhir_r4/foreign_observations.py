"""Other systems' Observations and QuestionnaireResponses: scores with their items, vital signs, laboratory values."""

from collections.abc import Iterator, Mapping
from typing import Any

from euthymia.catalog import Catalog
from euthymia.interop.fhir_r4.assessments import Part, answer_value, in_item_order, part_of, read_observation, read_questionnaire
from euthymia.interop.fhir_r4.elements import Resource, UnreadError, concept_code, concept_text, first_moment, read_number
from euthymia.interop.fhir_r4.forms import read_as
from euthymia.interop.fhir_r4.resources import Resources

Found = Iterator[Resource]
_FINAL = ("final", "amended", "corrected")


def read_observations(resource: Mapping[str, Any], resources: Resources, catalog: Catalog) -> Found:
    """A score with its members, or measurements. Raises UnreadError."""
    part = part_of(resource.get("code"), catalog)
    at = first_moment(resource, "effectiveDateTime", "effectivePeriod.start", "effectiveInstant", "issued")
    if part is None:
        seen = read_as("observation", resource, catalog)
        # Only our own code says which fact was looked at: a Yes to anything else stays words.
        yield from ([seen | {"at": at}] if "about" in seen and "answer" in seen else _measurements(resource, at, catalog))
        return
    name = catalog.instruments[part.instrument].short_name if part.instrument in catalog.instruments else part.instrument
    if part.item is not None:
        yield _lone_item(resource, part, catalog) | {"at": at}
        return
    fields = read_as("assessment", resource, catalog) | _from_members(resource, part.instrument, resources, catalog)
    if "total" not in fields and "answers" not in fields:
        raise UnreadError(f"a {name} without a score or answers", "a value, components or members")
    yield fields | {"at": at}


def _lone_item(resource: Mapping[str, Any], part: Part, catalog: Catalog) -> Resource:
    """An item without its questionnaire: read where it asks about suicidal thoughts, which are never lost. Raises UnreadError."""
    instrument = catalog.instruments.get(part.instrument)
    if instrument is None or part.item is None or instrument.items[part.item].suicidality_trigger is None:
        raise UnreadError(f"one item of {part.instrument} on its own", "its panel (hasMember), or components of the total")
    answers = in_item_order({part.item: answer_value(resource, instrument)}, instrument)
    read = read_as("assessment", resource, catalog) | {"instrument": part.instrument, "answers": answers}
    # Its value is that of the item, not a total.
    return {name: value for name, value in read.items() if name != "total"}


def _measurements(resource: Mapping[str, Any], at: str | None, catalog: Catalog) -> Found:
    """A vital or laboratory value; of several components (blood pressure) one each."""
    shared = {"kind": "measurement", "at": at, "recorded_at": read_as("measurement", resource, catalog).get("recorded_at")}
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
        member = resources.member(reference)
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


def read_questionnaires(resource: Mapping[str, Any], _resources: Resources, catalog: Catalog) -> Found:
    """An instrument filled in. Raises UnreadError."""
    if resource.get("status") not in ("completed", "amended"):
        raise UnreadError(f"QuestionnaireResponse with status {resource.get('status')!r}", "completed or amended")
    fields = read_as("assessment", resource, catalog)
    if "instrument" not in fields:
        raise UnreadError("a questionnaire that the catalog does not know", "one whose items carry LOINC codes of the catalog")
    if "answers" not in fields and "total" not in fields:
        raise UnreadError("a questionnaire without answers", "answers by LOINC linkId")
    yield fields
