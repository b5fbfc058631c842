"""The addresses of our own pages, room by room."""

from euthymia_clinic.pages.addresses import alerts, audit, chart, checkins, governance, outcomes, panel, patient, people

urlpatterns = [
    address for room in (panel, chart, checkins, alerts, patient, outcomes, governance, audit, people) for address in room.addresses
]
