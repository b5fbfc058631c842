"""What medicine knows, merged and frozen: the shipped base plus a site's own files. `loading.py` reads it."""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, Field

from euthymia.alerting import AlertRules
from euthymia.base_rates import BaseRates
from euthymia.combination_rules import CombinationRules
from euthymia.crisis import CrisisLines, Here
from euthymia.decision import DecisionRules
from euthymia.definition import Definition
from euthymia.facts import Fact, Number, Reference, Status, Strict
from euthymia.followed import Followed, LongTermEvidence
from euthymia.home_rules import HomeRules
from euthymia.instrument import Instrument
from euthymia.ledger_rules import LedgerRules
from euthymia.monitoring_form import MonitoringForm
from euthymia.option import LookedFile, Option, OptionFile, OptionLimits
from euthymia.phrases import Phrases
from euthymia.plain_words import names_any, plain
from euthymia.population import Population
from euthymia.protocol import Protocol
from euthymia.question import GradingRules, Question
from euthymia.resistance_table import ResistanceTable
from euthymia.rule import DrugClass, Measured, RuleSet, UnitConversion, VocabularyFact
from euthymia.sheet_rules import SheetRules
from euthymia.study import Study
from euthymia.titration_rules import TitrationRules
from euthymia.treatment import AdequacyRules, Treatment


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
        return names_any(self.words, text)


class Catalog(Strict):
    """The merged knowledge: shipped base plus a site's own files. `digest` names its exact content."""

    version: str
    digest: str
    references: dict[str, Reference]
    instruments: dict[str, Instrument]
    definitions: dict[str, Definition]
    protocols: dict[str, Protocol]
    verdict: VerdictRules
    combination: CombinationRules
    titration: TitrationRules
    ledger: LedgerRules
    decisions: DecisionRules
    phrases: dict[str, Phrases]
    crisis_lines: CrisisLines
    here: Here
    alerts: AlertRules
    home: HomeRules
    option_files: dict[str, OptionFile]
    looking: LookedFile
    option_limits: OptionLimits
    populations: dict[str, Population]
    codes: dict[str, Term]
    forms: dict[str, MonitoringForm]
    treatments: dict[str, Treatment]
    adequacy: AdequacyRules
    resistance: ResistanceTable
    rules: dict[str, RuleSet]
    vocabulary: dict[str, VocabularyFact]
    measurements: dict[str, Measured]
    drug_classes: dict[str, DrugClass]
    conversions: tuple[UnitConversion, ...] = ()
    followed: dict[str, Followed] = Field({})
    long_term_evidence: LongTermEvidence | None = None
    sheet: SheetRules
    base_rates: BaseRates
    studies: dict[str, Study]
    questions: dict[str, Question]
    grading: GradingRules
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
        yield from _facts_in("ledger", self.ledger)
        yield from _facts_in("combination", self.combination)
        yield from _facts_in("titration", self.titration)
        for name, value in (("options", self.option_files), ("looking", self.looking), ("option_limits", self.option_limits)):
            yield from _facts_in(name, value)
        yield from _facts_in("decisions", self.decisions)
        yield from _facts_in("phrases", self.phrases)
        yield from _facts_in("help", self.crisis_lines)
        yield from _facts_in("help/alerts", self.alerts)
        yield from _facts_in("home", self.home)
        for name in ("treatments", "adequacy", "resistance", "forms"):
            yield from _facts_in(name, getattr(self, name))
        for name in ("studies", "questions", "grading"):
            yield from _facts_in(name, getattr(self, name))
        yield from _facts_in("sheet", self.sheet)
        yield from _facts_in("base_rates", self.base_rates)
        for name in ("rules", "vocabulary", "measurements", "drug_classes", "conversions", "long_term_evidence"):
            yield from _facts_in(name, getattr(self, name))

    @cached_property
    def measured_by_name(self) -> dict[str, str]:
        """Names (lower case, words apart by one space) and LOINC codes of measurements, to their ids in the vocabulary."""
        found = {plain(word): key for key, kind in self.measurements.items() for word in (key, *kind.words)}
        return found | {code: key for key, kind in self.measurements.items() for code in kind.loinc}

    def drug_classes_of(self, drug: str) -> tuple[str, ...]:
        """The classes that a drug's name belongs to, by its words; none where no class knows it."""
        if drug not in self._classes_found:
            self._classes_found[drug] = tuple(key for key, kind in self.drug_classes.items() if names_any(kind.words, drug))
        return self._classes_found[drug]

    @cached_property
    def _classes_found(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def treatment_words(self) -> dict[str, tuple[str | None, ...]]:
        """The words of every treatment to the ids that have them; None among them: a drug known to be no treatment of depression."""
        found: dict[str, tuple[str | None, ...]] = dict.fromkeys(self.adequacy.not_for_depression.words, (None,))
        for treatment in self.treatments.values():
            for word in treatment.words:
                found[word] = (*(name for name in found.get(word, ()) if name is not None), treatment.id)
        return found

    @cached_property
    def treatment_codes(self) -> dict[tuple[str | None, str], str]:
        """The codes (terminology, code) of every treatment, to its id."""
        return {(code.system, code.code.upper()): t.id for t in self.treatments.values() for code in t.codes}

    @cached_property
    def options(self) -> dict[str, Option]:
        """Every option by its id, in the order of the files."""
        return {option.id: option for file in self.option_files.values() for option in file.options}

    @cached_property
    def status_counts(self) -> dict[Status, int]:
        """How many facts are verified, recalled and design."""
        counts = Counter(fact.status for _, fact in self.facts())
        return {"verified": counts["verified"], "recalled": counts["recalled"], "design": counts["design"]}


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
