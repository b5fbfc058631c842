"""Backups: taken while the clinic writes, proven when they come back, and never over anything."""

import json
import shutil
import subprocess
import sys

import pytest

from clinic.machine import START, machine

WRITES = """
import itertools
from django.utils import timezone
from euthymia_clinic.audit.actor import system
from euthymia_clinic.audit.jobs import seal_reads
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.audit.acting import action, told
from euthymia_clinic.chart.models import Event, Patient
patient = Patient.objects.get()
@action("record.added")
def add(actor, /, n):
    Event(patient=patient, event_id=f"load{n}", kind="concern", day="2026-01-01", recorded_at=timezone.now(), body={"n": n}).save()
    told(patient.subject)
print("ready", flush=True)
for n in itertools.count():
    add(system("load"), n)
    looked(system("load"), "chart", patient.subject)
    if n % 7 == 0:
        seal_reads(timezone.now())
"""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    with machine(tmp_path_factory.mktemp("clinic"), "a") as made:
        yield made.seeded()


@pytest.fixture(scope="module")
def taken(clinic, tmp_path_factory):
    """A backup with its note, taken once; tests damage a copy of it."""
    folder = tmp_path_factory.mktemp("taken")
    done = clinic.run("backup", str(folder / "clinic.backup"))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def copied(taken, tmp_path):
    """A copy of that backup; its note lies beside it."""
    shutil.copytree(taken, tmp_path, dirs_exist_ok=True)
    return tmp_path / "clinic.backup"


@pytest.fixture
def empty(tmp_path):
    with machine(tmp_path / "other", "b") as made:
        yield made


def test_what_comes_back_is_what_was_backed_up(clinic, empty, tmp_path) -> None:
    file = tmp_path / "clinic.backup"
    done = clinic.run("backup", str(file))
    assert done.returncode == 0, done.stderr
    assert file.stat().st_mode & 0o077 == 0
    back = empty.run("restore", str(file), "--verify")
    assert back.returncode == 0, back.stdout + back.stderr
    assert "whole: it is what was backed up" in back.stdout
    same = "from euthymia_clinic.chart.models import Event; print(sorted(Event.objects.values_list('event_id', flat=True)))"
    assert empty.python(same) == clinic.python(same)
    # It goes on from there: the chain takes new entries, and its guards stand.
    assert empty.run("audit", "verify").returncode == 0
    tamper = "from django.db import connection; connection.cursor().execute(\"UPDATE chart_event SET kind = 'x'\")"
    with pytest.raises(AssertionError, match="new rows alone"):
        empty.python(tamper)


def test_a_backup_under_write_load_is_whole(clinic, empty, tmp_path) -> None:
    file = tmp_path / "clinic.backup"
    writer = subprocess.Popen([sys.executable, "-c", START + WRITES], env=clinic.environment, stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout is not None
        writer.stdout.readline()
        before = int(clinic.python("from euthymia_clinic.chart.models import Event; print(Event.objects.count())"))
        done = clinic.run("backup", str(file))
        assert done.returncode == 0, done.stderr
        after = int(clinic.python("from euthymia_clinic.chart.models import Event; print(Event.objects.count())"))
    finally:
        writer.kill()
        writer.communicate()
    assert before < after
    back = empty.run("restore", str(file), "--verify")
    assert back.returncode == 0, back.stdout + back.stderr
    restored = int(empty.python("from euthymia_clinic.chart.models import Event; print(Event.objects.count())"))
    assert before <= restored <= after


def test_nothing_is_overwritten(clinic, copied) -> None:
    again = clinic.run("backup", str(copied))
    assert again.returncode == 2
    assert "already; allowed: a new file" in again.stderr
    onto = clinic.run("restore", str(copied), "--verify")
    assert onto.returncode == 2
    assert "allowed: an empty one" in onto.stderr


@pytest.mark.parametrize("note", ["with its note", "without its note"])
@pytest.mark.parametrize("damage", ["cut off", "changed", "empty", "something else"])
def test_a_damaged_copy_is_refused_with_a_clear_message(copied, empty, tmp_path, damage, note) -> None:
    file = copied
    content = bytearray(file.read_bytes())
    if damage == "cut off":
        content = content[: len(content) // 3]
    elif damage == "changed":
        for place in range(len(content) // 4, len(content) // 2, 97):
            content[place] ^= 0xFF
    elif damage == "empty":
        content = bytearray()
    else:
        content = bytearray(b"%PDF-1.7 a letter")
    file.write_bytes(content)
    if note == "without its note":
        (tmp_path / "clinic.backup.note.json").unlink()
    back = empty.run("restore", str(file), "--verify")
    assert back.returncode in (1, 2), back.stdout + back.stderr
    assert "allowed: " in back.stderr or "differ" in back.stdout or "changed" in back.stdout
    assert "Traceback" not in back.stderr
    if back.returncode == 2:
        assert empty.run("restore", str(file), "--verify").returncode == 2


def test_a_row_changed_inside_the_copy_is_named(clinic, empty, tmp_path) -> None:
    """Somebody edits the database and takes the backup then: the chain inside it tells."""
    file = tmp_path / "clinic.backup"
    clinic.python("from euthymia_clinic.audit import guards; guards.take_down()")
    change = "from django.db import connection; connection.cursor().execute('UPDATE audit_entry SET actor = %s WHERE seq = 2', ['{}'])"
    was = clinic.python("from euthymia_clinic.audit.models import Entry; print(Entry.objects.get(seq=2).actor)")
    clinic.python(change.format("person:1"))
    try:
        assert clinic.run("backup", str(file)).returncode == 0
        found = clinic.run("audit", "verify")
        assert (found.returncode, found.stdout.splitlines()[0][:8]) == (1, "entry 2:")
    finally:
        clinic.python(change.format(was))
        clinic.python("from euthymia_clinic.audit import guards; guards.put_up()")
    back = empty.run("restore", str(file), "--verify")
    assert back.returncode == 1
    assert "entry 2: it was changed" in back.stdout


def test_a_missing_row_and_another_kind_are_said(copied, empty, tmp_path) -> None:
    file = copied
    note = tmp_path / "clinic.backup.note.json"
    said = json.loads(note.read_text())
    note.write_text(json.dumps({**said, "rows": {**said["rows"], "chart_patient": 2}}))
    back = empty.run("restore", str(file), "--verify")
    assert back.returncode == 1
    assert "table chart_patient: 1 rows; there were 2" in back.stdout
    nowhere = empty.run("restore", str(tmp_path / "nothing"))
    assert (nowhere.returncode, "found no file" in nowhere.stderr) == (2, True)


@pytest.mark.only_on("postgresql")
def test_without_postgresqls_own_programs_it_says_which(clinic, tmp_path) -> None:
    done = clinic.run("backup", str(tmp_path / "b"), PATH="/nowhere")
    assert done.returncode == 2
    assert "found no pg_dump; allowed: PostgreSQL's own client programs" in done.stderr
    assert list(tmp_path.iterdir()) == []
