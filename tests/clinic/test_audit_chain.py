"""The chain: whatever is changed, added or taken away in the tables of record, the walk names it."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from euthymia_clinic.audit import guards
from euthymia_clinic.audit.acting import ROWS_IN_AN_ENTRY, UnauditedError, action, nothing_changed, told
from euthymia_clinic.audit.actions import READS_IN_A_SEAL
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.jobs import seal_reads
from euthymia_clinic.audit.jobs import verify as verify_job
from euthymia_clinic.audit.models import AppendOnlyError, Entry, Head, Read
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.audit.verify import BATCH, still_contains, walk, witnessed_models
from euthymia_clinic.audit.witness import canonical, row_digest
from euthymia_clinic.chart.models import BreakGlass, Event, Forecast, PanelRow, ReviewSnapshot

NOBODY = system("test")


def by_hand(sql: str, *values: object) -> None:
    """As somebody with the database's own command line would."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints=ON")
        cursor.execute(sql, values)


def table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def places() -> list[str]:
    return [trouble.place for trouble in walk(timezone.now()).troubles]


@pytest.fixture
def chain(patient, owner):
    """A record, looks at it, and their seal."""
    for page in ("chart", "chart", "letter"):
        looked(NOBODY, page, patient.subject, break_glass=page == "letter")
    seal_reads(timezone.now())
    looked(NOBODY, "panel")
    seal_reads(timezone.now())
    # Derived rows that point at a snapshot would stand in the way of tampering with its number.
    PanelRow.objects.update(snapshot=None)
    Forecast.objects.update(snapshot=None)
    return patient


def test_an_untouched_chain_is_whole(chain) -> None:
    found = walk(timezone.now())
    assert found.troubles == []
    assert (found.entries, found.reads) == (Entry.objects.count(), 4)
    assert found.rows == sum(model.objects.count() for model in witnessed_models())
    assert found.rows > Event.objects.count() > 0
    assert found.end == (Head.objects.get().seq, Head.objects.get().hash)


def other_value(field: models.Field, value: object) -> object:
    """Something else that the column takes."""
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.JSONField):
        return '{"kind": "concern", "other": 1}'
    if isinstance(field, models.DateTimeField | models.DateField):
        return value + timedelta(days=1)
    if isinstance(field, models.BinaryField):
        return b"other"
    if isinstance(field, models.ForeignKey):
        return value.hex if connection.vendor == "sqlite" and hasattr(value, "hex") else value
    if isinstance(field, models.IntegerField):
        return value + 1_000
    return "x" * min(len(value), 8) if value else "x"


KINDS = [Entry, Read, Event, ReviewSnapshot]
COLUMNS = [(model, field) for model in KINDS for field in model._meta.concrete_fields if not isinstance(field, models.ForeignKey)]


