"""The service is stopped or killed at any moment, with the real Meltano: the next run goes on from there."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from demo.project import MELTANO, copy_project, environment
from sandbox import Account, AthleteParameters, Sandbox
from tests.stack.real import Sync

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "key-1d0f66ab93"
FORCE = "--force"  # Meltano takes a killed run for a running one during five minutes


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Account(AthleteParameters(days=5, activities=1, seconds=60, strava_stubs=0)), api_key=KEY) as server:
        yield server


def test_run_that_is_killed_while_meltano_makes_its_database_leaves_none_or_a_whole_one(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    folder = copy_project(tmp_path / "project")
    settings = {"INTERVALS_API_URL": sandbox.url, "INTERVALS_API_KEY": KEY, "INFLUXDB_URL": tmp_path.as_uri()}
    sync = Sync(folder, settings)
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


def remove_databases(folder: Path) -> None:
    for file in (folder / ".meltano").glob("*.db*"):
        file.unlink()
