"""The addresses of this room."""

from django.urls import URLPattern, path

from euthymia_clinic.pages.views import sessions

_SHEET = "sessions/<uuid:sheet_id>/"

addresses: list[URLPattern] = [
    path("sessions/", sessions.sessions, name="sessions"),
    path(_SHEET, sessions.sheet, name="session_sheet"),
    path(f"{_SHEET}state.json", sessions.state, name="session_state"),
    path(f"{_SHEET}entries/", sessions.entries, name="session_entries"),
    path(f"{_SHEET}sign/", sessions.sign, name="session_sign"),
    path(f"{_SHEET}without-end/", sessions.without_end, name="session_without_end"),
    path("patients/<uuid:patient_id>/sessions/open/", sessions.open_one, name="session_open"),
]