@pytest.mark.parametrize(("model", "field"), COLUMNS, ids=lambda v: getattr(v, "__name__", getattr(v, "attname", "")))
def test_a_change_of_any_column_of_any_row_is_named(chain, model, field) -> None:
    rows = list(model.objects.order_by("pk"))
    row = rows[len(rows) // 2]
    column = connection.ops.quote_name(field.column)
    # The words are the model's own names, never anybody's input.
    sql = f"UPDATE {table(model)} SET {column} = %s WHERE {connection.ops.quote_name(model._meta.pk.column)} = %s"  # noqa: S608
    by_hand(sql, other_value(field, getattr(row, field.attname)), row.pk)
    assert places()[0] == f"{model._meta.verbose_name} {row.pk}"


@pytest.mark.parametrize("model", [Event, ReviewSnapshot])
def test_a_row_moved_to_another_patient_is_named(chain, site, model) -> None:
    from euthymia_clinic.chart.actions import admit

    other = admit(NOBODY, site, "0999")
    row = model.objects.order_by("pk").first()
    value = other.pk.hex if connection.vendor == "sqlite" else other.pk
    by_hand(f"UPDATE {table(model)} SET patient_id = %s WHERE id = %s", value, row.pk)  # noqa: S608
    assert places() == [f"{model._meta.verbose_name} {row.pk}"]


@pytest.mark.parametrize("model", [Entry, Read, Event])
@pytest.mark.parametrize("which", ["first", "middle", "last"])
def test_a_row_taken_away_is_named(chain, model, which) -> None:
    keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
    key = {"first": keys[0], "middle": keys[len(keys) // 2], "last": keys[-1]}[which]
    by_hand(f"DELETE FROM {table(model)} WHERE {connection.ops.quote_name(model._meta.pk.column)} = %s", key)  # noqa: S608
    assert places()[0] == f"{model._meta.verbose_name} {key}"


def test_several_entries_taken_away_are_named_as_a_range(chain) -> None:
    by_hand("DELETE FROM audit_entry WHERE seq IN (2, 3)")
    assert places()[0] == "entries 2 to 3"


def test_a_read_slipped_in_is_named(chain) -> None:
    last = Read.objects.order_by("pk").last()
    by_hand("DELETE FROM audit_read WHERE id = %s", last.pk)
    assert places() == [f"read {last.pk}"]
    Read(pk=last.pk, at=last.at, actor="person:1", page=last.page, subject=last.subject).save()
    assert places() == [f"read {last.pk}"]


def test_an_entry_slipped_in_after_the_end_is_named(chain) -> None:
    last = Entry.objects.order_by("seq").last()
    Entry(seq=last.seq + 1, at=last.at, actor="system:x", action="x.done", previous=last.hash, hash="0" * 64).save()
    assert places() == [f"entry {last.seq + 1}"]


def test_an_event_written_past_the_actions_is_named(chain) -> None:
    first = Event.objects.order_by("pk").first()
    extra = Event(patient=chain, event_id="extra", kind=first.kind, day=first.day, recorded_at=first.recorded_at, body=first.body)
    extra.save()
    assert places() == [f"event {extra.pk}"]


def test_a_chain_that_was_written_again_does_not_link(chain) -> None:
    """Somebody who knows the code recomputes the hash of the entry they changed: the next one does not follow it."""
    from euthymia_clinic.audit.chain import digest_of

    entry = Entry.objects.get(seq=2)
    forged = digest_of(entry.seq, entry.at, "person:999", entry.action, entry.subject, entry.details, entry.previous)
    by_hand("UPDATE audit_entry SET actor = %s, hash = %s WHERE seq = 2", "person:999", forged)
    assert places()[0] == "entry 3"


@pytest.mark.parametrize("change", ["hash = 'x'", "seq = seq + 5", "seq = seq - 1", "id = 2"])
def test_a_changed_end_is_named(chain, change) -> None:
    by_hand(f"UPDATE audit_head SET {change}")  # noqa: S608
    assert places()


def test_an_end_that_was_taken_away_is_named(chain) -> None:
    by_hand("DELETE FROM audit_head")
    assert places() == ["the end of the chain"]


def test_reads_that_nobody_seals_are_named_after_five_minutes(chain) -> None:
    looked(NOBODY, "panel")
    unsealed = Read.objects.latest("pk")
    now = timezone.now()
    assert walk(now + timedelta(minutes=4)).troubles == []
    assert [t.place for t in walk(now + timedelta(minutes=6)).troubles] == [f"read {unsealed.pk}"]
    assert walk(None).troubles == []
    seal_reads(now)
    assert walk(now + timedelta(minutes=6)).troubles == []


def test_reads_are_sealed_once_and_in_pieces(db) -> None:
    many = READS_IN_A_SEAL * 2 + 3
    Read.objects.bulk_create(Read(at=timezone.now(), actor="person:1", page="panel") for _ in range(many))
    assert seal_reads(timezone.now()) == many
    assert seal_reads(timezone.now()) == 0
    assert [e.details["count"] for e in Entry.objects.order_by("seq")] == [READS_IN_A_SEAL, READS_IN_A_SEAL, 3]
    assert walk(timezone.now()).reads == many


def test_a_long_chain_is_walked_in_batches(db) -> None:
    @action("thing.done")
    def many(actor, /) -> None:
        for n in range(BATCH * 2 + 1):
            told(f"thing:{n}")

    many(NOBODY)
    seen: list[tuple[int, int]] = []
    found = walk(timezone.now(), lambda done, of: seen.append((done, of)))
    assert (found.entries, found.troubles) == (BATCH * 2 + 1, [])
    assert seen[-1] == (BATCH * 2 + 1, BATCH * 2 + 1)


def test_an_action_that_writes_very_many_rows_has_more_than_one_entry(patient) -> None:
    before = Entry.objects.count()

    @action("thing.done")
    def many(actor, /) -> None:
        Event.objects.bulk_create(
            Event(patient=patient, event_id=f"m{n}", kind="concern", day="2026-01-01", recorded_at=timezone.now(), body={"n": n})
            for n in range(ROWS_IN_AN_ENTRY * 2 + 1)
        )
        told(patient.subject, count=3)

    many(NOBODY)
    assert Entry.objects.count() == before + 3
    assert walk(timezone.now()).troubles == []


def test_rows_written_after_the_last_told_are_told_too(patient, owner) -> None:
    @action("thing.done")
    def late(actor, /) -> None:
        told(patient.subject)
        BreakGlass(patient=patient, user=owner, reason="x", at=timezone.now(), until=timezone.now()).save()

    late(NOBODY)
    assert walk(timezone.now()).troubles == []


def test_an_action_cannot_write_rows_and_say_that_nothing_changed(patient, owner) -> None:
    @action("thing.done")
    def silent(actor, /) -> None:
        BreakGlass(patient=patient, user=owner, reason="x", at=timezone.now(), until=timezone.now()).save()
        nothing_changed()

    with pytest.raises(UnauditedError, match="nothing_changed"):
        silent(NOBODY)
    assert not BreakGlass.objects.exists()


def test_append_only_rows_take_no_change_in_bulk_either(patient) -> None:
    with pytest.raises(AppendOnlyError):
        Event.objects.filter(patient=patient).update(kind="x")
    with pytest.raises(AppendOnlyError):
        Event.objects.filter(patient=patient).delete()
    with pytest.raises(AppendOnlyError, match="conflicts"):
        Event.objects.bulk_create([], ignore_conflicts=True)


def test_every_table_of_record_is_witnessed() -> None:
    assert {"event", "review snapshot", "break glass"} <= {str(model._meta.verbose_name) for model in witnessed_models()}
    assert not {Entry, Read} & set(witnessed_models())


def test_the_digest_of_a_row_is_the_same_in_memory_and_from_the_table(patient) -> None:
    body = {"b": 5.0, "a": [1, 2.5, -0.0, 1e22, None, "ä"], "c": {"z": True}}
    kept = Event(patient=patient, event_id="e", kind="k", day="2026-01-02", recorded_at=timezone.now(), body=body)
    kept.save()
    assert row_digest(Event.objects.get(pk=kept.pk)) == row_digest(kept)
    assert canonical({"a": 5.0}) == canonical({"a": 5})


def test_the_nightly_walk_is_kept_in_the_chain(chain) -> None:
    walked = verify_job(timezone.now())
    kept = Entry.objects.latest("seq")
    assert (kept.action, kept.details["entries"], kept.details["troubles"]) == ("audit.verified", walked, 0)
    by_hand("UPDATE audit_read SET page = 'other' WHERE id = %s", Read.objects.first().pk)
    verify_job(timezone.now())
    assert Entry.objects.latest("seq").details["first"].startswith("read ")


@pytest.mark.parametrize("model", [Entry, Read, Event, ReviewSnapshot])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_database_itself_refuses_a_change(chain, model, statement) -> None:
    key = connection.ops.quote_name(model._meta.pk.column)
    sql = statement.format(table(model), key, key)
    guards.put_up()
    with pytest.raises(DatabaseError, match="allowed: new rows alone"), transaction.atomic():
        by_hand(sql)
    looked(NOBODY, "panel")
    seal_reads(timezone.now())
    guards.take_down()
    by_hand(sql if sql.startswith("UPDATE") else "DELETE FROM audit_read")


# Numbers become visible out of order on PostgreSQL alone.
@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_a_read_that_commits_late_is_neither_lost_nor_sealed_twice() -> None:
    """Somebody has number 1 and has not committed; number 2 is there; the seal waits, gives up, and seals both the next minute."""
    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                looked(NOBODY, "slow")
                written.set()
                go_on.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    written.wait(20)
    looked(NOBODY, "quick")
    with pytest.raises(DatabaseError):
        seal_reads(timezone.now())
    go_on.set()
    thread.join()
    assert seal_reads(timezone.now()) == 2
    assert walk(timezone.now() + timedelta(hours=1)).troubles == []


@pytest.mark.django_db(transaction=True)
def test_reads_are_sealed_once_by_two_workers_under_load() -> None:
    stop, sealed, troubles = threading.Event(), [], []

    def reader() -> None:
        try:
            for _ in range(60):
                looked(NOBODY, "panel")
        finally:
            connection.close()

    def sealer() -> None:
        try:
            while not stop.is_set():
                sealed.append(seal_reads(timezone.now()))
        except DatabaseError as error:
            troubles.append(error)
        finally:
            connection.close()

    readers = [threading.Thread(target=reader) for _ in range(4)]
    sealers = [threading.Thread(target=sealer) for _ in range(2)]
    for thread in (*readers, *sealers):
        thread.start()
    for thread in readers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    sealed.append(seal_reads(timezone.now()))
    assert (sum(sealed), troubles) == (240, [])
    assert walk(timezone.now() + timedelta(hours=1)).troubles == []


def test_a_chain_cut_off_with_its_end_is_found_by_an_end_that_was_noted(chain) -> None:
    number, digest = walk(timezone.now()).end
    last = Entry.objects.get(seq=number - 1)
    by_hand("DELETE FROM audit_entry WHERE seq = %s", number)
    by_hand("UPDATE audit_head SET seq = %s, hash = %s", last.seq, last.hash)
    found = walk(None)
    still_contains(found, f"{last.seq}:{last.hash}")
    before = len(found.troubles)
    still_contains(found, f"{number}:{digest}")
    assert len(found.troubles) == before + 1
