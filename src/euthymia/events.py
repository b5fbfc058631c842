"""The kinds of event that a patient's record is made of.

Every event carries `id` (the source's), `at` (when it happened), `recorded_at` (when it became known), `source` and
`supersedes`. A kind comes with its JSON Schema, its CSV columns and its FHIR form.
"""

from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, field_validator, model_validator

from euthymia.moment import Moment

_FIRST_YEAR, _LAST_YEAR = 1850, 2199

Text = Annotated[str, Field(min_length=1)]
Phase = Literal["before_session", "after_dose", "unrelated"]
Disposition = Literal[
    "continue",
    "titrate",
    "change_interval",
    "add",
    "switch",
    "taper",
    "stop",
    "measure_again",
    "refer",
    "hold_by_agreement",
]


@cache
def _zones() -> frozenset[str]:
    """The IANA names of this machine: a walk through its files, of which once is enough."""
    return frozenset(available_timezones())


class Frozen(BaseModel):
    """A table of a record: frozen, no unknown fields."""

    # Text is stripped and never empty: a blank cell, "" and None all mean "not known", in every format.
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class EventBase(Frozen):
    """What every event carries. `id` is the source's, so that importing twice changes nothing."""

    id: Text
    at: Moment
    recorded_at: Moment | None = Field(None, description="When it became known (an instant); absent: as it happened.")
    source: Text | None = Field(None, description="Where it comes from: a system, a file, a person's role.")
    supersedes: Text | None = Field(
        None, description="The id of the event that this one corrects: of the same kind, and of the same instrument."
    )
    entered_in_error: bool = Field(False, description="This event never happened; with `supersedes`, neither did the one that it names.")

    @field_validator("at")
    @classmethod
    def _at_is_a_real_time(cls, value: Moment) -> Moment:
        # Other systems write "not known" as 0001-01-01 or 9999-12-31; nothing is reckoned from such a date.
        if not _FIRST_YEAR <= int(value.text[:4]) <= _LAST_YEAR:
            raise ValueError(f"found {value.text!r}; allowed: a year from {_FIRST_YEAR} to {_LAST_YEAR}")
        return value

    @field_validator("recorded_at")
    @classmethod
    def _recorded_at_is_an_instant(cls, value: Moment | None) -> Moment | None:
        if value is not None and value.precision != "instant":
            raise ValueError(f"found {value.text!r}; allowed: an instant with its offset (2026-03-01T09:30:00+01:00, or Z)")
        return value

    @model_validator(mode="after")
    def _corrects_another(self) -> "EventBase":
        if self.supersedes == self.id:
            raise ValueError(f"found the event {self.id!r} that supersedes itself; allowed: the id of another event")
        return self


class Code(Frozen):
    """A code with the system that it belongs to (a URI, as in FHIR)."""

    system: Text
    code: Text
    display: Text | None = None


class Person(EventBase):
    """Who the patient is. `at` is the day from which the statement holds."""

    kind: Literal["person"] = "person"
    name: Text | None = None
    birth_date: Moment | None = None
    sex: Literal["female", "male", "other", "unknown"] = "unknown"
    language: Text | None = Field(None, description="BCP 47, for example en or es-MX.")
    zone: Text | None = Field(None, description="The IANA zone in which the patient's calendar days are counted.")
    pregnancy_potential: bool | None = Field(None, description="None = not asked. Only False is a reason for 'not applicable'.")
    died: Moment | None = None

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, value: str | None) -> str | None:
        if value is not None and value not in _zones():
            raise ValueError(f"found the zone {value!r}; allowed: an IANA name such as Europe/Madrid or America/New_York")
        return value


class Episode(EventBase):
    """One episode of depression; `at` is its onset (or the day from which it is followed here)."""

    kind: Literal["episode"] = "episode"
    ended: Moment | None = None
    diagnosis: Text | None = None
    polarity: Literal["unipolar", "bipolar", "unknown"] = "unknown"
    psychotic: bool | None = None
    primary_instrument: Text | None = Field(None, description="The instrument that carries the verdict.")


class Target(EventBase):
    """What patient and prescriber agreed to call success. Changed only by a new entry with a reason."""

    kind: Literal["target"] = "target"
    definition: Text | None = Field(None, description="Id of an outcome definition of the catalog.")
    own_words: Text | None = Field(None, description="The patient's own words for being well.")
    by: Moment | None = None
    otherwise: Text | None = Field(None, description="What was agreed for the case that it is not reached.")
    reason: Text | None = Field(None, description="Why it replaces the target before it.")


