"""The kinds of event that a patient's record is made of. A kind comes with its JSON Schema, its CSV columns and its FHIR form."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, field_validator, model_validator

from euthymia.event import Code, EventBase, Frozen, Text, zones
from euthymia.home_events import Dispensing, DoseLog, LeftOver, Regimen
from euthymia.moment import Moment

__all__ = [
    "EVENT_TYPES", "KINDS", "Assessment", "Code", "Concern", "Condition", "Decision", "Dispensing", "Disposition", "DoseLog",
    "DoseSession", "Episode", "Event", "EventBase", "Frozen", "Goal", "Incident", "LeftOver", "Measurement", "Medication",
    "Observation", "Person", "Phase", "Plan", "Regimen", "Request", "Target", "Text", "TreatmentCourse",
]  # fmt: skip

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
        if value is not None and value not in zones():
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
