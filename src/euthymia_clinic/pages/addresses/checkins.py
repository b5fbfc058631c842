"""The addresses of the check-ins: the patient's by key, the clinic's by patient."""

from django.urls import URLPattern, path

from euthymia_clinic.pages.views import checkin_patient as patient
from euthymia_clinic.pages.views import checkins as clinic

_ONE = "patients/<uuid:patient_id>/checkins/<uuid:checkin_id>"
addresses: list[URLPattern] = [
    path("c/<str:key>/", patient.checkin, name="checkin"),
    path("c/<str:key>/<int:number>/", patient.checkin_question, name="checkin_question"),
    path("c/<str:key>/support/<int:number>/", patient.checkin_support, name="checkin_support"),
    path("c/<str:key>/end/", patient.checkin_end, name="checkin_end"),
    path("c/<str:key>/language/", patient.checkin_language, name="checkin_language"),
    path("checkins/", clinic.checkins, name="checkins"),
    path("patients/<uuid:patient_id>/checkins/send/", clinic.send_checkin, name="send_checkin"),
    path(f"{_ONE}/again/", clinic.checkin_resend, name="checkin_resend"),
    path(f"{_ONE}/excuse/", clinic.checkin_excuse, name="checkin_excuse"),
    path(f"{_ONE}/qr/", clinic.checkin_qr, name="checkin_qr"),
    path("kiosk/", clinic.kiosk, name="kiosk"),
    path(f"{_ONE}/hand-over/", clinic.kiosk_hand_over, name="kiosk_hand_over"),
]
