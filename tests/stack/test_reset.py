"""Starting anew: on a real InfluxDB 1.6, and on servers that answer as the others do."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.project import MELTANO, environment
from sync.meltano_folder import is_running
from tests import readback
from tests.servers import influxql

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox
    from tests.stack.conftest import Stage
    from tests.stack.real import Sync

URL = "http://influxdb.test:8086"
YEAR = 31_449_600


@pytest.mark.long
def test_reset_beside_a_meltano_run_of_ones_own_deletes_nothing(sync: Sync, sandbox: Sandbox, influxdb: str) -> None:
    settings = {"INFLUXDB_URL": influxdb, "INFLUXDB_BUCKET": "not-now"}
    assert sync("run-once", **settings)[0] == 0
    before = without_runs(influxdb, "not-now")
    sandbox.state.latency = 3
    command = [str(MELTANO), "run", "tap-intervals-icu", "target-influxdb"]
    env = environment(**sync.settings, **settings)
    with subprocess.Popen(command, cwd=sync.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as run:
        while not is_running(sync.folder):
            assert run.poll() is None
        code, output = sync("reset", "--yes", **settings)
        assert run.poll() is None
        sandbox.state.latency = 0
        run.communicate(timeout=60)
    assert (code, run.returncode) == (1, 0)
    assert "A `meltano run` is in progress: nothing was deleted." in output
    assert without_runs(influxdb, "not-now") == before


def test_meltano_is_seen_before_it_has_started_a_plugin(tmp_path: Path) -> None:
    program = tmp_path / "meltano"
    program.write_text("import time; print(flush=True); time.sleep(60)")
    command = [sys.executable, str(program), "--log-level=warning", "run", "tap", "target"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) as run:
        assert run.stdout
        run.stdout.readline()
        seen = [is_running(tmp_path), is_running(tmp_path.parent)]
        run.kill()
    assert [*seen, is_running(tmp_path)] == [True, False, False]


@pytest.mark.long
def test_reset_asks_then_empties_the_database_and_the_next_sync_brings_all_again(sync: Sync, influxdb: str) -> None:
    settings = {"INFLUXDB_URL": influxdb, "INFLUXDB_BUCKET": "to-reset"}
    assert sync("run-once", **settings)[0] == 0
    full = without_runs(influxdb)

    code, output = sync("reset", say="no\n", **settings)
    assert code == 1
    assert "Nothing was deleted." in output
    assert without_runs(influxdb) == full

    code, output = sync("reset", say="to-reset\n", **settings)
    assert code == 0, output
    assert f"This deletes 'to-reset' at {influxdb}" in output
    assert readback.influxql(influxdb, "to-reset", "SHOW SERIES") == []
    (policies,) = influxql(influxdb, 'SHOW RETENTION POLICIES ON "to-reset"')
    assert dict(zip(policies["columns"], policies["values"][0], strict=True))["shardGroupDuration"] == "8736h0m0s"

    assert sync("run-once", **settings)[0] == 0
    assert without_runs(influxdb) == full


def without_runs(url: str, database: str = "to-reset") -> dict[Any, Any]:
    return {
        key: value for key, value in readback.influxdb_points(url, database).items() if not key[0].startswith("sync_")
    }


def test_reset_of_a_folder_deletes_its_lines_alone(sync: Sync, tmp_path: Path) -> None:
    folder = tmp_path / "lines"
    folder.mkdir()
    for name in ("1.s.lp.gz", "2.s.lp.gz", "mine.txt"):
        (folder / name).touch()
    code, output = sync("reset", "--yes", INFLUXDB_URL=folder.as_uri())
    assert code == 0, output
    assert [file.name for file in folder.iterdir()] == ["mine.txt"]


@pytest.mark.long  # every day the target alone: tests/target/test_reset.py
def test_reset_of_what_is_no_influxdb_deletes_nothing_and_says_so(sync: Sync, sandbox: Sandbox) -> None:
    code, output = sync("reset", "--yes", INFLUXDB_URL=sandbox.url, INFLUXDB_BUCKET="x")
    assert code == 1
    assert f"{sandbox.url} does not say that it is an InfluxDB: delete the data there by hand." in output
    assert "Traceback" not in output


@pytest.mark.parametrize("trouble", ["a state that can't be cleared", "a database that can't be emptied"])
def test_reset_that_fails_leaves_no_state_without_data(stage: Stage, trouble: str) -> None:
    lines = stage.folder / "lines" / "1.s.lp.gz"
    lines.parent.mkdir()
    lines.touch()
    is_cleared = trouble != "a state that can't be cleared"
    stage.behave("unwritable" if is_cleared else "uncleared")
    (stage.folder / "config").write_text(json.dumps({"url": lines.parent.as_uri()}))
    code, output = stage.run("reset", "--yes")
    assert code == 1
    assert ("Can't reach the database." if is_cleared else "Meltano could not clear its state (exit code 1).") in output
    assert lines.exists()
    assert ["state", "clear", "--force", "prod:tap-intervals-icu-to-target-influxdb"] in [
        call["arguments"] for call in stage.calls
    ]


def test_reset_with_another_loader_deletes_nothing_and_keeps_the_state(stage: Stage) -> None:
    code, output = stage.run("reset", "--yes", SYNC_RUN="tap-intervals-icu-rows target-postgres")
    assert code == 1
    assert "reset deletes what target-influxdb wrote; SYNC_RUN names target-postgres: nothing was deleted." in output
    assert not [call for call in stage.calls if call["arguments"][0] in {"state", "invoke"}]
