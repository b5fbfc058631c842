"""What happens to every request: who is here, whether the screen is locked, and what a page may load."""

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from euthymia_clinic.accounts.membership import places_of
from euthymia_clinic.accounts.permissions import Forbidden
from euthymia_clinic.pages.views.trouble import bad_request, not_found

Next = Callable[[HttpRequest], HttpResponse]

# Everything from here, nothing inline, no frames, no eval.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
ASK_AGAIN = frozenset({"account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_logout", "lock", "unlock"})
SET_UP = frozenset(
    {"mfa_index", "mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn", "account_reauthenticate", "account_logout", "lock"}
)
# The time of the last request is written down so often, not with each.
SEEN_EVERY_SECONDS = 30.0
HELD_FORM_CHARACTERS = 200_000
# No table numbers its rows beyond this.
LARGEST_NUMBER = 2**63 - 1


def content_policy(get_response: Next) -> Next:
    """Send the content security policy with every answer, and keep pages with data out of every cache."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def legible(get_response: Next) -> Next:
    """Refuse what no browser sends from a form: a zero character, which no table can hold and which hides what follows it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = [text for name, values in request.GET.lists() for text in (name, *map(str, values))]
        return bad_request(request) if _zero_in([request.path, *request.COOKIES.values(), *asked]) else get_response(request)

    def process_view(request: HttpRequest, _view: Any, _args: Any, named: dict[str, Any]) -> HttpResponse | None:
        if any(isinstance(value, int) and value > LARGEST_NUMBER for value in named.values()):
            return not_found(request)
        sent = [text for name, values in request.POST.lists() for text in (name, *map(str, values))]
        return bad_request(request) if _zero_in(sent) else None

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def _zero_in(texts: list[str]) -> bool:
    return any("\0" in text for text in texts)


def at_a_site(get_response: Next) -> Next:
    """Say on the request where the person works (`request.here`): the site chosen in this session, else the first."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.here = None  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            places = places_of(request.user)
            chosen = request.session.get("site")
            request.here = next((p for p in places if p.site.pk == chosen), places[0] if places else None)  # type: ignore[attr-defined]
        return get_response(request)

    middleware.process_exception = _not_allowed  # type: ignore[attr-defined]
    return middleware


def _not_allowed(request: HttpRequest, trouble: Exception) -> HttpResponse | None:
    """What an action refuses is a page, never an error of ours."""
    return render(request, "clinic/forbidden.html", status=403) if isinstance(trouble, Forbidden) else None


class _BeforeViews:
    """A middleware that may answer instead of a view; after the check of CSRF, so that nothing forged gets this far."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponse | None:
        """Answer for the view where somebody is signed in and the view is not open to all."""
        door = getattr(view, "door", None)
        if not request.user.is_authenticated or (door is not None and door[0] == "open"):
            return None
        name = request.resolver_match.url_name if request.resolver_match else None
        return self.answer(request, name or "")

    def answer(self, request: HttpRequest, name: str) -> HttpResponse | None:
        """The answer instead of the view's; None: the view may answer."""
        raise NotImplementedError


class SecondFactor(_BeforeViews):
    """Where it is required: whoever signed in without a second factor can set one up or sign out, nothing else."""

    def answer(self, request: HttpRequest, name: str) -> HttpResponse | None:
        """To the set-up, unless this session has shown (or just set up) a second factor."""
        if not settings.MFA_REQUIRED or has_shown_second_factor(request):
            return None
        if is_mfa_enabled(request.user):
            # There is one, set up elsewhere since: this session shows it, or ends.
            with_code = is_mfa_enabled(request.user, ["totp"])
            allowed, to = ASK_AGAIN - {"account_reauthenticate"}, "mfa_reauthenticate" if with_code else "mfa_reauthenticate_webauthn"
        else:
            allowed, to = SET_UP, "mfa_index"
            request.must_set_up = True  # type: ignore[attr-defined]
        return None if name in allowed else _go(request, to)


class IdleLock(_BeforeViews):
    """After a while without a request: who is there? What was sent meanwhile is held, not lost, and not carried out."""

    def answer(self, request: HttpRequest, name: str) -> HttpResponse | None:
        """To the question; a form that was sent is kept in the session until the person is known again."""
        now = timezone.now().timestamp()
        # What a page asks or sends by itself, it asks again: nothing of it is held in the place of a form, and nobody is led there.
        by_itself = request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate" and not request.htmx  # type: ignore[attr-defined]
        if not is_locked(request):
            if now - request.session.get("seen", 0.0) > SEEN_EVERY_SECONDS:
                request.session["seen"] = now
            if name != "unlocked" and not by_itself and "held" in request.session:
                del request.session["held"]
            return None
        request.locked = True  # type: ignore[attr-defined]
        if name in ASK_AGAIN:
            return None
        if request.method == "POST" and by_itself:
            return render(request, "clinic/people/locked.html", status=423)
        if request.method == "POST":
            request.session["held"] = _form_of(request)
            request.session["return_to"] = _place(request)
            return _go(request, "account_reauthenticate") if request.htmx else render(request, "clinic/people/locked.html", status=423)  # type: ignore[attr-defined]
        if name != "unlocked" and not by_itself:
            request.session["return_to"] = _place(request)
        return _go(request, "account_reauthenticate")


second_factor = SecondFactor
idle_lock = IdleLock


def is_locked(request: HttpRequest) -> bool:
    """Whether this session has been without a request for so long that it asks who is there."""
    seen = request.session.get("seen")
    idle = settings.IDLE_LOCK_MINUTES * 60
    return bool(idle) and seen is not None and timezone.now().timestamp() - seen > idle


def has_shown_second_factor(request: HttpRequest) -> bool:
    """Whether a second factor was used, or set up, in this session."""
    records = get_authentication_records(request, request.user)
    return bool(request.session.get("second_factor")) or any(record["method"] == "mfa" for record in records)


def _go(request: HttpRequest, name: str) -> HttpResponse:
    # The address says nothing of where one was: that stands in the session.
    address = reverse(name) + ("" if name == "mfa_index" else f"?next={reverse('unlocked')}")
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]


def _place(request: HttpRequest) -> str:
    """Where somebody was: the page, or for a part of a page the page around it."""
    if request.htmx and request.htmx.current_url_abs_path:  # type: ignore[attr-defined]
        return str(request.htmx.current_url_abs_path)  # type: ignore[attr-defined]
    if request.method == "GET":
        return request.get_full_path()
    form = request.headers.get("Referer", "")
    return form if url_has_allowed_host_and_scheme(form, allowed_hosts={request.get_host()}) else "/"


def _form_of(request: HttpRequest) -> dict[str, Any] | None:
    """What a form said, to be sent again by its author; None where it carried files or was too long to hold."""
    fields = [(name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values]
    long = sum(len(str(name)) + len(str(value)) for name, value in fields) > HELD_FORM_CHARACTERS
    if request.FILES or not fields or long:
        return None
    return {"to": request.get_full_path(), "fields": fields}
