"""One trial of a drug, judged: dose × duration × adherence, each against the minimum that the catalog knows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from euthymia.adequacy.entries import DrugEntries
from euthymia.adequacy.exposure_words import drug_exposure, listed, minimum_words, weakest
from euthymia.adequacy.spans import Between, Days, Stretch, days_at
from euthymia.adequacy.trial import Judgement, Why
from euthymia.catalog import Catalog
from euthymia.facts import Fact
from euthymia.moment import day_in_words
from euthymia.treatment import Dose, Treatment

_PARTS: tuple[Literal["dose", "duration"], ...] = ("dose", "duration")
_NOT_KNOWN_WHEN = "whether it is still taken (a later entry says so), or when it ended"


@dataclass(frozen=True)
class _Question:
    """Everything that the judgement of one drug trial needs."""

    found: DrugEntries
    treatment: Treatment
    dose: Dose | None
    needed_days: float
    days: Days
    catalog: Catalog
    on: date

    @property
    def known_minimum(self) -> bool:
        return self.dose is not None or self.treatment.level is not None


def judge_drug(found: DrugEntries, treatment: Treatment, catalog: Catalog, on: date, onset: Between | None) -> Judgement:
    """Adequate, if it is so for each possible date and dose; inadequate, if it is so for none; else indeterminate."""
    rules = catalog.adequacy
    dose = _minimum(found, treatment)
    needed = (treatment.days or rules.minimum_days).value
    amount = dose.amount if dose else (0.0 if treatment.level else None)
    days = days_at(found.stretches, amount)
    ask = _Question(found, treatment, dose, needed, days, catalog, on)
    why = _why(ask)
    judged = Judgement(
        "indeterminate",
        None,
        drug_exposure(found, dose, days, on),
        tuple(_reasons(ask)),
        (),
        weakest(_facts(ask)),
        int(days.effective.low),
        int(days.effective.high),
        in_episode=_in_episode(found, onset, needed, amount),
    )
    if days.effective.low >= needed:
        longer = None if days.effective.low < rules.atrq_days.value <= days.effective.high else days.effective.low >= rules.atrq_days.value
        return replace(judged, adequacy="adequate", atrq=longer)
    if why is not None:
        return replace(judged, adequacy="inadequate", why=why, reasons=(_because(ask, why), *judged.reasons), atrq=False)
    open_reasons = (_still_open(ask), *judged.reasons) if _not_yet(ask) else judged.reasons
    missing = list(_missing(ask))
    open_to = tuple(what for what in _PARTS if any(part == what for part, _ in missing))
    return replace(judged, reasons=open_reasons, missing=tuple(words for _, words in missing), not_known=open_to)


def _facts(ask: _Question) -> Iterator[Fact | None]:
    """The facts that the judgement rests on: adherence only where it is documented, the end of an entry only where it was assumed."""
    rules, entries = ask.catalog.adequacy, ask.found.entries
    yield from (ask.treatment, ask.dose, ask.treatment.level, ask.treatment.days or rules.minimum_days)
    if any(entry.adherence_percent is not None for entry in entries):
        yield rules.adherence_percent
    if any(stretch.replaced_by is not None for stretch in ask.found.stretches):
        yield rules.open_entry_days


def _minimum(found: DrugEntries, treatment: Treatment) -> Dose | None:
    """The minimum of the formulation that every entry names, else the general one; None where the route is not the one listed."""
    doses = {treatment.dose_for(f"{entry.drug} {entry.dose_text or ''}") for entry in found.entries}
    dose = doses.pop() if len(doses) == 1 else max((d for d in doses if d), key=lambda d: d.amount, default=None)
    if dose is None or not dose.routes:
        return dose
    routes = {(entry.route or "").lower() for entry in found.entries} | {entry.drug.lower() for entry in found.entries}
    return dose if any(word in said for word in dose.routes for said in routes) else None


def _why(ask: _Question) -> Why | None:
    """Why no possible date or dose makes it adequate; None where one does, or where more time still can."""
    days, needed = ask.days, ask.needed_days
    if days.effective.high >= needed or _not_yet(ask):
        return None
    if days.covered.high < needed:
        why: Why = "duration"
    elif days.at_dose.high >= needed:
        why = "adherence"
    else:
        why = "dose" if days.at_dose.high == 0 else "duration"
    rules = ask.catalog.adequacy
    if why in ("dose", "duration") and any(rules.intolerance.names(entry.stopped_because) for entry in ask.found.entries):
        return "intolerant"
    return why


def _not_yet(ask: _Question) -> bool:
    """Still going on, with too little time so far, and the last entry may be at an adequate dose: time will tell."""
    if not ask.found.going_on or ask.days.effective.high >= ask.needed_days:
        return False
    last = [s for e, s in zip(ask.found.entries, ask.found.stretches, strict=True) if e.ended is None and s.replaced_by is None]
    enough = any(stretch.adherent and (ask.dose is None or ask.dose.reached(stretch.dose.high)) for stretch in last)
    return enough or ask.days.covered.high < ask.needed_days


def _in_episode(found: DrugEntries, onset: Between | None, needed: float, amount: float | None) -> bool | None:
    """Begun in the episode, or taken in it for an adequate time."""
    if onset is None:
        return None
    begins = [stretch.begin for stretch in found.stretches]
    first = min(begins, key=lambda begin: begin.low)
    if first.low >= onset.high:
        return True
    if max(stretch.end.high for stretch in found.stretches) <= onset.low:
        return False
    within = days_at(found.stretches, amount, onset)
    if within.effective.low >= needed:
        return True
    return False if within.covered.high < needed and first.high < onset.low else None


def _because(ask: _Question, why: Why) -> str:
    days, needed = ask.days, f"{ask.needed_days:g}"
    if why == "intolerant":
        said = next(e.stopped_because for e in ask.found.entries if ask.catalog.adequacy.intolerance.names(e.stopped_because))
        return f"stopped for intolerance before it was adequate ({said})"
    if why == "duration":
        at = f" at {minimum_words(ask.treatment, ask.dose)} or more" if days.at_dose.high < days.covered.high else ""
        return f"too short: {_at_most(days.at_dose)} of {needed} days{at}"
    if why == "dose":
        return f"dose never reached: less than {minimum_words(ask.treatment, ask.dose)}"
    rules = ask.catalog.adequacy
    percents = [e.adherence_percent for e in ask.found.entries if e.adherence_percent is not None]
    if percents and min(percents) < rules.adherence_percent.value:
        return f"too little of it was taken: {min(percents):g} %, of at least {rules.adherence_percent.value:g} %"
    return f"not taken as prescribed ({next(e.stopped_because for e in ask.found.entries if rules.non_adherence.names(e.stopped_because))})"


def _at_most(days: Between) -> str:
    return f"{days.high:g}" if days.low == days.high else f"at most {days.high:g}"


def _still_open(ask: _Question) -> str:
    since = min(stretch.begin.low for stretch in ask.found.stretches)
    enough = ask.on + timedelta(days=max(1, int(ask.needed_days - ask.days.effective.high)))
    if ask.days.at_dose.high == 0 and ask.dose is not None and ask.days.covered.high > 0:
        return f"not yet: going on for {ask.on.toordinal() - since:g} days, at an adequate dose for none of {ask.needed_days:g} so far"
    return f"not yet: {ask.days.effective.high:g} of {ask.needed_days:g} days so far; enough on {day_in_words(enough)} at the earliest"


def _reasons(ask: _Question) -> Iterator[str]:
    """The minimum used, what other lists ask, duration, adherence, and what was assumed."""
    treatment, rules = ask.treatment, ask.catalog.adequacy
    if ask.dose is not None:
        yield f"minimum {ask.dose.words} a day ({listed(ask.dose)})"
        yield from (f"another list: {other.words} a day; {other.note or listed(other)}" for other in treatment.other_doses)
    if treatment.level is not None:
        upper = f" to {treatment.level.at_most:g}" if treatment.level.at_most is not None else " or more"
        yield f"blood level {treatment.level.at_least:g}{upper} {treatment.level.units[0]} ({listed(treatment.level)})"
        measured = [f"{value:g}" for levels in ask.found.levels for value in levels]
        yield f"levels measured: {', '.join(measured)}" if measured else "no blood level is recorded"
    if not ask.known_minimum:
        yield f"no minimum dose is known{_elsewhere(treatment)}: cannot tell"
    days = treatment.days or rules.minimum_days
    yield f"minimum {days.value:g} days ({listed(days)})"
    yield _adherence(ask)
    if any(entry.ended is None for entry in ask.found.entries):
        replaced = any(stretch.replaced_by is not None for stretch in ask.found.stretches)
        if replaced:
            yield f"an entry without an end is taken to last until the next one ({listed(rules.open_entry_days)})"


def _elsewhere(treatment: Treatment) -> str:
    routes = treatment.dose.routes if treatment.dose else ()
    return f" for this route (listed: {routes[0]})" if routes else ""


def _adherence(ask: _Question) -> str:
    documented = [e.adherence_percent for e in ask.found.entries if e.adherence_percent is not None]
    rule = ask.catalog.adequacy.adherence_percent
    if not documented:
        taken = all(stretch.adherent for stretch in ask.found.stretches)
        return "adherence is not documented" + ("; no evidence that it was not taken" if taken else "")
    said = f"{min(documented):g} %" if len(set(documented)) == 1 else f"{min(documented):g} to {max(documented):g} %"
    part = "" if len(documented) == len(ask.found.entries) else f" in {len(documented)} of {len(ask.found.entries)} entries"
    return f"adherence documented{part}: {said} (minimum {rule.value:g} %, {listed(rule)})"


def _missing(ask: _Question) -> Iterator[tuple[Literal["dose", "duration"], str]]:
    """What would settle it: dose, level, dates, the end; each with what it leaves open."""
    entries, stretches = ask.found.entries, ask.found.stretches
    if not ask.known_minimum:
        yield "dose", f"the minimum dose of {ask.treatment.name}"
    if ask.treatment.level is not None and not ask.treatment.level.instead_of_dose:
        if not any(ask.found.levels):
            yield "dose", f"a blood level of {ask.treatment.name}"
    elif doses := [e for e in entries if e.daily_dose_mg is None]:
        written = f", written as '{doses[0].dose_text}'" if doses[0].dose_text else ""
        yield "dose", f"the daily dose (entry of {doses[0].at}{written})"
    if _overlapping(stretches):
        yield "dose", "which dose was taken while two entries overlap"
    if any(not entry.at.has_day for entry in entries):
        yield "duration", "the day on which it began"
    if any(entry.ended is not None and not entry.ended.has_day for entry in entries):
        yield "duration", "the day on which it ended"
    if any(e.ended is None and s.replaced_by is None for e, s in zip(entries, stretches, strict=True)):
        yield "duration", _NOT_KNOWN_WHEN if not _not_yet(ask) else "more time"


def _overlapping(stretches: Sequence[Stretch]) -> bool:
    """Whether two entries with different doses may cover the same day."""
    for i, one in enumerate(stretches):
        for k, other in enumerate(stretches[i + 1 :], i + 1):
            both = max(one.begin.low, other.begin.low) < min(one.end.high, other.end.high)
            if both and one.replaced_by != k and other.replaced_by != i and one.dose != other.dose:
                return True
    return False
