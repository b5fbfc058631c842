"""How much ketamine so far: sessions and doses, and the known mg of each drug by each route. Nothing is summed over routes."""

from collections.abc import Iterable
from datetime import date

from euthymia.adequacy.naming import named
from euthymia.catalog import Catalog
from euthymia.events import DoseLog, DoseSession
from euthymia.follow_up.result import Accrued, Exposure, Given
from euthymia.routes import route_named
from euthymia.rules.care_facts import exposures
from euthymia.rules.readings import Scene

Dose = DoseSession | DoseLog
Kind = tuple[str, str | None]


def exposure_of(scene: Scene) -> Exposure:
    """Everything that was given so far, as far as it is recorded dose by dose."""
    doses = exposures(scene)
    kinds = sorted({kind_of(scene.catalog, dose) for _, dose in doses}, key=lambda kind: (kind[0], kind[1] or ""))
    logs = scene.record.of_kind(DoseLog)
    return Exposure(
        given=tuple(_given(scene.catalog, kind, doses) for kind in kinds),
        course=tuple(_course(scene.catalog, kinds, doses)),
        doses=len(doses),
        unclear=sum(log.taken == "unknown" and "ketamine" in scene.catalog.drug_classes_of(log.treatment) for log in logs),
        undated=sum(not dose.at.has_day for _, dose in doses),
        listed=tuple(dict.fromkeys(drug.drug for drug in scene.medicines.get("ketamine", ()))),
    )


def kind_of(catalog: Catalog, dose: Dose) -> Kind:
    """The drug, and the route; None where it is not recorded."""
    known = named(catalog, dose.treatment).treatment
    return known.id if known else dose.treatment, route_named(dose.route) or dose.route


def amount_mg(dose: Dose) -> float | None:
    """The dose in mg: as recorded, or from mg per kg and the weight of the same session; None where neither is known."""
    if dose.dose_mg is not None or isinstance(dose, DoseLog):
        return dose.dose_mg
    if dose.dose_mg_per_kg is None or dose.weight_kg is None:
        return None
    return dose.dose_mg_per_kg * dose.weight_kg


def _given(catalog: Catalog, kind: Kind, doses: Iterable[tuple[date, Dose]]) -> Given:
    own = [(day, dose) for day, dose in doses if kind_of(catalog, dose) == kind]
    amounts = [amount_mg(dose) for _, dose in own]
    at_home = sum(isinstance(dose, DoseLog) for _, dose in own)
    return Given(
        drug=kind[0],
        route=kind[1],
        supervised=len(own) - at_home,
        at_home=at_home,
        mg=sum(amount for amount in amounts if amount is not None),
        mg_unknown=amounts.count(None),
        first=min(day for day, _ in own),
        last=max(day for day, _ in own),
    )


def _course(catalog: Catalog, kinds: list[Kind], doses: Iterable[tuple[date, Dose]]) -> Iterable[Accrued]:
    """The exposure so far at the end of each day with a dose."""
    mg, days = dict.fromkeys(kinds, 0.0), dict[date, Accrued]()
    for count, (day, dose) in enumerate(doses, 1):
        mg[kind_of(catalog, dose)] += amount_mg(dose) or 0.0
        days[day] = Accrued(day, count, tuple(mg.values()))
    return days.values()
