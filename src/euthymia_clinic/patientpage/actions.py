"""Making, sending and taking back the link to a patient's own page."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone

from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.alerts.watching import phrases_for
from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.permissions import check_enter
from euthymia_clinic.patientpage.models import PatientLink

LASTS = timedelta(days=365)


def hash_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


@action("patient_page.link_made")
def make_link(actor: Actor, /, here: Here, patient: Patient) -> str:
    """A new link, in the place of the one before. Gives its key, which is not kept. Raises Forbidden."""
    check_enter(here, patient)
    Patient.objects.select_for_update().get(pk=patient.pk)
    key, now = secrets.token_urlsafe(32), timezone.now()
    PatientLink.objects.filter(patient=patient, withdrawn_at=None).update(withdrawn_at=now)
    link = PatientLink.objects.create(patient=patient, key_hash=hash_of(key), made_at=now, expires_at=now + LASTS)
    told(patient.subject, link=link.pk)
    return key


@action("patient_page.link_withdrawn")
def withdraw_link(actor: Actor, /, here: Here, patient: Patient) -> None:
    """Close the page: its link works no more. Raises Forbidden."""
    check_enter(here, patient)
    closed = PatientLink.objects.filter(patient=patient, withdrawn_at=None).update(withdrawn_at=timezone.now())
    told(patient.subject, links=closed) if closed else nothing_changed()


@action("patient_page.link_sent")
def send_link(actor: Actor, /, here: Here, patient: Patient, address: str) -> None:
    """Send a link just made by mail: the link and nothing else. Raises Forbidden, and what the mail raises."""
    check_enter(here, patient)
    said = phrases_for(catalog_of(patient.site), patient.language).own_page
    send_mail(said.page_mail_subject, said.page_mail_text.format(link=address), settings.DEFAULT_FROM_EMAIL, [patient.email])
    told(patient.subject, channel="mail")


def link_in_force(patient: Patient) -> PatientLink | None:
    """The link that works now, if there is one."""
    return PatientLink.objects.filter(patient=patient, withdrawn_at=None, expires_at__gt=timezone.now()).first()


def opened_by(key: str) -> PatientLink | None:
    """The link that a key opens; None where it never was one, was withdrawn or has run out."""
    found = PatientLink.objects.select_related("patient__site").filter(key_hash=hash_of(key), withdrawn_at=None)
    return found.filter(expires_at__gt=timezone.now(), patient__in_care=True).first()