class Plan(EventBase):
    """A treatment plan coming into force: protocol, phase, cadence. The last one stays in force."""

    kind: Literal["plan"] = "plan"
    protocol: Text | None = Field(None, description="Id of a protocol of the catalog.")
    phase: Text | None = Field(None, description="Id of a phase of that protocol; absent: its first.")
    summary: Text | None = Field(None, description="The plan in the prescriber's words.")
    session_interval_days: FiniteFloat | None = Field(None, ge=0.25, le=3660)
    rating_interval_days: FiniteFloat | None = Field(None, ge=0.25, le=3660)
    next_decision: Moment | None = None
    dose_lower: FiniteFloat | None = Field(None, gt=0, description="The prescriber's own lower bound of one dose for this patient.")
    dose_upper: FiniteFloat | None = Field(None, gt=0, description="The prescriber's own upper bound of one dose for this patient.")
    dose_unit: Literal["mg", "mg/kg"] = Field("mg", description="The unit of both bounds.")

    @model_validator(mode="after")
    def _bounds_in_order(self) -> "Plan":
        if self.dose_lower is not None and self.dose_upper is not None and self.dose_lower > self.dose_upper:
            raise ValueError(f"found dose_lower {self.dose_lower:g} above dose_upper {self.dose_upper:g}; allowed: lower at most upper")
        return self


class Assessment(EventBase):
    """One completed instrument at one time: its total, its answers, or both as they came."""

    kind: Literal["assessment"] = "assessment"
    instrument: Text
    version: Text | None = None
    language: Text | None = None
    mode: Literal["self", "staff_read", "clinician", "proxy"] | None = None
    rater: Text | None = None
    phase: Phase | None = Field(None, description="Relative to a dose; absent: not known.")
    hours_after_dose: FiniteFloat | None = Field(None, ge=0)
    answers: tuple[FiniteFloat | None, ...] | None = Field(None, min_length=1, description="In item order; null = not answered.")
    weights: tuple[FiniteFloat, ...] | None = Field(None, min_length=1, description="Goal Attainment Scaling: one weight a goal.")
    total: FiniteFloat | None = Field(None, description="In the instrument's reported metric (PROMIS: T; WHO-5: percent).")

    @field_validator("answers")
    @classmethod
    def _zero_has_no_sign(cls, value: tuple[float | None, ...] | None) -> tuple[float | None, ...] | None:
        # Some stores keep the sign of -0.0 and some drop it; one record has one digest.
        return value and tuple(None if answer is None else answer + 0.0 for answer in value)

    @model_validator(mode="after")
    def _says_something(self) -> "Assessment":
        if self.answers is None and self.total is None:
            raise ValueError("found neither a total nor answers; allowed: `total`, `answers`, or both")
        return self


class Request(EventBase):
    """A request to complete an instrument, sent to the patient; `at` is when it fell due."""

    kind: Literal["request"] = "request"
    instrument: Text
    outcome: Literal["open", "answered", "missed", "excused"] = "open"
    reason: Text | None = None


class DoseSession(EventBase):
    """A supervised dosing session (infusion, injection, nasal spray, ECT or TMS session in a clinic)."""

    kind: Literal["dose_session"] = "dose_session"
    treatment: Text
    route: Text | None = None
    dose_mg: FiniteFloat | None = Field(None, gt=0)
    dose_mg_per_kg: FiniteFloat | None = Field(None, gt=0)
    weight_kg: FiniteFloat | None = Field(None, gt=0)
    ended: Moment | None = None
    lot: Text | None = None
    monitored_by: Text | None = Field(None, description="Who watched the patient (a role or an identifier).")
    note: Text | None = None


