"""What is done from the panel: to keep a view, and to take a patient into care."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from euthymia.events import Episode, EventBase, Person, Target
from euthymia.moment import Moment
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.accounts.models import Membership, Role, User
from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.chart.models import Patient, SavedView
from euthymia_clinic.chart.permissions import CLINICAL, Forbidden
from euthymia_clinic.chart.queries import Filter

ADMITS = frozenset({Role.PRESCRIBER, Role.NURSE, Role.MEDICAL_LEAD})
MOST_VIEWS = 30
LONGEST_NAME = 60
OLDEST_BIRTH = 1900
_CODE = re.compile(r"[\w][\w .:/-]{0,59}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,6})?")


class ViewError(ValueError):
    """A view that cannot be kept: says what was found and what is allowed."""


class AdmissionError(ValueError):
    """A patient who cannot be taken into care like this; `wrong`: what is wrong, by field."""

    def __init__(self, wrong: dict[str, str]) -> None:
        super().__init__("; ".join(wrong.values()))
        self.wrong = wrong


@dataclass(frozen=True)
class Admission:
    """What is said of somebody who comes into care."""

    code: str
    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = "en"
    zone: str = ""
    birth_year: str = ""
    prescriber: int | None = None
    team: Sequence[int] = field(default=())
    instrument: str = ""
    definition: str = ""
    own_words: str = ""
    token: str = ""


@action("view.kept")
def keep_view(actor: Actor, /, here: Here, name: str, wanted: Filter) -> None:
    """Keep a filter under a name; the same name again is the newer filter. Raises ViewError."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise ViewError(f"found a name of {len(name)} characters; allowed: 1 to {LONGEST_NAME}")
    mine = SavedView.objects.select_for_update().filter(user=here.user, site=here.site)
    if mine.exclude(name=name).count() >= MOST_VIEWS:
        raise ViewError(f"found {MOST_VIEWS} views kept already; allowed: {MOST_VIEWS}, remove one first")
    known = mine.filter(name=name).first()
    if known is not None and known.query == wanted.query:
        nothing_changed()
        return
    view, _ = SavedView.objects.update_or_create(user=here.user, site=here.site, name=name, defaults={"query": wanted.query})
    told(here.user.subject, view=view.pk)


@action("view.dropped")
def drop_view(actor: Actor, /, here: Here, view_id: int) -> None:
    """Keep one of one's own views no longer; one that is gone already is gone."""
    gone, _ = SavedView.objects.filter(pk=view_id, user=here.user, site=here.site).delete()
    told(here.user.subject, view=view_id) if gone else nothing_changed()


@action("patient.taken_into_care")
def take_into_care(actor: Actor, /, here: Here, said: Admission) -> Patient:
    """Take somebody into care, with what is known at the start. The same form twice is one patient.

    Raises Forbidden, AdmissionError with what is wrong by field.
    """
    if here.role not in ADMITS:
        raise Forbidden(f"found {here.role.label}; allowed: {', '.join(sorted(role.label for role in ADMITS))}")
    # Two at once wait for each other here: the second one finds the code taken, or the same form.
    type(here.site).objects.select_for_update().get(pk=here.site.pk)
    code = said.code.strip()
    standing = Patient.objects.filter(site=here.site, code=code).first()
    if standing and said.token and standing.events.filter(event_id=_id("person", said.token)).exists():
        nothing_changed()
        return standing
    wrong = {**_wrong(here, said), **({"code": "found a patient with this code here; allowed: another code"} if standing else {})}
    if wrong:
        raise AdmissionError(wrong)
    staff = {user.pk: user for user in staff_of(here)}
    prescriber = staff.get(said.prescriber or 0)
    team = {user.pk: user for user in (here.user, prescriber, *(staff[pk] for pk in said.team)) if user is not None}
    contact = {
        "email": said.email.strip(),
        "phone": said.phone.strip(),
        "language": said.language.strip() or "en",
        "zone": said.zone.strip(),
    }
    patient = admit(actor, here.site, code, name=said.name.strip(), team=tuple(team.values()), prescriber=prescriber, **contact)
    events = _first_events(here, said, contact["language"], contact["zone"] or here.site.zone)
    record_events(actor, patient, events)
    told(patient.subject, events=len(events), team=list(team))
    return patient


