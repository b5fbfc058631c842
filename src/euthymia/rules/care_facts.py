"""Facts of the person and of the care that no record states as such: which treatment, how long, how many.

Each is made of what is recorded, or not known. Taking a recorded fact away makes the computed one unknown, never
another value; what counts as "none" or "no" is stated.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from euthymia.events import DoseLog, DoseSession, Episode, Person, Plan
from euthymia.moment import Moment
from euthymia.plain_words import names_any
from euthymia.protocol import Protocol
from euthymia.routes import route_named
from euthymia.rule import Computed, VocabularyFact
from euthymia.rules.readings import Reading, Scene, recorded
from euthymia.rules.sessions_today import gives_no_dose

Exposure = tuple[date, DoseSession | DoseLog]


def of_care(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    """The readings of a computed fact; none where nothing is known."""
    return _COMPUTED[fact.computed](scene, fact) if fact.computed in _COMPUTED else []


def exposures(scene: Scene) -> list[Exposure]:
    """Every ketamine session, and every dose at home that was taken, by day."""
    logged = [log for log in scene.record.of_kind(DoseLog) if log.was_taken]
    given: list[DoseSession | DoseLog] = [*scene.record.of_kind(DoseSession), *logged]
    found = [(e.at.day(scene.record.zone), e) for e in given if _is_ketamine(scene, e.treatment) and scene.seen(e)]
    return sorted(found, key=lambda pair: (pair[1].at.key(scene.record.zone), pair[1].id))


def _is_ketamine(scene: Scene, treatment: str) -> bool:
    return "ketamine" in scene.catalog.drug_classes_of(treatment)


def _protocols(scene: Scene) -> list[Protocol | None]:
    """The protocol of every plan recorded so far; None where it is not stated, not known here, or only "as so far"."""
    found = (scene.catalog.protocols.get(plan.protocol or "") for plan in scene.record.of_kind(Plan) if scene.seen(plan))
    return [None if protocol is None or protocol.id == scene.catalog.verdict.default_protocol else protocol for protocol in found]


def ketamine_care(scene: Scene) -> str | None:
    """current, former, none; None where it is not known: a plan without a protocol, or no plan, rules nothing out."""
    protocols, doses = _protocols(scene), exposures(scene)
    span = timedelta(days=scene.catalog.vocabulary["ketamine_care"].parameters["current_days"].value)
    if (protocols and protocols[-1] and protocols[-1].is_ketamine) or (doses and scene.on - doses[-1][0] <= span):
        return "current"
    if scene.medicines.get("ketamine"):
        return "current"
    if doses or any(protocol and protocol.is_ketamine for protocol in protocols):
        return "former"
    return None if not protocols or None in protocols else "none"


def _care(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    care = ketamine_care(scene)
    return scene.now(care, "plans and doses", why="" if care else "no plan says which treatment is given")


def _session(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    """Whether today's session is one of ketamine: by its treatment, else by the care that is given."""
    today = [s for s in scene.record.of_kind(DoseSession) if s.at.day(scene.record.zone) == scene.on]
    if any(_is_ketamine(scene, session.treatment) for session in today):
        return scene.now("yes", "today's session")
    if today and all(gives_no_dose(scene.catalog, session.treatment) for session in today):
        return scene.now("no", "today's session")
    known = {"current": "yes", "none": "no"}.get(ketamine_care(scene) or "") if not today else None
    return scene.now(known, "plans and doses", why="" if known else "what is given today is not known")


