"""What medicine knows, as data: loads `knowledge/` once into frozen, strict types.

A file is refused with its name, its key, what was found and what is allowed. A fact keeps its status: `verified`
(seen in a public source), `recalled` (background knowledge, not confirmed), `design` (this project's own proposal,
for a site to adopt or change). Nothing is promoted silently.
"""

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, field_validator, model_validator

Status = Literal["verified", "recalled", "design"]
Domain = Literal["symptoms", "function", "quality_of_life", "goals", "burden", "safety", "other"]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _loinc(code: str) -> str:
    """A LOINC code ends in a check digit (Luhn): a slip of the pen is found, a guess mostly too."""
    body, _, check = code.partition("-")
    doubled = "".join(str(int(d) * (2 if i % 2 == 0 else 1)) for i, d in enumerate(reversed(body)) if d.isdigit())
    if not (body.isdigit() and check == str(-sum(map(int, doubled)) % 10)):
        raise ValueError("allowed: a LOINC code, digits, a hyphen and its check digit")
    return code


LoincCode = Annotated[str, AfterValidator(_loinc)]
LoincAnswer = Annotated[str, Field(pattern=r"^LA\d+-\d$")]


class CatalogError(Exception):
    """A knowledge file that cannot be used: the message names file, key, found and allowed."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Fact(_Strict):
    """Something stated by medicine, or by us, with its honest status and its reference id."""

    status: Status
    ref: str | None = None
    confidence: Literal["high", "medium", "low"] | None = Field(None, description="Of a recalled fact.")
    note: str | None = None

    @model_validator(mode="after")
    def _honest(self) -> "Fact":
        if self.status == "verified" and not self.ref:
            raise ValueError("found a verified fact without `ref`; allowed: a reference id, or status 'recalled'")
        if self.status == "recalled" and not self.confidence:
            raise ValueError("found a recalled fact without `confidence`; allowed: 'high', 'medium' or 'low'")
        if self.status == "design" and not self.note:
            raise ValueError("found a design fact without `note`; allowed: the reason in one sentence")
        return self


class Number(Fact):
    """One number of medicine."""

    value: FiniteFloat


class Reference(_Strict):
    """A source. `seen` says what of it was read when the fact was written down."""

    citation: str
    url: str | None = None
    seen: Literal["full", "abstract", "excerpt", "secondary", "not seen"]


class Item(_Strict):
    """One question of an instrument. `label` is our own short name for it; `text` only where the licence allows it."""

    id: str
    label: str
    minimum: float
    maximum: float
    step: float = 1.0
    reverse: bool = False
    part: Literal["mood_thinking", "bodily"] | None = None
    core: bool = Field(False, description="Sadness or loss of interest (PHQ-9 items 1 and 2, or their kin).")
    suicidality_trigger: float | None = Field(None, description="An answer at or above it is positive.")
    asked_if: str | None = Field(None, description="Asked only if that item is answered yes.")
    loinc: LoincCode | None = None
    text: str | None = None

    def severity(self, answer: float) -> float:
        """How far an answer lies above the best one, whichever way the item is worded."""
        return self.maximum - answer if self.reverse else answer - self.minimum


class Structure(Fact):
    """How many items, over what time, in which direction."""

    recall_days: float = Field(ge=0, description="0 = right now.")
    rater: Literal["self", "clinician", "either"]
    better: Literal["lower", "higher"]


class Missing(Fact):
    """What happens when answers are missing: `prorate` = mean of the answered items times the number of items."""

    prorate_up_to: int = Field(0, ge=0)


class Scoring(Fact):
    """How answers become the reported score."""

    method: Literal["sum", "domain_maximum", "table", "triage", "goal_attainment", "single_item"]
    multiply_by: float = 1.0
    domains: tuple[tuple[str, ...], ...] = Field((), description="domain_maximum: item ids per domain; the highest answer counts.")
    action_item: str | None = Field(None, description="single_item: the item that is the score.")
    raw_to_score: dict[str, float] = Field({}, description="table: raw sum to reported score.")
    raw_to_se: dict[str, float] = Field({}, description="table: raw sum to standard error.")
    inter_goal_correlation: float | None = Field(None, description="goal_attainment: rho of Kiresuk and Sherman.")


class ScoreRange(Fact):
    """The reported scores that can occur."""

    minimum: float
    maximum: float
    step: float | None = Field(1.0, gt=0, description='None (in a file: "any") = any value between, as of a T-score.')

    @field_validator("step", mode="before")
    @classmethod
    def _any(cls, found: object) -> object:
        return None if found == "any" else found  # TOML has no null.


class Band(Fact):
    """A severity band: both ends included, in the reported metric."""

    id: Id
    label: str
    low: float
    high: float


class TriageRow(Fact):
    """A tier of a triage instrument: holds when any of the items named is answered yes. Rows in order, worst first."""

    id: Id
    label: str
    any_of: tuple[str, ...]


class CutOff(Fact):
    """A cut-off for one purpose. `at_least` or `at_most` is positive for that purpose."""

    id: Id
    purpose: str
    at_least: float | None = None
    at_most: float | None = None
    mania: bool = Field(False, description="Positive means that a mania screen is positive.")

    @model_validator(mode="after")
    def _one_side(self) -> "CutOff":
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("found both or neither of `at_least` and `at_most`; allowed: exactly one")
        return self

    def holds(self, score: float) -> bool:
        """Whether `score` is on the side of the cut-off that is positive for its purpose."""
        return score >= self.at_least if self.at_least is not None else score <= (self.at_most or 0.0)


class Change(Fact):
    """A change threshold, in points of the reported metric or as a fraction of the index."""

    id: Literal["mcid", "mcid_substantial", "within_person"]
    points: float | None = Field(None, gt=0)
    fraction: float | None = Field(None, gt=0, lt=1)
    population: str | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> "Change":
        if (self.points is None) == (self.fraction is None):
            raise ValueError("found both or neither of `points` and `fraction`; allowed: exactly one")
        return self


class Reliability(Fact):
    """A reliability coefficient; `sd` is that of the same sample where it is known."""

    kind: Literal["alpha", "test_retest", "icc", "irt"]
    coefficient: float = Field(gt=0, lt=1)
    sd: float | None = Field(None, gt=0)
    for_reliable_change: bool = False


class Licence(Fact):
    """Who owns the wording, and whether item text may be shipped with this project."""

    terms: str
    ship_item_text: bool


class Loinc(Fact):
    """LOINC codes. An empty code is not known; it is never guessed."""

    panel: LoincCode | None = None
    total: LoincCode | None = None


class Instrument(_Strict):
    """One instrument: what it asks, how it is scored, what its scores mean."""

    id: Id
    name: str
    short_name: str
    domain: Domain
    severity_of_depression: bool = Field(False, description="Can carry the verdict of an episode.")
    versions: tuple[str, ...] = ()
    metric: str = Field("total", description="What the reported number is: total, T-score, percent, tier.")
    structure: Structure
    scoring: Scoring
    missing: Missing
    range: ScoreRange | None = None
    licence: Licence
    loinc: Loinc | None = None
    answers: dict[str, str] = Field({}, description="Answer value to its published label, where the licence allows it.")
    answer_loinc: dict[str, LoincAnswer] = {}
    items: tuple[Item, ...]
    bands: tuple[Band, ...] = ()
    triage: tuple[TriageRow, ...] = ()
    cut_offs: tuple[CutOff, ...] = ()
    changes: tuple[Change, ...] = ()
    reliability: tuple[Reliability, ...] = ()

    @cached_property
    def item_index(self) -> dict[str, int]:
        """Position of every item by its id."""
        return {item.id: index for index, item in enumerate(self.items)}

    @property
    def lower_is_better(self) -> bool:
        return self.structure.better == "lower"

    def change(self, kind: str) -> Change | None:
        """The first change threshold of that kind, in the order of the file."""
        return next((change for change in self.changes if change.id == kind), None)

    @model_validator(mode="after")
    def _coherent(self) -> "Instrument":
        for problem in _instrument_problems(self):
            raise ValueError(problem)
        return self


class RemissionCut(Fact):
    """The highest (or, where higher is better, lowest) score that still counts as remission, by this definition."""

    at_most: float


class RelapseRule(Fact):
    """Two ratings at or above `at_least`, `apart_days` or more apart; an incident of `incidents` alone suffices."""

    at_least: float
    ratings: int = Field(2, ge=1)
    apart_days: float = Field(0, ge=0)
    within_days: float | None = Field(None, gt=0)
    incidents: tuple[Literal["hospitalisation", "attempt"], ...] = ()


class Durations(Fact):
    """How long scores must stay at or below the cut: `remission_days` from the first to the last such rating."""

    remission_days: float = Field(ge=0)
    remission_ratings: int = Field(1, ge=1)
    max_gap_days: float | None = Field(None, gt=0)
    recovery_days: float | None = Field(None, gt=0)


class Fractions(Fact):
    """Improvement since the index: at least `response`; from `partial_response` to below it is partial."""

    response: float = Field(gt=0, lt=1)
    partial_response: float | None = Field(None, gt=0, lt=1)


class Definition(_Strict):
    """An outcome definition: what is called response, remission, recovery and relapse, and by whom."""

    id: Id
    name: str
    used_by: str
    fractions: Fractions | None = None
    durations: Durations
    remission: dict[str, RemissionCut] = Field(description="Instrument id to cut.")
    relapse: dict[str, RelapseRule] = {}

    @model_validator(mode="after")
    def _relapse_above_remission(self) -> "Definition":
        for instrument, rule in self.relapse.items():
            cut = self.remission.get(instrument)
            if cut is None or rule.at_least <= cut.at_most:
                raise ValueError(f"found a relapse of {instrument} from {rule.at_least:g}; allowed: above its cut for remission")
        return self


class ProtocolPhase(Fact):
    """One phase of a protocol, as far as the verdict needs it: cadence, decision points, and when it is too early.

    It is too early before both `minimum_weeks` and `minimum_sessions` (where given) are reached in this phase.
    """

    id: Id
    name: str
    session_interval_days: float | None = Field(None, gt=0)
    rating_interval_days: float = Field(gt=0)
    decision_every_weeks: float = Field(gt=0)
    minimum_weeks: float = Field(ge=0)
    minimum_sessions: int | None = Field(None, ge=0)


class Protocol(_Strict):
    """A treatment protocol as data."""

    id: Id
    name: str
    regulatory: str
    phases: tuple[ProtocolPhase, ...] = Field(min_length=1)

    def phase(self, phase_id: str | None) -> ProtocolPhase | None:
        """The phase of that id; the first phase where none is named; None where it is unknown."""
        return self.phases[0] if phase_id is None else next((p for p in self.phases if p.id == phase_id), None)


class VerdictRules(_Strict):
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
    incident_finding_days: Number
    discordant_bands: Fact


class PopulationSource(_Strict):
    """Where a population comes from: how many people, which data, which command made it."""

    people: int = Field(ge=2)
    ratings: int = Field(ge=2)
    data: str
    licence: str
    command: str
    treatments: str


class BorrowedRule(Fact):
    """How much wider every variance becomes when the population serves another instrument or treatment."""

    variance_factor: float = Field(ge=1)


class PopulationNode(_Strict):
    """One point of the grid over the non-linear parameters, with its weight in the population."""

    rate_per_week: float = Field(gt=0, description="lambda")
    wandering_sd: float = Field(ge=0, description="sigma_x, points per root week")
    weight: float = Field(gt=0, le=1)


class Population(_Strict):
    """A fitted population of the state-space model, in points of its own instrument. Symbols as in TRAJECTORY.md."""

    id: Id
    name: str
    instrument: str
    source: PopulationSource
    borrowed: BorrowedRule
    nodes: tuple[PopulationNode, ...] = Field(min_length=1)
    rating_sd: float = Field(gt=0)
    set_point_drift_sd: float = Field(ge=0)
    set_point_step_sd: float = Field(ge=0)
    start_mean: float
    start_sd: float = Field(gt=0)
    set_point_intercept: float
    set_point_slope: float
    set_point_sd: float = Field(gt=0)
    protocols: tuple[str, ...] = Field((), description="Protocols of the people in the fit; elsewhere it is borrowed.")


class Catalog(_Strict):
    """The merged knowledge: shipped base plus a site's own files. `digest` names its exact content."""

    version: str
    digest: str
    references: dict[str, Reference]
    instruments: dict[str, Instrument]
    definitions: dict[str, Definition]
    protocols: dict[str, Protocol]
    verdict: VerdictRules
    populations: dict[str, Population]
    adopted_by: str | None = None

    def instrument(self, instrument_id: str) -> Instrument:
        """The instrument of that id. Raises KeyError with the known ids."""
        try:
            return self.instruments[instrument_id]
        except KeyError:
            raise KeyError(f"unknown instrument {instrument_id!r}; known: {', '.join(self.instruments)}") from None

    def facts(self) -> Iterator[tuple[str, Fact]]:
        """Every fact with the path under which it is found, for counting and for `euthymia check`."""
        for name in ("instruments", "definitions", "protocols", "populations"):
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


