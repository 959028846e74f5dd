from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from demo.project import ROOT, environment
from tests import servers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["files", "its own influxd", "the influxd of INFLUXDB_URL"])
def settings(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Environment variables that choose where the demo writes."""
    match request.param:
        case "files":
            yield {"INFLUXDB_URL": "file:"}
        case "its own influxd":
            servers.executable("influxd")
            yield {}
        case _:
            with servers.influxdb1() as server:
                yield {"INFLUXDB_URL": server.url}
                assert servers.influxql(server.url, "SHOW DATABASES")[0].get("values", []) == []


def test_the_demo_shows_that_everything_arrived_and_leaves_nothing_behind(
    settings: dict[str, str], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "demo"]
    env = environment(**settings, TMPDIR=str(tmp_path))
    run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=200)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.endswith("\nEverything has arrived.\n")
    assert list(tmp_path.iterdir()) == []
