"""What of a patient a study is held against: age, trials without response, psychosis, polarity, setting, route, other treatment.

What is not known is None, never a guess.
"""

from dataclasses import dataclass
from datetime import date

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import Episode, Incident, Person
from euthymia.evidence import Features
from euthymia.moment import Moment
from euthymia.options.doses_taken import running_drugs
from euthymia.position import Position
from euthymia.record import PatientRecord
from euthymia.resistance import History


@dataclass(frozen=True)
class Age:
    """Completed years as far as they are known: of a birth year alone, from the youngest to the oldest that it can be."""

    youngest: int | None
    oldest: int | None

    def surely_at_least(self, years: float) -> bool | None:
        """Whether the patient is at least so old; None where that cannot be told."""
        if self.youngest is None or self.oldest is None:
            return None
        return True if self.youngest >= years else False if self.oldest < years else None

    @property
    def words(self) -> str:
        """The age as it is said."""
        if self.youngest is None:
            return "age not known"
        return f"age {self.youngest}" if self.youngest == self.oldest else f"age {self.youngest} or {self.oldest}"


def age_on(record: PatientRecord, on: date) -> Age:
    """The age on `on`, from the last birth date recorded."""
    born = next((p.birth_date for p in reversed(record.of_kind(Person)) if p.birth_date), None)
    if born is None:
        return Age(None, None)
    first, last = born.day(record.zone), _last_day(born, record)
    return Age(_years(last, on), _years(first, on))


def features(record: PatientRecord, episode: CurrentEpisode, history: History, position: Position, catalog: Catalog, on: date) -> Features:
    """The features of the patient; `route`: of the protocol in force."""
    age, stated = age_on(record, on), next(reversed(record.of_kind(Episode)), None)
    tried = [t for t in history.trials if t.kind == "antidepressant" and t.in_episode is not False and not t.going_on]
    without = [t for t in tried if t.counts_as in ("no_response", "partial_response")]
    unsettled = any(t.counts_as == "cannot_tell" or t.in_episode is None for t in tried)
    return Features(
        age=None if age.youngest is None else float(age.youngest),
        # A number is only known where no trial is left open: one more could make it another.
        trials_without_response=None if unsettled else len(without),
        psychotic=stated.psychotic if stated else None,
        polarity=None if episode.polarity == "unknown" else episode.polarity,
        setting=_setting(record, episode, catalog),
        route=position.route,
        co_treatment=_co_treatment(record, history, on),
    )


def _co_treatment(record: PatientRecord, history: History, on: date) -> tuple[str, ...]:
    """The word "antidepressant" where one is running, and the drugs by name; empty where an unknown drug may be one."""
    running = [trial for trial in history.trials if trial.going_on]
    drugs = tuple(dict.fromkeys(drug.drug for drug in running_drugs(record, on)))
    if any(trial.kind == "antidepressant" for trial in running):
        return ("antidepressant", *drugs)
    return () if any(trial.treatment is None for trial in running) else drugs


def _setting(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog) -> str | None:
    """Inpatient during an admission; else as the plan recorded has it."""
    if any(i.incident == "hospitalisation" and i.ended is None and i.at.has_day for i in record.of_kind(Incident)[-1:]):
        return None  # An admission without an end: whether it goes on, nobody has said.
    if episode.plan.assumed:
        return None
    return {"home": "home", "clinic": "outpatient"}[catalog.protocols[episode.plan.protocol].setting]


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _last_day(born: Moment, record: PatientRecord) -> date:
    return born.last_day(record.zone)
