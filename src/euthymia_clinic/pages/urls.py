"""The addresses of our own pages, room by room."""

from euthymia_clinic.pages.addresses import (
    alerts,
    audit,
    chart,
    checkins,
    governance,
    home,
    outcomes,
    panel,
    patient,
    people,
    rems,
    safety,
    sessions,
)

urlpatterns = [
    address
    for room in (panel, chart, safety, rems, sessions, checkins, alerts, patient, home, outcomes, governance, audit, people)
    for address in room.addresses
]
