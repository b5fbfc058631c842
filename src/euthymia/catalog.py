"""What medicine knows, as data: loads `knowledge/` once into frozen, strict types.

A file is refused with its name, its key, what was found and what is allowed.
"""

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError

from euthymia.definition import Definition
from euthymia.facts import Fact, Id, Number, Reference, Status, Strict
from euthymia.instrument import Instrument
from euthymia.population import Population
from euthymia.protocol import Protocol


class CatalogError(Exception):
    """A knowledge file that cannot be used: the message names file, key, found and allowed."""


class VerdictRules(Strict):
    """The numbers of the status table (VERDICT.md). All are design, for a site to change."""

    default_definition: str
    default_protocol: str
    instrument_order: tuple[str, ...]
    moving_enter: Number
    moving_leave: Number
    low_enter: Number
    low_leave: Number
    better_fraction: Number
    stale_days: Number
    stale_intervals: Number
    usual_interval_max_days: Number
    missed_requests: Number
    best_window_days: Number
    incident_window_days: Number
    veto_window_days: Number
    core_item_veto: Number
    index_window_days: Number
    horizon_min_weeks: Number
    horizon_max_weeks: Number
    after_dose_hours: Number
    before_session_hours: Number
    same_change_days: Number
    remission_cover_days: Number
    hold_max_weeks: Number
    suicidality_max_age_days: Number
    identified_share_min: Number
    falling_share: Number
    incident_finding_days: Number
    discordant_band: Number


class Term(Fact):
    """How other systems name a thing: whole words, and codes by their system's URI (of `reasons`: how the codes begin)."""

    words: tuple[str, ...] = Field(min_length=1)
    given_in: Literal["procedures", "courses", "doses", "reasons"]
    codes: dict[str, tuple[str, ...]] = Field({})

    def names(self, text: str) -> bool:
        """Whether a text has one of the words as a whole word; hyphens count as spaces."""
        said = f" {re.sub(r'[^a-z0-9]+', ' ', text.lower())} "
        return any(f" {word} " in said for word in self.words)


class Catalog(Strict):
    """The merged knowledge: shipped base plus a site's own files. `digest` names its exact content."""

    version: str
    digest: str
    references: dict[str, Reference]
    instruments: dict[str, Instrument]
    definitions: dict[str, Definition]
    protocols: dict[str, Protocol]
    verdict: VerdictRules
    populations: dict[str, Population]
    codes: dict[str, Term]
    adopted_by: str | None = None

    def instrument(self, instrument_id: str) -> Instrument:
        """The instrument of that id. Raises KeyError with the known ids."""
        try:
            return self.instruments[instrument_id]
        except KeyError:
            raise KeyError(f"unknown instrument {instrument_id!r}; known: {', '.join(self.instruments)}") from None

    def facts(self) -> Iterator[tuple[str, Fact]]:
        """Every fact with the path under which it is found, for counting and for `euthymia check`."""
        for name in ("instruments", "definitions", "protocols", "populations", "codes"):
            for key, value in getattr(self, name).items():
                yield from _facts_in(f"{name}/{key}", value)
        yield from _facts_in("verdict", self.verdict)

    @cached_property
    def status_counts(self) -> dict[Status, int]:
        """How many facts are verified, recalled and design."""
        counts = Counter(fact.status for _, fact in self.facts())
        return {"verified": counts["verified"], "recalled": counts["recalled"], "design": counts["design"]}


M = TypeVar("M", bound=BaseModel)
KNOWLEDGE = Path(str(files("euthymia") / "knowledge"))


def load_catalog(site: Path | str | None = None) -> Catalog:
    """Load the shipped knowledge, and over it a site's own folder.

    A site's folder has the same layout as `knowledge/`; a file of the same name replaces the shipped one, a new one
    is added, and `texts/<instrument>.toml` supplies item wording that the site has licensed. Raises CatalogError.
    """
    return _load(KNOWLEDGE, Path(site) if site is not None else None)


