"""Records of treatment for these tests: short to write, cut at a day."""

from datetime import date

from euthymia.adequacy import trials
from euthymia.episode import current_episode
from euthymia.events import Episode, Medication
from euthymia.loading import load_catalog
from euthymia.moment import Moment
from euthymia.record import PatientRecord
from euthymia.resistance import history

CATALOG = load_catalog()
ON = date(2026, 1, 1)


def drug(name, start, end=None, dose=None, /, **more):
    """A drug entry; its id is unlike any other's of other contents."""
    contents = {"drug": name, "at": Moment.of(start), "ended": end and Moment.of(end), "daily_dose_mg": dose, **more}
    return Medication(
        id=more.pop("id", None) or repr(sorted(map(repr, contents.items()))), **{k: v for k, v in contents.items() if k != "id"}
    )


def record_of(*events, onset="2024-01-01", **episode):
    """A record with one episode (None: none is recorded)."""
    first = [Episode(id="episode", at=Moment.of(onset), **episode)] if onset else []
    return PatientRecord(patient_id="somebody", events=(*first, *events))


def tried(*events, on=ON, **more):
    """The trials of a record."""
    record = record_of(*events, **more).until(on)
    return trials(record, current_episode(record, CATALOG), CATALOG, on)


def told(*events, on=ON, **more):
    """The history of a record."""
    record = record_of(*events, **more).until(on)
    return history(record, current_episode(record, CATALOG), CATALOG, on)


def state(found, definition="regulatory"):
    """What one definition says."""
    return next(each.state for each in found.resistance if each.definition == definition)
