"""The patient's doses at home, by the link of their own page: the list, the log of one dose, the questions before one.

Whoever holds the key may answer: as with check-ins there is no session and no cookie, and so nothing that another site could use.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from euthymia.events import DoseLog
from euthymia_clinic.alerts.actions import hear_patient
from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.to_core import record_of, zone_of
from euthymia_clinic.home.actions import DoseError, LoggedMeanwhileError, TooEarlyError, answer_check, log_dose
from euthymia_clinic.home.said import DoseSaid, concern_of
from euthymia_clinic.home.waiting import key_in, key_of, planned_day, standing_log, supplies_at_home, waiting
from euthymia_clinic.pages.access import open_to_all
from euthymia_clinic.pages.presenters import own_doses as presenter
from euthymia_clinic.pages.presenters.dose_form import DoseFormError, Problems, blank, check_in, dose_in, given_of
from euthymia_clinic.pages.views.form_tokens import new_token, token_of
from euthymia_clinic.pages.views.patient import closed_page
from euthymia_clinic.patientpage.actions import opened_by
from euthymia_clinic.patientpage.models import PatientLink

ANOTHER = "another"
View = Callable[..., HttpResponse]


class Opened:
    """A page as it was opened: whose, in which language, and what is known of their doses at home now."""

    def __init__(self, request: HttpRequest, key: str, link: PatientLink) -> None:
        self.request, self.patient, self.key = request, link.patient, key
        self.actor = Actor("link", f"page-{link.pk}")
        self.zone = zone_of(self.patient)
        self.now = timezone.now().astimezone(self.zone)
        self.catalog, self.record = catalog_of(self.patient.site), record_of(self.patient)
        self.supplies = supplies_at_home(self.record, self.catalog, self.now.date())
        wanted = (request.POST if request.method == "POST" else request.GET).get("language", "")
        self.frame = presenter.frame(self.patient, wanted, key, self.now)
        self.said, self.phrases = self.frame["said"], self.frame["phrases"]

    def show(self, page: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
        """A page of this room."""
        return render(self.request, f"clinic/home/{page}.html", {**self.frame, "address": self.request.path, **context}, status=status)

    def to(self, name: str, *args: str) -> HttpResponse:
        """To another page of this room, in the same language."""
        return redirect(f"{reverse(name, args=[self.key, *args])}?language={self.frame['language']}")


def by_own_link(page: str) -> Callable[[View], View]:
    """The door of these pages: what the link opens, or the page that says that it is closed. The look is logged under `page`."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def door(request: HttpRequest, key: str, *args: Any, **kwargs: Any) -> HttpResponse:
            link = opened_by(key)
            if link is None:
                return _private(closed_page(request))
            opened = Opened(request, key, link)
            looked(opened.actor, page, opened.patient.subject)
            return _private(view(opened, *args, **kwargs))

        return open_to_all(door)

    return decorate


@require_safe
@by_own_link("my doses")
def my_doses(opened: Opened) -> HttpResponse:
    """What is prescribed, what waits to be logged, what was logged."""
    return opened.show("doses", presenter.doses_page(opened.record, opened.supplies, opened.phrases, opened.now.date()))


@require_http_methods(["GET", "HEAD", "POST"])
@by_own_link("my dose")
def my_dose(opened: Opened, dose_id: str) -> HttpResponse:
    """The form of one dose: a planned one, another one, or one that was logged here and is changed."""
    if opened.request.method == "POST":
        return _log(opened, dose_id)
    if (before := _own_log(opened, dose_id)) is not None:
        given = given_of(before, opened.record, presenter.readings_with(before, opened.record))
        return _form(opened, dose_id, given, {}, changes=before.id, note=opened.said.changing)
    day = planned_day(dose_id)
    if not opened.supplies or (dose_id != ANOTHER and not _is_waiting(opened, dose_id)):
        return opened.to("my_doses")
    return _form(opened, dose_id, blank(day.isoformat() if day else "", opened.now), {})


@require_http_methods(["GET", "HEAD", "POST"])
@by_own_link("my dose checked")
def my_dose_before(opened: Opened, dose_id: str) -> HttpResponse:
    """The questions before a dose of today, and what the clinic asked to hear of first."""
    if not _is_waiting(opened, dose_id) or planned_day(dose_id) != opened.now.date():
        return opened.to("my_doses")
    if opened.request.method != "POST":
        return _check(opened, dose_id, {}, {})
    form = opened.request.POST.dict()
    try:
        answers, pressure = check_in(form, opened.said, opened.catalog)
        heard = answer_check(opened.actor, opened.patient, dose_id, token_of(form), answers, pressure)
    except DoseFormError as error:
        return _check(opened, dose_id, form, error.problems, 422)
    except DoseError:
        return _check(opened, dose_id, form, {"": opened.said.look_again}, 422)
    reading = f"{pressure[0]:g} / {pressure[1]:g}" if pressure else ""
    return opened.show("checked", {"heard": presenter.heard_words(heard, answers, reading, opened.phrases), "dose_id": dose_id})


