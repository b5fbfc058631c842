"""Entries as forms: from what was typed to an event, or to what was found wrong, at the field where it was found."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from euthymia.catalog import Catalog
from euthymia.events import EventBase
from euthymia.moment import Moment
from euthymia_clinic.pages.presenters.entry_fields import Choices, Entry, Field

Problems = dict[str, list[str]]
_ROUTES = ("intravenous", "nasal", "sublingual", "oral", "intramuscular", "subcutaneous")


class EntryError(Exception):
    """What was typed is no event that can be recorded; `problems` by the name of the field."""

    def __init__(self, problems: Problems) -> None:
        super().__init__("; ".join(line for lines in problems.values() for line in lines))
        self.problems = problems


def lists_of(catalog: Catalog) -> dict[str, Choices]:
    """The lists that come from the catalog in force."""
    looked = [(name, each.words) for each in catalog.looking.looked for name in each.observations]
    facts = {key: fact.words for key, fact in catalog.vocabulary.items() if fact.kind == "yes_no" and not fact.computed}
    for name, words in looked:
        facts.setdefault(name, words)
    drugs = {name for treatment in catalog.treatments.values() for name in [treatment.name]}
    return {
        "routes": tuple((route, route) for route in _ROUTES),
        "treatments": _same(["ketamine", "esketamine", *sorted(drugs)]),
        "drugs": _same(sorted(drugs)),
        "courses": _same(["CBT", "interpersonal psychotherapy", "TMS", "ECT", "light therapy", *sorted(drugs)]),
        "protocols": tuple((p.id, p.name) for p in catalog.protocols.values()),
        "phases": tuple((f"{p.id}/{phase.id}", f"{p.name}: {phase.name}") for p in catalog.protocols.values() for phase in p.phases),
        "definitions": tuple((d.id, d.name) for d in catalog.definitions.values()),
        "facts": tuple(sorted(facts.items(), key=lambda pair: pair[1].casefold())),
        "measurements": _same([kind.words[0] for kind in catalog.measurements.values() if kind.words]),
        "units": _same(sorted({kind.unit for kind in catalog.measurements.values() if kind.unit})),
        "severity_instruments": tuple((i.id, i.short_name) for i in catalog.instruments.values() if i.severity_of_depression),
        "goals": (),
    }


def _same(words: list[str]) -> Choices:
    return tuple((word, word) for word in dict.fromkeys(words))


def moment_of(day: str, clock: str, zone: ZoneInfo) -> Moment:
    """A day, with a clock time in the patient's zone where one is given. Raises ValueError with found and allowed."""
    said = Moment.of(day)
    if not clock:
        return said
    if said.precision != "day":
        raise ValueError(f"found {day} with a clock time; allowed: a time on a day, such as 2026-03-01")
    try:
        at = time.fromisoformat(clock)
    except ValueError:
        raise ValueError(f"found {clock!r}; allowed: a time such as 14:30") from None
    local = datetime.combine(date.fromisoformat(said.text), at.replace(tzinfo=None), zone)
    try:
        there_and_back = local.astimezone(ZoneInfo("UTC")).astimezone(zone)
    except OverflowError:
        raise ValueError(f"found {day}, at the edge of the calendar; allowed: a day that somebody has lived") from None
    if there_and_back.replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(f"found {clock} on {day}, which the clocks skipped; allowed: a time that there was")
    return Moment.of(local)


