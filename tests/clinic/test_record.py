"""The tables give the core back what it gave them; nothing is overwritten."""

import pytest

from clinic.conftest import sample
from euthymia.reviewing import review_digest
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.models import AppendOnlyError, Entry
from euthymia_clinic.chart.actions import ConflictError, record_events
from euthymia_clinic.chart.models import Event, PanelRow
from euthymia_clinic.chart.snapshots import is_stale, latest, review_in
from euthymia_clinic.chart.to_core import record_of


def test_what_was_stored_is_what_comes_back(patient) -> None:
    known = {event.id: event for event in record_of(patient).events}
    assert {e.id for e in sample("holding-above-remission")} == set(known)


def test_the_snapshot_is_the_review_as_it_was_said(patient) -> None:
    snapshot = latest(patient)
    assert review_digest(review_in(snapshot)) == snapshot.digest
    assert not is_stale(snapshot, patient)
    assert PanelRow.objects.get(patient=patient).status == review_in(snapshot).verdict.status


def test_the_same_event_twice_is_one_and_another_under_its_id_is_refused(patient) -> None:
    [event] = [e for e in sample("holding-above-remission") if e.kind == "target"][:1]
    assert record_events(system("test"), patient, [event]) == ()
    with pytest.raises(ConflictError, match="a correction"):
        record_events(system("test"), patient, [event.model_copy(update={"own_words": "otherwise"})])


def test_rows_are_added_never_changed(patient) -> None:
    row, entry = Event.objects.filter(patient=patient).first(), Entry.objects.first()
    with pytest.raises(AppendOnlyError):
        row.save()
    with pytest.raises(AppendOnlyError):
        entry.delete()
