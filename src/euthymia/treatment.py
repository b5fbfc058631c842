"""A treatment as data: how a record names it, and what exposure to it counts as an adequate trial.

Source of the logic: the Antidepressant Treatment History Form (ATHF-SF, ATHF-SF2) and the MGH-ATRQ. Their dose tables
were not available, so nearly every minimum is recalled. A site's file of the same name replaces a shipped one.
"""

from typing import Literal

from pydantic import Field, FiniteFloat, model_validator

from euthymia.facts import Fact, Id, Number, Strict
from euthymia.plain_words import plain

TreatmentKind = Literal["antidepressant", "augmentation", "ect", "tms", "ketamine", "psychotherapy", "other"]
_UNIT_IN_MG = {"mg": 1.0, "ug": 0.001}  # The record holds milligrams.


class Dose(Fact):
    """A minimum adequate dose: a day's of a drug, one session's of a session drug.

    `forms`: it holds for a text that has one of these words. `routes`: it holds for these routes alone.
    """

    value: FiniteFloat = Field(gt=0)
    unit: Literal["mg", "ug", "mg/kg"] = "mg"
    forms: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()

    @property
    def amount(self) -> float:
        """In the unit of a record: mg, or mg/kg."""
        return self.value * _UNIT_IN_MG.get(self.unit, 1.0)

    def reached(self, amount: float) -> bool:
        """Whether an amount (mg, or mg/kg) reaches it; a rounding in a conversion of units decides nothing."""
        return amount >= self.amount * (1 - 1e-9)

    @property
    def words(self) -> str:
        return f"{self.value:g} {self.unit}"


class Level(Fact):
    """A blood level that counts as an adequate dose while it is in range."""

    measures: tuple[str, ...] = Field(min_length=1, description="Whole words by which a Measurement is recognised.")
    units: tuple[str, ...] = Field(min_length=1, description="Units in which the limits hold; another unit is not read.")
    at_least: FiniteFloat
    at_most: FiniteFloat | None = None
    instead_of_dose: bool = Field(True, description="False: without a level nothing is known, whatever the dose.")

    def holds(self, value: float) -> bool:
        """Whether a level is in range."""
        return value >= self.at_least and (self.at_most is None or value <= self.at_most)


class Sessions(Fact):
    """How many sessions are an adequate course."""

    minimum: int = Field(gt=0)
    within_days: float | None = Field(None, gt=0, description="They fall within this many days of the first of them.")
    fewer_if_remission: bool = False


class TreatmentCode(Fact):
    """A code of the treatment in a terminology."""

    system: Literal["rxnorm", "atc"]
    code: str = Field(min_length=2)


class Treatment(Fact):
    """One treatment. Its own status is that of its name, class and words; dose, level, days and sessions carry theirs.

    What is left out is not known: without a dose, a level, days or sessions no trial of it can be called adequate.
    """

    id: Id
    name: str
    kind: TreatmentKind
    drug_class: str | None = None
    also_augmentation: bool = Field(False, description="Begun beside a going antidepressant it is augmentation or combination.")
    technique: str | None = Field(None, description="What a course of it is, where the name says it: bilateral, iTBS.")
    words: tuple[str, ...] = Field(min_length=1, description="Whole words, lower case, by which a record names it.")
    dose: Dose | None = None
    form_doses: tuple[Dose, ...] = Field((), description="Minimum of a formulation, by its words.")
    other_doses: tuple[Dose, ...] = Field((), description="What other lists ask: shown beside, decides nothing.")
    level: Level | None = None
    days: Number | None = Field(None, description="Minimum days where they are not the general ones.")
    sessions: Sessions | None = None
    codes: tuple[TreatmentCode, ...] = ()

    @model_validator(mode="after")
    def _recognisable(self) -> "Treatment":
        wrong = [word for word in self.words if plain(word) != f" {word} "]
        if wrong:
            raise ValueError(f"found the words {wrong}; allowed: lower case letters, digits and single spaces")
        if any(not dose.forms for dose in self.form_doses):
            raise ValueError("found a dose of a formulation without `forms`; allowed: the words of the formulation")
        return self

    def dose_for(self, text: str) -> Dose | None:
        """The minimum that holds for a drug as it is written: of its formulation, else the general one."""
        said = plain(text)
        return next((d for d in self.form_doses if any(f" {word} " in said for word in d.forms)), self.dose)


class Words(Fact):
    """Words by which free text is recognised; whole words, lower case."""

    words: tuple[str, ...] = Field(min_length=1)

    def names(self, text: str | None) -> bool:
        """Whether a text has one of the words as a whole word."""
        said = plain(text or "")
        return any(f" {word} " in said for word in self.words)


class AdequacyRules(Strict):
    """What holds for every trial (knowledge/adequacy/rules.toml)."""

    minimum_days: Number
    atrq_days: Number
    adherence_percent: Number
    step_gap_days: Number
    open_entry_days: Number
    session_gap_days: Number
    cross_taper_days: Number
    intolerance: Words
    non_adherence: Words
    not_for_depression: Words
    depression_atc: Words = Field(description="Beginnings of ATC codes, lower case; any other is no treatment of depression.")


class TreatmentFile(Strict):
    """Many treatments in one file, each under its id."""

    treatments: dict[Id, Treatment] = Field(min_length=1)
