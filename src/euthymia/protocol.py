"""A treatment protocol as data: what is given, where, in which phases, on which regulatory ground."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Literal, NamedTuple

from pydantic import Field, model_validator

from euthymia.facts import Fact, Id, Strict
from euthymia.phase import Measured, Monitoring, ProtocolPhase, StopRule, Text, twice

__all__ = ["PhasePlace", "Protocol", "ProtocolPhase", "Regulation", "phase_order_problems"]

Kind = Literal["ketamine", "esketamine", "tms", "ect", "oral", "augmentation", "psychotherapy", "none"]


class Regulation(Fact):
    """What regulators say of this use, in words."""

    words: Text


class PhasePlace(NamedTuple):
    """Where a phase stands among the others: its id, its weeks (both included; None: not fixed, or open) and the phase after it."""

    id: str
    first_week: int | None
    last_week: int | None
    next: str | None


class Protocol(Strict):
    """A treatment protocol as data. `drugs`, `routes`: how records name them; no drugs: any session counts.

    `measures`, `monitoring` and `stop_rules` hold in every phase; a phase may add its own.
    """

    id: Id
    name: str
    kind: Kind
    setting: Literal["clinic", "home"]
    drugs: tuple[Text, ...] = ()
    routes: tuple[Text, ...] = ()
    regulation: Regulation
    measures: tuple[Measured, ...] = ()
    monitoring: tuple[Monitoring, ...] = ()
    stop_rules: tuple[StopRule, ...] = ()
    phases: tuple[ProtocolPhase, ...] = Field(min_length=1)

    @property
    def regulatory(self) -> str:
        return self.regulation.words

    @property
    def route(self) -> str | None:
        """The protocol's route in its usual words."""
        return self.routes[0] if self.routes else None

    def phase(self, phase_id: str | None) -> ProtocolPhase | None:
        """The phase of that id; the first phase where none is named; None where it is unknown."""
        return self.phases[0] if phase_id is None else next((p for p in self.phases if p.id == phase_id), None)

    @property
    def is_ketamine(self) -> bool:
        """Whether what it gives is ketamine or esketamine."""
        return self.kind in ("ketamine", "esketamine")

    def gives(self, treatment: str) -> bool:
        """Whether a recorded treatment is this protocol's: one of its words as a whole word ("s-ketamine" is not "ketamine")."""
        return not self.drugs or any(_names(treatment, word) for word in self.drugs)

    def by_its_route(self, route: str | None) -> bool | None:
        """Whether a recorded route is this protocol's; None where nobody said."""
        if not self.routes:
            return True
        return None if route is None else any(_names(route, word) for word in self.routes)

    @model_validator(mode="after")
    def _coherent(self) -> "Protocol":
        problems = list(phase_order_problems(PhasePlace(p.id, p.first_week, p.last_week, p.next) for p in self.phases))
        problems += _shared_ids(self)
        if problems:
            raise ValueError("\n".join(dict.fromkeys(problems)))
        return self


def phase_order_problems(phases: Iterable[PhasePlace]) -> Iterator[str]:
    """What contradicts itself between the phases: ids twice, weeks that overlap or are in none, a next phase that is not there."""
    places = list(phases)
    ids = [place.id for place in places]
    if again := twice(ids):
        yield f"found the phase {', '.join(again)} twice; allowed: each id once"
    for place in places:
        if place.next is not None and (place.next not in ids or place.next == place.id):
            others = ", ".join(name for name in ids if name != place.id) or "none"
            yield f"found the phase {place.id} followed by {place.next!r}; allowed: another phase of this protocol ({others})"
    dated = [place for place in places if place.first_week is not None]
    if dated and dated[0] is places[0] and dated[0].first_week != 1:
        yield f"found the first phase from week {dated[0].first_week}; allowed: from week 1"
    for before, after in pairwise(dated):
        end, start = before.last_week, after.first_week or 1
        if end is None or start <= end:
            until = "without a last week" if end is None else f"to week {end}"
            yield f"found the phase {after.id} from week {start} after {before.id} {until}: they overlap; allowed: one phase a week"
        elif start > end + 1:
            yield f"found no phase between week {end} ({before.id}) and week {start} ({after.id}); allowed: no gap"


def _shared_ids(protocol: Protocol) -> Iterator[str]:
    """Ids that a phase gives once more although the whole protocol has them."""
    for name in ("monitoring", "stop_rules"):
        for phase in protocol.phases:
            if again := twice(part.id for part in (*getattr(protocol, name), *getattr(phase, name))):
                yield f"found {name} with the id {', '.join(again)} twice; allowed: each once in the protocol and its phases"


def _names(text: str, word: str) -> bool:
    """Whether a text has a word (or words) as a whole word, whatever its case; a hyphen joins."""
    said = "".join(letter if letter.isalnum() or letter == "-" else " " for letter in text.lower())
    return f" {word.lower()} " in f" {' '.join(said.split())} "
