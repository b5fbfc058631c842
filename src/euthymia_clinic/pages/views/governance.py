"""The knowledge and the site: everybody reads, the medical lead changes values, sees the effect, adopts."""

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from euthymia.knowledge_file import CatalogError
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.catalogs.actions import StaleDraftError, adopt, bring_file, set_value, shipped_text, take_away_file, take_back
from euthymia_clinic.catalogs.drafts import Draft, draft_of
from euthymia_clinic.catalogs.editing import ValueProblemError, value_at
from euthymia_clinic.catalogs.in_force import NotReplayableError, adoption_of, catalog_by_digest, catalog_of
from euthymia_clinic.pages.access import ClinicRequest, for_roles
from euthymia_clinic.pages.presenters.knowledge import (
    DIFFERENCES_SHOWN,
    SECTIONS,
    STATUSES,
    files_in_force,
    said,
    search,
    section_counts,
    shipped_changes,
    words_of,
)

_PROBLEMS = (ValueProblemError, CatalogError)
LARGEST_UPLOAD = 1_000_000


@for_roles()
@require_GET
def knowledge(request: ClinicRequest) -> HttpResponse:
    """What the site goes by, since when and why, and every fact of it."""
    site = request.here.site
    adoption, catalog, draft = adoption_of(site), catalog_of(site), draft_of(site)
    replayable = adoption is None or _replayable(adoption.version_id)
    files = files_in_force(adoption if replayable else None)
    asked = {name: request.GET.get(name, "").strip()[:100] for name in ("section", "status", "q")}
    start = request.GET.get("from", "0")
    found = search(
        files,
        catalog,
        asked["section"],
        asked["status"],
        asked["q"],
        int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 0,
    )
    pending, problem = _pending(draft, adoption.version_id if adoption else "")
    changed = shipped_changes(adoption) if replayable else []
    context = {
        "adoption": adoption,
        "replayable": replayable,
        "catalog": catalog,
        "leads": request.here.role == Role.MEDICAL_LEAD,
        "values": [_value_row(value, adoption) for value in draft.values],
        "own_files": [{"file": file, "adopted": adoption is not None and file.at <= adoption.at} for file in draft.files],
        "pending": pending,
        "problem": problem,
        "changed": changed[:DIFFERENCES_SHOWN],
        "changed_count": len(changed),
        "sections": section_counts(files),
        "section_words": SECTIONS,
        "statuses": STATUSES,
        "asked": asked,
        "found": found,
        "page_of": {at: f"?{urlencode({**asked, 'from': at})}#facts" for at in (found.before, found.after) if at is not None},
    }
    return render(cast(HttpRequest, request), "clinic/governance/knowledge.html", context)


@for_roles(Role.MEDICAL_LEAD)
@require_http_methods(["GET", "POST"])
def site_value(request: ClinicRequest) -> HttpResponse:
    """Change one value, with a reason, or take the change back."""
    here, place = request.here, (request.POST or request.GET).get("place", "")[:200]
    try:
        shipped = value_at(shipped_text(here.site, place.partition(":")[0]), place.partition(":")[2])
    except _PROBLEMS as error:
        return _form(request, place, None, {}, str(error), 404 if request.method == "GET" else 400)
    given = {name: request.POST.get(name, "")[:5_000] for name in ("value", "reason", "reference")}
    if request.method == "GET":
        return _form(request, place, shipped, {}, "", 200)
    try:
        if request.POST.get("do") == "take_back":
            take_back(here.actor, here, place, given["reason"])
            messages.success(request, "The shipped value holds again from the next adoption on.")
        else:
            set_value(here.actor, here, place, given["value"], given["reason"], given["reference"])
            messages.success(request, "Kept as a draft. It holds when it has been adopted.")
    except _PROBLEMS as error:
        return _form(request, place, shipped, given, str(error), 400)
    return redirect("knowledge")


