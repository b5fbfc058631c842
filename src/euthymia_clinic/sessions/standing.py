"""How a sheet stands now: what its entries say, put before the core, which tells what is open, held, late or due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from euthymia import session_sheet
from euthymia.catalog import Catalog
from euthymia.record import PatientRecord
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.sessions.models import Sheet, SheetEntry


@dataclass(frozen=True)
class Asked:
    """A sheet with what is asked of it: the core's own sheet, and the record that it stands in."""

    row: Sheet
    catalog: Catalog
    record: PatientRecord
    core: session_sheet.Sheet


def asked_of(row: Sheet) -> Asked:
    """The sheet as the core asks it: with the protocol and at the instant at which it was opened."""
    catalog, record = catalog_of(row.patient.site), record_of(row.patient)
    return Asked(row, catalog, record, session_sheet.sheet(catalog, row.protocol, record, row.opened_at, str(row.pk)))


def core_entry(entry: SheetEntry) -> session_sheet.Entry:
    """An entry as the core takes it. Its instants have been set right already."""
    return session_sheet.Entry(
        id=str(entry.pk),
        field=entry.field,
        value=entry.value,
        at=entry.measured_at,
        recorded_at=entry.arrived_at,
        by=f"user:{entry.by_id}",
        replaces=str(entry.replaces) if entry.replaces else None,
        confirmed=entry.confirmed,
    )
