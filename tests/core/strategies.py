"""Hypothesis strategies for patients' records: every kind of event, partial dates, corrections, odd but legal text.

Import as `from core.strategies import records` (pytest has `tests` on its path).
"""

from datetime import date, datetime, timedelta, timezone
from typing import Any, Literal, get_args, get_origin

from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from euthymia.events import KINDS, Assessment, Code, Decision, EventBase, LeftOver, Measurement, Plan, Regimen
from euthymia.home_events import Weekday
from euthymia.loading import load_catalog
from euthymia.moment import Moment
from euthymia.record import PatientRecord

CATALOG = load_catalog()

# No control characters and no lone surrogates: FHIR and CSV are text. Blank text does not exist in a record.
texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn")), min_size=1, max_size=12).map(str.strip).filter(bool)
words = st.one_of(
    st.sampled_from(["ketamine", "the plan; as agreed", 'said "so",\nthen left', "[1]", "=1+1", "ñandú 🙂", "-", "true"]), texts
)
offsets = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
days = st.dates(date(1930, 1, 1), date(2090, 12, 31))
instants = st.datetimes(datetime(1930, 1, 1), datetime(2090, 12, 31), timezones=offsets).map(Moment.of)  # noqa: DTZ001
moments = st.one_of(
    days.map(Moment.of),
    instants,
    days.map(lambda day: Moment.of(day.isoformat()[:7])),
    days.map(lambda day: Moment.of(day.isoformat()[:4])),
)
numbers = st.one_of(
    st.integers(1, 400).map(float),
    st.decimals(min_value="0.01", max_value=1000, places=2).map(float),
    st.sampled_from([72.5, 0.1, 1e-7, 123456789.125]),
)
codes = st.builds(
    Code,
    system=st.sampled_from(["http://loinc.org", "http://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.90"]),
    code=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.\-]{0,9}", fullmatch=True),
    display=st.none() | texts,
)
_SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    "zone": st.sampled_from(["Europe/Madrid", "America/New_York", "Asia/Kolkata", "UTC"]),
    "language": st.sampled_from(["en", "es-MX", "de"]),
    "recorded_at": instants,
    "adherence_percent": st.floats(0, 100).map(lambda value: round(value, 1)),
    "attainment": st.integers(-2, 2),
    "sessions_done": st.integers(0, 60),
    "rating_interval_days": st.sampled_from([0.25, 3.5, 7.0, 14.0, 3660.0]),
    "session_interval_days": st.sampled_from([0.25, 3.5, 7.0, 14.0, 3660.0]),
    "hours_after_dose": st.floats(0, 48).map(lambda value: round(value, 2)),
    "weights": st.lists(numbers, min_size=1, max_size=4).map(tuple),
    "offered": st.lists(words, max_size=3).map(tuple),
    "weekdays": st.lists(st.sampled_from(get_args(Weekday)), unique=True).map(tuple),
    "every_days": st.sampled_from([None, 1.0, 2.0, 3.5, 14.0, 366.0]),
    "doses_a_day": st.integers(1, 24),
    "treatment": st.sampled_from(["ketamine", "esketamine", "ect", "tms", "psychotherapy"]) | words,
    "instrument": st.sampled_from([*CATALOG.instruments, "phq9", "an unknown/one", "ähnlich"]),
    "unit": st.sampled_from(["mm[Hg]", "kg", "mmol/L", "beats per minute"]),
}


def _values(name: str, annotation: Any) -> st.SearchStrategy[Any]:
    if name in _SPECIAL:
        return _SPECIAL[name]
    kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    for kind, strategy in ((Moment, moments), (Code, codes), (bool, st.booleans())):
        if kind in (annotation, *kinds):
            return strategy
    if any(get_origin(kind) is Literal for kind in kinds):
        return st.sampled_from([value for kind in kinds for value in get_args(kind)])
    return numbers if "float" in str(annotation) else words


def _field(name: str, info: FieldInfo) -> st.SearchStrategy[Any]:
    values = _values(name, info.annotation)
    if info.is_required():
        return values
    return st.one_of(st.just(info.default), values)


answers = st.one_of(
    st.lists(st.none() | st.integers(0, 3).map(float), min_size=9, max_size=9),
    st.lists(st.none() | numbers, min_size=1, max_size=12),
).map(tuple)


@st.composite
def events(draw: st.DrawFn, kind: str | None = None, event_id: str | None = None) -> EventBase:
    """One event of `kind` (any kind where it is None)."""
    event_type = KINDS[kind or draw(st.sampled_from(sorted(KINDS)))]
    fields = {name: draw(_field(name, info)) for name, info in event_type.model_fields.items() if name not in ("kind", "id", "answers")}
    if event_type is Assessment:
        fields["answers"] = draw(st.none() | answers)
        if fields["answers"] is None and fields["total"] is None:
            fields["total"] = 14.0
    if event_type is Measurement and fields["value"] is None and fields["text"] is None:
        fields["value"] = 72.5
    if event_type is Plan and fields["dose_lower"] and fields["dose_upper"]:
        fields |= dict(zip(("dose_lower", "dose_upper"), sorted((fields["dose_lower"], fields["dose_upper"])), strict=True))
    if event_type is Regimen and fields["weekdays"]:
        fields["every_days"] = None
    if event_type is LeftOver:
        fields["units"] = draw(st.just(0.0) | numbers)
    if event_type is Decision:
        fields |= {name: draw(words) for name in ("reason", "patient_reason") if fields[name] is None}
        fields["next_decision"] = fields["next_decision"] or draw(moments)
    own_id = event_id or draw(ids)
    if fields["supersedes"] == own_id:
        fields["supersedes"] = None
    return event_type(id=own_id, **fields)


ids = st.one_of(st.from_regex(r"[a-z0-9\-]{1,12}", fullmatch=True), words)


@st.composite
def records(draw: st.DrawFn, max_events: int = 6) -> PatientRecord:
    """A patient's record of up to `max_events` events of any kinds."""
    event_ids = draw(st.lists(ids, unique=True, max_size=max_events))
    return PatientRecord(patient_id=draw(words), events=tuple(draw(events(event_id=each)) for each in event_ids))
