"""What is done to a site as a whole: its settings; and what leaves it: exports."""

from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.accounts.models import Role, Site
from euthymia_clinic.accounts.permissions import Forbidden
from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.permissions import may_see

SETS = frozenset({Role.ADMINISTRATOR, Role.MEDICAL_LEAD})
LONGEST_REASON, LONGEST_NAME, LONGEST_CONTACT = 300, 120, 200
LONGEST_ZONE = 64
_DAYS = range(7)


class SettingsError(Exception):
    """A setting that cannot be; `problems`: by field, what was found and what is allowed."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {said}" for field, said in problems.items()))
        self.problems = problems


def check_sets(here: Here) -> None:
    """Raises Forbidden unless this person looks after the site."""
    if here.role not in SETS:
        raise Forbidden(f"found {here.role.label}; allowed: {', '.join(sorted(role.label for role in SETS))}")


@action("site.changed")
def change_site(actor: Actor, /, here: Here, given: dict[str, Any], reason: str) -> None:
    """Change what a site says of itself, with a reason; the audit keeps from and to. Raises Forbidden, SettingsError.

    `given`: name, country, zone, contact, watched_days (numbers, 0 = Monday), watched_from, watched_to, shows_scores.
    """
    check_sets(here)
    site = Site.objects.select_for_update().get(pk=here.site.pk)
    problems = dict(_problems(site, given))
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_REASON or "\0" in reason:
        problems["reason"] = f"found {len(reason)} characters; allowed: 1 to {LONGEST_REASON}"
    if problems:
        raise SettingsError(problems)
    changed = {field: value for field, value in given.items() if getattr(site, field) != value}
    if not changed:
        nothing_changed()
        return
    said = {field: [_said(getattr(site, field)), _said(value)] for field, value in changed.items()}
    Site.objects.filter(pk=site.pk).update(**changed)
    told(f"site:{site.pk}", changed=said, reason=reason)


@action("patient.exported")
def told_export(actor: Actor, /, here: Here, patient: Patient, digest: str, files: int) -> None:
    """Write down that one patient's whole record was taken out. Raises Forbidden."""
    if not may_see(here, patient):
        raise Forbidden(f"found {here.role.label}; allowed: the care team")
    told(patient.subject, digest=digest, files=files)


@action("site.exported")
def told_site_export(actor: Actor, /, here: Here, patients: int) -> None:
    """Write down that every record of the site was asked for. Raises Forbidden: administrators see no clinical data."""
    if here.role != Role.MEDICAL_LEAD:
        raise Forbidden(f"found {here.role.label}; allowed: {Role.MEDICAL_LEAD.label}")
    told(f"site:{here.site.pk}", patients=patients)


def _problems(site: Site, given: dict[str, Any]) -> list[tuple[str, str]]:
    found = [(field, f"allowed: {said}") for field, value in given.items() if (said := _wrong(site, field, value))]
    start, end = given.get("watched_from"), given.get("watched_to")
    if (start is None) != (end is None) or (isinstance(start, time) and isinstance(end, time) and start >= end):
        found.append(("watched_to", "allowed: both times empty, or an end later than the beginning"))
    return found


def _wrong(site: Site, field: str, value: Any) -> str:
    """What is allowed of a field, where the value is not; empty where it is."""
    allowed, holds = "one of the settings", False
    if field == "name":
        allowed, holds = "1 to 120 characters", 0 < len(value.strip()) <= LONGEST_NAME and value.isprintable()
    elif field == "country":
        known = known_countries(site)
        allowed, holds = f"empty, or one of {', '.join(sorted(known))}", not value or value in known
    elif field == "zone":
        allowed, holds = "the name of a time zone, such as Europe/Madrid", _is_zone(value)
    elif field == "contact":
        allowed, holds = "at most 200 characters on one line", len(value) <= LONGEST_CONTACT and (not value or value.isprintable())
    elif field == "watched_days":
        allowed, holds = "days of the week, each once", set(value) <= set(_DAYS) and len(set(value)) == len(value)
    elif field in ("watched_from", "watched_to"):
        allowed, holds = "a time, such as 09:00, or empty", value is None or isinstance(value, time)
    elif field == "shows_scores":
        allowed, holds = "yes or no", isinstance(value, bool)
    return "" if holds else allowed


def known_countries(site: Site) -> dict[str, str]:
    """The countries whose crisis lines the site's catalog has, by their two letters."""
    return {code: country.name for code, country in catalog_of(site).crisis_lines.countries.items()}


def _is_zone(name: str) -> bool:
    try:
        return len(name) <= LONGEST_ZONE and bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


def _said(value: Any) -> Any:
    return value.isoformat("minutes") if isinstance(value, time) else value
