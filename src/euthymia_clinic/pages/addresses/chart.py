"""The addresses of this room."""

from django.urls import URLPattern, path

from euthymia_clinic.pages.views import chart, corrections, decide, entries, events, letters

_PATIENT = "patients/<uuid:patient_id>/"

addresses: list[URLPattern] = [
    path(_PATIENT, chart.chart, name="chart"),
    path(f"{_PATIENT}picture.json", chart.chart_picture, name="chart_picture"),
    path(f"{_PATIENT}review/", chart.chart_refresh, name="chart_refresh"),
    path(f"{_PATIENT}decide/", decide.decide_view, name="decide"),
    path(f"{_PATIENT}enter/", entries.entries, name="entries"),
    path(f"{_PATIENT}enter/<slug:kind>/", entries.enter_view, name="enter"),
    path(f"{_PATIENT}events/", events.events, name="events"),
    path(f"{_PATIENT}events/<path:event_id>/correct/", corrections.correct_view, name="correct"),
    path(f"{_PATIENT}past/", events.past, name="past"),
    path(f"{_PATIENT}past/<int:snapshot_id>/", events.chart_past, name="chart_past"),
    path(f"{_PATIENT}letter/<slug:kind>.pdf", letters.letter_view, name="letter"),
    path(f"{_PATIENT}summary/", letters.summary, name="conversation"),
]
