"""The worker runs the jobs of apps when they are due, in a separate thread, despite errors."""

import threading
from collections.abc import Iterator

import pytest

from smscenter.jobs import Job, JobRunner, in_turn
from smscenter.registry import Registry
from tests.logs import Lines


@pytest.fixture
def jobs() -> Registry[Job]:
    return Registry()


@pytest.fixture
def runner(jobs: Registry[Job]) -> Iterator[JobRunner]:
    runner = JobRunner(jobs)
    yield runner
    runner.stop()


def test_a_job_runs_when_it_is_due(jobs: Registry[Job], runner: JobRunner) -> None:
    runs: list[str] = []
    jobs.register(Job(lambda: runs.append("often"), every=0))
    jobs.register(Job(lambda: runs.append("rarely"), every=3600))
    runner.run()
    runner.run()
    assert runs == ["often", "rarely", "often"]


def test_a_failed_job_does_not_stop_others(
    jobs: Registry[Job], runner: JobRunner, lines: Lines
) -> None:
    runs: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError

    jobs.register(Job(fail, every=0))
    jobs.register(Job(lambda: runs.append("other"), every=0))
    runner.run()
    runner.run()
    assert runs == ["other", "other"]
    assert lines.named("job_failed")


@pytest.mark.django_db(transaction=True)
def test_a_hanging_job_does_not_block_the_worker(jobs: Registry[Job], runner: JobRunner) -> None:
    started, resume = threading.Event(), threading.Event()
    runs: list[bool] = []

    def hang() -> None:
        started.set()
        runs.append(resume.wait(timeout=60))

    jobs.register(Job(hang, every=0))
    runner.start()
    assert started.wait(timeout=60)
    runner.start()
    runner.start()
    assert runs == []
    resume.set()
    runner.running[False].result(timeout=60)
    assert runs == [True]


@pytest.mark.django_db(transaction=True)
def test_a_slow_job_delays_only_slow_ones(jobs: Registry[Job], runner: JobRunner) -> None:
    begun, resume, sent, waits = (threading.Event() for _ in range(4))

    def read_workbook() -> None:
        begun.set()
        resume.wait(timeout=60)

    jobs.register(Job(read_workbook, every=3600, is_slow=True))
    jobs.register(Job(waits.set, every=3600, is_slow=True))
    jobs.register(Job(sent.set, every=3600))
    runner.start()
    assert begun.wait(timeout=60)
    assert sent.wait(timeout=60)
    assert not waits.is_set()
    resume.set()
    assert waits.wait(timeout=60)


def test_an_organization_with_much_to_do_waits_for_others() -> None:
    taken: list[int] = []

    def step(pk: int) -> bool:
        taken.append(pk)
        return False

    in_turn([(1, 10), (1, 11), (1, 12), (2, 20)], step, seconds=60)
    assert taken == [10, 20, 11, 12]
