"""Settings of virtual patients for the tests: short, small, of a made-up population or foreign."""

from dataclasses import replace
from datetime import date

from core.simulate.populations import Made, Whole
from euthymia.loading import load_catalog
from euthymia.simulate.patients import Setting
from euthymia.simulate.schedule import ScheduleDesign

CATALOG = load_catalog()


def setting(foreign=True, instrument="phq9", protocol="esketamine_label", weeks=16, seed=1, **schedule):
    population = None if foreign else Made(scale=Whole())
    found = Setting(CATALOG, CATALOG.instruments[instrument], CATALOG.protocols[protocol], population, weeks, date(2026, 1, 5), seed)
    return replace(found, schedule=ScheduleDesign(**schedule))
