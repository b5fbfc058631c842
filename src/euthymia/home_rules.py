"""The numbers and words by which doses at home are reconciled: all are data, for a site to change."""

from typing import Literal, get_args

from pydantic import Field, model_validator

from euthymia.facts import Fact, Id, Number, Strict
from euthymia.plain_words import names_any, plain

HomeFindingKind = Literal[
    "early_refill", "above_regimen", "extra", "alone", "presence_unknown", "unlogged", "not_taken", "changed", "unaccounted",
    "more_than_dispensed", "pressure_not_measured", "worrying", "never_counted", "other_route",
]  # fmt: skip
FINDING_KINDS: tuple[HomeFindingKind, ...] = get_args(HomeFindingKind)


class HomeDrug(Fact):
    """A drug by the words that name it; of several the first in the file counts ("S-ketamine" is not "ketamine")."""

    words: tuple[str, ...] = Field(min_length=1)


class FindingWords(Fact):
    """A kind of finding: what it is called, and (`note`) when it is found."""

    words: str = Field(min_length=1)


class HomeNotice(Fact):
    """What is to be known of a drug at home. `unless_made_by_manufacturer`: not where every dispensing says that no pharmacy made it up."""

    id: Id
    drug: Id
    unless_made_by_manufacturer: bool
    words: str = Field(min_length=1)


class HomeRules(Strict):
    """The file `home/reconciling.toml`."""

    grace_days: Number = Field(description="Days that a planned dose may wait for its log before it counts as not logged.")
    look_back_days: Number = Field(description="How far back findings are listed and the stock is reckoned.")
    early_refill_days: Number = Field(description="So many days before the supply ends, by the regimen, a refill is not early.")
    unaccounted_units: Number = Field(description="So many units may be missing, or too many, without a finding.")
    count_days: Number = Field(description="What is left over is counted at least so often.")
    count_before_days: Number = Field(
        description="Where the supply ends within so many days, by the regimen, it is counted before the refill."
    )
    findings: dict[HomeFindingKind, FindingWords]
    drugs: dict[Id, HomeDrug]
    notices: tuple[HomeNotice, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> "HomeRules":
        if missing := [kind for kind in FINDING_KINDS if kind not in self.findings]:
            raise ValueError(f"found no words for the findings {', '.join(missing)}; allowed: words for each")
        for notice in self.notices:
            if notice.drug not in self.drugs:
                raise ValueError(f"found the drug {notice.drug!r} of a notice; allowed: {', '.join(self.drugs)}")
        return self

    def drug_of(self, treatment: str) -> str:
        """The drug that a record names: one of `drugs`, else its own words."""
        return next((key for key, drug in self.drugs.items() if names_any(drug.words, treatment)), plain(treatment).strip())
