"""The pages for when something is not as it should be: plain, without data, the same for everybody."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what was sent cannot be read."""
    return _plain("400.html", 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: not for this person."""
    return _plain("403.html", 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is no such page, or none that this person may know of."""
    return _plain("404.html", 404)


def too_many(request: HttpRequest) -> HttpResponse:
    """429: too many tries in a short time."""
    response = _plain("429.html", 429)
    response.headers["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. The page says nothing of what was asked for."""
    return _plain("500.html", 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form that this browser was not given, or a browser that keeps no cookies."""
    return _plain("403_csrf.html", 403)


def closed(request: HttpRequest, **kwargs: object) -> HttpResponse:
    """404: an address of allauth that this clinic does not use."""
    return not_found(request)


def _plain(template: str, status: int) -> HttpResponse:
    return HttpResponse(render_to_string(template), status=status)
