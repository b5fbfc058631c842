"""A check-in as the patient answers it: one question a page, each answer one POST that is kept before the next page comes.

Whoever holds the key may answer: there is no session and no cookie here, and therefore nothing that another site could
use in the patient's name (which is why these views ask for no CSRF token, and why the pages can send no referrer).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from euthymia.asking import language_of
from euthymia_clinic.alerts.patient_view import support
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.checkins import actions
from euthymia_clinic.checkins.links import Found, find
from euthymia_clinic.checkins.models import Checkin, Link
from euthymia_clinic.checkins.risk import raise_at_once, triage_finished
from euthymia_clinic.checkins.sitting import Sitting, sitting_of
from euthymia_clinic.pages.access import open_to_all
from euthymia_clinic.pages.presenters.checkins import end_page, frame, question_page, unknown_frame

# So many keys that open nothing may be tried from one address within the time: a guess at 256 bits needs somewhat more.
WRONG_KEYS, WITHIN_SECONDS = 30, 600
SKIP = "skip"

View = Callable[..., HttpResponse]


def by_key(view: View) -> View:
    """The door of these pages: finds what the key opens; everything else ends in a page that says so kindly."""

    @csrf_exempt
    @wraps(view)
    def door(request: HttpRequest, key: str, *args: Any, **kwargs: Any) -> HttpResponse:
        found = find(key, timezone.now())
        if found.link is None:
            return _unknown(request)
        if found.why == "received":
            return _received(request, found)
        if found.why != "open":
            return _kind(request, "link_closed", found.link.checkin, 410)
        try:
            return _private(view(request, key, found.link, *args, **kwargs))
        except actions.ClosedError:
            # Somebody finished or closed it in the meantime: another tab, or the clinic.
            again = find(key, timezone.now())
            return _received(request, again) if again.why == "received" else _kind(request, "link_closed", again.checkin, 410)

    return open_to_all(door)


@by_key
@require_safe
def checkin(request: HttpRequest, key: str, link: Link) -> HttpResponse:
    """Where the link leads: the first question that is still open, wherever the patient left off."""
    sitting = sitting_of(link.checkin)
    looked(_actor(link), "check-in", link.checkin.patient.subject)
    if not sitting.questions:
        return _kind(request, "link_closed", link.checkin, 410)
    return _go(key, sitting, sitting.next)


@by_key
@require_http_methods(["GET", "HEAD", "POST"])
def checkin_question(request: HttpRequest, key: str, link: Link, number: int) -> HttpResponse:
    """One question. A POST with `question` ("phq9.3") and `answer` (a value of it, or "skip") keeps the answer and leads on."""
    if request.method == "POST":
        return _keep(request, key, link, number)
    sitting = sitting_of(link.checkin)
    if not 1 <= number <= len(sitting.questions):
        return redirect("checkin", key)
    # The browser goes back freely; forward only to what follows the answers so far.
    return redirect("checkin_question", key, sitting.next) if number > sitting.next else _question(request, key, sitting, number)


@by_key
@require_safe
def checkin_support(request: HttpRequest, key: str, link: Link, number: int) -> HttpResponse:
    """What a patient sees at once after a positive answer on suicidal thoughts, before the questions go on at `number`."""
    sitting = sitting_of(link.checkin)
    if not sitting.positive:
        return redirect("checkin", key)
    alert = link.checkin.patient.alerts.filter(source__startswith=f"checkin-{link.checkin.pk}").order_by("-raised_at").first()
    screener = sitting.catalog.alerts.screener
    left = any(q.instrument == screener for q in sitting.questions[number - 1 :])
    place = number if number <= len(sitting.questions) else None
    shown = support(link.checkin.patient, sitting.language, timezone.now(), alert=alert, screener_follows=left, more=place is not None)
    context = {"support": shown, "key": key, "number": place, "rest": place is not None}
    return render(request, "clinic/checkins/support.html", {**frame(sitting.checkin, sitting.language), **context})


@by_key
@require_http_methods(["GET", "HEAD", "POST"])
def checkin_end(request: HttpRequest, key: str, link: Link) -> HttpResponse:
    """Every question is through: send. What is not sent goes by itself after a while (checkins/jobs.py)."""
    sitting = sitting_of(link.checkin)
    if not sitting.through or not sitting.questions:
        return redirect("checkin", key)
    if request.method == "POST":
        triage_finished(_actor(link), actions.finish(_actor(link), link.checkin.pk))
        return redirect("checkin", key)
    return render(request, "clinic/checkins/end.html", end_page(sitting, key))


@by_key
@require_POST
def checkin_language(request: HttpRequest, key: str, link: Link) -> HttpResponse:
    """Another language from here on; the patient stays at the same question."""
    try:
        actions.choose_language(_actor(link), link.checkin.pk, request.POST.get("language", "")[:10])
    except actions.CheckinError:
        return redirect("checkin", key)
    number = request.POST.get("number", "")
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
    return redirect("checkin_question", key, at) if at else redirect("checkin", key)


def _keep(request: HttpRequest, key: str, link: Link, number: int) -> HttpResponse:
    """Keep one answer, then lead on. What the question does not have is asked again, and nothing is kept."""
    instrument, _, item = request.POST.get("question", "")[:100].partition(".")
    said, sitting = request.POST.get("answer", "")[:20], sitting_of(link.checkin)
    at = sitting.number_of(instrument, item)
    if at is None:
        return redirect("checkin", key) if not instrument else _not_asked(request, key, sitting)
    question = sitting.questions[at - 1]
    allowed: dict[str, float | None] = {f"{value:g}": value for value, _ in question.answers} | {SKIP: None}
    if said not in allowed:
        return _question(request, key, sitting, at, wrong=True)
    language = language_of(sitting.catalog.instruments[instrument], sitting.language)
    if sitting.positive and link.checkin.triaged_at is None:
        # Said before, and nobody was told yet (the process ended in between): now, before another answer takes its place.
        raise_at_once(_actor(link), link.checkin)
    sitting = actions.save_answer(_actor(link), link.checkin.pk, instrument, item, allowed[said], language)
    if question.is_positive(allowed[said]):
        # Before the next page: whoever closes the browser here has been heard.
        raise_at_once(_actor(link), link.checkin)
        return redirect("checkin_support", key, (sitting.number_of(instrument, item) or at) + 1)
    return _go(key, sitting, (sitting.number_of(instrument, item) or at) + 1)


def _go(key: str, sitting: Sitting, number: int) -> HttpResponse:
    """To a question; past the last one to the end, or to the first that was passed over."""
    if number <= len(sitting.questions):
        return redirect("checkin_question", key, number)
    return redirect("checkin_end", key) if sitting.through else redirect("checkin_question", key, sitting.next)


def _question(request: HttpRequest, key: str, sitting: Sitting, number: int, *, wrong: bool = False) -> HttpResponse:
    context = question_page(sitting, key, number, wrong=wrong)
    return render(request, "clinic/checkins/question.html", context, status=422 if wrong else 200)


def _not_asked(request: HttpRequest, key: str, sitting: Sitting) -> HttpResponse:
    """A question that is not of this check-in: the one that is open is shown, and nothing was kept."""
    number = min(sitting.next, len(sitting.questions))
    return render(request, "clinic/checkins/question.html", question_page(sitting, key, number, wrong=True), status=400)


def _unknown(request: HttpRequest) -> HttpResponse:
    """A key that opens nothing: counted by address. Behind one address are many patients: a key that opens something always does."""
    counter = f"checkin-wrong-{get_adapter().get_client_ip(request)}"
    tried = cache.get(counter, 0)
    if tried >= WRONG_KEYS:
        return _kind(request, "wait", None, 429)
    cache.set(counter, tried + 1, WITHIN_SECONDS)
    return _kind(request, "link_closed", None, 404)


def _received(request: HttpRequest, found: Found) -> HttpResponse:
    checkin, link = found.checkin, found.link
    handed_over = link is not None and link.how == "kiosk"
    # To somebody who sends once more: it is here already, and nothing was changed.
    return _kind(request, "hand_back" if handed_over else "received", checkin, 200 if request.method in ("GET", "HEAD") else 409)


def _kind(request: HttpRequest, what: str, checkin: Checkin | None, status: int) -> HttpResponse:
    """A page that says in plain words how it stands, how to reach the clinic, and whom to call."""
    wanted = request.headers.get("Accept-Language", "")[:2].lower()
    context = frame(checkin, checkin.language or checkin.patient.language) if checkin else unknown_frame(wanted)
    said = context["said"]
    # The tablet goes to the next person: nothing of this one stays on it.
    page = {"heading": getattr(said, f"{what}_title"), "words": getattr(said, what), "helping": what != "hand_back"}
    return _private(render(request, "clinic/checkins/kind.html", {**context, **page}, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """No referrer, no cache; and the address, which holds the key, stands in no log of an error."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _actor(link: Link) -> Actor:
    return Actor("link", f"checkin-{link.pk}")
