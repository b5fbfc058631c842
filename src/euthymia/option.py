"""An option as data: what could be done next, for whom it is listed, what speaks against it, what must be known first.

An option never says what should be done. Whether it is listed for one patient is decided by closed conditions on the
verdict, the trials and the circumstances; whether it may be offered by what it needs and by the rules that limit it.
"""

from collections.abc import Iterator
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from euthymia.facts import Fact, Id, Number, Strict

Group = Literal[
    "safety", "look", "continue", "optimise", "titrate", "change_interval", "psychotherapy", "augment", "add",
    "neuromodulation", "interventional", "switch", "taper", "stop", "agree",
]  # fmt: skip
VerdictStatus = Literal[
    "cannot_tell", "losing_ground", "remission", "moving_toward_remission",
    "too_early", "holding_above_remission", "not_improving", "undecided",
]  # fmt: skip
Disposition = Literal[
    "continue", "titrate", "change_interval", "add", "switch", "taper", "stop", "measure_again", "refer", "hold_by_agreement",
]  # fmt: skip
PLATEAU: tuple[VerdictStatus, ...] = ("holding_above_remission", "not_improving", "undecided")
TrialKind = Literal["antidepressant", "augmentation", "ect", "tms", "ketamine", "psychotherapy", "other"]
SpecialSource = Literal["doses", "polarity", "psychosis", "pregnancy_potential", "session_weight"]

# What the engine itself finds out about a patient; beside these, every looked-at item is a circumstance by its id.
CIRCUMSTANCES = (
    "antidepressant_running", "antidepressant_below_adequate", "augmentation_running",
    "partial_response", "response", "severe", "high_acuity", "many_trials", "aged_60",
    "ketamine_care", "esketamine_care", "racemic_care", "racemic_care_in_clinic", "home_care", "course_care",
    "can_step_up", "can_step_down", "minimum_reached", "futility_reached",
    "interval_lengthened", "interval_can_shorten", "lengthening_met", "dip",
    "remission_unconfirmed", "remission_long", "plan_recorded",
)  # fmt: skip
PLACEHOLDERS = frozenset({"status", "since", "trials", "running", "dose", "interval", "rating", "left", "tried", "futility", "protocol"})


def _known_placeholders(text: str) -> str:
    for _, name, _, _ in Formatter().parse(text):
        if name is not None and name not in PLACEHOLDERS:
            raise ValueError(f"found the placeholder {{{name}}}; allowed: {', '.join(sorted(PLACEHOLDERS))}")
    return text


Template = Annotated[str, Field(min_length=1), AfterValidator(_known_placeholders)]


