"""Which observations of a session speak of how a dose was tolerated, and how they are said. All design."""

from pydantic import Field

from euthymia.facts import Fact, Id, Strict


class SideEffects(Fact):
    """Observations by their ids, with the words for them."""

    observed: dict[Id, str] = Field(min_length=1)


class TitrationRules(Strict):
    """What stands in knowledge/titration/rules.toml."""

    side_effects: SideEffects
