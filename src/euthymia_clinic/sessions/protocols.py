"""Whose sessions have a sheet: those of a plan whose doses are watched."""

from datetime import date

from euthymia.catalog import Catalog
from euthymia.episode import current_episode
from euthymia.record import PatientRecord
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import PanelRow, Patient


def has_sheets(protocol: str, catalog: Catalog) -> bool:
    """Whether the sessions of a protocol have sheets."""
    return protocol in catalog.protocols and catalog.protocols[protocol].is_ketamine


def is_watched(patient: Patient) -> bool:
    """Whether the sessions of a patient's plan have sheets, as the last review says; where there was none yet, they may."""
    row = PanelRow.objects.filter(patient=patient).only("protocol").first()
    return row is None or not row.protocol or has_sheets(row.protocol, catalog_of(patient.site))


def protocol_of(record: PatientRecord, catalog: Catalog, on: date) -> str | None:
    """The protocol in force on a day, where its sessions have sheets; else None."""
    found = current_episode(record.until(on), catalog).plan.protocol
    return found if has_sheets(found, catalog) else None
