"""The worker: each job once, whoever dies, and none stopped by another's trouble."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from euthymia_clinic import worker
from euthymia_clinic.worker import jobs as all_jobs
from euthymia_clinic.worker import loop
from euthymia_clinic.worker.jobs import JOBS, Job
from euthymia_clinic.worker.leases import claim, done_lately, give_back, make_leases
from euthymia_clinic.worker.models import Lease

DONE: list[str] = []


def count(now) -> int:
    DONE.append("count")
    return 1


def break_down(now) -> int:
    raise ValueError("Name of a patient")


def test_every_job_has_a_function_that_exists() -> None:
    for job in JOBS:
        assert callable(job.resolve()), job.name
    assert len({job.name for job in JOBS}) == len(JOBS)


@pytest.fixture
def one_job(monkeypatch) -> Job:
    DONE.clear()
    job = Job("count", timedelta(seconds=60), "count")
    monkeypatch.setattr(Job, "resolve", lambda self: globals()[self.function])
    Lease.objects.create(job="count", until=timezone.now() - timedelta(hours=1))
    return job


@pytest.mark.django_db
def test_a_job_is_done_when_due_and_not_before(one_job) -> None:
    assert loop.run_due([one_job], "a") == 1
    assert loop.run_due([one_job], "a") == 0
    assert DONE == ["count"]
    lease = Lease.objects.get()
    assert (lease.holder, lease.last_trouble) == ("", "")
    assert lease.last_done is not None


@pytest.mark.django_db
def test_a_job_in_parts_is_called_again_at_once_while_there_is_more(one_job) -> None:
    parts = Job("count", timedelta(seconds=60), "count", in_parts=True)
    assert [loop.run_due([parts], "a") for _ in range(3)] == [1, 1, 1]


@pytest.mark.django_db
def test_nobody_claims_what_another_holds(one_job) -> None:
    now = timezone.now()
    assert claim(one_job, "a", now)
    assert not claim(one_job, "b", now + timedelta(seconds=61))


@pytest.mark.django_db
def test_a_dead_workers_job_is_taken_over_and_its_late_end_changes_nothing(one_job) -> None:
    now = timezone.now()
    assert claim(one_job, "dead", now)
    later = now + one_job.lease + timedelta(seconds=1)
    assert claim(one_job, "other", later)
    give_back(one_job, "dead", later)
    assert Lease.objects.get().holder == "other"
    give_back(one_job, "other", later)
    assert Lease.objects.get().last_done == later


@pytest.mark.django_db
def test_trouble_is_kept_by_its_type_and_stops_nobody(one_job, caplog) -> None:
    Lease.objects.create(job="break", until=timezone.now() - timedelta(hours=1))
    assert loop.run_due([Job("break", timedelta(seconds=60), "break_down"), one_job], "a") == 2
    assert Lease.objects.get(job="break").last_trouble == "ValueError"
    assert DONE == ["count"]
    assert "patient" not in caplog.text


@pytest.mark.django_db
def test_a_job_in_a_module_that_is_not_there_is_trouble_too() -> None:
    Lease.objects.create(job="x", until=timezone.now() - timedelta(hours=1))
    loop.run_due([Job("x", timedelta(seconds=60), "nowhere.jobs.nothing")], "a")
    assert Lease.objects.get(job="x").last_trouble == "ModuleNotFoundError"


@pytest.mark.django_db
def test_alive_is_true_only_while_the_paging_is_done(one_job) -> None:
    now = timezone.now()
    assert not worker.alive(now)
    make_leases(now)
    [escalate] = [job for job in JOBS if job.name == "alerts.escalate"]
    assert claim(escalate, "a", now)
    assert not worker.alive(now)
    give_back(escalate, "a", now)
    assert worker.alive(now + timedelta(seconds=60))
    assert not worker.alive(now + timedelta(seconds=90))
    assert claim(escalate, "a", now + timedelta(seconds=20))
    give_back(escalate, "a", now + timedelta(seconds=21), trouble="OSError")
    assert not worker.alive(now + timedelta(seconds=22))
    assert not done_lately(now, "audit.seal_reads")


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_each_job_once(monkeypatch) -> None:
    done: list[str] = []
    hundred = [Job(f"job {n}", timedelta(hours=1), f"job {n}") for n in range(100)]
    monkeypatch.setattr(Job, "resolve", lambda self: lambda now: done.append(self.name) or 1)
    for job in hundred:
        Lease.objects.create(job=job.name, until=timezone.now() - timedelta(hours=1))

    def one(name: str) -> None:
        try:
            loop.run_due(hundred, name)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == sorted(job.name for job in hundred)


@pytest.mark.django_db(transaction=True)
def test_the_lanes_work_until_they_are_told_to_stop(monkeypatch) -> None:
    done, stop = [], threading.Event()
    monkeypatch.setattr(Job, "resolve", lambda self: lambda now: (done.append(self.name), len(done) == len(JOBS) and stop.set()) and 1)
    monkeypatch.setattr(all_jobs, "JOBS", JOBS)
    thread = threading.Thread(target=lambda: (loop.work(stop, tick=0.05), connection.close()))
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert sorted(set(done)) == sorted(job.name for job in JOBS)


def test_a_worker_ends_at_sigterm(tmp_path) -> None:
    env = {**os.environ, "EUTHYMIA_HOME": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/w.sqlite3"}
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=env, check=True)
    process = subprocess.Popen([sys.executable, "-m", "euthymia.cli", "work"], env=env, stderr=subprocess.PIPE)
    try:
        threading.Event().wait(4)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(25) == 0
    finally:
        process.kill()
        process.communicate()
