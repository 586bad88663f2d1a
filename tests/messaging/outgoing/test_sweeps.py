"""Sweeps run when they are due, in a separate thread, whatever they raise."""

import threading
from collections.abc import Iterator

import pytest

from messaging.outgoing import sweeps
from messaging.outgoing.sweeps import Sweeper


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "registered", [])


@pytest.fixture
def sweeper() -> Iterator[Sweeper]:
    sweeper = Sweeper()
    yield sweeper
    sweeper.stop()


def test_each_runs_when_its_time_has_come(sweeper: Sweeper) -> None:
    runs: list[str] = []
    sweeps.register(lambda: runs.append("often"), every=0)
    sweeps.register(lambda: runs.append("rarely"), every=3600)
    sweeper.run()
    sweeper.run()
    assert runs == ["often", "rarely", "often"]


def test_a_failing_sweep_stops_no_other(sweeper: Sweeper, caplog: pytest.LogCaptureFixture) -> None:
    runs: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError

    sweeps.register(fail, every=0)
    sweeps.register(lambda: runs.append("other"), every=0)
    sweeper.run()
    sweeper.run()
    assert runs == ["other", "other"]


@pytest.mark.django_db(transaction=True)
def test_a_slow_sweep_blocks_nobody(sweeper: Sweeper) -> None:
    began, go_on = threading.Event(), threading.Event()
    runs: list[bool] = []

    def hang() -> None:
        began.set()
        runs.append(go_on.wait(timeout=10))

    sweeps.register(hang, every=0)
    sweeper.start()
    assert began.wait(timeout=10)
    sweeper.start()
    sweeper.start()
    assert runs == []
    go_on.set()
    assert sweeper.running is not None
    sweeper.running.result(timeout=10)
    assert runs == [True]
