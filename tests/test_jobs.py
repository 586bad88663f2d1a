"""Jobs that apps let the worker run: on time, in a thread of its own, whatever they raise."""

import threading
from collections.abc import Iterator

import pytest

from smscenter.jobs import Job, JobRunner
from smscenter.registry import Registry


@pytest.fixture
def jobs() -> Registry[Job]:
    return Registry()


@pytest.fixture
def runner(jobs: Registry[Job]) -> Iterator[JobRunner]:
    runner = JobRunner(jobs)
    yield runner
    runner.stop()


def test_each_runs_when_it_is_due(jobs: Registry[Job], runner: JobRunner) -> None:
    runs: list[str] = []
    jobs.register(Job(lambda: runs.append("often"), every=0))
    jobs.register(Job(lambda: runs.append("rarely"), every=3600))
    runner.run()
    runner.run()
    assert runs == ["often", "rarely", "often"]


def test_an_error_in_one_stops_no_other(
    jobs: Registry[Job], runner: JobRunner, caplog: pytest.LogCaptureFixture
) -> None:
    runs: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError

    jobs.register(Job(fail, every=0))
    jobs.register(Job(lambda: runs.append("other"), every=0))
    runner.run()
    runner.run()
    assert runs == ["other", "other"]
    assert "job_failed" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_one_that_hangs_delays_nobody(jobs: Registry[Job], runner: JobRunner) -> None:
    began, go_on = threading.Event(), threading.Event()
    runs: list[bool] = []

    def hang() -> None:
        began.set()
        runs.append(go_on.wait(timeout=10))

    jobs.register(Job(hang, every=0))
    runner.start()
    assert began.wait(timeout=10)
    runner.start()
    runner.start()
    assert runs == []
    go_on.set()
    assert runner.running is not None
    runner.running.result(timeout=10)
    assert runs == [True]
