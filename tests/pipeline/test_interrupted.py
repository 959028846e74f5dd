"""A run that is killed in the middle costs nothing: the next one completes the account."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from sandbox import Account, Sandbox
from tests import oracle, readback
from tests.pipeline.conftest import KEY, athlete
from tests.pipeline.meltano import kill, streams_requests, wait_for_streams

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pipeline.meltano import Project

FORCE = "--force"  # Meltano takes a killed run for a running one during five minutes


@pytest.mark.parametrize(
    "victim",
    [
        pytest.param("tap-intervals-icu", marks=pytest.mark.long),
        pytest.param("target-influxdb", marks=pytest.mark.long),
        None,
    ],
)
def test_the_run_after_a_kill_completes_the_account(
    make_project: Callable[..., Project], influxdb: str, victim: str | None
) -> None:
    account = Account(athlete())
    database = f"killed-{victim or 'all'}"
    with Sandbox(account, api_key=KEY, latency=0.2) as sandbox:
        project = make_project(sandbox, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET=database)
        with project.start() as process:
            wait_for_streams(sandbox, 4, process)
            kill(process, victim)
            output, _ = process.communicate(timeout=60)
        assert process.returncode != 0, output
        sandbox.state.latency = 0
        project.sync(FORCE)
    stored = readback.influxdb_points(influxdb, database)
    assert oracle.differences(oracle.points(account), stored) == []


def test_the_run_after_a_sigterm_completes_the_account(make_project: Callable[..., Project], influxdb: str) -> None:
    account = Account(athlete())
    with Sandbox(account, api_key=KEY, latency=0.2) as sandbox:
        project = make_project(sandbox, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET="terminated")
        with project.start() as process:
            wait_for_streams(sandbox, 4, process)
            process.terminate()
            output, _ = process.communicate(timeout=60)
        assert process.returncode == 128 + signal.SIGTERM, output
        sandbox.state.latency = 0
        project.sync()
    stored = readback.influxdb_points(influxdb, "terminated")
    assert oracle.differences(oracle.points(account), stored) == []


@pytest.mark.long
def test_kill_just_before_a_checkpoint_repeats_at_most_fifteen_seconds_of_work(
    make_project: Callable[..., Project], influxdb: str
) -> None:
    account = Account(athlete(activities=150, seconds=60))
    with_streams = sum(bool(account.streams(name)) for name in account.activities)
    per_second = 4
    with Sandbox(account, api_key=KEY) as sandbox:
        project = make_project(sandbox, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET="resumed")
        project.settings["TAP_INTERVALS_ICU_ARCHIVE_PATH"] = "off"  # which would save the repeated requests
        with project.start(TAP_INTERVALS_ICU_REQUESTS_PER_SECOND=str(per_second)) as process:
            assert process.stdout
            assert any("Incremental state has been updated" in line for line in process.stdout)
            time.sleep(9)  # the next checkpoint comes after ten
            first = streams_requests(sandbox)
            kill(process)
        sandbox.clear()
        project.sync(FORCE)
        repeated = streams_requests(sandbox) - (with_streams - first)
    stored = readback.influxdb_points(influxdb, "resumed")
    assert oracle.differences(oracle.points(account), stored) == []
    assert first < with_streams
    assert 0 <= repeated <= 15 * per_second


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(3))
def test_repeated_kills_at_random_moments_lose_and_double_nothing(
    make_project: Callable[..., Project], influxdb: str, seed: int
) -> None:
    rng = random.Random(seed)
    account = Account(athlete(activities=30, seed=seed))
    database = f"random-kills-{seed}"
    with Sandbox(account, api_key=KEY, latency=0.05) as sandbox:
        project = make_project(sandbox, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET=database)
        for _ in range(10):
            with project.start(FORCE) as process:
                try:
                    output, _ = process.communicate(timeout=rng.uniform(0.5, 5))
                except subprocess.TimeoutExpired:
                    kill(process)
                    output, _ = process.communicate(timeout=60)
                # Nothing else: in a project that a kill broke, the other kills would test nothing.
                assert process.returncode in {0, -signal.SIGKILL}, output
            account.add(seconds=60)
            account.rename(rng.choice(list(account.activities)), "Renamed", stamped=True)
        project.sync(FORCE, TAP_INTERVALS_ICU_CENSUS_INTERVAL="0")
    stored = oracle.without_mileage(readback.influxdb_points(influxdb, database))
    assert oracle.differences(oracle.without_mileage(oracle.points(account)), stored) == []