@for_roles(Role.MEDICAL_LEAD)
@require_http_methods(["GET", "POST"])
def site_file(request: ClinicRequest) -> HttpResponse:
    """Bring a whole file, or take one away."""
    here = request.here
    given = {name: request.POST.get(name, "")[: LARGEST_UPLOAD + 1] for name in ("path", "text", "reason")}
    held = {file.path: file for file in draft_of(here.site).files}
    if request.method == "GET":
        path = request.GET.get("path", "")[:200]
        given = {"path": path, "text": (held[path].text or "") if path in held else "", "reason": ""}
        return _file_form(request, given, "", path in held, 200)
    try:
        if request.POST.get("do") == "take_away":
            take_away_file(here.actor, here, given["path"], given["reason"])
            messages.success(request, "The file is gone from the next adoption on.")
        else:
            bring_file(here.actor, here, given["path"], _uploaded(request) or given["text"], given["reason"])
            messages.success(request, "Kept as a draft. It holds when it has been adopted.")
    except _PROBLEMS as error:
        return _file_form(request, given, str(error), given["path"] in held, 400)
    return redirect("knowledge")


@for_roles(Role.MEDICAL_LEAD)
@require_POST
def adopt_version(request: ClinicRequest) -> HttpResponse:
    """Put the draft in force that was looked at."""
    here = request.here
    try:
        adopt(here.actor, here, request.POST.get("digest", "")[:64], request.POST.get("note", ""))
    except StaleDraftError as error:
        return _refused(request, str(error), 409)
    except _PROBLEMS as error:
        return _refused(request, str(error), 422)
    messages.success(request, "Adopted. Every chart is being reviewed again with it.")
    return redirect("knowledge")


def _uploaded(request: ClinicRequest) -> str:
    """The text of a file sent with the form; empty where none was. Raises ValueProblemError."""
    sent = request.FILES.get("file")
    if sent is None:
        return ""
    if (sent.size or 0) > LARGEST_UPLOAD:
        raise ValueProblemError(f"found a file of {sent.size} bytes; allowed: at most {LARGEST_UPLOAD}")
    try:
        return str(sent.read().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueProblemError("found a file that is not UTF-8; allowed: UTF-8") from None


def _pending(draft: Draft, adopted: str) -> tuple[bool, str]:
    """Whether the draft is another version than the one in force; and what keeps it from being adopted."""
    try:
        return draft.catalog().digest != adopted, ""
    except _PROBLEMS as error:
        return True, str(error)


def _replayable(digest: str) -> bool:
    try:
        catalog_by_digest(digest)
    except NotReplayableError:
        return False
    return True


def _value_row(value: Any, adoption: Any) -> dict[str, Any]:
    path = value.place.partition(":")[2]
    return {
        "value": value,
        "words": words_of(path),
        "shipped": said(value.shipped),
        "now": said(value.value),
        "address": f"{reverse('site_value')}?{urlencode({'place': value.place})}",
        "adopted": adoption is not None and value.at <= adoption.at,
    }


def _form(request: ClinicRequest, place: str, shipped: Any, given: dict[str, str], error: str, status: int) -> HttpResponse:
    held = next((v for v in draft_of(request.here.site).values if v.place == place), None)
    context = {
        "place": place,
        "words": words_of(place.partition(":")[2]) if shipped is not None else "",
        "file": place.partition(":")[0],
        "shipped": None if shipped is None else said(shipped),
        "yes_no": isinstance(shipped, bool),
        "held": held,
        "given": given or {"value": said(held.value) if held else "", "reason": "", "reference": held.reference if held else ""},
        "error": error,
        "references": sorted(catalog_of(request.here.site).references),
    }
    return render(cast(HttpRequest, request), "clinic/governance/value.html", context, status=status)


def _file_form(request: ClinicRequest, given: dict[str, str], error: str, held: bool, status: int) -> HttpResponse:
    context = {"given": given, "error": error, "held": held}
    return render(cast(HttpRequest, request), "clinic/governance/file.html", context, status=status)


def _refused(request: ClinicRequest, error: str, status: int) -> HttpResponse:
    return render(cast(HttpRequest, request), "clinic/governance/refused.html", {"error": error}, status=status)
