"""What a medical lead does with the knowledge: change a value, bring a file, adopt a version. Nothing is in force until it is adopted."""

import re
from typing import Any

from django.utils import timezone

from euthymia.knowledge_file import CatalogError
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.accounts.models import Role, Site
from euthymia_clinic.accounts.permissions import Forbidden
from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.catalogs.drafts import Draft, draft_of
from euthymia_clinic.catalogs.editing import ValueProblemError, parsed, value_at
from euthymia_clinic.catalogs.in_force import adoption_of, keep_version, shipped_files
from euthymia_clinic.catalogs.models import Adoption, SiteFile, SiteValue

LONGEST_REASON = 1_000
LONGEST_REFERENCE = 80
LARGEST_FILE = 1_000_000
_PATH = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+){0,2}\.toml")
_HERE_FILE = "help/here.toml"


class StaleDraftError(Exception):
    """The draft is another one than the one that was looked at."""


def check_governs(here: Here) -> None:
    """Raises Forbidden unless this person decides what the site goes by."""
    if here.role != Role.MEDICAL_LEAD:
        raise Forbidden(f"found {here.role.label}; allowed: {Role.MEDICAL_LEAD.label}")


@action("value.drafted")
def set_value(actor: Actor, /, here: Here, place: str, text: str, reason: str, reference: str = "") -> SiteValue:
    """Change one value of the knowledge for the site, with a reason. Raises Forbidden, ValueProblemError, CatalogError."""
    check_governs(here)
    reason, reference = _reasoned(reason), reference.strip()
    if len(reference) > LONGEST_REFERENCE:
        raise ValueProblemError(f"found a reference of {len(reference)} characters; allowed: an id of references.toml")
    name, shipped = _shipped_value(here.site, place)
    _locked(here.site)
    made = SiteValue(
        site=here.site, place=place, shipped=shipped, value=parsed(shipped, text), reason=reason, reference=reference, **_by(actor, here)
    )
    before = draft_of(here.site)
    if any(v.place == place and (v.value, v.reason, v.reference) == (made.value, reason, reference) for v in before.values):
        nothing_changed()
        return next(v for v in before.values if v.place == place)
    _check(Draft((*(v for v in before.values if v.place != place), made), before.files), name)
    made.save()
    told(f"site:{here.site.pk}", place=place, shipped=shipped, value=made.value, reason=reason)
    return made


@action("value.taken_back")
def take_back(actor: Actor, /, here: Here, place: str, reason: str) -> None:
    """The shipped value again, from the next adoption on. Raises Forbidden, ValueProblemError, CatalogError."""
    check_governs(here)
    reason = _reasoned(reason)
    _locked(here.site)
    before = draft_of(here.site)
    held = next((v for v in before.values if v.place == place), None)
    if held is None:
        nothing_changed()
        return
    _check(Draft(tuple(v for v in before.values if v.place != place), before.files), place)
    SiteValue(site=here.site, place=place, shipped=held.shipped, value=None, reason=reason, **_by(actor, here)).save()
    told(f"site:{here.site.pk}", place=place, value=None, reason=reason)


@action("file.drafted")
def bring_file(actor: Actor, /, here: Here, path: str, text: str, reason: str) -> SiteFile:
    """Bring a whole file, laid out like one of `knowledge/`. Raises Forbidden, ValueProblemError, CatalogError."""
    check_governs(here)
    reason, path = _reasoned(reason), path.strip()
    if not _PATH.fullmatch(path) or path.endswith(".cases.toml"):
        raise ValueProblemError(f"found the path {path[:80]!r}; allowed: one like texts/madrs.toml or {_HERE_FILE}")
    if not text.strip() or len(text) > LARGEST_FILE or "\0" in text:
        raise ValueProblemError(f"found {len(text)} characters; allowed: 1 to {LARGEST_FILE} of TOML")
    _locked(here.site)
    before = draft_of(here.site)
    if any(file.path == path and file.text == text for file in before.files):
        nothing_changed()
        return next(file for file in before.files if file.path == path)
    made = SiteFile(site=here.site, path=path, text=text, reason=reason, **_by(actor, here))
    _check(Draft(before.values, (*(f for f in before.files if f.path != path), made)), path)
    made.save()
    told(f"site:{here.site.pk}", path=path, characters=len(text), reason=reason)
    return made


@action("file.taken_away")
def take_away_file(actor: Actor, /, here: Here, path: str, reason: str) -> None:
    """Without the site's file again, from the next adoption on. Raises Forbidden, ValueProblemError, CatalogError."""
    check_governs(here)
    reason = _reasoned(reason)
    _locked(here.site)
    before = draft_of(here.site)
    if all(file.path != path for file in before.files):
        nothing_changed()
        return
    _check(Draft(before.values, tuple(f for f in before.files if f.path != path)), path)
    SiteFile(site=here.site, path=path, text=None, reason=reason, **_by(actor, here)).save()
    told(f"site:{here.site.pk}", path=path, reason=reason)


@action("catalog.adopted")
def adopt(actor: Actor, /, here: Here, digest: str, note: str = "") -> Adoption:
    """Put the site's draft in force: the version of this digest, which is the one that was looked at.

    The same version twice is one adoption. Raises Forbidden, StaleDraftError, ValueProblemError, CatalogError.
    """
    check_governs(here)
    _locked(here.site)
    draft, before = draft_of(here.site), adoption_of(here.site)
    catalog = draft.catalog()
    if catalog.digest != digest:
        raise StaleDraftError("The draft has changed since this page was made. Look at it again, and at its effect, before you adopt it.")
    if before is not None and before.version_id == digest:
        nothing_changed()
        return before
    version = keep_version(catalog, draft.overlay())
    made = Adoption(site=here.site, version=version, note=note.strip()[:LONGEST_REASON], **_by(actor, here))
    made.save()
    told(
        f"site:{here.site.pk}",
        digest=digest,
        before=before.version_id if before else "",
        values=[value.pk for value in draft.values],
        files=[file.pk for file in draft.files],
    )
    return made


def shipped_text(site: Site, name: str) -> str:
    """The file that a site's values are put into: its own, else the shipped one. Raises ValueProblemError."""
    own = next((file.text for file in draft_of(site).files if file.path == name), None)
    found = own if own is not None else shipped_files().get(name)
    if found is None:
        raise ValueProblemError(f"{name[:80]}: found no such file; allowed: a file of the knowledge")
    return found


def _shipped_value(site: Site, place: str) -> tuple[str, Any]:
    name, _, path = place.partition(":")
    return name, value_at(shipped_text(site, name), path)


def _check(draft: Draft, place: str) -> None:
    """Raises CatalogError, ValueProblemError unless the draft loads."""
    try:
        draft.catalog()
    except (KeyError, RecursionError) as error:
        raise CatalogError(
            f"{place}: found a file that cannot be used ({type(error).__name__}); allowed: one laid out as shipped"
        ) from None


def _locked(site: Site) -> None:
    """One at a time at a site: a draft is checked as a whole."""
    Site.objects.select_for_update().get(pk=site.pk)


def _reasoned(reason: str) -> str:
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_REASON or "\0" in reason:
        raise ValueProblemError(f"found a reason of {len(reason)} characters; allowed: 1 to {LONGEST_REASON}")
    return reason


def _by(actor: Actor, here: Here) -> dict[str, Any]:
    return {"by": str(actor), "by_name": here.user.name, "at": timezone.now()}