class _References(_Strict):
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


class SiteText(_Strict):
    """A site's licensed wording of one instrument: item id to text, answer to label, and the licence that it holds."""

    licence: str
    items: dict[str, str]
    answers: dict[str, str] = {}


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
        for instrument in {*definition.remission, *definition.relapse} - known:
            raise CatalogError(f"{definition.id}.toml: remission.{instrument}: found an unknown instrument; allowed: {sorted(known)}")
    rules = catalog.verdict
    if rules.default_definition not in catalog.definitions or rules.default_protocol not in catalog.protocols:
        raise CatalogError(
            "rules.toml: default_definition, default_protocol: found an id without a file; allowed: ids of outcomes/ and protocols/"
        )
    for population in catalog.populations.values():
        if population.instrument not in known or abs(sum(node.weight for node in population.nodes) - 1) > 1e-6:
            raise CatalogError(
                f"{population.id}.toml: instrument or nodes: found no match; allowed: a known instrument, weights that sum to 1"
            )


def _instrument_problems(instrument: Instrument) -> Iterator[str]:
    """Everything that contradicts itself inside one instrument file, in words."""
    yield from _item_problems(instrument)
    yield from _scoring_problems(instrument)
    yield from _band_problems(instrument)
    for cut in instrument.cut_offs:
        edge = cut.at_least if cut.at_least is not None else cut.at_most
        if instrument.range is None or not instrument.range.minimum <= (edge or 0.0) <= instrument.range.maximum:
            yield f"found the cut-off {cut.id} at {edge}; allowed: inside `range`"


