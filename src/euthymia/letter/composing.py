"""The letter of each kind: what comes first, what is left out, and the words around it."""

from dataclasses import replace

from euthymia.catalog import Catalog
from euthymia.letter.course import course_section, goals_section, scores_section, verdict_words
from euthymia.letter.facts import Facts
from euthymia.letter.form import Blank, Kind, Letter, Section, said
from euthymia.letter.person import diagnoses, head, patient, signature
from euthymia.letter.plan import asked_section, plan_section, safety_section, treatment, watch_section
from euthymia.letter.resistance import resistance_section
from euthymia.letter.sources import sources_section
from euthymia.letter.trials import trials_section
from euthymia.moment import day_in_words
from euthymia.record import PatientRecord
from euthymia.reviewing import Review

_TITLES: dict[Kind, str] = {
    "authorisation": "Treatment history and present state, for prior authorisation",
    "renewal": "Course and present state, for renewal of an authorisation",
    "referring": "Report to the referring clinician",
}


def letter(review: Review, record: PatientRecord, catalog: Catalog, kind: Kind) -> Letter:
    """Write the letter of one kind as of the day of the review. Pure: same input, same letter.

    `record` is the one that was reviewed (it is cut at that day); another one raises ValueError.
    """
    facts = Facts.of(review, record, catalog)
    sections = {"authorisation": _authorisation, "renewal": _renewal, "referring": _referring}[kind](facts)
    sections += sources_section(sections, catalog)
    written = Letter(
        kind=kind,
        language="en",
        on=review.on,
        title=_TITLES[kind],
        draft="",
        head=head(facts, kind),
        patient=patient(facts, kind),
        diagnoses=diagnoses(facts),
        sections=tuple(sections),
        signature=signature(),
        adoption=_adoption(catalog),
        provenance=_provenance(review),
    )
    return _with_draft_line(written, review.unread)


def _authorisation(facts: Facts) -> list[Section]:
    asked = said(
        f"This letter gives the treatment history and the present state of {facts.name or 'the patient'}, for a request to authorise ",
        Blank("treatment, dose and period requested", "to complete"),
        ".",
    )
    request = Section("request", "What is requested", paragraphs=(asked,))
    rest = (course_section, goals_section, safety_section, plan_section)
    return [request, resistance_section(facts), trials_section(facts), scores_section(facts), *(make(facts) for make in rest)]


def _renewal(facts: Facts) -> list[Section]:
    asked = said(
        f"This letter gives the course and the present state of {facts.name or 'the patient'} under the plan ",
        treatment(facts),
        ", for a request to renew its authorisation for ",
        Blank("period requested", "to complete"),
        ".",
    )
    order = (course_section, scores_section, goals_section, safety_section, plan_section, resistance_section, trials_section)
    return [Section("request", "What is requested", paragraphs=(asked,)), *(make(facts) for make in order)]


def _referring(facts: Facts) -> list[Section]:
    opening = f"This letter says what we found in {facts.name or 'the patient'}, what is decided, what we ask, and what to watch."
    resistance = resistance_section(facts)
    found = Section("found", "What we found", ((opening,), verdict_words(facts), *resistance.paragraphs), resistance.fields[:1])
    decided = plan_section(facts)
    decided = Section("plan", "What is decided", fields=decided.fields)
    rest = (scores_section(facts), goals_section(facts), trials_section(facts, judged=False))
    return [found, decided, asked_section(facts), watch_section(facts), *rest]


def _with_draft_line(written: Letter, unread: tuple[str, ...]) -> Letter:
    """Say how much is left open; the count is of the letter as it stands."""
    made = f"Draft of {day_in_words(written.on)}, made from the record by software; the prescriber edits and signs it."
    lost = f" Entries of the record that could not be read, and are not in it: {len(unread)}." if unread else ""
    return replace(written, draft=f"{made} Blank places, marked: {len(written.blanks)}.{lost}")


def _adoption(catalog: Catalog) -> str:
    if catalog.adopted_by is None:
        return "The clinical content behind this letter has not been adopted by this site."
    return f"The clinical content behind this letter has been adopted by {catalog.adopted_by}."


def _provenance(review: Review) -> str:
    from_ = review.provenance
    return f"{from_.engine}; record {from_.record_digest[:12]}, catalog {from_.catalog_digest[:12]}."