class DoseLog(EventBase):
    """A dose at home, as logged by the patient. Never logged is unknown, never "taken"."""

    kind: Literal["dose_log"] = "dose_log"
    treatment: Text
    route: Text | None = None
    taken: Literal["taken", "not_taken", "changed", "unknown"] = "unknown"
    dose_mg: FiniteFloat | None = Field(None, gt=0)
    units: FiniteFloat | None = Field(None, gt=0, description="How many of the units dispensed (tablets, troches, sprays) it was.")
    someone_present: bool | None = None
    pressure: Literal["measured", "not_measured"] | None = Field(
        None, description="Whether blood pressure was measured with a cuff; the readings are measurements of their own."
    )
    effects_minutes: FiniteFloat | None = Field(None, ge=0, description="How long effects lasted; 0: none were felt.")
    worrying: bool | None = Field(None, description="Whether anything was worrying; what it was stands in `note`.")
    note: Text | None = None


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Regimen(EventBase):
    """Doses prescribed for home; `at`: the day from which it holds, until it ended or another of the drug and route began.

    Its days are weekdays, or every so many days from `at` on; where it names neither, no day is a day with a dose.
    """

    kind: Literal["regimen"] = "regimen"
    treatment: Text
    route: Text | None = None
    dose_mg: FiniteFloat | None = Field(None, gt=0, description="One dose.")
    weekdays: tuple[Weekday, ...] = ()
    every_days: FiniteFloat | None = Field(None, ge=1, le=366)
    doses_a_day: int = Field(1, ge=1, le=24, description="Doses on a day with a dose.")
    words: Text | None = Field(None, description="The prescription exactly as it was written; shown to the patient word for word.")
    prescriber: Text | None = None
    telehealth: bool | None = Field(None, description="Whether somebody of the clinic is there by video at each dose.")
    ended: Moment | None = None

    @model_validator(mode="after")
    def _one_way_to_say_the_days(self) -> "Regimen":
        if self.weekdays and self.every_days is not None:
            raise ValueError("found both weekdays and every_days; allowed: one of them, or neither where the days are not fixed")
        if len(set(self.weekdays)) != len(self.weekdays):
            raise ValueError(f"found a weekday twice in {', '.join(self.weekdays)}; allowed: each once")
        return self


class Dispensing(EventBase):
    """Something handed out for use at home; `at`: the day on which the patient received it."""

    kind: Literal["dispensing"] = "dispensing"
    treatment: Text
    route: Text | None = None
    quantity: FiniteFloat = Field(gt=0, description="How many units: tablets, troches, sprays.")
    unit_mg: FiniteFloat | None = Field(None, gt=0, description="What one unit holds.")
    days_supply: FiniteFloat | None = Field(None, gt=0, description="For how many days, as the pharmacy says.")
    pharmacy: Text | None = None
    compounded: bool | None = Field(None, description="Whether a pharmacy made it up, rather than a manufacturer.")
    lot: Text | None = None


class LeftOver(EventBase):
    """How many units were still there when they were counted; `at`: when. What nobody counted is not known."""

    kind: Literal["left_over"] = "left_over"
    treatment: Text
    route: Text | None = None
    units: FiniteFloat = Field(ge=0)
    counted_by: Literal["patient", "staff"] | None = None


class TreatmentCourse(EventBase):
    """A course that is not a drug: psychotherapy, TMS, ECT, light therapy; `at` is its start."""

    kind: Literal["treatment_course"] = "treatment_course"
    treatment: Text
    code: Code | None = None
    ended: Moment | None = None
    sessions_done: int | None = Field(None, ge=0)
    outcome: Literal["remission", "response", "partial", "none", "worse", "unknown"] = "unknown"
    outcome_source: Text | None = Field(None, description="How the outcome is known: 'PHQ-9 19 to 14', 'patient's report'.")
    technique: Text | None = Field(None, description="For example bilateral, right unilateral, iTBS, CBT for insomnia.")
    stopped_because: Text | None = None


class Medication(EventBase):
    """Any drug; `at` is its start. `intent` tells a prescription from what the patient says is taken."""

    kind: Literal["medication"] = "medication"
    drug: Text
    code: Code | None = None
    intent: Literal["prescribed", "reported", "dispensed"] = "prescribed"
    daily_dose_mg: FiniteFloat | None = Field(None, gt=0)
    dose_text: Text | None = None
    route: Text | None = None
    ended: Moment | None = None
    adherence_percent: FiniteFloat | None = Field(None, ge=0, le=100)
    outcome: Literal["remission", "response", "partial", "none", "worse", "unknown"] = "unknown"
    outcome_source: Text | None = Field(None, description="How the outcome is known: 'PHQ-9 19 to 14', 'patient's report'.")
    stopped_because: Text | None = None


