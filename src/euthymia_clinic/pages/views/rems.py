"""The monitoring forms of the esketamine REMS: which are due, one filled from the record, on paper and as data, recorded as submitted."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from euthymia.events import EventBase
from euthymia.record import PatientRecord
from euthymia.rems import SUBMITTED, CannotTellRems, NotRems, RemsDuty, RemsForm, rems_due, rems_duties, rems_form
from euthymia.report.rems_pdf import rems_pdf
from euthymia.report.rems_words import OUR_OWN, standing_words, version_words
from euthymia.report.typesetting import Paper
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.actions import ConflictError, enter, rems_form_written
from euthymia_clinic.chart.models import Event, Patient
from euthymia_clinic.chart.permissions import may_enter, visible_patients
from euthymia_clinic.chart.snapshots import today_of
from euthymia_clinic.chart.to_core import record_from, record_of, zone_of
from euthymia_clinic.pages.access import ClinicRequest, for_care_team, for_roles
from euthymia_clinic.pages.presenters.chart import name_of
from euthymia_clinic.pages.presenters.entry_forms import EntryError, Problems
from euthymia_clinic.pages.presenters.rems import gaps_of, is_esketamine, row_of, said_of, sections_of, submission
from euthymia_clinic.pages.views.form_tokens import new_token, token_of
from euthymia_clinic.pages.views.people_of_record import source_of

# Of so many forms the list says what is missing; filling all of a long record would keep its reader waiting.
_LOOKED_INTO = 10
# Where forms are printed on Letter paper; elsewhere on A4.
_US_LETTER = {"us", "ca", "mx"}


@for_care_team("REMS forms")
@require_safe
def rems_list(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """Every session of the patient that has a form, or may have one, with how it stands; the latest first."""
    record, catalog, today = record_of(patient), catalog_of(patient.site), today_of(patient)
    duties = rems_duties(record, catalog, today)[::-1]
    looked_into = [duty for duty in duties if duty.state != "submitted"][:_LOOKED_INTO]
    rows = [row_of(duty, _missing(record, duty, patient) if duty in looked_into else None) for duty in duties]
    return render(request, "clinic/rems/list.html", {"patient": patient, "name": name_of(patient), "rows": rows})


def _missing(record: PatientRecord, duty: RemsDuty, patient: Patient) -> int | None:
    """How many fields nobody has answered; None where nobody can tell whether there is a form."""
    form = _filled(record, patient, duty.session_id)
    return len(form.missing) if isinstance(form, RemsForm) else None


@for_care_team("REMS form")
@require_safe
def rems_show(request: ClinicRequest, patient: Patient, session_id: str) -> HttpResponse:
    """The form of one session: what is filled, what is missing and where it is entered."""
    found = _found(patient, session_id)
    if isinstance(found, RemsForm):
        return _page(request, patient, found)
    context = {"patient": patient, "name": name_of(patient), "enters": may_enter(request.here, patient), "session_id": session_id}
    return render(request, "clinic/rems/none.html", {**context, "form": found, "unclear": isinstance(found, CannotTellRems)})


def _page(
    request: ClinicRequest,
    patient: Patient,
    form: RemsForm,
    given: Mapping[str, str] | None = None,
    problems: Problems | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "patient": patient,
        "name": name_of(patient),
        "enters": may_enter(request.here, patient),
        "form": form,
        "sections": list(sections_of(form, patient)),
        "gaps": gaps_of(form, given or {}, problems or {}),
        "standing": standing_words(form),
        "late": not form.submitted and form.on > form.due_by,
        "version": version_words(form),
        "own": OUR_OWN,
        "token": new_token(),
        "note": (given or {}).get("note", ""),
        "errors": (problems or {}).get("", []) + (problems or {}).get("note", []),
    }
    return render(request, "clinic/rems/form.html", context, status=status)


@for_care_team("REMS form")
@require_safe
def rems_as_pdf(request: ClinicRequest, patient: Patient, session_id: str) -> HttpResponse:
    """The form on paper; that it was handed out is in the audit, with the digest of its bytes."""
    form = _form(patient, session_id)
    paper: Paper = "us-letter" if patient.site.country.lower() in _US_LETTER else "a4"
    return _handed_out(request, patient, form, "pdf", rems_pdf(form, paper), "application/pdf")


@for_care_team("REMS form")
@require_safe
def rems_as_json(request: ClinicRequest, patient: Patient, session_id: str) -> HttpResponse:
    """The form as data."""
    form = _form(patient, session_id)
    made = json.dumps(form.to_dict(), ensure_ascii=False, indent=1).encode()
    return _handed_out(request, patient, form, "json", made, "application/json")


def _handed_out(request: ClinicRequest, patient: Patient, form: RemsForm, kind: str, made: bytes, content_type: str) -> HttpResponse:
    rems_form_written(request.here.actor, patient, form.session_id, kind, hashlib.sha256(made).hexdigest())
    # No name in it: file names end up in folders, mails and logs.
    names = {"Content-Disposition": f'{"inline" if kind == "pdf" else "attachment"}; filename="rems-{form.session_day.isoformat()}.{kind}"'}
    return HttpResponse(made, content_type=content_type, headers=names)


@for_care_team("REMS form")
@require_POST
def rems_answers(request: ClinicRequest, patient: Patient, session_id: str) -> HttpResponse:
    """What was missing of the session, as observations of it."""
    if not may_enter(request.here, patient):
        return render(request, "clinic/forbidden.html", status=403)
    form, token, now = _form(patient, session_id), token_of(request.POST), timezone.now()
    own = {"source": source_of(request.here), "by": source_of(request.here)}
    given = request.POST.dict()
    try:
        events = said_of(form, given, token, own, zone_of(patient), now)
        if not events:
            raise EntryError({"": ["found nothing chosen; allowed: at least one answer, or leave the page"]})
        new = _kept(request, patient, events)
    except EntryError as error:
        return _page(request, patient, form, given, error.problems, status=422)
    messages.success(request, "Recorded." if new else "This was recorded already; nothing was added.")
    return HttpResponseRedirect(reverse("rems_form", args=(patient.pk, form.session_id)))


@for_care_team("REMS form")
@require_POST
def rems_submitted(request: ClinicRequest, patient: Patient, session_id: str) -> HttpResponse:
    """Record that the clinic has submitted the form, with what confirms it. An incomplete one is warned of, not refused."""
    if not may_enter(request.here, patient):
        return render(request, "clinic/forbidden.html", status=403)
    form, token, given = _form(patient, session_id), token_of(request.POST), request.POST.dict()
    if form.submitted:
        messages.info(request, "This was recorded already; nothing was added.")
        return HttpResponseRedirect(reverse("rems_list", args=(patient.pk,)))
    own = {"id": f"observation-{token}", "source": source_of(request.here), "by": source_of(request.here)}
    try:
        _kept(request, patient, [submission(form, given.get("note", "").strip(), timezone.now(), own)])
    except EntryError as error:
        return _page(request, patient, form, given, error.problems, status=422)
    if form.complete:
        messages.success(request, "Recorded as submitted.")
    else:
        messages.warning(
            request, f"Recorded as submitted. {len(form.missing)} of its fields are not recorded here; what was sent is not known."
        )
    return HttpResponseRedirect(reverse("rems_list", args=(patient.pk,)))


def _kept(request: ClinicRequest, patient: Patient, events: list[EventBase]) -> bool:
    """Enter all of them or none; whether any was new. Raises EntryError where another entry was made with this page."""
    try:
        with transaction.atomic():
            new = [enter(request.here.actor, request.here, patient, event) for event in events]
    except ConflictError:
        raise EntryError(
            {"": ["found another entry that was made with this form; allowed: a correction of it, in the list of events"]}
        ) from None
    return any(new)


@for_roles(Role.PRESCRIBER, Role.NURSE, Role.THERAPIST, Role.MEDICAL_LEAD)
@require_safe
def rems_all(request: ClinicRequest) -> HttpResponse:
    """The forms that are due at the site, of the patients in one's care; the longest overdue first."""
    catalog = catalog_of(request.here.site)
    found: list[dict[str, Any]] = [
        {"patient": patient, "name": name_of(patient), "by": duty.by, "row": row_of(duty)}
        for patient, record in _records(request, is_esketamine(catalog))
        for duty in rems_due(record, catalog, today_of(patient))
    ]
    rows = sorted(found, key=lambda each: (each["by"], each["patient"].code))
    return render(request, "clinic/rems/all.html", {"rows": rows, "overdue": sum(each["row"].tone == "losing" for each in rows)})


