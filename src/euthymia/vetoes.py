"""What forbids calling a low score remission: suicidality, a core symptom, a mania screen, a prorated total."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import Incident
from euthymia.moment import day_in_words
from euthymia.ratings import Rating
from euthymia.record import PatientRecord
from euthymia.safety import suicidality_answers


def vetoes(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date) -> tuple[str, ...]:
    """Every veto that stands on `on`, in words: any instrument, any phase, within the veto window."""
    window = timedelta(days=catalog.verdict.veto_window_days.value)
    recent = [r for r in episode.ratings if r.day <= on and on - r.day <= window]
    earlier = [r for r in episode.earlier if on - r.day <= window]
    # An attempt may come as an adverse event that says so.
    named = catalog.codes["suicide_attempt"].names
    attempts = [i.at.day(record.zone) for i in record.of_kind(Incident) if i.incident == "attempt" or named(i.description or "")]
    attempted = [f"a suicide attempt is recorded on {day_in_words(day)}" for day in attempts if day <= on and on - day <= window]
    return (*attempted, *_suicidality(catalog, [*earlier, *recent]), *_core(catalog, recent), *_mania(catalog, recent))


def _suicidality(catalog: Catalog, recent: Sequence[Rating]) -> Iterator[str]:
    """The last positive answer; on one day the worst counts, so a zero elsewhere does not cancel it."""
    positive = [answer for answer in suicidality_answers(recent, catalog) if answer.positive]
    if positive:
        last = positive[-1]
        name = catalog.instruments[last.instrument].short_name
        yield f"{name} item {last.item} (suicidality) was {last.answer:g} on {day_in_words(last.day)}"


def _core(catalog: Catalog, recent: Sequence[Rating]) -> Iterator[str]:
    """The last answer to each core item (sadness, loss of interest) at or above the veto, counted from the item's minimum."""
    found: dict[tuple[str, str], str] = {}
    for rating in recent:
        instrument = catalog.instruments[rating.instrument]
        for item, answer in zip(instrument.items, rating.answers or (), strict=False):
            if item.core and answer is not None and item.severity(answer) >= catalog.verdict.core_item_veto.value:
                found[instrument.id, item.id] = (
                    f"{instrument.short_name} item {item.id} ({item.label}) was {answer:g} on {day_in_words(rating.day)}"
                )
    yield from found.values()


def _mania(catalog: Catalog, recent: Sequence[Rating]) -> Iterator[str]:
    for rating in recent:
        instrument = catalog.instruments[rating.instrument]
        if rating.score and any(cut.mania and cut.id in rating.score.positive for cut in instrument.cut_offs):
            yield f"{instrument.short_name} was positive for mania on {day_in_words(rating.day)}"
