"""Dispensed - taken - left over, and every dose against its regimen, on one day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from euthymia.catalog import Catalog
from euthymia.events import Regimen
from euthymia.home.balance import Period, periods, stock
from euthymia.home.days import home_days
from euthymia.home.dose_findings import dose_findings, most_doses
from euthymia.home.planned import regimen_on
from euthymia.home.refills import Refill, ends_on, refills
from euthymia.home.result import HomeDay, HomeDoses, HomeFinding, HomeSigns
from euthymia.home.supply import Supply, supplies
from euthymia.home.supply_findings import supply_findings
from euthymia.home.taken import TakenDose, doses_taken
from euthymia.home_rules import FINDING_KINDS, HomeRules
from euthymia.moment import day_in_words
from euthymia.record import PatientRecord


def home_doses(record: PatientRecord, catalog: Catalog, on: date) -> HomeDoses | None:
    """Doses at home on `on` (through its end), reconciled; None where nothing says that any were prescribed, dispensed or taken.

    `record` has already been cut at the day. Of several drugs or routes the regimen begun last comes first, each by itself.
    """
    found = [_reconciled(supply, catalog.home, on) for supply in supplies(record, catalog.home)]
    return replace(found[0], others=tuple(found[1:])) if found else None


def _reconciled(supply: Supply, rules: HomeRules, on: date) -> HomeDoses:
    doses, days = doses_taken(supply), home_days(supply, rules.grace_days.value, on)
    balanced = periods(supply, doses, rules.look_back_days.value, on)
    again = refills(supply, rules.early_refill_days.value)
    regimen = regimen_on(supply.regimens, on, supply.zone)
    oldest = on - timedelta(days=rules.look_back_days.value)
    every = [*dose_findings(supply, doses, days, rules), *supply_findings(supply, balanced, again, rules, on)]
    findings = sorted((each for each in every if each.day is None or each.day > oldest), key=_order)
    return HomeDoses(
        regimen=regimen,
        words=_words(regimen, supply),
        since=supply.begins,
        days=days,
        stock=stock(balanced),
        findings=tuple(findings),
        notices=_notices(supply, rules),
        drug=supply.drug,
        route=supply.route,
        signs=_signs(supply, doses, [day for day in days if day.day > oldest], findings, again),
        cannot_tell=tuple(_cannot_tell(balanced, [refill for refill in again if refill.day > oldest])),
        count_by=_count_by(supply, rules, on),
    )


def _order(finding: HomeFinding) -> tuple[int, date, tuple[str, ...]]:
    """By kind, as they are listed; then by day."""
    return FINDING_KINDS.index(finding.kind), finding.day or date.min, finding.events


def _words(regimen: Regimen | None, supply: Supply) -> str:
    """The regimen exactly as it was written, else from its parts."""
    if regimen is None:
        return "no regimen is in force" if supply.regimens else "no regimen is recorded"
    if regimen.words:
        return regimen.words
    amount = f" {regimen.dose_mg:g} mg" if regimen.dose_mg is not None else ""
    route = f" {regimen.route}" if regimen.route else ""
    often = "" if regimen.doses_a_day == 1 else f", {regimen.doses_a_day} doses a day"
    return f"{regimen.treatment}{amount}{route}{often}, {_days_words(regimen)}"


def _days_words(regimen: Regimen) -> str:
    if regimen.weekdays:
        return f"on {', '.join(day.capitalize() for day in regimen.weekdays)}"
    if regimen.every_days is None:
        return "on days that are not fixed"
    return "every day" if regimen.every_days == 1 else f"every {regimen.every_days:g} days"


def _notices(supply: Supply, rules: HomeRules) -> tuple[str, ...]:
    """What is to be known of the drug; where it may be compounded, also when nobody has said that it is."""
    manufactured = bool(supply.dispensed) and all(each.compounded is False for each in supply.dispensed)
    own = (notice for notice in rules.notices if notice.drug == supply.drug)
    return tuple(notice.words for notice in own if not (notice.unless_made_by_manufacturer and manufactured))


def _signs(
    supply: Supply, doses: Sequence[TakenDose], days: Sequence[HomeDay], findings: Sequence[HomeFinding], again: Sequence[Refill]
) -> HomeSigns:
    """What a rule asks. Nothing is "no" without something that says so."""
    kinds, window = {finding.kind for finding in findings}, {day.day for day in days}
    recent = [dose for dose in doses if dose.day in window and dose.log not in supply.strays]
    limits = [regimen.dose_mg if (regimen := regimen_on(supply.regimens, d.day, supply.zone)) else None for d in recent if d.day]
    not_compared = not recent or None in limits or any(dose.mg is None for dose in recent)
    uncounted = not recent or any(most_doses(supply, day) is None for day in days if day.taken + day.changed)
    refills_open = not again or any(refill.early is None for refill in again)
    planned = any(day.planned is not None for day in days)
    return HomeSigns(
        early_refill=True if "early_refill" in kinds else None if refills_open else False,
        above_regimen=True if "above_regimen" in kinds else None if not_compared else False,
        extra=True if "extra" in kinds else None if uncounted else False,
        unlogged=sum((day.unlogged or 0) + day.unknown for day in days) if planned else None,
    )


def _cannot_tell(balanced: Sequence[Period], again: Sequence[Refill]) -> list[str]:
    said = [f"whether the refill on {day_in_words(refill.day)} was early" for refill in again if refill.early is None]
    if balanced and balanced[0].closed and (balanced[0].high is None or balanced[0].low is None):
        said.append("how many units are not accounted for")
    return said


def _count_by(supply: Supply, rules: HomeRules, on: date) -> date | None:
    """When what is left over is to be counted next: every so many days, and in the week before a refill is needed."""
    if not supply.dispensed or _nothing_there(supply, on):
        return None
    last = supply.day(supply.counts[-1]) if supply.counts else supply.day(supply.dispensed[0])
    by, refilled = last + timedelta(days=rules.count_days.value), supply.day(supply.dispensed[-1])
    ends = ends_on(supply) if not supply.counts or last <= refilled else None
    return by if ends is None else min(by, max(refilled, ends - timedelta(days=rules.count_before_days.value)))


def _nothing_there(supply: Supply, on: date) -> bool:
    """Whether the last count, after the last dispensing, found nothing, and no regimen goes on."""
    last = supply.counts[-1] if supply.counts else None
    emptied = last is not None and last.units == 0 and supply.day(last) >= supply.day(supply.dispensed[-1])
    return emptied and regimen_on(supply.regimens, on, supply.zone) is None
