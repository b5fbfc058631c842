"""What counts as coinciding: how near a change of treatment is to a change of the ratings, and which doses are one dose. All design."""

from pydantic import model_validator

from euthymia.facts import Number, Strict


class CombinationRules(Strict):
    """The numbers of knowledge/combination/rules.toml."""

    before_days: Number
    edge_share: Number
    same_dose_share: Number

    @model_validator(mode="after")
    def _in_range(self) -> "CombinationRules":
        if self.before_days.value < 0:
            raise ValueError(f"found {self.before_days.value:g} days before; allowed: 0 or more")
        for name, share in (("edge_share", self.edge_share.value), ("same_dose_share", self.same_dose_share.value)):
            if not 0 <= share < 0.5:
                raise ValueError(f"found {name} {share:g}; allowed: 0 to less than 0.5")
        return self
