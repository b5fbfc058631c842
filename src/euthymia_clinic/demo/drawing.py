"""A virtual patient's course as a record: drawn by the simulator, told in the clinic's own hours, up to yesterday."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from euthymia.catalog import Catalog
from euthymia.events import EventBase, Measurement
from euthymia.heading import population_for, population_on
from euthymia.simulate.courses import Drawable
from euthymia.simulate.items import ItemDesign
from euthymia.simulate.patients import Setting, VirtualPatient, draw_patient
from euthymia.simulate.records import record_of
from euthymia.simulate.schedule import ScheduleDesign, decision_days
from euthymia.trajectory.model import Grid, Population
from euthymia.trajectory.scale import Scale
from euthymia_clinic.demo.cast import COURSES, SEED, Course, Place

INSTRUMENT = "phq9"
SCHEDULE = ScheduleDesign(
    late_days=(0, 0, 0, 0, 1),
    session_missed_share=0.03,
    rating_missed_share=0.05,
    dropout_hazard=0.0012,
    dropout_when_worse=3.0,
    change_share=0.6,
    better_fraction=0.4,
    lengthen_share=0.5,
    stop_share=0.03,
    apart_days=28,
    recorded_share=0.0,
)
# Thoughts of death come later here than in the simulator's own design: most people in care have none.
ITEMS = ItemDesign(late=3.0)
_KEPT_DAYS = 100
Body = dict[str, Any]


@dataclass(frozen=True)
class Group:
    """A population to draw from: the fitted one, settled elsewhere and wandering less."""

    grid: Grid
    scale: Scale
    start_mean: float
    start_sd: float
    set_point_intercept: float
    set_point_slope: float
    recall_share: float
    effect_mean: float
    effect_sd: float
    set_point_drift_sd: float
    set_point_step_sd: float
    outlier_share: float
    outlier_factor: float


@dataclass(frozen=True)
class Drawn:
    """What was drawn of one patient: `events` in their native form, without `recorded_at`; `last` is the last day that is told."""

    place: Place
    catalog: Catalog
    last: date
    patient: VirtualPatient
    events: tuple[Body, ...]

    @cached_property
    def ratings(self) -> list[tuple[date, float, Body]]:
        """Day, total and event of every rating answered, in order."""
        rated = [event for event in self.events if event["kind"] == "assessment"]
        return [(date.fromisoformat(event["at"][:10]), float(event["total"]), event) for event in rated]

    @property
    def decision_days(self) -> list[date]:
        """The protocol's decision points up to the last day, as long as the patient came."""
        until = (self.last - self.place.start).days if self.patient.until is None else self.patient.until - 1
        return [self.place.start + timedelta(days=day) for day in decision_days(self.patient.segments, until)]

    def severity(self, day: date) -> float:
        """How severe it was on a day, 0 to 1: from the last rating until then."""
        totals = [total for rated, total, _ in self.ratings if rated <= day]
        return (totals[-1] if totals else self.ratings[0][1]) / 27


def draw(place: Place, catalog: Catalog, last: date) -> Drawn:
    """Draw a patient of the demo up to a day."""
    population = drawn_from(catalog, place.protocol, COURSES[place.course])
    weeks = (last - place.start).days // 7 + 1
    instrument, protocol = catalog.instruments[INSTRUMENT], catalog.protocols[place.protocol]
    setting = Setting(catalog, instrument, protocol, population, weeks, place.start, SEED, schedule=SCHEDULE, items=ITEMS)
    patient = draw_patient(setting, place.number)
    record = record_of(setting, patient).until(last)
    prefix, zone = f"{setting.patient_id(place.number)}-", ZoneInfo(place.zone)
    told = (event for event in record.events if not _long_ago(event, last))
    events = (event.model_dump(mode="json", exclude_none=True, exclude_defaults=True) | {"kind": event.kind} for event in told)
    return Drawn(place, catalog, last, patient, tuple(_local(event, prefix, zone) for event in events))


def at_clock(day: date, clock: time, zone: ZoneInfo) -> str:
    """An instant of a day at the clinic's clock."""
    return datetime.combine(day, clock, zone).isoformat()


def drawn_from(catalog: Catalog, protocol: str, course: Course) -> Drawable:
    """The population of a protocol (one that knows sessions, where there are any), settled where the course settles."""
    fitted = _fitted(catalog, protocol)
    if course.settles_at is None:
        return fitted
    group = Group(**{name: getattr(fitted, name) for name in Group.__dataclass_fields__})
    native = (course.settles_at - fitted.scale.shift) / fitted.scale.slope
    grid = replace(
        fitted.grid,
        set_point_sd=fitted.grid.set_point_sd * course.spread,
        wandering_sd=fitted.grid.wandering_sd * course.wander,
    )
    return replace(
        group,
        grid=grid,
        set_point_intercept=native + fitted.effect_mean - fitted.set_point_slope * fitted.start_mean,
        effect_sd=fitted.effect_sd * course.spread,
        set_point_drift_sd=fitted.set_point_drift_sd * course.wander,
        set_point_step_sd=fitted.set_point_step_sd * course.wander,
    )


def _fitted(catalog: Catalog, protocol: str) -> Population:
    sessions = any(phase.session_interval_days for phase in catalog.protocols[protocol].phases)
    knows = [p for p in catalog.populations.values() if sessions and p.parameters.effect_mean > 0]
    if knows:
        return population_on(catalog, knows[0], INSTRUMENT, borrowed=False)[0]
    chosen = population_for(catalog, INSTRUMENT, protocol)
    if chosen is None:
        raise LookupError(f"found no population for {protocol}; allowed: a catalog that has one")
    return chosen[0]


def _long_ago(event: EventBase, last: date) -> bool:
    """Of sessions months ago what was measured during and after them is left out: nobody reads it any more."""
    after_the_start = isinstance(event, Measurement) and event.id[-2:] != "-0"
    return after_the_start and (last - event.at.day(ZoneInfo("UTC"))).days > _KEPT_DAYS


def _local(event: Body, prefix: str, zone: ZoneInfo) -> Body:
    """The event with the clinic's own hour in place of the simulator's, and its id without the simulator's name."""
    at = event["at"]
    if "T" in at:
        at = datetime.fromisoformat(at).replace(tzinfo=zone).isoformat()
    return {**event, "id": event["id"].removeprefix(prefix), "at": at}
