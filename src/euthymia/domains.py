"""Five domains: symptoms, function, quality of life, the patient's own goals, burden of treatment."""

from dataclasses import dataclass
from datetime import date

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import Goal
from euthymia.instrument import Domain
from euthymia.ratings import Rating
from euthymia.record import PatientRecord

DOMAINS: tuple[Domain, ...] = ("symptoms", "function", "quality_of_life", "goals", "burden")


@dataclass(frozen=True)
class DomainView:
    """One domain: the latest score, where it started, and its band; or what would be needed to know."""

    domain: Domain
    instrument: str | None
    short_name: str | None
    latest: float | None
    day: date | None
    first: float | None
    band: str | None
    lower_is_better: bool
    points: tuple[tuple[date, float], ...]
    words: str


def domains(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog) -> tuple[DomainView, ...]:
    """The five domains in their fixed order; one that was never measured says so."""
    return tuple(_view(record, episode, catalog, domain) for domain in DOMAINS)


def _view(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, domain: Domain) -> DomainView:
    rated = _ratings(episode, catalog, domain)
    if not rated:
        return DomainView(domain, None, None, None, None, None, None, True, (), _unmeasured(record, domain))
    instrument, last = catalog.instruments[rated[-1].instrument], rated[-1]
    points = tuple((r.day, r.total) for r in rated if r.total is not None)
    band = last.score.band_label if last.score else None
    return DomainView(
        domain=domain,
        instrument=instrument.id,
        short_name=instrument.short_name,
        latest=last.total,
        day=last.day,
        first=points[0][1],
        band=band,
        lower_is_better=instrument.lower_is_better,
        points=points,
        words=_words(points, instrument.lower_is_better, band),
    )


def _ratings(episode: CurrentEpisode, catalog: Catalog, domain: Domain) -> list[Rating]:
    """The ratings of the domain's instrument: the primary one for symptoms, else the one rated last."""
    if domain == "symptoms":
        return [r for r in episode.series if r.total is not None]
    rated = [r for r in episode.ratings if catalog.instruments[r.instrument].domain == domain and r.total is not None]
    return [r for r in rated if r.instrument == rated[-1].instrument]


def _unmeasured(record: PatientRecord, domain: Domain) -> str:
    goals = record.of_kind(Goal) if domain == "goals" else []
    if goals:
        return "; ".join(f"“{g.goal}”: {_attained(g.attainment)}" for g in {g.goal: g for g in goals}.values())
    return "not measured — ask"


def _attained(attainment: int | None) -> str:
    words = {-2: "much less than hoped", -1: "less than hoped", 0: "reached", 1: "more than hoped", 2: "much more than hoped"}
    return "not rated yet" if attainment is None else words[attainment]


def _words(points: tuple[tuple[date, float], ...], lower_is_better: bool, band: str | None) -> str:
    first, last = round(points[0][1], 1), round(points[-1][1], 1)
    if len(points) == 1:
        moved = "measured once"
    elif last == first:
        moved = "unchanged since the start"
    else:
        better = (last < first) == lower_is_better
        moved = f"{'better' if better else 'worse'} since the start ({first:g} → {last:g})"
    return f"{band}; {moved}" if band else moved
