"""All treatment trials of a record: entries put together, each trial judged, and what each one says."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from euthymia.adequacy.drugs import judge_drug
from euthymia.adequacy.entries import DrugEntries, days_of, grouped
from euthymia.adequacy.naming import Named, named
from euthymia.adequacy.sessions import Session, SessionCourse, courses, judge_sessions
from euthymia.adequacy.spans import Between
from euthymia.adequacy.trial import Judgement, Trial, TrialOutcome, counts_as
from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import DoseLog, DoseSession, Episode, Medication, TreatmentCourse
from euthymia.plain_words import plain
from euthymia.record import PatientRecord

Summary = TreatmentCourse | Medication


@dataclass(frozen=True)
class _Dated:
    """A trial with the days between which it can have begun and ended."""

    trial: Trial
    begin: Between
    end: Between


@dataclass(frozen=True)
class _Sorted:
    """The entries of a record by the treatment that they name."""

    drugs: dict[str, tuple[Named, list[Medication]]]
    sessions: dict[str, tuple[Named, list[Session], list[Summary]]]
    others: tuple[str, ...]


def trials(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date) -> tuple[Trial, ...]:
    """Every treatment trial recorded until `on`, by time. `record` is cut at `on`; nothing that names a treatment is left out."""
    del episode  # Its onset may be a month or a year: the event itself says so.
    entries = _sorted(record, catalog)
    onset = _onset(record, on)
    found = [
        dated
        for name, events in entries.drugs.values()
        for group in grouped(record, events, name.treatment, catalog, on)
        for dated in [_drug_trial(record, name, group, catalog, on, onset)]
    ]
    for name, sessions, summaries in entries.sessions.values():
        groups = courses(record, sessions, summaries, catalog, on)
        found += [_course_trial(record, name, course, catalog, on, onset) for course in groups]
    roles = [_role(dated, found, catalog) for dated in found]
    return tuple(d.trial for d in sorted(roles, key=lambda d: (d.begin.low, d.begin.high, d.trial.id)))


def not_trials(record: PatientRecord, catalog: Catalog) -> tuple[str, ...]:
    """The drugs and courses of a record that the catalog knows not to be treatments of depression, by name."""
    return _sorted(record, catalog).others


def _onset(record: PatientRecord, on: date) -> Between | None:
    episodes = record.of_kind(Episode)
    return days_of(episodes[-1].at, record.zone, on) if episodes else None


def _sorted(record: PatientRecord, catalog: Catalog) -> _Sorted:
    """Entries by treatment (sessions also by route: routes are never compared); unknown ones by their name."""
    drugs: dict[str, tuple[Named, list[Medication]]] = {}
    sessions: dict[str, tuple[Named, list[Session], list[Summary]]] = {}
    others: dict[str, None] = {}
    for drug in record.of_kind(Medication):
        name = named(catalog, drug.drug, drug.code)
        if name.state == "not_for_depression":
            others[drug.drug] = None
        elif name.treatment is not None and name.treatment.kind in ("ketamine", "ect", "tms", "psychotherapy"):
            _place(sessions, name, drug.drug, drug.route)[2].append(drug)
        else:
            drugs.setdefault(_key(name, drug.drug, None), (name, []))[1].append(drug)
    for course in record.of_kind(TreatmentCourse):
        name = _course_named(catalog, course)
        if name.state == "not_for_depression":
            others[f"{course.treatment} ({course.technique})" if course.technique else course.treatment] = None
        else:
            _place(sessions, name, course.treatment, None)[2].append(course)
    each: list[Session] = [*record.of_kind(DoseSession), *record.of_kind(DoseLog)]
    for session in each:
        name = named(catalog, session.treatment)
        _place(sessions, name, session.treatment, session.route)[1].append(session)
    return _Sorted(drugs, sessions, tuple(others))


def _course_named(catalog: Catalog, course: TreatmentCourse) -> Named:
    """What a course names: its technique where that is the more exact name (iTBS, CBT for insomnia)."""
    by_technique = named(catalog, course.technique or "")
    whole = named(catalog, course.treatment, course.code)
    return by_technique if by_technique.state in ("known", "not_for_depression") else whole


def _key(name: Named, text: str, route: str | None) -> str:
    return f"{name.treatment.id if name.treatment else plain(text)}/{route or ''}"


def _place(
    sessions: dict[str, tuple[Named, list[Session], list[Summary]]], name: Named, text: str, route: str | None
) -> tuple[Named, list[Session], list[Summary]]:
    by_route = name.treatment is not None and name.treatment.dose is not None and bool(name.treatment.dose.routes)
    return sessions.setdefault(_key(name, text, (route or "").lower() if by_route else None), (name, [], []))


def _drug_trial(record: PatientRecord, name: Named, found: DrugEntries, catalog: Catalog, on: date, onset: Between | None) -> _Dated:
    entries = found.entries
    if found.contradiction:
        judged = _contradiction(entries[0])
    elif name.treatment is None:
        judged = _not_known(name, entries)
    else:
        judged = judge_drug(found, name.treatment, catalog, on, onset)
    begins = [days_of(entry.at, record.zone, on) for entry in entries]
    ends = [s.end for s in found.stretches] or begins
    end = Between(max(e.low for e in ends), max(e.high for e in ends))
    if name.treatment is None and not found.contradiction:
        judged = replace(judged, in_episode=_when(begins[0], end, onset))
    outcome, source = _outcome(entries)
    adherence = [e.adherence_percent for e in entries if e.adherence_percent is not None]
    trial = _trial(name, entries, entries[0].drug, judged, outcome, source, found.going_on)
    return _Dated(replace(trial, adherence_percent=min(adherence, default=None)), begins[0], end)


def _course_trial(record: PatientRecord, name: Named, course: SessionCourse, catalog: Catalog, on: date, onset: Between | None) -> _Dated:
    events = sorted([*course.sessions, *course.courses], key=lambda e: (e.at.key(record.zone), e.id))
    outcome, source = _outcome(course.courses)
    if course.contradiction:
        judged = _contradiction(course.courses[0])
    elif name.treatment is None:
        judged = _not_known(name, events)
    else:
        judged = judge_sessions(course, name.treatment, record, catalog, on, outcome)
    begin = days_of(events[0].at, record.zone, on)
    end = Between(max(begin.low, course.last_day if not course.going_on else begin.low), max(begin.high, course.last_day))
    if not course.contradiction:
        judged = replace(judged, in_episode=_when(begin, end, onset))
    text = next((c.treatment if isinstance(c, TreatmentCourse) else c.drug for c in course.courses), None)
    text = text or next(s.treatment for s in course.sessions)
    trial = _trial(name, events, text, judged, outcome, source, course.going_on)
    technique = next((c.technique for c in course.courses if isinstance(c, TreatmentCourse) and c.technique), None)
    return _Dated(replace(trial, drug=False, technique=technique or (name.treatment.technique if name.treatment else None)), begin, end)


def _when(begin: Between, end: Between, onset: Between | None) -> bool | None:
    if onset is None:
        return None
    return True if begin.low >= onset.high else False if end.high <= onset.low else None


def _trial(
    name: Named,
    events: Sequence[Session | Summary],
    text: str,
    judged: Judgement,
    outcome: TrialOutcome,
    source: str | None,
    going_on: bool,
) -> Trial:
    """The trial as it is handed on."""
    known = name.treatment
    ends = [event.ended for event in events if isinstance(event, TreatmentCourse | Medication)]
    last = None if going_on or None in ends[-1:] else next(iter(ends[-1:]), None)
    if not ends and not going_on:  # sessions alone: the last of them
        last = events[-1].at
    return Trial(
        id=events[0].id,
        events=tuple(event.id for event in events),
        treatment=known.id if known else None,
        name=text,
        kind=known.kind if known else "other",
        drug_class=known.drug_class if known else None,
        start=events[0].at,
        end=last,
        ended_known=last is not None,
        going_on=going_on,
        in_episode=judged.in_episode,
        exposure=judged.exposure,
        adequacy=judged.adequacy,
        why=judged.why,
        reasons=(*judged.reasons, *([name.note] if name.note else [])),
        missing=judged.missing,
        outcome=outcome,
        outcome_source=source,
        counts_as=counts_as(judged.adequacy, outcome),
        basis=judged.basis,
        days_lowest=judged.days_lowest,
        days_highest=judged.days_highest,
        atrq=judged.atrq,
        not_known=judged.not_known,
        may_be=name.antidepressants,
    )


def _outcome(entries: Iterable[Summary]) -> tuple[TrialOutcome, str | None]:
    """How the last entry turned out; what was said at an earlier dose is not the outcome of the trial."""
    told = [entry for entry in entries if not (isinstance(entry, Medication) and entry.intent == "dispensed")] or list(entries)
    last = [entry for entry in told if entry.at == told[-1].at]
    known = {entry.outcome for entry in last if entry.outcome != "unknown"}
    if len(known) != 1:
        return "unknown", None
    outcome = known.pop()
    return outcome, next((entry.outcome_source for entry in last if entry.outcome == outcome), None)


def _contradiction(entry: Summary) -> Judgement:
    said = f"ends ({entry.ended}) before it starts ({entry.at}): one of the two is wrong"
    missing = ("the day on which it began, and the day on which it ended",)
    return Judgement("indeterminate", None, "dates contradict each other", (said,), missing, "design", not_known=("duration",))


def _not_known(name: Named, events: Sequence[Session | Summary]) -> Judgement:
    """A treatment that the catalog does not know is kept."""
    doses = [e.daily_dose_mg for e in events if isinstance(e, Medication) and e.daily_dose_mg is not None]
    exposure = f"{doses[-1]:g} mg a day" if doses else "exposure not judged"
    said = name.note or "not in the catalog: cannot tell"
    missing = "which treatment it was" if name.note else "whether it is a treatment of depression, and its minimum"
    return Judgement("indeterminate", None, exposure, (said,), (missing,), "design", not_known=("dose", "duration"))


def _role(dated: _Dated, everything: Sequence[_Dated], catalog: Catalog) -> _Dated:
    """Augmentation has its own line; a drug that is both is one where an antidepressant surely went on beside it."""
    trial = dated.trial
    both = trial.kind == "antidepressant" and trial.treatment is not None and catalog.treatments[trial.treatment].also_augmentation
    if trial.kind != "augmentation" and not both:
        return dated
    beside = list(_beside(dated, everything, catalog))
    names = tuple(dict.fromkeys(other.trial.name for other, _ in beside))
    if trial.kind == "augmentation":
        said = f"added to {', '.join(names)}" if names else "no antidepressant is recorded beside it"
        return replace(dated, trial=replace(trial, added_to=names, reasons=(said, *trial.reasons)))
    if not beside:
        return dated
    sure = tuple(dict.fromkeys(other.trial.name for other, surely in beside if surely))
    if sure:
        said = f"augmentation or combination: begun while {', '.join(sure)} went on"
        return replace(dated, trial=replace(trial, kind="augmentation", added_to=sure, reasons=(said, *trial.reasons)))
    asked = f"whether {', '.join(names)} was still taken at an adequate dose when it was begun (then it is augmentation or combination)"
    unsure = "cannot_tell" if trial.counts_as in ("no_response", "partial_response") else trial.counts_as
    return replace(dated, trial=replace(trial, added_to=names, counts_as=unsure, missing=(*trial.missing, asked)))


def _beside(dated: _Dated, everything: Sequence[_Dated], catalog: Catalog) -> Iterator[tuple[_Dated, bool]]:
    """The antidepressants that may have gone on, longer than a cross-taper, when a trial was begun; and whether they surely did."""
    taper = catalog.adequacy.cross_taper_days.value
    for other in everything:
        one = other.trial
        if one.kind != "antidepressant" or one.treatment == dated.trial.treatment or one.why == "dose":
            continue
        both = catalog.treatments[one.treatment].also_augmentation if one.treatment else False
        if both and one.treatment and other.begin.low >= dated.begin.low:
            continue
        if other.begin.low < dated.begin.high and other.end.high > dated.begin.low + taper:
            surely = other.begin.high < dated.begin.low and other.end.low > dated.begin.high + taper and one.adequacy == "adequate"
            yield other, surely