def values_in(entry: Entry, post: Mapping[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """The fields of the event, as typed. Raises EntryError where a moment cannot be read or a needed field is empty."""
    values: dict[str, Any] = {}
    problems: Problems = {}
    for field in entry.fields:
        typed = _typed(field, post)
        if not typed:
            if field.required:
                problems[field.name] = ["found nothing; this is needed"]
            elif clock := post.get(f"{field.name}_time", "").strip():
                problems[field.name] = [f"found {clock} without a day; allowed: a day with it, or neither"]
            continue
        try:
            values[field.name] = _read(field, typed, post, zone)
        except ValueError as error:
            problems[field.name] = [str(error)]
    if problems:
        raise EntryError(problems)
    if "/" in values.get("phase", ""):
        protocol, _, phase = values["phase"].partition("/")
        if values.setdefault("protocol", protocol) != protocol:
            raise EntryError({"phase": [f"found a phase of {protocol!r}; allowed: one of {values['protocol']!r}"]})
        values["phase"] = phase
    return values


def _typed(field: Field, post: Mapping[str, str]) -> str:
    """What was typed, or the choices that were ticked."""
    if field.input == "several" and isinstance(field.choices, tuple):
        return ";".join(value for value, _ in field.choices if post.get(f"{field.name}_{value}"))
    return post.get(field.name, "").strip()


def _read(field: Field, typed: str, post: Mapping[str, str], zone: ZoneInfo) -> Any:
    if field.input == "several":
        return typed.split(";")
    if field.input == "long":
        # A browser sends other line ends than anybody typed; what is shown word for word has one kind.
        return typed.replace("\r\n", "\n")
    if field.input == "moment":
        return moment_of(typed, post.get(f"{field.name}_time", "").strip(), zone)
    if field.input in ("roughly", "ahead"):
        return Moment.of(typed)
    if isinstance(field.choices, tuple) and field.choices and typed not in dict(field.choices):
        raise ValueError(f"found {typed!r}; allowed: {', '.join(value for value, _ in field.choices)}")
    return typed


def event_of(event: type[EventBase], values: Mapping[str, Any]) -> EventBase:
    """The event. Raises EntryError with every problem at its field."""
    try:
        return event.model_validate(dict(values))
    except ValidationError as error:
        found: Problems = {}
        for each in error.errors(include_url=False):
            message = each["msg"].removeprefix("Value error, ")
            said = message if message.startswith("found") else f"found {str(each['input'])[:60]!r}; allowed: {message}"
            found.setdefault(str(each["loc"][0]) if each["loc"] else "", []).append(said)
        raise EntryError(found) from None


def check_times(event: EventBase, born: date | None, now: datetime, zone: ZoneInfo) -> None:
    """Nothing has happened that is still to come, or before birth. Raises EntryError."""
    today, problems = now.astimezone(zone).date(), dict[str, list[str]]()
    for name in ("at", "ended", "died", "settled", "birth_date"):
        said: Moment | None = getattr(event, name, None)
        if said is None:
            continue
        ahead = said.instant > now if said.instant else said.day(zone) > today
        if ahead:
            problems[name] = [f"found {said}, which is still to come; allowed: until now"]
        elif born and name != "birth_date" and said.last_day(zone) < born:
            problems[name] = [f"found {said}, before the patient was born ({born.isoformat()}); allowed: a later day"]
    ended: Moment | None = getattr(event, "ended", None)
    if ended and not problems and ended.last_day(zone) < event.at.day(zone):
        problems["ended"] = [f"found {ended}, before its start ({event.at}); allowed: the same day or later"]
    if problems:
        raise EntryError(problems)


def check_names(event: EventBase, catalog: Catalog) -> None:
    """What names something of the catalog names something that is there. Raises EntryError."""
    known: dict[str, Mapping[str, object]] = {
        "protocol": catalog.protocols,
        "definition": catalog.definitions,
        "primary_instrument": catalog.instruments,
    }
    problems = {
        name: [f"found {value!r}; allowed: {', '.join(there)}"]
        for name, there in known.items()
        if (value := getattr(event, name, None)) is not None and value not in there
    }
    protocol, phase = getattr(event, "protocol", None), getattr(event, "phase", None) if hasattr(event, "protocol") else None
    if phase and protocol in catalog.protocols and phase not in (phases := [p.id for p in catalog.protocols[protocol].phases]):
        problems["phase"] = [f"found {phase!r}; allowed: {', '.join(phases)}"]
    if problems:
        raise EntryError(problems)


def shown_fields(entry: Entry, given: Mapping[str, str], problems: Problems, lists: Mapping[str, Choices]) -> Iterator[dict[str, Any]]:
    """The fields as the template shows them, with what was typed and what was found wrong."""
    for field in entry.fields:
        choices = lists.get(field.choices, ()) if isinstance(field.choices, str) else field.choices
        value = given.get(field.name, "")
        if field.name == "phase" and value and "/" not in value:
            value = f"{given.get('protocol', '')}/{value}"
        yield {
            "name": field.name,
            "label": field.label,
            "input": field.input,
            "hint": field.hint,
            "required": field.required,
            "choices": choices if not value or value in dict(choices) or field.input != "choice" else ((value, value), *choices),
            "first_is_empty": not (isinstance(field.choices, tuple) and field.choices and field.choices[0][0] in _DEFAULTS),
            "suggests": lists.get(field.suggests, ()),
            "value": value,
            "ticked": [value for value, _ in choices if given.get(f"{field.name}_{value}")],
            "time": given.get(f"{field.name}_time", ""),
            "problems": problems.get(field.name, []),
        }


# What a form may ask with a clock time.
MOMENTS = ("at", "ended")
# Choices that a form begins with, as the event itself does where nothing is said.
_DEFAULTS = {"unknown", "prescribed", "mg", "unconfirmed", "other"}


def given_of(body: Mapping[str, Any], zone: ZoneInfo) -> dict[str, str]:
    """What a form holds for an event that stands: the same as somebody would have typed."""
    given: dict[str, str] = {}
    for name, value in body.items():
        if isinstance(value, bool):
            given[name] = "yes" if value else "no"
        elif isinstance(value, str | int | float):
            given[name] = f"{value:.12g}" if isinstance(value, float) else str(value)
        elif isinstance(value, list):
            given |= {f"{name}_{each}": "yes" for each in value if isinstance(each, str)}
    for name in MOMENTS:
        if name in body and (instant := Moment.of(body[name]).instant):
            local = instant.astimezone(zone)
            given |= {name: local.date().isoformat(), f"{name}_time": f"{local:%H:%M}"}
    return given
