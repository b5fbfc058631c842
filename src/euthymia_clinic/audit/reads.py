"""The log of reads."""

from django.utils import timezone

from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.audit.models import Read


def looked(actor: Actor, page: str, subject: str = "", *, break_glass: bool = False) -> None:
    """Write down that somebody looked, before the page is shown."""
    Read(at=timezone.now(), actor=str(actor), page=page, subject=subject, break_glass=break_glass).save()
