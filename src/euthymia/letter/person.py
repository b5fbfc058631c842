"""Whom a letter is about and to whom it goes: name, date of birth, diagnosis with its code; the prescriber's signature."""

from collections.abc import Iterator

from euthymia.events import Code, Condition, Episode, Person
from euthymia.letter.dates import long_date
from euthymia.letter.facts import Facts
from euthymia.letter.form import Blank, Field, Kind, Words, listed, or_blank, said
from euthymia.moment import Moment, day_in_words

_CODE_SYSTEMS = {
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://snomed.info/sct": "SNOMED CT",
    "http://id.who.int/icd/release/11/mms": "ICD-11",
}
_LISTED = 8


def head(facts: Facts, kind: Kind) -> tuple[Field, ...]:
    """From whom, to whom, as of when."""
    recipient = "referring clinician, address" if kind == "referring" else "payer, address"
    places = [Field("From", (Blank("clinic, address", "to complete"),)), Field("To", (Blank(recipient, "to complete"),))]
    return (*places, Field("As of", (day_in_words(facts.review.on),)))


def patient(facts: Facts, kind: Kind) -> tuple[Field, ...]:
    """Name, date of birth and the number by which the recipient knows the patient."""
    born = next((p.birth_date for p in reversed(facts.record.of_kind(Person)) if p.birth_date), None)
    insured = [] if kind == "referring" else [Field("Insurance no.", (Blank("number", "to complete"),))]
    return (
        Field("Patient", or_blank(facts.name, "name")),
        Field("Date of birth", _born(born, facts)),
        *_died(facts),
        Field("Record", (facts.record.patient_id,)),
        *insured,
    )


def diagnoses(facts: Facts) -> tuple[Field, ...]:
    """The diagnosis of this episode, then every other that stands."""
    return (Field("Diagnosis", _diagnosis(facts)), *_other_diagnoses(facts))


def signature() -> tuple[Field, ...]:
    """What the prescriber fills in; nothing of it is ever taken from the record."""
    asked = ("Prescriber", "name and qualification"), ("Licence number", "licence number"), ("Date", "date"), ("Signature", "signature")
    return tuple(Field(label, (Blank(what, "to complete"),)) for label, what in asked)


def _born(born: Moment | None, facts: Facts) -> Words:
    if born is None:
        return (Blank("date of birth"),)
    return said(long_date(born, facts.zone), "" if born.has_day else " ", () if born.has_day else (Blank("day of birth"),))


def _died(facts: Facts) -> Iterator[Field]:
    died = [person.died for person in facts.record.of_kind(Person) if person.died]
    if died:
        yield Field("Died", (long_date(died[-1], facts.zone),))


def _diagnosis(facts: Facts) -> Words:
    """The episode's diagnosis with the code of the same diagnosis, polarity, psychotic features and its start."""
    episode = facts.last(Episode)
    if episode is None:
        return (Blank("diagnosis of this episode"),)
    same = next((c for c in reversed(_standing(facts)) if _same(c, episode.diagnosis)), None)
    polarity = or_blank(None if episode.polarity == "unknown" else episode.polarity, "polarity")
    psychosis = None if episode.psychotic is None else f"{'with' if episode.psychotic else 'without'} psychotic features"
    return said(
        or_blank(episode.diagnosis, "diagnosis of this episode"),
        " (",
        _coded(same.code) if same and same.code else Blank("diagnosis code"),
        "), ",
        polarity,
        ", ",
        or_blank(psychosis, "psychotic features"),
        f"; followed as this episode since {long_date(episode.at, facts.zone)}",
    )


def _other_diagnoses(facts: Facts) -> Iterator[Field]:
    """Every other diagnosis that stands, with how sure it is; a long list says how many more the record holds."""
    episode = facts.last(Episode)
    others = {c.condition: c for c in _standing(facts) if episode is None or not _same(c, episode.diagnosis)}
    if others:
        shown = [_condition(c) for c in list(others.values())[:_LISTED]]
        more = [f"and {len(others) - _LISTED} more in the record"] if len(others) > _LISTED else []
        yield Field("Other diagnoses", listed([*shown, *more]))


def _standing(facts: Facts) -> list[Condition]:
    return [
        c for c in facts.record.of_kind(Condition) if c.verification != "refuted" and c.clinical_status != "resolved" and c.ended is None
    ]


def _same(condition: Condition, diagnosis: str | None) -> bool:
    return diagnosis is not None and condition.condition.casefold() == diagnosis.casefold()


def _condition(condition: Condition) -> str:
    code = f" ({_coded(condition.code)})" if condition.code else ""
    return f"{condition.condition}{code}{'' if condition.verification == 'confirmed' else f', {condition.verification}'}"


def _coded(code: Code) -> str:
    return f"{_CODE_SYSTEMS.get(code.system, code.system)} {code.code}"
