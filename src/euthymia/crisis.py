"""Whom a patient can call: emergency numbers and crisis lines by country, and which country this site is in."""

from pydantic import Field

from euthymia.facts import Fact, Id, Strict


class CrisisLine(Fact):
    """One line that answers at any hour. `hints`: what a caller must know, by language ("press 2 for Spanish")."""

    name: str = Field(min_length=1)
    number: str = Field(min_length=1)
    texts: bool = Field(False, description="Whether the number takes text messages too.")
    hints: dict[Id, str] = Field({})


class EmergencyNumber(Fact):
    """The number of the emergency services of a country."""

    number: str = Field(min_length=1)


class Country(Strict):
    """One country, by its two letters."""

    name: str
    emergency: EmergencyNumber
    lines: tuple[CrisisLine, ...] = Field(min_length=1)


class CrisisLines(Strict):
    """Every country that the catalog knows."""

    countries: dict[Id, Country]


class Here(Strict):
    """What a site says of itself on the patient's page: its country, and how to reach it, by language. Nothing is assumed."""

    country: Id | None = None
    contact: dict[Id, str] = Field({})
