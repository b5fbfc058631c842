"""The treatments so far in a letter: every trial once, how it was judged, and what would settle what is open.

Nothing is worded to persuade: a trial that was not adequate, helped, or cannot be judged is told in the same words
and the same table as the others.
"""

import re
from collections.abc import Iterator

from euthymia.adequacy import Trial
from euthymia.events import DoseLog, DoseSession, EventBase, Medication, TreatmentCourse
from euthymia.letter.dates import from_to
from euthymia.letter.facts import Facts
from euthymia.letter.form import Blank, Section, Table, Words, listed, or_blank, plain, said, sentence

_OUTCOMES = {
    "remission": "remission",
    "response": "response",
    "partial": "partial response",
    "none": "no response",
    "worse": "worse",
}
_JUDGED = {"adequate": "adequate", "inadequate": "not adequate", "indeterminate": "cannot tell"}
# As exposure_words says it.
_NO_DOSE = "dose not known"
# A reason that so many trials have in common is said once; up to so many trials have a line of their own.
_SHARED, _ONE_LINE_EACH = 3, 8
STATUS_WORDS = "“Recalled”: stated from background knowledge. “Design”: a proposal of this project, for the site to adopt or change."


def trials_section(facts: Facts, judged: bool = True) -> Section:
    """The table of every trial; `judged`: with adherence and adequacy, and how each was judged in the notes."""
    trials = facts.history.trials
    if not trials:
        return Section("trials", "Treatments so far", paragraphs=((Blank("earlier treatments: none is recorded"),),))
    columns = ("Treatment", "Dose and length", "From – to", "Taken", "Outcome (how it is known)", "Judged")
    rows = tuple(_row(trial, facts) for trial in trials)
    table = Table("Treatments so far, by date", columns if judged else columns[:5], rows if judged else tuple(row[:5] for row in rows))
    others = facts.history.not_trials
    beside = ((f"Recorded too, and not counted as a treatment of depression: {', '.join(others)}.",),) if others else ()
    return Section("trials", "Treatments so far", table=table, notes=(*(_footnotes(facts) if judged else ()), *beside))


def questions(facts: Facts) -> Iterator[Words]:
    """What the record does not say about the trials from before the treatment measured here, one line for each."""
    for trial in facts.history.trials:
        if _ours(trial, facts):
            continue
        row = _row(trial, facts)
        open_ = dict.fromkeys(piece.what for cell in row for piece in cell if isinstance(piece, Blank))
        if open_:
            yield said(f"{trial.name} ({plain(row[2])}): ", listed([(Blank(what),) for what in open_], ", "))


def _ours(trial: Trial, facts: Facts) -> bool:
    """Whether it was begun with the treatment measured here or since."""
    treated = facts.review.episode.treatment_started
    return treated is not None and trial.start.has_day and trial.start.day(facts.zone) >= treated


def _row(trial: Trial, facts: Facts) -> tuple[Words, ...]:
    events = [facts.event[event_id] for event_id in trial.events if event_id in facts.event]
    cells = (
        said(trial.name, f" ({trial.drug_class})" if trial.drug_class else "", _route(events)),
        _dose_and_length(trial, events),
        from_to(trial.start, trial.end, trial.going_on, facts.zone),
        _taken(events),
        _outcome(trial, facts),
    )
    asked = {piece.what for cell in cells for piece in cell if isinstance(piece, Blank)}
    return (*cells, _judged(trial, asked))


def _route(events: list[EventBase]) -> str:
    said_so = [event.route for event in events if isinstance(event, Medication | DoseLog | DoseSession) and event.route]
    said_so += [event.technique for event in events if isinstance(event, TreatmentCourse) and event.technique]
    return f", {', '.join(dict.fromkeys(said_so))}" if said_so else ""


def _dose_and_length(trial: Trial, events: list[EventBase]) -> Words:
    """The exposure as judged, with a blank where the record has no dose; a dose in words is quoted as it was written."""
    before, unknown, after = trial.exposure.partition(_NO_DOSE)
    exposure = said(before, Blank("dose"), after) if unknown else or_blank(trial.exposure, "dose and length")
    texts = dict.fromkeys(event.dose_text for event in events if isinstance(event, Medication) and event.dose_text)
    return listed([exposure, *((f"recorded as “{text}”",) for text in texts if text not in trial.exposure)])


def _taken(events: list[EventBase]) -> Words:
    """How much was taken or attended, by what the record says of it."""
    found: list[str] = []
    stated = [event.adherence_percent for event in events if isinstance(event, Medication) and event.adherence_percent is not None]
    if stated:
        span = f"{min(stated):g}" if min(stated) == max(stated) else f"{min(stated):g} to {max(stated):g}"
        found.append(f"{span} %")
    logs = [event for event in events if isinstance(event, DoseLog) and event.taken != "unknown"]
    if logs:
        found.append(f"{sum(event.taken != 'not_taken' for event in logs)} of {len(logs)} logged doses")
    sessions = sum(isinstance(event, DoseSession) for event in events)
    if sessions:
        found.append(f"{sessions} supervised {'session' if sessions == 1 else 'sessions'}")
    attended = sum(event.sessions_done for event in events if isinstance(event, TreatmentCourse) and event.sessions_done)
    if attended:
        found.append(f"{attended} {'session' if attended == 1 else 'sessions'}")
    course = any(isinstance(event, TreatmentCourse) for event in events)
    return ("; ".join(found),) if found else (Blank("sessions attended" if course else "how much was taken"),)


def _outcome(trial: Trial, facts: Facts) -> Words:
    if trial.outcome == "unknown" and trial.going_on and _ours(trial, facts):
        return ("see the course",)
    if trial.outcome == "unknown":
        return (Blank("outcome so far" if trial.going_on else "outcome"),)
    return said(f"{_OUTCOMES[trial.outcome]} (", trial.outcome_source or Blank("how it is known"), ")")


def _judged(trial: Trial, asked: set[str]) -> Words:
    """The judgement, and what would settle it where another cell does not ask for it already."""
    episode = {True: "", False: "; before this episode", None: ""}[trial.in_episode]
    which = said("; ", Blank("in this episode or before it")) if trial.in_episode is None else ()
    open_ = [what for what in map(in_short, trial.missing) if what not in asked]
    missing = said(": ", Blank("; ".join(open_))) if open_ else ()
    return said(f"{_JUDGED[trial.adequacy]}{'' if trial.basis == 'verified' else '†'}{episode}", which, missing)


def in_short(missing: str) -> str:
    """What is missing, without what was found in brackets: the table shows it."""
    return re.sub(r" ?\([^()]*\)", "", missing)


def _footnotes(facts: Facts) -> Iterator[Words]:
    """How each trial was judged, in the words of its judgement; what several have in common once; what the words mean."""
    trials = facts.history.trials
    named: dict[str, dict[str, None]] = {}
    for trial in trials:
        for reason in trial.reasons:
            named.setdefault(sentence(reason), {})[trial.name] = None
    shared = {reason: names for reason, names in named.items() if len(names) >= _SHARED}
    own = [(trial.name, [r for r in map(sentence, trial.reasons) if r not in shared]) for trial in trials]
    lines = [f"{_capital(name)}: {' '.join(reasons)}" for name, reasons in own if reasons]
    yield from ((line,) for line in ([" ".join(lines)] if len(lines) > _ONE_LINE_EACH else lines))
    yield from ((f"{_capital(', '.join(names))}: {reason}",) for reason, names in shared.items())
    if any(trial.basis != "verified" for trial in trials):
        yield (f"† At least one number behind the judgement has not been checked against its source. {STATUS_WORDS}",)


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