@lru_cache(maxsize=4)
def _load(base: Path, site: Path | None) -> Catalog:
    sources = _sources(base, site)
    digest = hashlib.sha256()
    for name, path in sources.items():
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    texts = {Path(n).stem: p for n, p in sources.items() if n.startswith("texts/")}
    catalog = Catalog(
        version="1",
        digest=digest.hexdigest(),
        references=_references(sources),
        instruments=_folder(sources, "instruments", Instrument, texts),
        definitions=_folder(sources, "outcomes", Definition),
        protocols=_folder(sources, "protocols", Protocol),
        verdict=read_knowledge(sources["verdict/rules.toml"], VerdictRules),
        populations=_folder(sources, "trajectory", Population),
        codes={key: _parse(sources["codes.toml"], value, Term) for key, value in _toml(sources["codes.toml"]).items()},
    )
    _check_links(catalog)
    return catalog


def read_knowledge(path: Path, model: type[M]) -> M:
    """Parse one knowledge file into its type. Raises CatalogError naming file, key, found and allowed."""
    return _parse(path, _toml(path), model)


def _sources(base: Path, site: Path | None) -> dict[str, Path]:
    if site is not None and not site.is_dir():
        raise CatalogError(f"{site}: found no such folder; allowed: a folder laid out like knowledge/")
    found: dict[str, Path] = {}
    for root in (base, *([site] if site else [])):
        for path in sorted(root.rglob("*.toml")):
            if not path.name.endswith(".cases.toml"):
                name = path.relative_to(root).as_posix()
                # A site adds references; it does not have to copy the shipped ones.
                added = root == site and name == "references.toml"
                found["references.site.toml" if added else name] = path
    shipped = {Path(name).parts[0] for name in found if (base / name).exists()}
    for name in sorted(found):
        if Path(name).parts[0] not in {*shipped, "references.site.toml", "texts"}:
            raise CatalogError(f"{name}: found a place that nothing is read from; allowed: {', '.join(sorted({*shipped, 'texts'}))}")
    return dict(sorted(found.items()))


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{path.name}: found TOML that cannot be read ({error}); allowed: TOML 1.0, no duplicate keys") from None
    except UnicodeDecodeError as error:
        raise CatalogError(f"{path.name}: found byte {error.start} that is not UTF-8; allowed: UTF-8") from None


def _parse(path: Path, data: dict[str, Any], model: type[M]) -> M:
    try:
        return model.model_validate(_tuples(data))
    except ValidationError as error:
        raise CatalogError("\n".join(_explain(path, problem) for problem in error.errors(include_url=False))) from None


def _explain(path: Path, problem: Any) -> str:  # noqa: ANN401
    key = ".".join(str(part) for part in problem["loc"]) or "(file)"
    found, message = problem["input"], problem["msg"].removeprefix("Value error, ")
    shown = "a table" if isinstance(found, dict | tuple | BaseModel) else repr(found)
    if problem["type"] == "missing":
        shown, message = "nothing", "allowed: a value; the key is required"
    elif problem["type"] == "extra_forbidden":
        message = "allowed: a key that this file has; check its spelling"
    if message.startswith("found"):  # One of our own checks has already said what it found.
        return f"{path.name}: {key}: {message}"
    return f"{path.name}: {key}: found {shown}; {message.replace('Input should', 'allowed: should')}"


