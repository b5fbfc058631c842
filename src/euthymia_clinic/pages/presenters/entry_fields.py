"""The entries that staff make: for each kind of event, which fields in which order, with what words. Data, no forms by hand."""

from dataclasses import dataclass
from typing import Literal, get_args

from euthymia.event import EventBase
from euthymia.events import (
    Concern,
    Condition,
    DoseSession,
    Episode,
    Goal,
    Incident,
    Measurement,
    Medication,
    Observation,
    Person,
    Plan,
    Target,
    TreatmentCourse,
)
from euthymia.home_events import Dispensing, DoseLog, LeftOver, Regimen, Weekday

# moment: a day and a clock time, if known. roughly: a day, a month or a year. ahead: a day that may lie in the future.
# several: any of the choices, each a box to tick.
Input = Literal["text", "long", "number", "whole", "moment", "roughly", "ahead", "choice", "several", "yes_no"]
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Field:
    """One field of a form. `choices`: its own, or the name of a list that comes from the catalog; `suggests`: such a list, to pick from."""

    name: str
    label: str
    input: Input = "text"
    hint: str = ""
    choices: Choices | str = ()
    suggests: str = ""
    required: bool = False


@dataclass(frozen=True)
class Entry:
    """One kind of entry: its place in the address, its event, its words and its fields."""

    slug: str
    event: type[EventBase]
    title: str
    about: str
    fields: tuple[Field, ...]


WHEN = Field("at", "When", "moment", required=True)
SINCE = Field("at", "Since", "roughly", "A day, a month or a year: 2024-03-05, 2024-03 or 2024.", required=True)
ENDED = Field("ended", "Until", "roughly", "Empty: it goes on, or the end is not known.")
OUTCOMES: Choices = (
    ("unknown", "not known"), ("remission", "remission"), ("response", "response"), ("partial", "partial response"),
    ("none", "no response"), ("worse", "worse"),
)  # fmt: skip
OUTCOME = Field("outcome", "How it turned out", "choice", choices=OUTCOMES)
HOW_KNOWN = Field("outcome_source", "How that is known", hint="For example PHQ-9 19 to 14, or the patient’s report.")
STOPPED = Field("stopped_because", "Why it was stopped")
NOTE = Field("note", "Note", "long")
TREATMENT = Field("treatment", "Treatment", required=True, suggests="treatments")
ROUTE = Field("route", "Route", "choice", choices="routes")
WEEKDAYS: Choices = tuple((day, day.capitalize()) for day in get_args(Weekday))

