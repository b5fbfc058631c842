"""What medicine knows, merged and frozen: the shipped base plus a site's own files. `loading.py` reads it."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, Field

from euthymia.definition import Definition
from euthymia.facts import Fact, Number, Reference, Status, Strict
from euthymia.instrument import Instrument
from euthymia.population import Population
from euthymia.protocol import Protocol


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