def _item_problems(instrument: Instrument) -> Iterator[str]:
    ids = [item.id for item in instrument.items]
    if len(set(ids)) != len(ids):
        yield f"found item ids {ids} with one twice; allowed: each once"
    for item in instrument.items:
        if item.text is not None and not instrument.licence.ship_item_text:
            yield (f"found text for item {item.id} while licence.ship_item_text is false; allowed: a site's own texts/ file")
        if item.minimum >= item.maximum:
            yield f"found item {item.id} from {item.minimum} to {item.maximum}; allowed: minimum below maximum"


def _scoring_problems(instrument: Instrument) -> Iterator[str]:
    scoring, ids = instrument.scoring, [item.id for item in instrument.items]
    in_domains = [item for domain in scoring.domains for item in domain]
    named = {*in_domains, *(item for row in instrument.triage for item in row.any_of)}
    named |= {name for name in (scoring.action_item, *(item.asked_if for item in instrument.items)) if name is not None}
    if unknown := sorted(named - set(ids)):
        yield f"found items {unknown} in scoring, triage or asked_if that are not in `items`; allowed: {ids}"
    if instrument.range is None and scoring.method != "triage":
        yield "found no range; allowed: the lowest and highest reported score"
    if scoring.method == "domain_maximum" and sorted(in_domains) != sorted(ids):
        yield f"found domains of {len(in_domains)} items; allowed: each of the {len(ids)} items in exactly one"
    if scoring.method == "table":
        low, high = (sum(getattr(item, end) for item in instrument.items) for end in ("minimum", "maximum"))
        if set(scoring.raw_to_score) != {f"{raw:g}" for raw in range(int(low), int(high) + 1)}:
            yield f"found a table of {len(scoring.raw_to_score)} rows; allowed: every raw sum from {low:g} to {high:g}"
    needs = {"single_item": scoring.action_item, "goal_attainment": scoring.inter_goal_correlation}
    if scoring.method in needs and needs[scoring.method] is None:
        yield f"found {scoring.method} without what it needs; allowed: with action_item, or inter_goal_correlation"
    if (scoring.method == "triage") != bool(instrument.triage):
        yield "found triage rows without the method triage, or the reverse; allowed: both or neither"


def _band_problems(instrument: Instrument) -> Iterator[str]:
    span, bands = instrument.range, instrument.bands
    if not bands or span is None:
        return
    ids = [band.id for band in bands]
    if len(set(ids)) != len(ids):
        yield f"found band ids {ids} with one twice; allowed: each once"
    if bands[0].low != span.minimum or bands[-1].high != span.maximum:
        yield (f"found bands from {bands[0].low:g} to {bands[-1].high:g}; allowed: the whole range {span.minimum:g} to {span.maximum:g}")
    step = span.step or 0.1  # A score without a step is reported to one decimal.
    for below, above in pairwise(bands):
        if above.high < above.low or abs(above.low - below.high - step) > 1e-9:
            yield (
                f"found band {above.id} from {above.low:g} to {above.high:g} after {below.id} to {below.high:g}; "
                "allowed: in order, without gap or overlap"
            )