ENTRIES: tuple[Entry, ...] = (
    Entry("session", DoseSession, "Dosing session", "A supervised session: infusion, injection, nasal spray, ECT or TMS.", (
        WHEN, TREATMENT, ROUTE,
        Field("dose_mg", "Dose, mg", "number"),
        Field("dose_mg_per_kg", "Dose, mg per kg", "number"),
        Field("weight_kg", "Weight, kg", "number"),
        Field("lot", "Lot"),
        Field("ended", "Ended", "moment"),
        Field("monitored_by", "Watched by", hint="Who stayed with the patient: a role, or a name."),
        NOTE,
    )),
    Entry("dose", DoseLog, "Dose at home", "A dose as the patient logged or told it. Not told is not known; it is never “taken”.", (
        WHEN, TREATMENT, ROUTE,
        Field("taken", "Was it taken", "choice",
              choices=(("unknown", "not known"), ("taken", "taken"), ("not_taken", "not taken"), ("changed", "changed"))),
        Field("dose_mg", "Dose, mg", "number"),
        Field("units", "Units", "number", "How many tablets, troches or sprays it was."),
        Field("someone_present", "Somebody was there", "yes_no"),
        Field("pressure", "Blood pressure with a cuff", "choice", "The readings are recorded as measurements of their own.",
              choices=(("measured", "measured"), ("not_measured", "not measured"))),
        Field("effects_minutes", "Effects lasted, minutes", "number", "0: none were felt. Empty: not known."),
        Field("worrying", "Anything worrying", "yes_no", "What it was goes into the note."),
        NOTE,
    )),
    Entry("regimen", Regimen, "Regimen for home", "Doses prescribed for home, until they end or others of the drug and route begin.", (
        Field("at", "From", "roughly", "The first day on which it holds; a month or a year where nobody knows better.", required=True),
        TREATMENT, ROUTE,
        Field("words", "The prescription, word for word", "long", "The patient is shown these words exactly as you write them."),
        Field("dose_mg", "One dose, mg", "number"),
        Field("weekdays", "On these days", "several", "None ticked: the days are counted below, or they are not fixed.", choices=WEEKDAYS),
        Field("every_days", "Or every so many days", "number", "3: every third day, from the first day on. Not beside weekdays."),
        Field("doses_a_day", "Doses on such a day", "whole", "Empty: one."),
        Field("prescriber", "Prescribed by"),
        Field("telehealth", "By video", "yes_no", "Whether somebody of the clinic is there by video at each dose."),
        ENDED,
    )),
    Entry("dispensing", Dispensing, "Dispensing", "What a pharmacy or the clinic handed out for use at home.", (
        Field("at", "Received on", "roughly", "The day on which the patient had it in hand.", required=True),
        TREATMENT, ROUTE,
        Field("quantity", "How many units", "number", "Tablets, troches or sprays; not boxes.", required=True),
        Field("unit_mg", "One unit holds, mg", "number"),
        Field("days_supply", "For how many days", "number", "As the pharmacy says."),
        Field("pharmacy", "Pharmacy"),
        Field("compounded", "Compounded", "yes_no", "Made up by a pharmacy, rather than by a manufacturer."),
        Field("lot", "Lot"),
    )),
    Entry("left_over", LeftOver, "Units left over", "What was still there when somebody counted. Not counted is not known, never none.", (
        Field("at", "Counted", "moment", required=True),
        TREATMENT, ROUTE,
        Field("units", "How many units", "number", "Tablets, troches or sprays; 0 where none was left.", required=True),
        Field("counted_by", "Counted by", "choice", choices=(("patient", "the patient"), ("staff", "staff"))),
    )),
    Entry("medication", Medication, "Medication", "Any drug, from its start; an end and an outcome where they are known.", (
        SINCE,
        Field("drug", "Drug", required=True, suggests="drugs"),
        Field("intent", "Known from", "choice",
              choices=(("prescribed", "a prescription"), ("reported", "what the patient says"), ("dispensed", "the pharmacy"))),
        Field("daily_dose_mg", "Daily dose, mg", "number"),
        Field("dose_text", "Dose in words"),
        Field("route", "Route", "choice", choices="routes"),
        ENDED,
        Field("adherence_percent", "Taken as prescribed, percent", "number"),
        OUTCOME, HOW_KNOWN, STOPPED,
    )),
    Entry("course", TreatmentCourse, "Treatment course", "A course that is not a drug: psychotherapy, TMS, ECT, light therapy.", (
        SINCE,
        Field("treatment", "Treatment", required=True, suggests="courses"),
        Field("technique", "Technique", hint="For example bilateral, iTBS, CBT for insomnia."),
        ENDED,
        Field("sessions_done", "Sessions done", "whole"),
        OUTCOME, HOW_KNOWN, STOPPED,
    )),
    Entry("plan", Plan, "Plan", "The protocol that comes into force, and its rhythm. It holds until the next plan.", (
        Field("at", "From", "moment", required=True),
        Field("protocol", "Protocol", "choice", choices="protocols"),
        Field("phase", "Phase", "choice", "Empty: its first.", choices="phases"),
        Field("summary", "The plan in your words", "long"),
        Field("session_interval_days", "Days from session to session", "number"),
        Field("rating_interval_days", "Days from rating to rating", "number"),
        Field("dose_lower", "Lowest dose for this patient", "number"),
        Field("dose_upper", "Highest dose for this patient", "number"),
        Field("dose_unit", "Unit of both doses", "choice", choices=(("mg", "mg"), ("mg/kg", "mg per kg"))),
        Field("next_decision", "Next decision", "ahead"),
    )),
    Entry("target", Target, "Target", "What you and the patient agree to call success.", (
        WHEN,
        Field("definition", "Definition", "choice", choices="definitions"),
        Field("own_words", "Being well, in the patient’s own words", "long"),
        Field("by", "By", "ahead"),
        Field("otherwise", "What was agreed for the case that it is not reached", "long"),
        Field("reason", "Why it replaces the target before it", "long", "Needed where a target stands already."),
    )),
    Entry("goal", Goal, "Goal", "One of the patient’s own goals; rated again as a new entry with the same words.", (
        WHEN,
        Field("goal", "Goal, in the patient’s words", required=True, suggests="goals"),
        Field("attainment", "Reached", "choice", choices=(
            ("-2", "−2 much less than expected"), ("-1", "−1 less than expected"), ("0", "0 as expected"),
            ("1", "+1 more than expected"), ("2", "+2 much more than expected"))),
        Field("weight", "Weight", "number", "How much it counts beside the others; 1 where nothing was said."),
        Field("by", "By", "ahead"),
    )),
    Entry("measurement", Measurement, "Measurement", "A vital sign or a laboratory value.", (
        WHEN,
        Field("measure", "What", required=True, suggests="measurements"),
        Field("value", "Value", "number"),
        Field("unit", "Unit", hint="UCUM: mm[Hg], kg, %, U/L.", suggests="units"),
        Field("text", "Result in words", hint="Where it is not a number."),
    )),
    Entry("observation", Observation, "Observation", "Something looked at or asked, with its answer.", (
        WHEN,
        Field("about", "About", "choice", choices="facts", required=True),
        Field("answer", "Answer", "choice", choices=(("yes", "yes"), ("no", "no"), ("unclear", "unclear")), required=True),
        NOTE,
    )),
    Entry("condition", Condition, "Diagnosis or problem", "From its onset.", (
        SINCE,
        Field("condition", "Diagnosis or problem", required=True),
        Field("clinical_status", "Now", "choice",
              choices=(("unknown", "not known"), ("active", "active"), ("remission", "in remission"), ("resolved", "resolved"))),
        Field("verification", "How sure", "choice", choices=(
            ("unconfirmed", "not confirmed"), ("confirmed", "confirmed"), ("provisional", "provisional"), ("refuted", "ruled out"))),
        ENDED,
    )),
    Entry("incident", Incident, "Incident", "Something that happened and that the verdict must know.", (
        WHEN,
        Field("incident", "What", "choice", required=True, choices=(
            ("hospitalisation", "hospital admission"), ("attempt", "suicide attempt"), ("adverse_event", "adverse event"))),
        Field("description", "In words", "long"),
        Field("serious", "Serious", "yes_no"),
        ENDED,
    )),
    Entry("concern", Concern, "Concern", "A worry that no instrument holds. Words are never scored; a person reads them.", (
        WHEN,
        Field("about", "About", "choice", choices=(
            ("other", "something else"), ("suicidality", "suicidal thoughts or behaviour"), ("mania", "mania"), ("psychosis", "psychosis"),
            ("misuse", "misuse"), ("bladder", "the bladder"))),
        Field("concern", "In words", "long", required=True),
        Field("settled", "Settled on", "roughly", "Empty: it still stands."),
    )),
    Entry("episode", Episode, "Episode", "The episode of depression that is followed; from its onset.", (
        SINCE,
        Field("diagnosis", "Diagnosis"),
        Field("polarity", "Polarity", "choice", choices=(("unknown", "not known"), ("unipolar", "unipolar"), ("bipolar", "bipolar"))),
        Field("psychotic", "With psychotic features", "yes_no"),
        Field("primary_instrument", "Instrument that carries the verdict", "choice", choices="severity_instruments"),
        ENDED,
    )),
    Entry("person", Person, "Person", "Who the patient is; what a rule must know of them.", (
        Field("at", "Holds from", "roughly", "A day, a month or a year.", required=True),
        Field("birth_date", "Born", "roughly", "A day, a month or a year."),
        Field("sex", "Sex", "choice", choices=(("unknown", "not known"), ("female", "female"), ("male", "male"), ("other", "other"))),
        Field("language", "Language", hint="For example en or es-MX."),
        Field("pregnancy_potential", "Pregnancy is possible", "yes_no", "Empty: not asked."),
        Field("died", "Died", "roughly"),
    )),
)  # fmt: skip
BY_SLUG = {entry.slug: entry for entry in ENTRIES}
BY_KIND = {entry.event.model_fields["kind"].default: entry for entry in ENTRIES}
