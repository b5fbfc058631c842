"""The effect of a draft before it is adopted, computed in parts: no request takes longer than a moment."""

import time
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from euthymia.knowledge_file import CatalogError
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.catalogs.drafts import draft_of
from euthymia_clinic.catalogs.editing import ValueProblemError
from euthymia_clinic.catalogs.in_force import Files, NotReplayableError, adoption_of, catalog_by_digest, catalog_of, shipped_files
from euthymia_clinic.catalogs.models import Adoption
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.governance.effect import SAMPLE, Change, effect_on, patients_for
from euthymia_clinic.pages.access import ClinicRequest, for_roles
from euthymia_clinic.pages.presenters.knowledge import differences, files_in_force, merged

# How long one request computes before it answers with what it has.
SECONDS = 1.0


@dataclass(frozen=True)
class Tally:
    """How far the computation has come, carried from part to part by the page itself."""

    done: int = 0
    verdicts: int = 0
    options: int = 0
    due: int = 0
    errors: int = 0

    def plus(self, changes: list[Change]) -> "Tally":
        """With another part."""
        return Tally(
            self.done + len(changes),
            self.verdicts + sum(change.verdict is not None for change in changes),
            self.options + sum(change.options is not None for change in changes),
            self.due + sum(change.due is not None for change in changes),
            self.errors + sum(bool(change.error) for change in changes),
        )


@for_roles(Role.MEDICAL_LEAD)
@require_GET
def effect(request: ClinicRequest) -> HttpResponse:
    """Whose verdict, options or due items would be others if the draft were adopted; then: adopt it."""
    site = request.here.site
    adoption, draft = adoption_of(site), draft_of(site)
    try:
        catalog, overlay = draft.catalog(), draft.overlay()
    except (CatalogError, ValueProblemError) as error:
        return render(cast(HttpRequest, request), "clinic/governance/refused.html", {"error": str(error)}, status=422)
    looked(request.here.actor, "effect")
    differs = differences(_held(adoption), merged(shipped_files(), overlay))
    context = {
        "adoption": adoption,
        "digest": catalog.digest,
        "same": adoption is not None and adoption.version_id == catalog.digest,
        "differs": differs[:60],
        "differs_count": len(differs),
        "in_care": Patient.objects.filter(site=site, in_care=True).count(),
        "sample": SAMPLE,
        **_part(request),
    }
    return render(cast(HttpRequest, request), "clinic/governance/effect.html", context)


@for_roles(Role.MEDICAL_LEAD)
@require_GET
def effect_part(request: ClinicRequest) -> HttpResponse:
    """The next part of the effect, for the page that asks for it."""
    try:
        context = _part(request)
    except (CatalogError, ValueProblemError) as error:
        return render(cast(HttpRequest, request), "clinic/governance/refused.html", {"error": str(error)}, status=422)
    return render(cast(HttpRequest, request), "clinic/governance/_effect_part.html", context)


def _part(request: ClinicRequest) -> dict[str, Any]:
    """As many patients as a moment allows, from where the page has come to. Raises CatalogError, ValueProblemError."""
    site, tally = request.here.site, Tally(**{name: _number(request, name) for name in Tally.__dataclass_fields__})
    everyone = request.GET.get("everyone") == "1"
    draft, in_force = draft_of(site).catalog(), catalog_of(site)
    ids = patients_for(site, everyone=everyone)
    began, changes = time.monotonic(), list[Change]()
    for patient_id in ids[tally.done :]:
        changes.append(effect_on(Patient.objects.select_related("site").get(pk=patient_id), draft, in_force))
        if time.monotonic() - began > SECONDS:
            break
    tally = tally.plus(changes)
    onward = {**{name: getattr(tally, name) for name in Tally.__dataclass_fields__}, "everyone": int(everyone)}
    return {
        "tally": tally,
        "total": len(ids),
        "everyone": everyone,
        "finished": tally.done >= len(ids),
        "changes": [change for change in changes if change.any],
        "next_part": f"{reverse('effect_part')}?{urlencode(onward)}",
        "next_page": f"{reverse('effect')}?{urlencode(onward)}",
    }


def _held(adoption: Adoption | None) -> Files:
    """The files in force; the shipped ones where this engine cannot read what was adopted."""
    try:
        if adoption is not None:
            catalog_by_digest(adoption.version_id)
    except NotReplayableError:
        return files_in_force(None)
    return files_in_force(adoption)


def _number(request: ClinicRequest, name: str) -> int:
    text = request.GET.get(name, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
