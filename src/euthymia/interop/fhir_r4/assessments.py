"""Assessments in FHIR: a total is an Observation (its answers are components); answers alone are a QuestionnaireResponse.

Items and totals are told by LOINC where the catalog knows the code, and always by our own codings beside it, because
several instruments share a code or have none.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from euthymia.catalog import Catalog
from euthymia.instrument import Instrument
from euthymia.interop.fhir_r4.elements import (
    ABSENT,
    INSTRUMENT,
    ITEM,
    LOINC,
    Resource,
    UnreadError,
    codings,
    get,
    number,
    read_number,
)

_ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
_WEIGHTS = (_ORDINAL, "http://hl7.org/fhir/StructureDefinition/itemWeight")
_FORM = "http://loinc.org/q/"
_VALUES = ("valueInteger", "valueDecimal", "valueQuantity", "valueCodeableConcept", "valueCoding", "valueString")


class Part(NamedTuple):
    """What a code means: an instrument as a whole (`item` None), or one of its items by position from 0."""

    instrument: str
    item: int | None = None


def part_of(concept: object, catalog: Catalog) -> Part | None:
    """What a CodeableConcept means for us: our own codings first, then LOINC."""
    for coding in codings(concept):
        name = coding.get("code")
        if coding.get("system") == INSTRUMENT and isinstance(name, str):
            return Part(name)
        if coding.get("system") == ITEM and isinstance(name, str):
            instrument, _, position = name.rpartition("/")
            if position.isdecimal() and 0 < int(position) < 1000:
                return Part(instrument, int(position) - 1)
    loinc = [coding.get("code") for coding in codings(concept) if coding.get("system") == LOINC]
    return next((part for name in loinc if (part := _loinc_part(name, catalog))), None)


def _loinc_part(name: object, catalog: Catalog) -> Part | None:
    if not name:
        return None
    for instrument in catalog.instruments.values():
        if instrument.loinc and name in (instrument.loinc.total, instrument.loinc.panel):
            return Part(instrument.id)
    for instrument in catalog.instruments.values():
        for index, item in enumerate(instrument.items):
            if item.loinc == name:
                return Part(instrument.id, index)
    return None


def write_observation(resource: Resource, fields: Mapping[str, Any], catalog: Catalog) -> None:
    """The score as the value, the answers as components."""
    instrument = catalog.instruments.get(fields["instrument"])
    own = {"system": INSTRUMENT, "code": fields["instrument"]}
    loinc = instrument.loinc.total if instrument and instrument.loinc else None
    resource["code"] = {"coding": [*([{"system": LOINC, "code": loinc}] if loinc else []), own]}
    if instrument:
        resource["code"]["text"] = instrument.name
    if "total" in fields:
        value = number(fields["total"])
        resource |= {"valueInteger": value} if isinstance(value, int) else {"valueQuantity": {"value": value}}
    if "answers" in fields:
        resource["component"] = [
            _component(fields["instrument"], instrument, index, answer) for index, answer in enumerate(fields["answers"])
        ]


def _component(instrument_id: str, instrument: Instrument | None, index: int, answer: float | None) -> Resource:
    loinc = instrument.items[index].loinc if instrument and index < len(instrument.items) else None
    own = {"system": ITEM, "code": f"{instrument_id}/{index + 1}"}
    code = {"coding": [*([{"system": LOINC, "code": loinc}] if loinc else []), own]}
    if answer is None:
        return {"code": code, "dataAbsentReason": {"coding": [{"system": ABSENT, "code": "unknown"}]}}
    value = number(answer)
    if coding := _answer_coding(instrument, value):
        return {"code": code, "valueCodeableConcept": {"coding": [coding]}}
    return {"code": code} | ({"valueInteger": value} if isinstance(value, int) else {"valueQuantity": {"value": value}})


def _answer_coding(instrument: Instrument | None, value: float) -> Resource | None:
    name = instrument.answer_loinc.get(str(value)) if instrument else None
    if not instrument or not name:
        return None
    label = instrument.answers.get(str(value))
    ordinal = [{"url": _ORDINAL, "valueDecimal": value}]
    return {"extension": ordinal, "system": LOINC, "code": name, **({"display": label} if label else {})}


def write_questionnaire(resource: Resource, fields: Mapping[str, Any], catalog: Catalog) -> None:
    """The answers by LOINC item code where every item has one, else by position."""
    instrument = catalog.instruments.get(fields["instrument"])
    answers = fields.get("answers") or []
    links = [f"/{item.loinc}" for item in instrument.items if item.loinc] if instrument else []
    if instrument and instrument.loinc and instrument.loinc.panel and len(links) == len(answers):
        resource["questionnaire"] = _FORM + instrument.loinc.panel
    else:
        resource["questionnaire"] = f"{INSTRUMENT}:{quote(fields['instrument'], safe='')}"
        links = [str(index + 1) for index in range(len(answers))]
    resource["item"] = [
        {"linkId": link, **({} if answer is None else {"answer": [_answer(instrument, answer)]})}
        for link, answer in zip(links, answers, strict=True)
    ]


def _answer(instrument: Instrument | None, answer: float) -> Resource:
    value = number(answer)
    if coding := _answer_coding(instrument, value):
        return {"valueCoding": coding}
    return {"valueInteger": value} if isinstance(value, int) else {"valueDecimal": value}


def read_observation(resource: Mapping[str, Any], catalog: Catalog) -> Resource:
    """Instrument, total and answers of a score Observation. Raises UnreadError where an answer is not understood."""
    part = part_of(resource.get("code"), catalog)
    if part is None:
        return {}
    instrument = catalog.instruments.get(part.instrument)
    fields: Resource = {"instrument": part.instrument}
    if (total := answer_value(resource, None)) is not None:
        fields["total"] = total
    components = resource.get("component") or []
    given = [(part_of(each.get("code"), catalog), answer_value(each, instrument)) for each in components]
    answers = {p.item: value for p, value in given if p and p.item is not None and p.instrument == part.instrument}
    own = bool(components) and all(any(c.get("system") == ITEM for c in codings(each["code"])) for each in components)
    if answers:
        fields["answers"] = in_item_order(answers, None if own else instrument)
    return fields


def read_questionnaire(resource: Mapping[str, Any], catalog: Catalog) -> Resource:
    """Instrument, answers and (where it is an item of the form) total of a QuestionnaireResponse. Raises UnreadError."""
    name = (resource.get("questionnaire") or "").partition("|")[0]
    items = list(_items(resource.get("item") or []))
    if name.startswith(f"{INSTRUMENT}:"):
        instrument_id = unquote(name.removeprefix(f"{INSTRUMENT}:"))
        instrument = catalog.instruments.get(instrument_id)
        own = {int(i["linkId"]) - 1: _first_answer(i, instrument) for i in items if i["linkId"].isdecimal()}
        return {"instrument": instrument_id} | ({"answers": in_item_order(own, None)} if own else {})
    found = _instrument_of_form(name, items, catalog)
    if found is None:
        return {}
    fields: Resource = {"instrument": found.id}
    answers: dict[int, float | None] = {}
    for item in items:
        part = _loinc_part(_link_code(item), catalog)
        if part and part.instrument == found.id and part.item is not None:
            answers[part.item] = _first_answer(item, found)
        elif part and part.instrument == found.id and (total := _first_answer(item, None)) is not None:
            fields["total"] = total
    return fields | ({"answers": in_item_order(answers, found)} if answers else {})


def _instrument_of_form(name: str, items: Iterable[Mapping[str, Any]], catalog: Catalog) -> Instrument | None:
    parts = [_loinc_part(name.rpartition("/")[2], catalog), *(_loinc_part(_link_code(i), catalog) for i in items)]
    return next((catalog.instruments[part.instrument] for part in parts if part), None)


def _items(items: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for item in items:
        yield item
        yield from _items(item.get("item") or [])


def _link_code(item: Mapping[str, Any]) -> str:
    """The LOINC code of an item: the last part of its linkId ("/44250-9", "/44249-1/44250-9") or of its definition."""
    link = str(item.get("linkId") or "").rpartition("/")[2]
    return link if "-" in link else str(item.get("definition") or "").rpartition("/")[2]


def _first_answer(item: Mapping[str, Any], instrument: Instrument | None) -> float | None:
    answers = item.get("answer") or []
    return answer_value(answers[0], instrument) if answers else None


def in_item_order(answers: Mapping[int, float | None], instrument: Instrument | None) -> list[float | None]:
    """Answers by position; all items of `instrument`, else up to the last one that is named."""
    count = max(max(answers) + 1, len(instrument.items) if instrument else 0)
    return [answers.get(index) for index in range(count)]


def answer_value(element: Mapping[str, Any], instrument: Instrument | None) -> float | None:
    """The number of a value[x]; None where there is none. Raises UnreadError where there is one that is not a number."""
    key = next((name for name in _VALUES if element.get(name) is not None), None)
    if key is None:
        return None
    value = element[key]
    if key == "valueQuantity":
        value = get(value, "value")
    elif key in ("valueCodeableConcept", "valueCoding"):
        value = next(_coded_answers(value if key == "valueCodeableConcept" else {"coding": [value]}, instrument), None)
    if (read := read_number(value)) is None:
        raise UnreadError(f"a {key} that stands for no number", "a number, a LOINC answer of the instrument, an ordinalValue")
    return read


def _coded_answers(concept: object, instrument: Instrument | None) -> Iterator[float | None]:
    for coding in codings(concept):
        for extension in coding.get("extension") or []:
            if get(extension, "url") in _WEIGHTS:
                yield extension.get("valueDecimal")
    if instrument:
        values = {code: float(value) for value, code in instrument.answer_loinc.items()}
        yield from (values[c["code"]] for c in codings(concept) if c.get("system") == LOINC and c.get("code") in values)
