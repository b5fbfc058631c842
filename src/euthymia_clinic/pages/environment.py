"""What every template can use. Strict: a name that nobody gave is an error."""

from typing import Any

import jinja2
from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from euthymia.moment import day_in_words
from euthymia.report.words import number, percent, short_day
from euthymia_clinic.alerts.standing import standing
from euthymia_clinic.pages.navigation import navigation


def environment(**options: Any) -> jinja2.Environment:
    """Jinja as our pages use it."""
    made = jinja2.Environment(**{**options, "undefined": jinja2.StrictUndefined, "trim_blocks": True, "lstrip_blocks": True})  # noqa: S701 - Django sets autoescape
    made.globals.update(static=static, url=_url, exists=_exists)
    made.filters.update(number=number, percent=percent, short_day=short_day, day_in_words=day_in_words)
    return made


def around(request: HttpRequest) -> dict[str, Any]:
    """What the frame of every page shows: who is here, where, as what."""
    here = getattr(request, "here", None)
    # Who needs to be seen now, and whether anybody would be paged: on every page of staff, asked once and only where it is shown.
    risk: Any = SimpleLazyObject(lambda: standing(here))
    return {
        "here": here,
        "navigation": SimpleLazyObject(lambda: navigation(here, request.path, risk.open)),
        "risk": risk,
        "messages": get_messages(request),
        "demo": settings.DEMO,
        "path": request.path,
        "locked": getattr(request, "locked", False),
        "must_set_up": getattr(request, "must_set_up", False),
        "idle_minutes": settings.IDLE_LOCK_MINUTES,
        # Until when the chart is open to somebody outside of the care team.
        "glass_until": getattr(request, "glass_until", None),
    }


def _url(name: str, *args: object, **kwargs: object) -> str:
    return reverse(name, args=args or None, kwargs=kwargs or None)


def _exists(name: str) -> bool:
    """Whether there is a page of this name (without arguments)."""
    try:
        return bool(reverse(name))
    except NoReverseMatch:
        return False
