"""What long-term safety says: frozen, one part for each subject. What nobody measured is never measured, not fine."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from euthymia.facts import Status
from euthymia.followed import LongTermEvidence
from euthymia.rule import Severity
from euthymia.rules import CannotTell, Finding, WatchDue
from euthymia.rules.known import Known

# In the order of need: what stands first is said first.
SubjectState = Literal["finding", "never_measured", "cannot_tell", "overdue", "nothing_found", "not_applicable"]


@dataclass(frozen=True)
class Given:
    """All doses of one drug by one route. `mg`: the sum of those known; `mg_unknown`: how many are not in it."""

    drug: str
    route: str | None
    supervised: int
    at_home: int
    mg: float
    mg_unknown: int
    first: date
    last: date


@dataclass(frozen=True)
class Accrued:
    """The exposure so far at the end of a day with a dose: sessions and doses, and the known mg of each of `given`."""

    day: date
    doses: int
    mg: tuple[float, ...]


@dataclass(frozen=True)
class Exposure:
    """Cumulative exposure. mg are summed within one drug and route alone: a mg is not the same by another route.

    `unclear`: logs at home that do not say whether the dose was taken; `undated`: doses whose day is not known;
    `listed`: ketamine among the medicines, of which single doses are not recorded.
    """

    given: tuple[Given, ...]
    course: tuple[Accrued, ...]
    doses: int
    unclear: int
    undated: int
    listed: tuple[str, ...]

    def doses_by(self, day: date) -> int:
        """Sessions and doses by the end of a day."""
        return max((accrued.doses for accrued in self.course if accrued.day <= day), default=0)


@dataclass(frozen=True)
class Point:
    """One reading or answer. `value` None: it cannot be used, and `why`; `upper`: of a number known as a range.

    `doses`: sessions and doses by the end of its day.
    """

    day: date
    value: float | str | None
    doses: int
    source: str
    upper: float | None = None
    why: str = ""


@dataclass(frozen=True)
class Threshold:
    """A number at which something follows. `value` is compared with the reading itself, or with its change since the own first one.

    `level`: where it stands among the readings (None: no own first one is known). `status`: of the number; `rule_status`: of what follows.
    """

    rule: str
    severity: Severity
    op: str
    value: float
    unit: str
    since_first: bool
    level: float | None
    question: str
    actions: tuple[str, ...]
    status: Status
    rule_status: Status
    source: str
    note: str


@dataclass(frozen=True)
class Series:
    """One fact over time. `last`: as it stands now, however old; `first`, `change`: of numbers, against the patient's own first one.

    `stated`: somebody measured or said it, it is not computed. `answers`: how yes and no are said of it. `worse`: in which
    direction a number gets worse, or which answer is the worse one. `unrecorded`: of what belongs to a session, of how many
    sessions it is not known, and how many there were.
    """

    fact: str
    words: str
    unit: str
    numeric: bool
    stated: bool
    answers: tuple[str, str]
    points: tuple[Point, ...]
    last: Known
    age_days: int | None
    first: Point | None
    change: float | None
    worse: Literal["up", "down", "yes", "no"]
    thresholds: tuple[Threshold, ...]
    unrecorded: tuple[int, int] | None = None


@dataclass(frozen=True)
class Referred:
    """A referral as it stands in the record: an answer to the question, or a decision to refer."""

    day: date
    words: str
    source: Literal["observation", "decision"]


@dataclass(frozen=True)
class Referral:
    """Whether a subject's findings ask for a referral, and whether one is recorded: since then, before it, answered with no, or none."""

    to: str
    fact: str
    asked: bool
    state: Literal["recorded", "older", "not_referred", "none"]
    recorded: tuple[Referred, ...]


@dataclass(frozen=True)
class Subject:
    """One subject: its state, its series, what the rules find or cannot tell, why others say nothing, what is due.

    `drawn`: the facts whose numbers are drawn, each tuple on one axis.
    """

    id: str
    name: str
    state: SubjectState
    series: tuple[Series, ...]
    results: tuple[Finding | CannotTell, ...]
    reasons: tuple[str, ...]
    due: tuple[WatchDue, ...]
    referral: Referral | None
    drawn: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class SessionSeen:
    """What was recorded around one dose; `missing` says what was not. `same_dose`: as at the dose before it, of the drug and route."""

    id: str
    day: date
    dose: str
    at_home: bool
    number: int
    same_dose: bool | None
    systolic_before: float | None
    diastolic_before: float | None
    systolic_peak: float | None
    diastolic_peak: float | None
    cadss6: float | None
    missing: tuple[str, ...]


@dataclass(frozen=True)
class FollowUp:
    """Long-term safety on one page. `home_without_readings`: doses at home around which nothing was measured.

    `referrals`: decisions to refer that name none of the subjects' own places.
    """

    on: date
    care: Literal["current", "former"]
    exposure: Exposure
    subjects: tuple[Subject, ...]
    sessions: tuple[SessionSeen, ...]
    home_without_readings: int
    referrals: tuple[Referred, ...]
    evidence: LongTermEvidence | None
    evidence_source: str