class Listing(Fact):
    """One row of "listed when": every condition given must hold; `why` says it with this patient's facts.

    The status "plateau" stands for holding above remission, not improving and undecided.
    `trials_at_least`, `trials_at_most`: adequate trials of an antidepressant in this episode that did not end in response.
    """

    statuses: tuple[VerdictStatus | Literal["plateau"], ...] = Field(min_length=1)
    trials_at_least: int | None = Field(None, ge=1)
    trials_at_most: int | None = Field(None, ge=0)
    holds: tuple[str, ...] = Field((), description="Circumstances that must be known to hold.")
    not_when: tuple[str, ...] = Field((), description="Circumstances that must not be known to hold.")
    why: tuple[Template, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _can_hold(self) -> "Listing":
        if both := sorted({*self.holds} & {*self.not_when}):
            raise ValueError(f"found {', '.join(both)} in `holds` and in `not_when`; allowed: in one of them")
        least, most = self.trials_at_least, self.trials_at_most
        if least is not None and most is not None and least > most:
            raise ValueError(f"found trials_at_least {least} above trials_at_most {most}; allowed: at most it")
        return self


class Need(Fact):
    """What must be known before an option is offered; otherwise it is named as not offered, with the words given."""

    circumstance: str
    must_be: Literal["present", "absent"]
    otherwise: str = Field(description="Where it is known to be the other way.")
    unknown: str | None = Field(None, description="Where nobody can tell; absent: not knowing is named, and does not hold the option back.")


class Against(Fact):
    """What speaks against an option where a circumstance holds, or where one of the drugs is being taken."""

    circumstance: str | None = None
    drugs: tuple[str, ...] = ()
    words: str

    @model_validator(mode="after")
    def _one_condition(self) -> "Against":
        if (self.circumstance is None) == (not self.drugs):
            raise ValueError("found both or neither of `circumstance` and `drugs`; allowed: exactly one")
        return self


class Regulatory(Fact):
    """What authorities say of the use, in one text."""

    text: str


class Option(Fact):
    """One option. `adds`: something is added or increased, so the differential is looked at first.

    `treatments`, `kinds`, `drug_classes`: which trials of the history are trials of this option.
    """

    id: Id
    group: Group
    name: str
    what: str = Field(description="In plain words.")
    disposition: Disposition
    adds: bool = False
    ketamine: bool = Field(False, description="Ketamine content: not applicable under the adult age.")
    antidepressant: bool = Field(False, description="Says that bipolar disorder is not excluded where polarity is unknown.")
    treatments: tuple[str, ...] = ()
    techniques: tuple[str, ...] = Field((), description="Words of the technique of a course that is a trial of it.")
    not_techniques: tuple[str, ...] = Field((), description="Words with which a course is a trial of something else.")
    kinds: tuple[TrialKind, ...] = ()
    limited_as: tuple[str, ...] = Field((), description="Beside its own group: the groups by which a rule can limit it.")
    other_route: bool = Field(False, description="Listed although its treatment is running: by another route.")
    regulatory: Regulatory
    listed_when: tuple[Listing, ...] = Field(min_length=1)
    needs: tuple[Need, ...] = ()
    against: tuple[Against, ...] = ()
    know_first: tuple[str, ...] = Field((), description="Ids of looked-at items.")
    question: str | None = Field(None, description="Id of the evidence question; absent: no study is in the catalog.")
    question_when: dict[str, str] = Field({}, description="Circumstance to another evidence question, the first that holds.")
    monitoring: tuple[str, ...] = ()

    def circumstances(self) -> Iterator[tuple[str, str]]:
        """Every circumstance named, with the place where it stands."""
        for place, row in enumerate(self.listed_when):
            yield from ((f"listed_when.{place}", name) for name in (*row.holds, *row.not_when))
        yield from ((f"needs.{place}", need.circumstance) for place, need in enumerate(self.needs))
        yield from ((f"against.{place}", each.circumstance) for place, each in enumerate(self.against) if each.circumstance)
        yield from (("question_when", name) for name in self.question_when)
        yield from (("know_first", name) for name in self.know_first)


class OptionFile(Strict):
    """The options of one file of `knowledge/options/`."""

    id: Id
    options: tuple[Option, ...] = Field(min_length=1)


class Reading(Fact):
    """How an instrument answers an item: by bands, by a cut-off (another for men, where there is one), or by one of its items."""

    instrument: str
    bands: tuple[str, ...] = ()
    cut_off: str | None = None
    cut_off_men: str | None = None
    item: str | None = None
    at_least: float | None = Field(None, description="Of `item`: the answer from which it is found.")
    rules_out: bool = Field(True, description="A lower score means that it was looked for and not found.")

    @model_validator(mode="after")
    def _one_way(self) -> "Reading":
        if sum((bool(self.bands), self.cut_off is not None, self.item is not None)) != 1:
            raise ValueError("found more or fewer than one of `bands`, `cut_off` and `item`; allowed: exactly one")
        if (self.item is None) != (self.at_least is None):
            raise ValueError("found one of `item` and `at_least`; allowed: both or neither")
        return self


class Measured(Fact):
    """A measurement by its names; outside `low` to `high` (in `unit`) it is found, without them it is only known."""

    names: tuple[str, ...] = Field(min_length=1)
    unit: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _range_with_unit(self) -> "Measured":
        if (self.low is not None or self.high is not None) and not self.unit:
            raise ValueError("found a range without `unit`; allowed: the units in which it holds")
        return self


class Looked(Fact):
    """Something that is looked at: where the record can answer, and how old an answer may be.

    `differential`: one of the reasons why a patient may not remit, to be looked at before anything is added.
    An observation's "yes" means found, its "no" means looked and not found.
    """

    id: Id
    words: str
    differential: bool = False
    ask: str = Field(description="What to do where nobody can tell.")
    max_age_days: float = Field(gt=0)
    observations: tuple[str, ...] = ()
    denied_by: tuple[str, ...] = Field((), description="Observations of a list gone through: absent where nothing says otherwise.")
    conditions: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()
    measured: tuple[Measured, ...] = ()
    also: tuple[SpecialSource, ...] = ()

    @model_validator(mode="after")
    def _can_be_answered(self) -> "Looked":
        if not (self.observations or self.conditions or self.drugs or self.readings or self.measured or self.also):
            raise ValueError("found nothing that could answer it; allowed: at least one source")
        return self


class LookedFile(Strict):
    """Everything that is looked at, and the one question that stands above it."""

    question: str
    looked: tuple[Looked, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> "LookedFile":
        ids = [each.id for each in self.looked]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"found {', '.join(twice)} twice; allowed: each once")
        if clash := sorted({*ids} & {*CIRCUMSTANCES}):
            raise ValueError(f"found {', '.join(clash)}, which the engine already uses; allowed: another id")
        return self


class OptionLimits(Strict):
    """The numbers that options rest on, and the order of the groups."""

    adult_age: Number
    older_age: Number
    many_trials: Number
    long_remission_days: Number
    adherence_percent: Number
    dose_log_days: Number
    interval_change_share: Number
    order: str = Field(description="How options are ordered, and what that does not mean.")
    groups: tuple[Group, ...]
    group_names: dict[Group, str]

    @model_validator(mode="after")
    def _every_group_once(self) -> "OptionLimits":
        known = set(Group.__args__)  # type: ignore[attr-defined]
        if {*self.groups} != known or len(self.groups) != len(known) or {*self.group_names} != known:
            raise ValueError("found groups or group_names that lack a group or have one twice; allowed: each group once")
        return self
