"""A score in words, and as JSON, each with the status of the facts behind it. Light: `euthymia score` starts with it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from euthymia.facts import Fact
from euthymia.instrument import Instrument
from euthymia.scoring import Score


def score_lines(instrument: Instrument, scored: Score, answers: Sequence[float | None]) -> Iterator[str]:
    """The score in words: total, band, cut-offs, what was not answered, and how sure the facts are."""
    span = instrument.range
    if scored.total is not None:
        of = f" ({span.minimum:g} to {span.maximum:g}, {instrument.structure.better} is better)" if span else ""
        yield f"{instrument.short_name} {scored.metric} {scored.total:g}{of}" + (f", standard error {scored.se:g}" if scored.se else "")
    yield from _band_lines(instrument, scored)
    yield from _suicidality(instrument, answers)
    if scored.missing:
        yield f"not answered: item {', '.join(scored.missing)}"
    if scored.prorated:
        yield f"prorated ({status_of(instrument.missing)}): never establishes remission, never fills an item on suicidal thoughts"
    yield f"scoring: {status_of(instrument.scoring)}"


def _band_lines(instrument: Instrument, scored: Score) -> Iterator[str]:
    band = next((b for b in instrument.bands if b.id == scored.band), None)
    tier = next((t for t in instrument.triage if t.id == scored.band), None)
    if band:
        yield f"band: {band.label}, {band.low:g} to {band.high:g} ({status_of(band)})"
    elif scored.band_label:
        yield f"{instrument.short_name}: {scored.band_label}" + (f" ({status_of(tier)})" if tier else "")
    for cut in instrument.cut_offs:
        side = f"{cut.at_least:g} or more" if cut.at_least is not None else f"{cut.at_most:g} or less"
        yield f"cut-off {side} ({cut.purpose}): {'positive' if cut.id in scored.positive else 'not positive'} ({status_of(cut)})"


def _suicidality(instrument: Instrument, answers: Sequence[float | None]) -> Iterator[str]:
    """Items on suicidal thoughts, said apart: positive ones, and unanswered ones, because silence is never safe."""
    for item, answer in zip(instrument.items, answers, strict=False):
        not_asked = item.asked_if is not None and answers[instrument.item_index[item.asked_if]] == 0
        if item.suicidality_trigger is None or not_asked:
            continue
        if answer is None:
            yield f"item {item.id} ({item.label}): not answered — ask"
        elif answer >= item.suicidality_trigger:
            yield f"item {item.id} ({item.label}): {answer:g}, positive"


def score_json(instrument: Instrument, scored: Score) -> str:
    """The score as one line of JSON."""
    facts = {"scoring": instrument.scoring.status, "structure": instrument.structure.status}
    bands = {band.id: band.status for band in instrument.bands}
    facts |= {"band": bands[scored.band]} if scored.band in bands else {}
    facts |= {"prorating": instrument.missing.status} if scored.prorated else {}
    return json.dumps({"schema": "euthymia/score/1", **asdict(scored), "facts": facts}, ensure_ascii=False)


def status_of(fact: Fact) -> str:
    """Verified, recalled or design, with its reference."""
    return f"{fact.status}, {fact.ref}" if fact.ref else fact.status