class Condition(EventBase):
    """A diagnosis or problem; `at` is its onset."""

    kind: Literal["condition"] = "condition"
    condition: Text
    code: Code | None = None
    clinical_status: Literal["active", "remission", "resolved", "unknown"] = "unknown"
    verification: Literal["confirmed", "provisional", "refuted", "unconfirmed"] = "unconfirmed"
    ended: Moment | None = None


class Measurement(EventBase):
    """A vital sign or laboratory value with its UCUM unit."""

    kind: Literal["measurement"] = "measurement"
    measure: Text
    code: Code | None = None
    value: FiniteFloat | None = None
    unit: Text | None = Field(None, description="UCUM, for example mm[Hg].")
    text: Text | None = Field(None, description="A result that is not a number.")

    @model_validator(mode="after")
    def _says_something(self) -> "Measurement":
        if self.value is None and self.text is None:
            raise ValueError("found neither a value nor a text; allowed: `value` with `unit`, or `text`")
        return self


class Observation(EventBase):
    """Something looked at, asked or seen, with its answer: sleep apnoea, an escort, elevated mood in a session."""

    kind: Literal["observation"] = "observation"
    about: Text = Field(description="Id of the catalog's vocabulary of facts, for example escort_present; or words.")
    answer: Literal["yes", "no", "unclear"]
    of: Text | None = Field(None, description="The id of the event that it belongs to: a session, a dose.")
    by: Text | None = Field(None, description="Who looked (a role or an identifier).")
    note: Text | None = None


class Incident(EventBase):
    """Something that happened to the patient and that a verdict must know."""

    kind: Literal["incident"] = "incident"
    incident: Literal["hospitalisation", "attempt", "adverse_event"]
    description: Text | None = None
    serious: bool | None = None
    ended: Moment | None = None


class Goal(EventBase):
    """One of the patient's own goals, in the patient's words."""

    kind: Literal["goal"] = "goal"
    goal: Text
    weight: FiniteFloat = Field(1.0, gt=0)
    attainment: int | None = Field(None, ge=-2, le=2, description="-2 … +2; 0 = exactly as expected; None = not rated.")
    by: Moment | None = None


class Decision(EventBase):
    """What was decided at a decision point, by whom and why."""

    kind: Literal["decision"] = "decision"
    disposition: Disposition
    reason: Text | None = None
    reason_code: Text | None = Field(None, description="Id of the site's list of reasons.")
    option: Text | None = Field(None, description="Id of the option chosen.")
    second_opinion: Text | None = Field(None, description="Whose second opinion was asked, and when.")
    by: Text | None = Field(None, description="Who decided (a role or an identifier).")
    next_decision: Moment | None = None
    patient_reason: Text | None = Field(None, description="Hold by agreement: why the patient chooses it.")
    offered: tuple[Text, ...] = Field((), description="Hold by agreement: what was offered.")
    answers_review: Text | None = Field(None, description="Digest of the review that was answered.")

    @model_validator(mode="after")
    def _no_change_needs_a_reason(self) -> "Decision":
        if self.disposition == "continue" and not self.reason:
            raise ValueError("found 'continue' without a reason; allowed: 'no change' with its reason")
        if self.disposition == "hold_by_agreement" and not (self.patient_reason and self.next_decision):
            raise ValueError("found a hold by agreement without the patient's reason or the day of its review; both are needed")
        return self


class Concern(EventBase):
    """A worry of staff or patient that no instrument holds (free text is never scored)."""

    kind: Literal["concern"] = "concern"
    concern: Text
    about: Literal["suicidality", "mania", "psychosis", "misuse", "bladder", "other"] = "other"
    settled: Moment | None = None


Event = Annotated[
    Person
    | Episode
    | Target
    | Plan
    | Assessment
    | Request
    | DoseSession
    | DoseLog
    | Regimen
    | Dispensing
    | LeftOver
    | TreatmentCourse
    | Medication
    | Condition
    | Measurement
    | Observation
    | Incident
    | Goal
    | Decision
    | Concern,
    Field(discriminator="kind"),
]
EVENT_TYPES: tuple[type[EventBase], ...] = (
    Person, Episode, Target, Plan, Assessment, Request, DoseSession, DoseLog, Regimen, Dispensing,
    LeftOver, TreatmentCourse, Medication,
    Condition, Measurement, Observation, Incident, Goal, Decision, Concern,
)  # fmt: skip
KINDS: dict[str, type[EventBase]] = {t.model_fields["kind"].default: t for t in EVENT_TYPES}
