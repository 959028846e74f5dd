"""The service is stopped or killed at any moment, with the real Meltano: the next run goes on from there."""

from __future__ import annotations

import math
import os
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from sandbox import Account, AthleteParameters, Sandbox
from sandbox.project import MELTANO, copy_project, environment
from tests import oracle, readback
from tests.pipeline.conftest import athlete
from tests.stack.conftest import wait_until
from tests.stack.real import Sync

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "key-1d0f66ab93"
FORCE = "--force"  # Meltano takes a killed run for a running one during five minutes

STATE_AGE = 2.0
"""Seconds: what the tap fetched last when it is stopped was not emitted yet."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Account(AthleteParameters(days=5, activities=1, seconds=60, strava_stubs=0)), api_key=KEY) as server:
        yield server


@pytest.mark.long
def test_run_that_is_killed_while_meltano_makes_its_database_leaves_none_or_a_whole_one(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sync = a_project(tmp_path, sandbox, INFLUXDB_URL=tmp_path.as_uri())
    folder = sync.folder
    for delay in (0, 0.01, 0.03, 0.1, 0.3):
        remove_databases(folder)
        run = sync.start("run-once")
        while not any(file.stat().st_size for file in (folder / ".meltano").glob("*.db*-wal")):  # Meltano fills it
            assert run.poll() is None
            time.sleep(0.001)
        time.sleep(delay)
        sync.kill(run)
        if (folder / ".meltano" / "meltano.db").exists():
            subprocess.run([MELTANO, "job", "list"], cwd=folder, env=environment(), capture_output=True, check=True)
    code, output = sync("run-once", FORCE)
    assert code == 0, output
    assert [file.name for file in (folder / ".meltano").glob("*.db*")] == ["meltano.db"]


@pytest.mark.long
def test_run_that_is_stopped_saves_its_state_and_the_next_one_completes_the_account(
    tmp_path: Path, influxdb: str
) -> None:
    account = Account(athlete(activities=100, seconds=60))
    with Sandbox(account, api_key=KEY, latency=0.5) as sandbox:
        sync = a_project(tmp_path, sandbox, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET="stop")
        run = sync.start("run-once")
        wait_until(lambda: len(asked(sandbox)) > 70, seconds=60)
        finished = asked(sandbox, until=time.time() - STATE_AGE)
        run.terminate()
        code, output = sync.end(run)
        assert code == 143, output
        assert output.splitlines()[-1].endswith("Stopped. The next run goes on from what is stored.")
        assert sync.processes() == []
        stored = {dict(tags).get("activity_id") for _, tags, _ in points(influxdb)}
        assert len(finished) > 5
        assert {name for name in finished if account.streams(name)} <= stored

        sandbox.state.latency = 0
        sandbox.clear()
        code, output = sync("run-once")
        assert code == 0, output
        assert finished & asked(sandbox) == set()
    assert oracle.differences(oracle.points(account), points(influxdb)) == []


@pytest.mark.long
def test_run_whose_database_hangs_is_stopped_without_waiting_for_it(sandbox: Sandbox, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connections are taken, and never answered
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings = {"INFLUXDB_URL": url, "INFLUXDB_BUCKET": "b", "TARGET_INFLUXDB_TIMEOUT": "3600000"}
        sync = a_project(tmp_path, sandbox, SYNC_STOP_SECONDS="1", **settings)
        service = sync.start()
        connection, _ = silent.accept()
        with connection:
            service.terminate()
            code, output = sync.end(service)
    assert code == 0, output
    assert sync.processes() == []


def a_project(folder: Path, sandbox: Sandbox, **settings: str) -> Sync:
    source = {"INTERVALS_API_URL": sandbox.url, "INTERVALS_API_KEY": KEY}
    return Sync(copy_project(folder / "project"), source | settings)


def asked(sandbox: Sandbox, until: float = math.inf) -> set[str]:
    """Return the activities whose samples were asked for."""
    paths = (request.path for request in sandbox.requests if request.time < until)
    return {path.split("/")[-2] for path in paths if path.endswith("/streams")}


def points(influxdb: str) -> oracle.Points:
    """Return what is stored, without the records of the runs."""
    stored = readback.influxdb_points(influxdb, "stop")
    return {key: fields for key, fields in stored.items() if not key[0].startswith("sync_")}


def test_key_that_a_killed_run_left_in_a_file_is_removed_by_the_next_one(sandbox: Sandbox, tmp_path: Path) -> None:
    sync = a_project(tmp_path, sandbox, INFLUXDB_URL=tmp_path.as_uri())
    run = sync.start("run-once")
    wait_until(lambda: len(handed(sync.folder)) == 2)
    sync.kill(run)
    others = sync.folder / ".meltano" / "run" / "tap-other" / "tap.1.config.json"
    others.parent.mkdir()
    others.touch()
    left_behind = handed(sync.folder)
    assert len(left_behind) == 3
    for file in left_behind:
        os.utime(file, (0, 0))
    code, output = sync("run-once", FORCE)
    assert code == 0, output
    assert handed(sync.folder) == [others]


def handed(folder: Path) -> list[Path]:
    """Return the files in which Meltano hands the plugins their settings."""
    return list((folder / ".meltano" / "run").rglob("*.config.json"))


def remove_databases(folder: Path) -> None:
    for file in (folder / ".meltano").glob("*.db*"):
        file.unlink()