def _route(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    """Of the session, else of the protocol in force."""
    session = scene.session or (exposures(scene)[-1][1] if exposures(scene) and scene.phase is None else None)
    plan = _protocols(scene)
    said = session.route if session else plan[-1].route if plan and plan[-1] else None
    if session and said is None and names_any(("esketamine", "spravato"), session.treatment):
        said = "nasal"
    route = route_named(said)
    return scene.now(route, "session" if session else "plan", why="" if route else "the route is not recorded")


def _protocol(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    last = _protocols(scene)[-1:]
    known = last[0].kind if last and last[0] else None
    return scene.now(known, "plan in force", why="" if known else "no plan names a protocol")


def _primary(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    return scene.now(scene.episode.primary, "episode", why="no instrument carries the verdict")


def _age(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    born = next((p.birth_date for p in reversed(scene.record.of_kind(Person)) if p.birth_date), None)
    if born is None:
        return scene.now(None, "person", why="no date of birth is recorded")
    oldest, youngest = (_years(day, scene.on) for day in (born.day(scene.record.zone), born.last_day(scene.record.zone)))
    return scene.now(float(youngest), "date of birth", upper=float(oldest))


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _pregnancy_possible(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    """As recorded; where a pregnancy is recorded too, it is possible, whatever else was said."""
    if any(reading.value == "yes" for each in fact.of for reading in recorded(scene, each, scene.catalog.vocabulary[each])):
        return scene.now("yes", "record")
    said = next((p.pregnancy_potential for p in reversed(scene.record.of_kind(Person)) if p.pregnancy_potential is not None), None)
    known = None if said is None else "yes" if said else "no"
    return scene.now(known, "person", why="" if known else "nobody has asked")


def _polarity(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    known = None if scene.episode.polarity == "unknown" else scene.episode.polarity
    return scene.now(known, "episode", why="" if known else "the polarity is not recorded")


def _psychotic(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    said = next((e.psychotic for e in reversed(scene.record.of_kind(Episode))), None)
    return scene.now(None if said is None else "yes" if said else "no", "episode", why="not recorded of this episode")


def _weeks_in_phase(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    plan = scene.episode.plan
    started = scene.episode.treatment_started if plan.assumed else plan.since
    if started is None or started > scene.on:
        return scene.now(None, "plan", why="no plan and no treatment is recorded")
    return scene.now((scene.on - started).days / 7, "plan in force")


def _treatment_days(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    started = scene.episode.treatment_started
    return scene.now(None if started is None else float((scene.on - started).days), "plan, doses or drugs", why="its start is not recorded")


def _induction(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    """running, complete (its last day has come, and nothing has taken its place), over, or none: another treatment."""
    last, plan = _protocols(scene)[-1:], scene.episode.plan
    protocol = last[0] if last else None
    if protocol is None or protocol.id != plan.protocol:
        return scene.now(None, "plan", why="no plan names a protocol")
    if not protocol.is_ketamine:
        return scene.now("none", "plan in force")
    if plan.phase.id != protocol.phases[0].id:
        return scene.now("over", "plan in force")
    given = sum(1 for day, _ in exposures(scene) if day >= plan.since)
    enough = (scene.on - plan.since).days >= 7 * plan.phase.minimum_weeks
    # Where no session is recorded at all, the weeks decide: the verdict does the same.
    enough = enough and (not given or given >= (plan.phase.minimum_sessions or 0))
    return scene.now("complete" if enough else "running", "plan in force")


def _suicidality(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    """As it stands beside the name: `safety` is the authority."""
    known = {"positive": "yes", "negative": "no"}.get(scene.safe.suicidality)
    return scene.now(known, scene.safe.line, why="" if known else scene.safe.line)


def _cssrs_higher(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    """Whether the last triage is new or worse than the one before it."""
    instrument = scene.catalog.instruments[fact.of[0]]
    rank = [*(row.id for row in instrument.triage), "none"]
    days: dict[date, list[str | None]] = {}
    for rating in scene.ratings.get(instrument.id, []):
        days.setdefault(rating.day, []).append(rating.score.band if rating.score else None)
    if not days:
        return []
    day = max(days)
    before = days[max(earlier)] if (earlier := [d for d in days if d < day]) else ["none"]
    why = f"{instrument.short_name}: not every question was answered"
    if None in days[day] or None in before:
        return [Reading(None, Moment(day.isoformat(), "day"), day, day, instrument.short_name, why=why)]
    worst, worst_before = (min(rank.index(band or "none") for band in bands) for bands in (days[day], before))
    return [Reading("yes" if worst < worst_before else "no", Moment(day.isoformat(), "day"), day, day, instrument.short_name)]


def _after_dose_percent(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    """How much of the scale's range the ratings of the days after a dose still show."""
    instrument = scene.catalog.instruments.get(scene.episode.primary or "")
    if instrument is None or instrument.range is None or not instrument.lower_is_better:
        return []
    low, width = instrument.range.minimum, instrument.range.maximum - instrument.range.minimum
    after = [r for r in scene.ratings.get(instrument.id, []) if r.phase == "after_dose"]
    why = f"{instrument.short_name} after a dose: not every question was answered"
    values = [(r, None if r.total is None else 100 * (r.total - low) / width) for r in after]
    return [Reading(v, r.at, r.day, r.day, instrument.short_name, why="" if v is not None else why) for r, v in values]


def _sessions_within(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    span = timedelta(days=fact.parameters["days"].value)
    return scene.now(float(sum(1 for day, _ in exposures(scene) if scene.on - day < span)), "sessions and doses recorded")


def _sessions_in_all(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    return scene.now(float(len(exposures(scene))), "sessions and doses recorded")


def _days_since_session(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    days = [day for day, _ in exposures(scene)]
    return scene.now(float((scene.on - days[-1]).days) if days else None, "sessions and doses recorded", why="none is recorded")


def _drop(scene: Scene, first: float | None = None, last: float | None = None) -> Iterator[Reading]:
    """Improvement since the index in percent, at each counted rating (between two days of treatment, where they are given)."""
    index, started = scene.episode.index, scene.episode.treatment_started
    instrument = scene.catalog.instruments.get(scene.episode.primary or "")
    if index is None or not index.total or instrument is None or not instrument.lower_is_better:
        return
    for rating in scene.episode.series:
        day = (rating.day - started).days if started else None
        within = first is None or last is None or (day is not None and first <= day <= last)
        if within and rating.total is not None and rating.day > index.day and not scene.on < rating.day:
            yield Reading(100 * (index.total - rating.total) / index.total, rating.at, rating.day, rating.day, instrument.short_name)


def _percent_drop(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    return list(_drop(scene))


def _percent_drop_within(scene: Scene, fact: VocabularyFact) -> list[Reading]:
    return list(_drop(scene, fact.parameters["first_day"].value, fact.parameters["last_day"].value))


def _doses_alone(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    """Every dose at home says whether somebody was there, or it is not known."""
    logs = [log for day, log in exposures(scene) if isinstance(log, DoseLog)]
    words = {True: "no", False: "yes", None: None}
    return [scene.reading(log, words[log.someone_present], "dose log", "nobody said whether somebody was there") for log in logs]


def _above_bound(scene: Scene, _fact: VocabularyFact) -> list[Reading]:
    """Whether the last dose was above the prescriber's own upper bound."""
    plan = next(iter(reversed(scene.record.of_kind(Plan))), None)
    given = exposures(scene)
    if not given:
        return []
    dose = given[-1][1]
    per_kg = getattr(dose, "dose_mg_per_kg", None)
    amount = dose.dose_mg if plan is None or plan.dose_unit == "mg" else per_kg
    if plan is None or plan.dose_upper is None or amount is None:
        why = "no upper bound is recorded" if plan is None or plan.dose_upper is None else "the dose is not recorded"
        return [scene.reading(dose, None, "doses", why)]
    return [scene.reading(dose, "yes" if amount > plan.dose_upper else "no", "doses")]


_COMPUTED: dict[Computed | None, Callable[[Scene, VocabularyFact], list[Reading]]] = {
    "ketamine_care": _care, "ketamine_session": _session, "route": _route, "primary": _primary, "protocol": _protocol, "age": _age,
    "pregnancy_possible": _pregnancy_possible, "polarity": _polarity, "psychotic_episode": _psychotic,
    "weeks_in_phase": _weeks_in_phase, "days_since_treatment_start": _treatment_days,
    "induction": _induction, "suicidality": _suicidality, "cssrs_higher": _cssrs_higher,
    "percent_of_range_after_dose": _after_dose_percent, "sessions_within": _sessions_within, "sessions_in_all": _sessions_in_all,
    "days_since_last_session": _days_since_session, "percent_drop": _percent_drop, "percent_drop_within": _percent_drop_within,
    "doses_alone": _doses_alone, "dose_above_bound": _above_bound,
}  # fmt: skip
