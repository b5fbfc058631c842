"""Everything tried at once, and what that forbids to conclude: changes that coincide are told, and none of them is credited."""

from collections.abc import Sequence
from datetime import date, timedelta

from euthymia.catalog import Catalog
from euthymia.combination.rating_changes import swings
from euthymia.combination.result import Coincidence, Combination, Credit, Given, RatingChange, TreatmentChange
from euthymia.combination.treatment_changes import Treatments, treatments
from euthymia.episode import CurrentEpisode
from euthymia.instrument import Instrument
from euthymia.moment import day_in_words
from euthymia.outcomes import reliable_change_points
from euthymia.record import PatientRecord

CAVEAT = "What comes at the same time need not be the cause: ratings also move by themselves, and with life."


def combination(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date) -> Combination | None:
    """What coincides on `on`, from a record already cut at that day. None where no more than one treatment is known, and nothing moved."""
    known = treatments(record, catalog, on)
    found = tuple(_coincidence(change, known, catalog) for change in rating_changes(episode, catalog))
    running = tuple(_running(given) for given in known.given if given.end is None)
    if not found and len(running) < 2:
        return None
    return Combination(found[::-1], running, _marked_words(episode, catalog), CAVEAT)


def rating_changes(episode: CurrentEpisode, catalog: Catalog) -> tuple[RatingChange, ...]:
    """The marked changes of the counted ratings of the primary instrument, by time; on one day the worst rating counts."""
    instrument = catalog.instruments[episode.primary] if episode.primary else None
    marked = marked_points(instrument) if instrument else None
    if instrument is None or marked is None:
        return ()
    worst = max if instrument.lower_is_better else min
    days: dict[date, float] = {}
    for rating in episode.series:
        if rating.total is not None:
            days[rating.day] = worst(rating.total, days.get(rating.day, rating.total))
    found = swings(sorted(days.items()), marked, catalog.combination.edge_share.value)
    return tuple(
        RatingChange(
            instrument.short_name, s.start[0], s.end[0], s.start[1], s.end[1], (s.end[1] < s.start[1]) == instrument.lower_is_better
        )
        for s in found
    )


def marked_points(instrument: Instrument) -> float | None:
    """How many points are a marked change: the catalog's within-person change, else the reliable one; None where neither is known."""
    within = next((c.points for c in instrument.changes if c.id == "within_person" and c.points), None)
    return within or reliable_change_points(instrument)


def _marked_words(episode: CurrentEpisode, catalog: Catalog) -> str:
    if episode.primary is None:
        return "no instrument carries the verdict: changes of the ratings are not looked for"
    instrument = catalog.instruments[episode.primary]
    marked = marked_points(instrument)
    if marked is None:
        return f"how many points of {instrument.short_name} are more than noise is not known: its changes are not looked for"
    return f"looked at: changes of {instrument.short_name} by {marked:g} points or more"


def _coincidence(change: RatingChange, known: Treatments, catalog: Catalog) -> Coincidence:
    opens = change.start - timedelta(days=catalog.combination.before_days.value)
    beside = tuple(c for c in known.changes if c.first_day <= change.end and c.last_day >= opens)
    moved = {c.about for c in beside}
    going_on = tuple(_since(g) for g in known.given if _throughout(g, opens, change.end) and g.about not in moved)
    credit: Credit = "none_recorded" if not beside else "one_at_the_same_time" if len(moved) == 1 else "not_to_one"
    days = catalog.combination.before_days.value
    return Coincidence(change, beside, going_on, credit, _sentence(change, beside, credit, going_on, days))


def _throughout(given: Given, opens: date, end: date) -> bool:
    return given.first_day < opens and (given.end is None or given.end > end)


def _sentence(change: RatingChange, beside: Sequence[TreatmentChange], credit: Credit, going_on: Sequence[str], days: float) -> str:
    moved = "fell" if change.last < change.first else "rose"
    said = f"{change.instrument} {moved} from {change.first:g} to {change.last:g}"
    said = f"Between {day_in_words(change.start)} and {day_in_words(change.end)} {said}"
    listed = ", ".join(c.said for c in beside)
    also = f" Going on unchanged beside it: {'; '.join(going_on)}." if going_on else ""
    in_time = f"In the same weeks, or in the {days:g} days before"
    if credit == "none_recorded":
        return f"{said}. {in_time}, no change of treatment is recorded.{also}"
    if credit == "not_to_one":
        end = "improvement cannot be credited to" if change.better else "worsening cannot be put down to"
        return f"{said}. {in_time}: {listed}. The {end} one of them.{also}"
    if len(beside) == 1 and beside[0].last_day <= change.start:
        return f"{said}, since {listed}.{also} That it came before does not show that it is the cause."
    return f"{said}. {in_time}, one treatment was changed: {listed}.{also} That both came together does not show that it is the cause."


def _running(given: Given) -> str:
    return f"{_since(given)}, now {given.now}" if given.now else _since(given)


def _since(given: Given) -> str:
    return f"{given.name} since {given.since}"
