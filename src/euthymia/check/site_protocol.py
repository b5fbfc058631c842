"""Every mistake of one protocol file at once, each with its place, what was found and what is allowed.

The loader stops where a file cannot be used. Whoever writes a protocol wants to see everything: what is wrong is set aside in a
copy, and the rest is read again, until nothing new is found.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from euthymia.catalog import Catalog
from euthymia.check.protocols import case_report, uncovered
from euthymia.facts import Reference
from euthymia.instrument import Instrument
from euthymia.knowledge_file import CatalogError, explain, parse, read_toml, tuples
from euthymia.links import row_problems
from euthymia.loading import load_catalog
from euthymia.phase import Row
from euthymia.protocol import PhasePlace, Protocol, phase_order_problems

# What stands in for a value that cannot be read, so that the rest of its phase is read all the same.
_STAND_IN = {
    "name": "?",
    "rating_interval_days": 7,
    "decision_every_weeks": 4,
    "minimum_weeks": 0,
    "status": "design",
    "note": "?",
    "confidence": None,
}
_MOST_ROUNDS = 50

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Checked:
    """One protocol file: the protocol (None where it has problems), what is wrong, and what its cases do not prove yet."""

    protocol: Protocol | None
    problems: tuple[str, ...]
    unproved: tuple[str, ...] = ()
    cases: int = 0


def catalog_beside(site: Path | None) -> Catalog:
    """The site's catalog; where one of its files (perhaps the very one to check) cannot be read, the shipped one with its references."""
    try:
        return load_catalog(site)
    except CatalogError:
        if site is None or not site.is_dir():
            raise
    shipped, added = load_catalog(), site / "references.toml"
    own = {key: parse(added, value, Reference) for key, value in read_toml(added).items()} if added.is_file() else {}
    return shipped.model_copy(update={"references": {**shipped.references, **own}})


def check_protocol(path: Path, catalog: Catalog) -> Checked:
    """Read one protocol file and name everything that is wrong with it. `catalog`: whose instruments and references it may name."""
    try:
        data = read_toml(path)
    except CatalogError as error:
        return Checked(None, (str(error),))
    problems = [*_schema_problems(path, data), *(f"{path.name}: {line}" for line in _other_problems(path, data, catalog))]
    if problems:
        return Checked(None, tuple(dict.fromkeys(problems)))
    protocol = Protocol.model_validate(tuples(data))
    return _with_cases(path, protocol, catalog)


def _with_cases(path: Path, protocol: Protocol, catalog: Catalog) -> Checked:
    """What the cases beside the file prove, with the protocol laid over the catalog."""
    merged = catalog.model_copy(update={"protocols": {**catalog.protocols, protocol.id: protocol}})
    beside = path.with_name(f"{path.stem}.cases.toml")
    if not beside.is_file():
        return Checked(protocol, (), tuple(uncovered(protocol, ())))
    try:
        report = case_report(merged, protocol, beside.name, beside)
    except CatalogError as error:
        return Checked(protocol, (str(error),))
    return Checked(protocol, (), report.failures, report.cases)


def _schema_problems(path: Path, data: dict[str, Any]) -> Iterator[str]:
    """What the types refuse; round by round, what was wrong before set aside."""
    left, tried = deepcopy(data), set[Place]()
    for _ in range(_MOST_ROUNDS):
        try:
            Protocol.model_validate(tuples(left))
            return
        except ValidationError as error:
            # Where no phase can be read, "at least one phase" is no mistake of its own.
            found = [each for each in error.errors(include_url=False) if (each["type"], each["loc"]) != ("too_short", ("phases",))]
        places = [tuple(problem["loc"]) for problem in found]
        for problem, place in zip(found, places, strict=True):
            yield from explain(path, problem, named(left, place)).splitlines()
        # From the end, so that the places of what comes before still hold.
        mended = [_set_aside(left, place, tried) for place in sorted(set(places), key=_from_the_end)]
        if not any(mended):
            return


def _from_the_end(place: Place) -> tuple[tuple[int, str], ...]:
    return tuple((-part, "") if isinstance(part, int) else (0, part) for part in place)


