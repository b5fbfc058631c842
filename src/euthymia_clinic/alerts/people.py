"""Who is paged at a site, in which order, and how long each has to answer."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from euthymia_clinic.accounts.models import Membership, OnCall, Role, Site, User
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.permissions import CLINICAL


@dataclass(frozen=True)
class Paged:
    """One person of the list, and how long to wait for them before the next is paged."""

    user: User
    minutes: float


def chain_of(site: Site) -> list[Paged]:
    """The people on call in their order, then the medical leads who are not among them. Empty: nobody is paged."""
    works_here = _works_at(site)
    allowed = set(works_here.values_list("user", flat=True))
    on_call = [
        Paged(each.user, each.minutes_to_answer)
        for each in OnCall.objects.filter(site=site).select_related("user")
        if each.user_id in allowed
    ]
    again = catalog_of(site).alerts.page_again_minutes.value
    known = {each.user.pk for each in on_call}
    leads = works_here.filter(role=Role.MEDICAL_LEAD).select_related("user").order_by("user__name", "user__pk")
    return on_call + [Paged(lead.user, again) for lead in leads if lead.user_id not in known]


def anybody_paged(site: Site) -> bool:
    """Whether that list has anybody on it."""
    on_call = OnCall.objects.filter(site=site).values("user")
    return _works_at(site).filter(Q(role=Role.MEDICAL_LEAD) | Q(user__in=on_call)).exists()


def _works_at(site: Site) -> QuerySet[Membership]:
    return Membership.objects.filter(site=site, ended=None, role__in=CLINICAL, user__is_active=True)