def _records(request: ClinicRequest, esketamine: Q) -> list[tuple[Patient, PatientRecord]]:
    """Of everybody who may have forms: the part of the record that says which, in two questions to the tables."""
    visible = visible_patients(request.here).filter(in_care=True).values("pk")
    ids = Event.objects.filter(esketamine, patient__in=visible).values("patient")
    patients = {patient.pk: patient for patient in Patient.objects.select_related("site").filter(pk__in=ids)}
    wanted = Q(kind__in=("person", "dose_session")) | Q(kind="observation", body__about=SUBMITTED)
    bodies = defaultdict[Any, list[dict[str, Any]]](list)
    for pk, body in Event.objects.filter(wanted, patient__in=list(patients)).order_by("pk").values_list("patient_id", "body"):
        bodies[pk].append(body)
    return [(patient, record_from(patient, bodies[pk])) for pk, patient in patients.items()]


def _found(patient: Patient, session_id: str) -> RemsForm | NotRems | CannotTellRems:
    """The form of a session of this patient. Raises Http404 where the record has no such session."""
    try:
        return _filled(record_of(patient), patient, session_id)
    except KeyError:
        raise Http404 from None


def _form(patient: Patient, session_id: str) -> RemsForm:
    form = _found(patient, session_id)
    if not isinstance(form, RemsForm):
        raise Http404
    return form


def _filled(record: PatientRecord, patient: Patient, session_id: str) -> RemsForm | NotRems | CannotTellRems:
    """Filled from the record, and from what the clinic knows beside it."""
    beside = {"name": patient.name, "setting": patient.site.name}
    return rems_form(record, session_id, catalog_of(patient.site), today_of(patient), beside)