def staff_of(here: Here, *roles: Role) -> list[User]:
    """Those who can take part in a patient's care at the site, by name."""
    at_work = Membership.objects.filter(site=here.site, ended=None, role__in=roles or CLINICAL, user__is_active=True)
    return [membership.user for membership in at_work.select_related("user").order_by("user__name", "user__pk")]


def _first_events(here: Here, said: Admission, language: str, zone: str) -> list[EventBase]:
    """What the record begins with: who, the episode that is treated, and what was agreed to call success."""
    today = Moment.of(here.site.today())
    who = Person(
        id=_id("person", said.token),
        at=today,
        language=language,
        zone=zone,
        birth_date=Moment.of(said.birth_year.strip()) if said.birth_year.strip() else None,
    )
    episode = Episode(id=_id("episode", said.token), at=today, primary_instrument=said.instrument or None)
    target = Target(
        id=_id("target", said.token), at=today, definition=said.definition or None, own_words=" ".join(said.own_words.split()) or None
    )
    return [who, episode, *([target] if target.definition or target.own_words else [])]


def _wrong(here: Here, said: Admission) -> dict[str, str]:
    """What is wrong with what was said, by field; empty: nothing."""
    catalog, staff = catalog_of(here.site), {user.pk for user in staff_of(here)}
    prescribers = {user.pk for user in staff_of(here, Role.PRESCRIBER, Role.MEDICAL_LEAD)}
    year, language, zone = said.birth_year.strip(), said.language.strip(), said.zone.strip()
    oldest, newest = OLDEST_BIRTH, here.site.today().year
    checks = (
        ("code", not _CODE.fullmatch(said.code.strip()), "found no usable code; allowed: 1 to 60 letters, digits, spaces and . : / -"),
        ("name", len(said.name.strip()) > 120, "found a name of more than 120 characters; allowed: up to 120"),
        (
            "email",
            bool(said.email.strip()) and not _is_email(said.email.strip()),
            "found no e-mail address; allowed: one like name@example.org, or none",
        ),
        ("phone", len(said.phone.strip()) > 40, "found more than 40 characters; allowed: up to 40"),
        ("language", bool(language) and not _LANGUAGE.fullmatch(language), "found no language; allowed: a code such as en or es-MX"),
        (
            "zone",
            bool(zone) and zone not in available_timezones(),
            "found no time zone; allowed: one like Europe/Madrid, or none for the clinic's",
        ),
        (
            "birth_year",
            bool(year) and not (len(year) == 4 and year.isascii() and year.isdecimal() and oldest <= int(year) <= newest),
            f"found no year of birth; allowed: {oldest} to {newest}",
        ),
        (
            "prescriber",
            said.prescriber is not None and said.prescriber not in prescribers,
            "found nobody who prescribes here; allowed: one of the list",
        ),
        ("team", not staff.issuperset(said.team), "found somebody who does not work here; allowed: people of the list"),
        (
            "instrument",
            bool(said.instrument) and said.instrument not in catalog.instruments,
            "found no known instrument; allowed: one of the list",
        ),
        (
            "definition",
            bool(said.definition) and said.definition not in catalog.definitions,
            "found no known definition; allowed: one of the list",
        ),
        ("own_words", len(said.own_words) > 2000, "found more than 2000 characters; allowed: up to 2000"),
    )
    return {name: words for name, holds, words in checks if holds}


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _id(kind: str, token: str) -> str:
    """The id of a first event: from the form that was sent, so that the same form twice is one."""
    return f"{kind}-{token}"