@require_safe
@by_own_link("my dose kept")
def my_dose_kept(opened: Opened, dose_id: str) -> HttpResponse:
    """That a dose is kept; where something was worrying, help first, and who reads it when."""
    log = _own_log(opened, dose_id)
    if log is None:
        return opened.to("my_doses")
    lines: tuple[str, ...] = ()
    if log.worrying:
        alert = Alert.objects.filter(patient=opened.patient, raised__source=f"{log.id}-concern").first()
        lines = presenter.worry_shown(opened.patient, alert, opened.phrases, opened.now)
    return opened.show("kept", {"dose": presenter.logged_of(log, opened.record, opened.phrases), "worry": lines})


def _log(opened: Opened, dose_id: str) -> HttpResponse:
    """Keep what was said, once: a second send of a form is the first, and what another page kept is shown before it is changed."""
    form = opened.request.POST.dict()
    changes = form.get("changes", "")[:200]
    if not changes and dose_id != ANOTHER and planned_day(dose_id) is None:
        return opened.to("my_doses")
    supply = key_in(changes or dose_id) or form.get("supply", "")[:8] or next(iter(map(key_of, opened.supplies)), "")
    new = f"dose-{supply}-{token_of(form)}" if changes or dose_id == ANOTHER else dose_id
    fixed = {"id": new, "supply": supply, "changes": changes}
    try:
        said = dose_in(form, opened.said, opened.catalog, opened.zone, opened.now, fixed)
    except DoseFormError as error:
        return _form(opened, dose_id, form, error.problems, changes=changes, status=422)
    try:
        kept = log_dose(opened.actor, opened.patient, said)
    except LoggedMeanwhileError:
        opened.record = record_of(opened.patient)  # What another page kept may be newer than what this one was opened with.
        standing = _own_log(opened, changes or new)
        if standing is None:
            return _logged_by_the_clinic(opened, said)
        again = {**form, "token": new_token()}
        return _form(opened, dose_id, again, {}, changes=standing.id, note=opened.said.already, status=409)
    except TooEarlyError:
        return _form(opened, dose_id, form, {"when": opened.said.when_no_regimen}, changes=changes, status=422)
    except DoseError:
        return opened.to("my_doses")
    return opened.to("my_dose_kept", kept.id)


def _logged_by_the_clinic(opened: Opened, said: DoseSaid) -> HttpResponse:
    """The clinic logged this dose since the form was opened, and its log stands. Something worrying is heard all the same."""
    if not said.worrying:
        return opened.to("my_doses")
    alert = hear_patient(opened.actor, opened.patient, concern_of(said, opened.now))
    return opened.show("kept", {"dose": None, "worry": presenter.worry_shown(opened.patient, alert, opened.phrases, opened.now)})


def _form(opened: Opened, dose_id: str, given: Mapping[str, str], problems: Problems, **more: Any) -> HttpResponse:
    """The form of a dose. `more`: the log that it changes, what to say of that, the status."""
    status = more.pop("status", 200)
    alone = dose_id == ANOTHER and not more.get("changes") and len(opened.supplies) > 1
    context = {
        "dose_id": dose_id,
        "given": defaultdict(str, {"token": new_token(), **given}),
        "problems": problems,
        "title": presenter.dose_title(dose_id, opened.phrases),
        "choices": presenter.supplies_to_choose(opened.supplies) if alone else [],
        "today": opened.now.date().isoformat(),
        "changes": "",
        "note": "",
        **more,
    }
    return opened.show("dose", context, status)


def _check(opened: Opened, dose_id: str, given: Mapping[str, str], problems: Problems, status: int = 200) -> HttpResponse:
    fields = presenter.check_fields(opened.phrases)
    context = {"dose_id": dose_id, "given": defaultdict(str, {"token": new_token(), **given}), "problems": problems, "fields": fields}
    return opened.show("before", {**context, "title": presenter.dose_title(dose_id, opened.phrases)}, status)


def _own_log(opened: Opened, dose_id: str) -> DoseLog | None:
    """What stands of a log that was made on this page; a log of staff, or of another system, is not the patient's to change."""
    return standing_log(opened.record, dose_id) if key_in(dose_id) else None


def _is_waiting(opened: Opened, dose_id: str) -> bool:
    return any(each.id == dose_id for each in waiting(opened.record, opened.supplies, opened.now.date()))


def _private(response: HttpResponse) -> HttpResponse:
    """No referrer, no cache; and the address, which holds the key, stands in no log of an error."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
