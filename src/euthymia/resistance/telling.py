"""The treatment history of one patient on one day: trials, resistance, staging, what can look like it, and one sentence."""

from collections.abc import Sequence
from datetime import date

from euthymia.adequacy import Trial, not_trials, trials
from euthymia.adequacy.entries import days_of
from euthymia.adequacy.spans import Between
from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import Episode
from euthymia.record import PatientRecord
from euthymia.resistance.counting import is_antidepressant
from euthymia.resistance.definitions import resistance
from euthymia.resistance.pseudo import pseudo_resistance
from euthymia.resistance.result import History, Resistance
from euthymia.resistance.staging import Beside, staging
from euthymia.resistance_table import Severity


def history(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date) -> History:
    """Everything that can be said of the treatments recorded until `on`. `record` is cut at `on`."""
    found = trials(record, episode, catalog, on)
    onset = _onset(record, on)
    by_definition = tuple(resistance(d, found, onset is not None) for d in catalog.resistance.definitions)
    severity, words = _severity(record, episode, catalog)
    until = min(episode.ended or on, on)
    return History(
        trials=found,
        resistance=by_definition,
        staging=staging(catalog.resistance, found, Beside(onset, until, severity, words)),
        pseudo_resistance=pseudo_resistance(record, found, catalog, on),
        sentence=sentence(found, by_definition),
        not_trials=not_trials(record, catalog),
    )


def _onset(record: PatientRecord, on: date) -> Between | None:
    episodes = record.of_kind(Episode)
    return days_of(episodes[-1].at, record.zone, on) if episodes else None


def _severity(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog) -> tuple[Between | None, str]:
    """The score of the last rating's band; severe with or without psychosis where that is not known."""
    rated = [r for r in episode.series if r.total is not None]
    table = catalog.resistance.maudsley.severity
    if not rated or episode.primary is None:
        return None, "severity: no rating"
    instrument, total = catalog.instruments[episode.primary], rated[-1].total or 0.0
    band = next((b for b in instrument.bands if b.low <= total <= b.high and b.id in table.bands), None)
    if band is None:
        return None, f"severity: {instrument.short_name} has no band for {total:g}"
    rests = f"{table.status}: the band stands for the judgement"
    said = f"severity: {instrument.short_name} {total:g}, {band.label}, on {rated[-1].day.isoformat()} ({rests})"
    episodes = record.of_kind(Episode)
    return severity_scores(table, band.id, episodes[-1].psychotic if episodes else None), said


def severity_scores(table: Severity, band: str, psychotic: bool | None) -> Between:
    """The scores that a band can give: psychosis counts where it is severe; not known, it leaves both."""
    score = table.bands[band]
    if score != table.severe:
        return Between(score, score)
    return Between(table.severe_with_psychosis if psychotic else score, score if psychotic is False else table.severe_with_psychosis)


def sentence(found: Sequence[Trial], by_definition: Sequence[Resistance]) -> str:
    """'3 trials of antidepressants, 2 in this episode adequate without response. …: met.'"""
    tried = [t for t in found if is_antidepressant(t)]
    if not tried:
        return "No trial of an antidepressant is recorded: whether this depression is treatment-resistant cannot be told."
    first = by_definition[0]
    count = len(first.counted)
    trial = "trial" if len(tried) == 1 else "trials"
    state = {"met": "met", "not_met": "not met, as far as recorded", "cannot_tell": "cannot tell"}[first.state]
    name = f"{first.name[:1].upper()}{first.name[1:]}"
    return f"{len(tried)} {trial} of antidepressants, {count} of them adequate without response in this episode. {name}: {state}."
