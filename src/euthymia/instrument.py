"""An instrument as data: what it asks, how it is scored, what its scores mean, who owns its wording."""

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from euthymia.facts import Fact, Id, Strict

Domain = Literal["symptoms", "function", "quality_of_life", "goals", "burden", "safety", "other"]


def _loinc(code: str) -> str:
    """A LOINC code ends in a check digit (Luhn): a slip of the pen is found, a guess mostly too."""
    body, _, check = code.partition("-")
    doubled = "".join(str(int(d) * (2 if i % 2 == 0 else 1)) for i, d in enumerate(reversed(body)) if d.isdigit())
    if not (body.isdigit() and check == str(-sum(map(int, doubled)) % 10)):
        raise ValueError("allowed: a LOINC code, digits, a hyphen and its check digit")
    return code


LoincCode = Annotated[str, AfterValidator(_loinc)]
LoincAnswer = Annotated[str, Field(pattern=r"^LA\d+-\d$")]


class Item(Strict):
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
    either_or: tuple[tuple[str, ...], ...] = Field((), description="domain_maximum: items of which one is answered, never all.")
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
    between_groups: bool = Field(False, description="A difference of groups: never said of one person.")

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


class Translation(Fact):
    """The published wording in another language, verbatim; a fact with its source like any other. Never a translation of our own."""

    version: str = Field(min_length=1, description="Which published translation: for whom, where.")
    stem: str | None = None
    items: dict[str, str]
    answers: dict[str, str] = Field({})


class Loinc(Fact):
    """LOINC codes. An empty code is not known; it is never guessed."""

    panel: LoincCode | None = None
    total: LoincCode | None = None


class Instrument(Strict):
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
    answer_loinc: dict[str, LoincAnswer] = Field({})
    stem: str | None = Field(None, description="What stands above every item, in the published wording.")
    items: tuple[Item, ...]
    translations: dict[Id, Translation] = Field({}, description="By language; each has every item and every answer.")
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
        """The first change threshold of that kind that holds for one person, in the order of the file."""
        return next((change for change in self.changes if change.id == kind and not change.between_groups), None)

    @model_validator(mode="after")
    def _coherent(self) -> "Instrument":
        for problem in _instrument_problems(self):
            raise ValueError(problem)
        return self


def _instrument_problems(instrument: Instrument) -> Iterator[str]:
    """Everything that contradicts itself inside one instrument file, in words."""
    yield from _item_problems(instrument)
    yield from _translation_problems(instrument)
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


def _translation_problems(instrument: Instrument) -> Iterator[str]:
    """A translation is whole, or there is none: nobody is asked half in one language and half in another."""
    if (instrument.stem or instrument.translations) and not instrument.licence.ship_item_text:
        yield "found a stem or translations while licence.ship_item_text is false; allowed: a site's own texts/ file"
    whole = {item.id for item in instrument.items}
    for language, said in instrument.translations.items():
        if set(said.items) != whole:
            odd = ", ".join(sorted(set(said.items) ^ whole))
            yield f"found the translation {language} with items missing or too many: {odd}; allowed: every item of the instrument"
        if set(said.answers) != set(instrument.answers):
            yield f"found the translation {language} with answers {sorted(said.answers)}; allowed: {sorted(instrument.answers)}"
        if (said.stem is None) != (instrument.stem is None):
            yield f"found a stem only in one of the original and the translation {language}; allowed: both, or neither"
        if any(not text.strip() for text in (*said.items.values(), *said.answers.values(), said.stem or "-")):
            yield f"found an empty text in the translation {language}; allowed: the published wording"


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
