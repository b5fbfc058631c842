"""The main navigation: the pages that exist, that this person may open, and where they are now."""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from django.urls import NoReverseMatch, resolve, reverse

from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.chart.permissions import CLINICAL


class Place(NamedTuple):
    """A page of the navigation: the name of its address, and how people call it."""

    name: str
    words: str


@dataclass(frozen=True)
class Item:
    """One entry as it is shown; `count`: how many things wait there, `here`: whether this is where one is."""

    address: str
    words: str
    here: bool
    count: int = 0


PANEL, ALERTS = Place("panel", "Panel"), Place("alerts", "Alerts")
PLACES = (
    PANEL,
    Place("sessions", "Sessions"),
    Place("checkins", "Check-ins"),
    ALERTS,
    Place("outcomes", "Outcomes"),
    Place("knowledge", "Knowledge"),
    Place("people", "People"),
    Place("audit", "Audit"),
    Place("site_settings", "Site"),
)
# Their pages belong to the panel: from there one opens a chart.
_UNDER_PANEL = "/patients/"


def navigation(here: Here | None, path: str, open_alerts: int) -> list[Item]:
    """What this person can open from everywhere, in the order of a working day; nothing for somebody without a role.

    `open_alerts`: how many alerts of this person's patients nobody has acknowledged.
    """
    if here is None:
        return []
    offered = open_to(here.role)
    current = _current(path, [address for _, address in offered])
    return [Item(address, place.words, address == current, open_alerts if place == ALERTS else 0) for place, address in offered]


@cache
def open_to(role: Role) -> list[tuple[Place, str]]:
    """The places whose page exists and whose door lets this role in."""
    return [(place, address) for place in PLACES if (address := _address(place)) and _lets_in(place, address, role)]


def _address(place: Place) -> str | None:
    try:
        return reverse(place.name)
    except NoReverseMatch:
        return None


def _lets_in(place: Place, address: str, role: Role) -> bool:
    if place == PANEL:
        # Its door stands open to everyone with a role, because signing in leads there; it sends others to their own page.
        return role in CLINICAL
    kind, roles = getattr(resolve(address).func, "door", ("", ()))
    return kind == "roles" and (not roles or role in roles)


def _current(path: str, addresses: list[str]) -> str | None:
    """The place that the path belongs to: the longest address that it begins with."""
    root = reverse(PANEL.name)
    if path == root or path.startswith(_UNDER_PANEL):
        return root
    return max((a for a in addresses if a != root and path.startswith(a)), key=len, default=None)
