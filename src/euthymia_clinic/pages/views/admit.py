"""Taking somebody into care."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from euthymia_clinic.accounts.models import Role
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.panel_actions import ADMITS, Admission, AdmissionError, staff_of, take_into_care
from euthymia_clinic.pages.access import ClinicRequest, for_roles

LANGUAGES = (("en", "English"), ("es", "Spanish"))
_TEXTS = ("code", "name", "email", "phone", "language", "zone", "birth_year", "instrument", "definition", "own_words")


@for_roles(*ADMITS)
@require_http_methods(["GET", "HEAD", "POST"])
def admit(request: ClinicRequest) -> HttpResponse:
    """Take somebody into care: who, by whom, and what was agreed to call success."""
    if request.method != "POST":
        first = request.here.user.pk if request.here.role in (Role.PRESCRIBER, Role.MEDICAL_LEAD) else None
        return _asked(request, Admission(code="", prescriber=first, token=str(uuid4())))
    said = _said(request)
    try:
        patient = take_into_care(request.here.actor, request.here, said)
    except AdmissionError as error:
        return _asked(request, said, error.wrong)
    messages.success(request, f"{patient.code} is in care now.")
    return redirect("chart", patient.pk)


def _said(request: ClinicRequest) -> Admission:
    form = request.POST
    texts = {name: form.get(name, "") for name in _TEXTS}
    team = [int(pk) for pk in form.getlist("team") if pk.isdecimal() and len(pk) < 10]
    prescriber = form.get("prescriber", "")
    chosen = (int(prescriber) if prescriber.isdecimal() and len(prescriber) < 10 else 0) if prescriber else None
    return Admission(**texts, team=team, prescriber=chosen, token=_token(form.get("token", "")))


def _token(text: str) -> str:
    """The number of the form that was sent; one that nobody gave out is replaced."""
    try:
        return str(UUID(text))
    except ValueError:
        return str(uuid4())


def _asked(request: ClinicRequest, said: Admission, wrong: dict[str, str] | None = None) -> HttpResponse:
    here, catalog = request.here, catalog_of(request.here.site)
    carries = sorted({name for definition in catalog.definitions.values() for name in definition.remission if name in catalog.instruments})
    context: dict[str, Any] = {
        "said": said,
        "wrong": wrong or {},
        "languages": LANGUAGES if said.language in dict(LANGUAGES) else (*LANGUAGES, (said.language, said.language)),
        "prescribers": [("", "Nobody yet"), *((user.pk, user.name) for user in staff_of(here, Role.PRESCRIBER, Role.MEDICAL_LEAD))],
        "staff": [user for user in staff_of(here) if user.pk != here.user.pk],
        "instruments": [("", "The first one that is answered"), *((name, catalog.instruments[name].short_name) for name in carries)],
        "definitions": [("", "Not agreed yet"), *((d.id, d.name) for d in catalog.definitions.values())],
    }
    return render(request, "clinic/panel/admit.html", context, status=422 if wrong else 200)
