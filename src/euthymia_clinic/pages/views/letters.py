"""Letters about a patient, and the page for the patient: from the same review that the chart shows."""

import hashlib
from contextlib import suppress

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from euthymia.conversation import Conversation, LanguageError, conversation
from euthymia.letter import KINDS, letter
from euthymia.report.letter_pdf import Paper, letter_pdf
from euthymia.report.patient_page import drawn
from euthymia.reviewing import Review, review
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.actions import letter_written
from euthymia_clinic.chart.ledger import as_shown
from euthymia_clinic.chart.models import Event, Patient
from euthymia_clinic.chart.snapshots import is_stale, latest, readable, today_of
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.pages.access import ClinicRequest, for_care_team
from euthymia_clinic.pages.presenters.chart import name_of

# Where letters are printed on Letter paper; elsewhere on A4.
_US_LETTER = {"us", "ca", "mx"}


@for_care_team("letter")
@require_safe
def letter_view(request: ClinicRequest, patient: Patient, kind: str) -> HttpResponse:
    """A letter as a PDF, as of today; that it was made is in the audit, with the digest of its bytes."""
    if kind not in KINDS:
        raise Http404
    catalog = catalog_of(patient.site)
    paper: Paper = "us-letter" if patient.site.country.lower() in _US_LETTER else "a4"
    try:
        found = _review(patient)
        written = letter(found, record_of(patient), catalog, kind)
    except ValueError:
        # Something was recorded between the two looks: the letter is of the review as it is now.
        record = record_of(patient)
        found = as_shown(patient.site, review(record, catalog, today_of(patient)))
        written = letter(found, record, catalog, kind)
    made = letter_pdf(written, paper)
    letter_written(request.here.actor, patient, kind, hashlib.sha256(made).hexdigest(), found.provenance.record_digest)
    # No name in it: file names end up in folders, mails and logs.
    names = {"Content-Disposition": f'inline; filename="letter-{kind}-{found.on.isoformat()}.pdf"'}
    return HttpResponse(made, content_type="application/pdf", headers=names)


@for_care_team("summary")
@require_safe
def summary(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """The page for the patient, to print or to read together, in a language of the catalog."""
    catalog = catalog_of(patient.site)
    wanted = request.GET.get("language") or patient.language
    page = page_for(patient, wanted if wanted.split("-")[0].lower() in catalog.phrases else "en", _review(patient))
    languages = [(key, phrases.language) for key, phrases in catalog.phrases.items()]
    context = {"page": page, "drawing": drawn(page.picture) if page.picture else None, "patient": patient, "name": name_of(patient)}
    return render(request, "clinic/chart/summary.html", {**context, "languages": languages})


def page_for(patient: Patient, language: str, found: Review) -> Conversation:
    """The patient's page with what this site says of itself: its country's lines, how it is reached, whether scores are shown."""
    site, catalog = patient.site, catalog_of(patient.site)
    if site.contact:
        here = catalog.here.model_copy(update={"contact": dict.fromkeys(catalog.phrases, site.contact)})
        catalog = catalog.model_copy(update={"here": here})
    with suppress(LanguageError):
        return conversation(found, catalog, language, scores=site.shows_scores, country=site.country.lower() or None)
    return conversation(found, catalog, language, scores=site.shows_scores)


def _review(patient: Patient) -> Review:
    """The stored review where it is of now, else a new one; a record without an event has none."""
    snapshot = latest(patient)
    if snapshot is not None and not is_stale(snapshot, patient) and (stored := readable(snapshot)) is not None:
        return as_shown(patient.site, stored)
    if not Event.objects.filter(patient=patient).exists():
        raise Http404
    return as_shown(patient.site, review(record_of(patient), catalog_of(patient.site), today_of(patient)))
