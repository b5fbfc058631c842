"""Whether the clinic answers: for the proxy and for whoever watches the machine. Nothing of anybody."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from euthymia_clinic.pages.access import open_to_all
from euthymia_clinic.worker import alive


@open_to_all
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 where the database answers, else 503; and whether the worker pages people."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        working = alive(timezone.now())
    except DatabaseError:
        return JsonResponse({"database": "does not answer"}, status=503)
    return JsonResponse({"database": "answers", "worker": "works" if working else "does not work"})