def _set_aside(data: dict[str, Any], place: Place, tried: set[Place]) -> bool:
    """Take what is wrong out of the copy, as little as possible; False where nothing can be taken out."""
    target = _at(data, place)
    if isinstance(target, dict) and place not in tried and place[:1] == ("phases",):
        # A table that contradicts itself: perhaps only in its status. Read it once more with one that nobody can doubt.
        tried.add(place)
        target |= {"status": "design", "note": target.get("note") or "?"}
        return True
    parts = [k for k, part in enumerate(place) if isinstance(part, int) and (k > 1 or place[0] != "phases")]
    if parts:
        return _remove(data, place[: parts[-1] + 1])
    if place[:1] == ("phases",) and len(place) > 2:
        phase = _at(data, place[:2])
        if isinstance(phase, dict) and _STAND_IN.get(str(place[2])) is not None:
            phase[str(place[2])] = _STAND_IN[str(place[2])]
            return True
        return _remove(data, place[:3])
    return False


def _at(data: Any, place: Place) -> Any:  # noqa: ANN401
    for part in place:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _remove(data: dict[str, Any], place: Place) -> bool:
    inside = _at(data, place[:-1])
    try:
        del inside[place[-1]]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def named(data: Any, place: Sequence[str | int]) -> str:  # noqa: ANN401
    """A place in words: list elements by their id (or instrument), where they have one."""
    words = []
    for part in place:
        data = _at(data, (part,))
        name = (data.get("id") or data.get("instrument")) if isinstance(part, int) and isinstance(data, dict) else None
        words.append(str(part + 1 if isinstance(part, int) else part) if not isinstance(name, str) else name)
    return ".".join(words) or "(file)"


def _other_problems(path: Path, data: dict[str, Any], catalog: Catalog) -> Iterator[str]:
    """What one table alone cannot know: the file's name, the other phases, the instruments and the references of the catalog."""
    if data.get("id") != path.stem:
        yield f"id: found {data.get('id')!r}; allowed: the file's own name, {path.stem!r}"
    phases = [phase for phase in _list(data.get("phases")) if isinstance(phase.get("id"), str)]
    places = [PhasePlace(p["id"], _week(p.get("first_week")), _week(p.get("last_week")), _text(p.get("next"))) for p in phases]
    yield from (f"(file): {problem}" for problem in phase_order_problems(places))
    for tables in ([("measures", data)], [(f"phases.{p['id']}.measures", p) for p in phases]):
        for key, table in tables:
            yield from (f"{key}: {problem}" for problem in _unknown_instruments(table, catalog.instruments))
    for phase in phases:
        for raw in _list(phase.get("rows")):
            yield from (f"phases.{phase['id']}.rows.{raw.get('instrument')}: {problem}" for problem in _row(raw, catalog.instruments))
    yield from _reference_problems(data, (), data, catalog.references)


def _row(raw: dict[str, Any], instruments: Mapping[str, Instrument]) -> Iterator[str]:
    try:
        row = Row.model_validate(tuples(raw))
    except ValidationError:
        return  # Said by the types already.
    yield from row_problems(row, instruments)


def _unknown_instruments(table: dict[str, Any], instruments: Mapping[str, Instrument]) -> Iterator[str]:
    for measured in _list(table.get("measures")):
        name = measured.get("instrument")
        if isinstance(name, str) and name not in instruments:
            yield f"found the unknown instrument {name!r}; allowed: {', '.join(sorted(instruments))}"


def _reference_problems(whole: Any, place: Place, value: Any, references: Mapping[str, Reference]) -> Iterator[str]:  # noqa: ANN401
    """References that the catalog does not have, and verified facts whose reference nobody has seen."""
    if isinstance(value, dict):
        ref = value.get("ref")
        if isinstance(ref, str) and ref not in references:
            yield f"{named(whole, place)}.ref: found {ref!r}; allowed: an id of references.toml".removeprefix("(file).")
        elif isinstance(ref, str) and value.get("status") == "verified" and references[ref].seen == "not seen":
            said = f"found a verified fact that rests on {ref!r}, which was not seen; allowed: status 'recalled'"
            yield f"{named(whole, place)}.status: {said}".removeprefix("(file).")
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, found in inner:
        yield from _reference_problems(whole, (*place, part), found, references)


def _list(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _week(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
