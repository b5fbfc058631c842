"""Each dose as it was logged: how much, in milligrams and in units. What cannot be told is None."""

from dataclasses import dataclass
from datetime import date

from euthymia.events import DoseLog, Regimen
from euthymia.home.planned import regimen_on
from euthymia.home.supply import Supply


@dataclass(frozen=True)
class TakenDose:
    """A dose logged as taken or changed. `day` None: only its month or year is known."""

    log: DoseLog
    day: date | None
    mg: float | None
    units: float | None


def doses_taken(supply: Supply) -> tuple[TakenDose, ...]:
    """The doses of a supply that were surely taken, by time."""
    return tuple(_dose(supply, log) for log in supply.logs if log.was_taken)


def usual_units(supply: Supply, regimen: Regimen, day: date) -> float | None:
    """Units of one prescribed dose: by what a unit holds, else as every log of a dose taken as prescribed says. None: not known."""
    unit_mg = supply.unit_mg_on(day)
    if regimen.dose_mg is not None and unit_mg is not None:
        return regimen.dose_mg / unit_mg
    logged = (log for log in supply.logs if log.taken == "taken" and log.units is not None and log not in supply.strays)
    said = {log.units for log in logged if regimen_on(supply.regimens, supply.day(log), supply.zone) == regimen}
    return said.pop() if len(said) == 1 else None


def _dose(supply: Supply, log: DoseLog) -> TakenDose:
    """As its log says; a dose logged as taken, and no more, is the prescribed one."""
    day = log.at.last_day(supply.zone)
    regimen, unit_mg = regimen_on(supply.regimens, day, supply.zone), supply.unit_mg_on(day)
    as_prescribed = log.taken == "taken" and log not in supply.strays and log.units is None and log.dose_mg is None
    mg, units = log.dose_mg, log.units
    if mg is None and units is not None and unit_mg is not None:
        mg = units * unit_mg
    elif units is None and mg is not None and unit_mg is not None:
        units = mg / unit_mg
    elif as_prescribed and regimen is not None:
        mg, units = regimen.dose_mg, usual_units(supply, regimen, day)
    return TakenDose(log, day if log.at.has_day else None, mg, units)
