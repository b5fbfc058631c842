"""Dispensed - taken - left over, and every dose against its regimen, on one day."""

from datetime import date

from euthymia.catalog import Catalog
from euthymia.home.result import HomeDoses
from euthymia.record import PatientRecord


def home_doses(record: PatientRecord, catalog: Catalog, on: date) -> HomeDoses | None:
    """Doses at home on `on`, reconciled; None where nothing says that any were prescribed, dispensed or taken."""
    return None
