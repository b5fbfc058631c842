"""Who may administer whom."""

from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.accounts.models import Role, User

ADMINISTERS = frozenset({Role.ADMINISTRATOR})
ARRANGES_ON_CALL = frozenset({Role.ADMINISTRATOR, Role.MEDICAL_LEAD})
# Who can be paged when somebody is at risk.
ON_CALL = frozenset({Role.PRESCRIBER, Role.NURSE, Role.THERAPIST, Role.MEDICAL_LEAD})


class PeopleError(ValueError):
    """A change of people that cannot be: says what was found and what is allowed."""


class Forbidden(Exception):  # noqa: N818 - as people say it
    """Not allowed for this person, in this role."""


def check_administer(here: Here) -> None:
    """Raises Forbidden unless this person looks after the people of the site."""
    if here.role not in ADMINISTERS:
        raise Forbidden(f"found {here.role.label}; allowed: Administrator")


def check_arrange_on_call(here: Here) -> None:
    """Raises Forbidden unless this person says who is paged at the site."""
    if here.role not in ARRANGES_ON_CALL:
        raise Forbidden(f"found {here.role.label}; allowed: Administrator, Medical Lead")


def works_only_where(here: Here, user: User) -> bool:
    """Whether somebody works (or worked) at this site alone: else its administrator has no hand in their sign-in."""
    return not user.memberships.exclude(site=here.site).exists()


def may_see_link(here: Here, user: User) -> bool:
    """Whether the link to set a password may be shown to the administrator: only of somebody new, who works here alone.

    Everybody else's goes by mail to themselves: an administrator cannot get into the account of a person who has been here.
    """
    new = not user.has_usable_password() and user.last_login is None
    return here.role in ADMINISTERS and new and works_only_where(here, user)
