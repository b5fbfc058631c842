"""What does not agree in the doses themselves: each against the regimen of its day, and what its log says beside it."""

from collections.abc import Iterator, Sequence
from datetime import date

from euthymia.events import DoseLog, Regimen
from euthymia.home.planned import most_on, planned_on, regimen_on
from euthymia.home.result import HomeDay, HomeFinding
from euthymia.home.supply import NOISE, Supply
from euthymia.home.taken import TakenDose
from euthymia.home_rules import HomeFindingKind, HomeRules
from euthymia.moment import day_in_words, moment_in_words


def found(rules: HomeRules, kind: HomeFindingKind, day: date | None, sentence: str, events: Sequence[str]) -> HomeFinding:
    """A finding with the status of what finds it."""
    return HomeFinding(kind, day, sentence, tuple(events), rules.findings[kind].status, rules.findings[kind].words)


def dose_findings(supply: Supply, doses: Sequence[TakenDose], days: Sequence[HomeDay], rules: HomeRules) -> Iterator[HomeFinding]:
    """Everything that the logs of a supply and its days show."""
    for log in (*supply.logs, *supply.away):
        yield from _of_log(supply, log, rules)
    judged = [dose for dose in doses if dose.log not in supply.strays]
    for dose in judged:
        yield from _above(supply, dose, rules)
    by_day: dict[date | None, list[TakenDose]] = {}
    for dose in judged:
        by_day.setdefault(dose.day, []).append(dose)
    for day in days:
        yield from _of_day(supply, day, by_day.get(day.day, []), rules)


def _of_log(supply: Supply, log: DoseLog, rules: HomeRules) -> Iterator[HomeFinding]:
    """What one log says: of the dose, of who was there, of pressure, of anything worrying."""
    day, when, note = supply.day(log) if log.at.has_day else None, moment_in_words(log.at), f": “{log.note}”" if log.note else ""
    if log.taken == "not_taken":
        yield found(rules, "not_taken", day, f"not taken on {when}{note}", [log.id])
    if log.worrying:
        yield found(rules, "worrying", day, f"something worrying on {when}{note}", [log.id])
    if not log.was_taken:
        return
    if log.taken == "changed":
        yield found(rules, "changed", day, f"taken otherwise than planned on {when}{_amount(log)}{note}", [log.id])
    if log in supply.strays or log in supply.away:
        yield found(rules, "other_route", day, f"a dose by another route than prescribed on {when}: {log.route}", [log.id])
    if log.someone_present is False:
        yield found(rules, "alone", day, f"taken with nobody there on {when}", [log.id])
    if log.someone_present is None:
        yield found(rules, "presence_unknown", day, f"not known whether somebody was there on {when}", [log.id])
    if log.pressure == "not_measured":
        yield found(rules, "pressure_not_measured", day, f"pressure not measured on {when}", [log.id])


def _amount(log: DoseLog) -> str:
    amounts = [f"{log.dose_mg:g} mg"] if log.dose_mg is not None else []
    amounts += [f"{log.units:g} units"] if log.units is not None else []
    return f" ({', '.join(amounts)})" if amounts else ""


def _above(supply: Supply, dose: TakenDose, rules: HomeRules) -> Iterator[HomeFinding]:
    regimen = regimen_on(supply.regimens, dose.day, supply.zone) if dose.day else None
    if regimen and is_above(dose.mg, regimen.dose_mg):
        words = f"a dose of {dose.mg:g} mg on {moment_in_words(dose.log.at)}; prescribed: {regimen.dose_mg:g} mg"
        yield found(rules, "above_regimen", dose.day, words, [dose.log.id, regimen.id])


def is_above(mg: float | None, limit_mg: float | None) -> bool:
    """Whether an amount is surely above a limit; what is not known is not."""
    return mg is not None and limit_mg is not None and mg > limit_mg + NOISE


def _of_day(supply: Supply, day: HomeDay, doses: Sequence[TakenDose], rules: HomeRules) -> Iterator[HomeFinding]:
    """What only the doses of a day together show."""
    regimen, ids, when = regimen_on(supply.regimens, day.day, supply.zone), [dose.log.id for dose in doses], day_in_words(day.day)
    if surplus(supply, day):
        wanted = "none was planned" if day.planned == 0 else f"{most_doses(supply, day):g} planned"
        words = f"{len(doses)} {'dose' if len(doses) == 1 else 'doses'} on {when}; {wanted}"
        yield found(rules, "extra", day.day, words, [*ids, *([regimen.id] if regimen else [])])
    total = sum(dose.mg for dose in doses if dose.mg is not None)
    if regimen and len(doses) > 1 and regimen.dose_mg is not None and is_above(total, regimen.dose_mg * regimen.doses_a_day):
        least = "at least " if any(dose.mg is None for dose in doses) else ""
        words = f"{least}{total:g} mg on {when} in {len(doses)} doses; prescribed: {regimen.dose_mg * regimen.doses_a_day:g} mg a day"
        yield found(rules, "above_regimen", day.day, words, [*ids, regimen.id])
    if day.unlogged or day.unknown:
        yield _not_logged(supply, day, regimen, rules)


def _not_logged(supply: Supply, day: HomeDay, regimen: Regimen | None, rules: HomeRules) -> HomeFinding:
    open_logs = [log.id for log in supply.logs_by_day.get(day.day, ()) if log.taken == "unknown"]
    missing = (day.unlogged or 0) + day.unknown
    of = f" of {day.planned}" if day.planned and day.planned > 1 else ""
    words = f"{missing}{of} {'dose' if missing == 1 and not of else 'doses'} not logged on {day_in_words(day.day)}: not known whether taken"
    return found(rules, "unlogged", day.day, words, [*open_logs, *([regimen.id] if regimen else [])])


def surplus(supply: Supply, day: HomeDay) -> bool:
    """Whether more doses were taken on a day than were planned."""
    most = most_doses(supply, day)
    return most is not None and day.taken + day.changed > most


def most_doses(supply: Supply, day: HomeDay) -> int | None:
    """The most doses that a day may have: those planned; where its days are not fixed, those of a day with a dose. None: no regimen yet."""
    if (planned := planned_on(supply.regimens, day.day, supply.zone)) is not None:
        return planned
    regimen = regimen_on(supply.regimens, day.day, supply.zone)
    if regimen is None:
        return None
    most = most_on(supply.regimens, day.day, supply.zone)
    return regimen.doses_a_day if most is None else max(most, regimen.doses_a_day)
