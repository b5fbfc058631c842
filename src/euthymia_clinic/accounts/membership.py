"""Who is asking, where, and as what."""

from dataclasses import dataclass

from euthymia_clinic.accounts.models import Role, Site, User
from euthymia_clinic.audit.actor import Actor


@dataclass(frozen=True)
class Here:
    """A person at a site in a role: what every permission is asked with."""

    user: User
    site: Site
    role: Role

    @property
    def actor(self) -> Actor:
        return Actor("person", str(self.user.pk))


def places_of(user: User) -> list[Here]:
    """Where a person works now, by the site's name."""
    current = user.memberships.filter(ended=None).select_related("site").order_by("site__name")
    return [Here(user, membership.site, Role(membership.role)) for membership in current]
