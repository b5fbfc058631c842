"""The sessions of a day, and the sheet of one: opened, filled in entry by entry, signed."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.audit.models import Read
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.permissions import CLINICAL, broke_glass, may_see
from euthymia_clinic.pages.access import Arriving, ClinicRequest, View, for_care_team, for_roles, kept_out
from euthymia_clinic.pages.presenters import session_list, session_sheet
from euthymia_clinic.sessions import actions, listing
from euthymia_clinic.sessions.models import Sheet
from euthymia_clinic.sessions.permissions import check_attend, may_answer_for, may_attend
from euthymia_clinic.sessions.saying import UnreadableError, batch_of, typed_now
from euthymia_clinic.sessions.standing import standing_of

# A page that is open asks again and again: that somebody goes on looking is logged this often.
STILL_LOOKING = timedelta(minutes=15)


def for_sheet(page: str, *, goes_on: bool = False) -> Callable[[View], View]:
    """Only for those who may see the patient of the sheet; the look is logged under `page`, while it `goes_on` now and then."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def door(request: Arriving, sheet_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
            here = request.here
            found = Sheet.objects.select_related("patient__site", "opened_by", "closed_by")
            sheet = found.filter(pk=sheet_id, patient__site=here.site).first() if here else None
            if here is None or sheet is None:
                raise Http404
            if not may_see(here, sheet.patient):
                return kept_out(request, here, sheet.patient)
            if not goes_on or not _looked_lately(here, sheet, page):
                looked(here.actor, page, sheet.patient.subject, break_glass=broke_glass(here, sheet.patient))
            return view(request, sheet, *args, **kwargs)

        door.door = ("sheet", page)  # type: ignore[attr-defined]
        return door

    return decorate


@for_roles(*CLINICAL)
@require_safe
def sessions(request: ClinicRequest) -> HttpResponse:
    """The sessions of today: who is watched now, who comes, what is not signed; and every earlier one that nobody has ended."""
    looked(request.here.actor, "sessions")
    now = timezone.now()
    found = listing.of_today(request.here, now)
    return render(request, "clinic/sessions/list.html", {"tone": "plain", **session_list.listed(request.here, found, now)})


@for_care_team("session sheet opened")
@require_POST
def open_one(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """Open the sheet of today's session, or lead to the one that is open already."""
    try:
        sheet, made = actions.open_sheet(request.here.actor, request.here, patient, again=request.POST.get("again") == "yes")
    except actions.SheetError as error:
        messages.error(request, str(error))
        return redirect("sessions")
    if not made:
        messages.info(request, session_sheet.opened_already(sheet))
    return redirect("session_sheet", sheet.pk)


@for_sheet("session sheet")
@require_safe
def sheet(request: ClinicRequest, sheet: Sheet) -> HttpResponse:
    """The sheet."""
    return _shown(request, sheet)


@for_sheet("session sheet", goes_on=True)
@require_safe
def state(request: ClinicRequest, sheet: Sheet) -> HttpResponse:
    """The state of the sheet, for the page that is open."""
    return JsonResponse(session_sheet.state(request.here, standing_of(sheet, timezone.now())))


@for_sheet("session sheet", goes_on=True)
@require_POST
def entries(request: ClinicRequest, sheet: Sheet) -> HttpResponse:
    """Take entries: a batch from the page's queue, or one set of readings from the plain form."""
    check_attend(request.here, sheet.patient)
    if request.content_type != "application/json":
        return _plainly(request, sheet)
    arrived = timezone.now()
    try:
        sent = json.loads(request.body)
        sent_at, said = batch_of(sent)
    except (ValueError, RecursionError) as error:
        words = str(error) if isinstance(error, UnreadableError) else "found no JSON; allowed: sent_at and entries"
        return JsonResponse({"trouble": words}, status=400)
    if sent.get("by") not in (None, request.here.user.pk):
        return JsonResponse({"trouble": "found entries of somebody else; allowed: one's own"}, status=409)
    kept, refused = actions.keep_entries(request.here.actor, request.here, sheet, said, sent_at=sent_at, arrived=arrived)
    found = session_sheet.state(request.here, standing_of(sheet, timezone.now()))
    answer = {"kept": kept, "refused": [each.to_dict() for each in refused], "server_now": found["now"], "state": found}
    return JsonResponse(answer)


@for_sheet("session signed")
@require_POST
def sign(request: ClinicRequest, sheet: Sheet) -> HttpResponse:
    """Sign the sheet; with something missing, only with a reason."""
    try:
        signed = actions.sign_off(request.here.actor, request.here, sheet, reason=request.POST.get("reason", ""))
    except actions.SheetError as error:
        return _shown(request, sheet, trouble=str(error), status=422)
    messages.success(request, f"Signed by {signed.closed_by}. What is added from now on is marked as late.")
    return redirect("session_sheet", sheet.pk)


@for_sheet("session without an end")
@require_POST
def without_end(request: ClinicRequest, sheet: Sheet) -> HttpResponse:
    """Say why a session has no end, and close its sheet."""
    try:
        actions.close_without_end(request.here.actor, request.here, sheet, request.POST.get("reason", ""))
    except actions.SheetError as error:
        return _shown(request, sheet, trouble=str(error), status=422)
    messages.success(request, "Closed. The sheet says that no end was recorded, and why.")
    return redirect("sessions")


def _looked_lately(here: Here, sheet: Sheet, page: str) -> bool:
    since = timezone.now() - STILL_LOOKING
    return Read.objects.filter(actor=str(here.actor), subject=sheet.patient.subject, page=page, at__gt=since).exists()


def _plainly(request: ClinicRequest, sheet: Sheet) -> HttpResponse:
    """The form without a script: whatever it holds is measured now."""
    try:
        said = typed_now(request.POST, timezone.now())
    except UnreadableError as error:
        return _shown(request, sheet, trouble=str(error), status=400)
    now = timezone.now()
    _, refused = actions.keep_entries(request.here.actor, request.here, sheet, said, sent_at=now, arrived=now)
    if refused:
        return _shown(request, sheet, trouble=" ".join(f"{each.field}: {each}." for each in refused), status=422)
    return redirect("session_sheet", sheet.pk)


def _shown(request: ClinicRequest, sheet: Sheet, *, trouble: str = "", status: int = 200) -> HttpResponse:
    here, standing = request.here, standing_of(sheet, timezone.now())
    context = {
        "tone": "plain",
        "trouble": trouble,
        "attends": may_attend(here, sheet.patient),
        "answers": may_answer_for(here, sheet.patient),
        **session_sheet.page(here, standing, get_token(request)),
    }
    return render(request, "clinic/sessions/sheet.html", context, status=status)