def _tuples(value: Any) -> Any:  # noqa: ANN401
    """TOML's lists as tuples and its integers where a float is meant: strict types take nothing else."""
    if isinstance(value, dict):
        return {key: _tuples(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return tuple(_tuples(inner) for inner in value)
    return value


class _References(Strict):
    references: dict[Id, Reference]


def _references(sources: dict[str, Path]) -> dict[str, Reference]:
    """The shipped references and a site's own; where both have an id, the site's holds."""
    found: dict[str, Reference] = {}
    for name in ("references.toml", "references.site.toml"):
        if name in sources:
            found |= _parse(sources[name], {"references": _toml(sources[name])}, _References).references
    return found


def _folder(sources: dict[str, Path], folder: str, model: type[M], texts: dict[str, Path] | None = None) -> dict[str, M]:
    loaded: dict[str, M] = {}
    for name, path in sources.items():
        if not name.startswith(f"{folder}/"):
            continue
        data = _toml(path)
        value = _parse(path, data, model)
        if texts and path.stem in texts:
            value = _parse(path, _with_texts(data, texts[path.stem]), model)
        if getattr(value, "id", None) != path.stem:
            raise CatalogError(f"{path.name}: id: found {getattr(value, 'id', None)!r}; allowed: the file's own name, {path.stem!r}")
        loaded[path.stem] = value
    for stray in sorted(set(texts or ()) - set(loaded)):
        raise CatalogError(f"texts/{stray}.toml: found no such instrument; allowed: {', '.join(loaded)}")
    return loaded


class SiteText(Strict):
    """A site's licensed wording of one instrument: item id to text, answer to label, and the licence that it holds."""

    licence: str
    items: dict[str, str]
    answers: dict[str, str] = Field({})


def _with_texts(data: dict[str, Any], path: Path) -> dict[str, Any]:
    texts = read_knowledge(path, SiteText)
    known = {item["id"] for item in data["items"]}
    for item_id in texts.items:
        if item_id not in known:
            raise CatalogError(f"{path.name}: items.{item_id}: found an item that {data['id']} does not have; allowed: {sorted(known)}")
    items = [{**item, **({"text": texts.items[item["id"]]} if item["id"] in texts.items else {})} for item in data["items"]]
    licence = {**data["licence"], "ship_item_text": True, "terms": f"supplied by the site: {texts.licence}"}
    return {**data, "items": items, "licence": licence, "answers": texts.answers or data.get("answers", {})}


def _facts_in(path: str, value: Any) -> Iterator[tuple[str, Fact]]:  # noqa: ANN401
    if isinstance(value, Fact):
        yield path, value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _facts_in(f"{path}/{name}", getattr(value, name))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _facts_in(f"{path}/{key}", inner)
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _facts_in(f"{path}/{getattr(inner, 'id', index)}", inner)


def _check_links(catalog: Catalog) -> None:
    for path, fact in catalog.facts():
        if fact.ref is not None and fact.ref not in catalog.references:
            raise CatalogError(f"{path}: ref: found {fact.ref!r}; allowed: an id of references.toml")
    known = set(catalog.instruments)
    for definition in catalog.definitions.values():
        for instrument in (i for i in definition.remission if i in known and not catalog.instruments[i].lower_is_better):
            raise CatalogError(
                f"{definition.id}.toml: remission.{instrument}: found a scale on which higher is better; allowed: lower is better"
            )
        for instrument in {*definition.remission, *definition.relapse} - known:
            raise CatalogError(f"{definition.id}.toml: remission.{instrument}: found an unknown instrument; allowed: {sorted(known)}")
    rules = catalog.verdict
    if rules.default_definition not in catalog.definitions or rules.default_protocol not in catalog.protocols:
        raise CatalogError(
            "rules.toml: default_definition, default_protocol: found an id without a file; allowed: ids of outcomes/ and protocols/"
        )
    for population in catalog.populations.values():
        if population.instrument not in known:
            raise CatalogError(f"{population.id}.toml: instrument: found {population.instrument!r}; allowed: {', '.join(sorted(known))}")
        if unknown := sorted(set(population.protocols) - set(catalog.protocols)):
            allowed = ", ".join(sorted(catalog.protocols))
            raise CatalogError(f"{population.id}.toml: protocols: found {', '.join(unknown)}; allowed: {allowed}")
