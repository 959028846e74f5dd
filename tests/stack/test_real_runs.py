"""The service with the real Meltano, tap and target, a synthetic account and a real InfluxDB."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.project import MELTANO, environment
from tests import oracle, readback
from tests.stack.conftest import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox
    from tests.stack.real import Sync


SERVICE = ("sync_runs", "sync_athletes")
"""Measurements of the service itself."""


def runs(url: str, database: str) -> list[dict[str, Any]]:
    """Return the points of sync_runs with their tags, times in seconds."""
    (series,) = readback.influxql(url, database, "SELECT * FROM sync_runs GROUP BY *")
    return [dict(zip(series["columns"], row, strict=True)) | series["tags"] for row in series["values"]]


def test_each_run_leaves_one_point_with_its_figures_in_true_utc(sync: Sync, sandbox: Sandbox, influxdb: str) -> None:
    settings = {"INFLUXDB_URL": influxdb, "INFLUXDB_BUCKET": "watched"}
    before = datetime.now(timezone.utc).timestamp()
    sandbox.clear()
    code, output = sync("run-once", **settings)
    assert code == 0, output
    requests = len(sandbox.requests)
    stored = sum(not name[0].startswith("sync_") for name in readback.influxdb_points(influxdb, "watched"))
    code, output = sync("run-once", INTERVALS_API_KEY="wrong-key-000", **settings)
    assert code == 1, output
    assert "wrong-key-000" not in output

    first, second = runs(influxdb, "watched")
    job = "tap-intervals-icu-to-target-influxdb"
    assert before - 1 <= first.pop("time") <= second.pop("time") <= datetime.now(timezone.utc).timestamp()
    assert 0 < first.pop("duration_s") < 60
    assert first.pop("quota_left") == 5000 - requests
    assert first == {
        "job": job,
        "exit_code": 0,
        "success": True,
        "success_value": 1,
        "points": stored,
        "rejected": 0,
        "requests": requests,
        "requests_saved": 0,
        "activities_left": 0,
        "athletes_failed": 0,
        "interval_s": 900,
        "message": "All is well.",
    }
    assert (second["success"], second["success_value"], second["exit_code"], second["job"]) == (False, 0, 1, job)
    assert "The API key is not valid: copy it again from https://intervals.icu/settings" in second["message"]
    assert readback.influxdb_types(influxdb, "watched")["sync_runs", "exit_code"] == {"float"}


def test_athlete_who_can_not_be_read_fails_alone_and_each_has_a_point_of_every_run(
    sync: Sync, sandbox: Sandbox, influxdb: str
) -> None:
    settings = {"INFLUXDB_URL": influxdb, "INFLUXDB_BUCKET": "one-unreadable", "INTERVALS_ATHLETE_ID": "0,i999"}
    code, output = sync("run-once", **settings)
    assert code == 3, output
    assert "1 of 2 athletes failed: i999. The others are done." in output
    (account,) = sandbox.accounts.values()
    stored = readback.influxdb_points(influxdb, "one-unreadable")
    assert oracle.differences(oracle.points(account), without(stored, *SERVICE)) == []
    (run,) = runs(influxdb, "one-unreadable")
    assert (run["success"], run["exit_code"], run["athletes_failed"]) == (True, 1, 1)
    assert run["message"].startswith("Athlete i999 could not be read. ")
    series = readback.influxql(
        influxdb, "one-unreadable", "SELECT outcome, success_value FROM sync_athletes GROUP BY athlete_id"
    )
    assert {one["tags"]["athlete_id"]: one["values"][0][1:] for one in series} == {
        account.parameters.athlete_id: ["complete", 1],
        "i999": ["failed", 0],
    }


@pytest.mark.long
def test_point_of_a_run_is_written_by_the_loader_alone_with_the_settings_of_that_run(
    sync: Sync, influxdb: str, tmp_path: Path
) -> None:
    calls, program = tmp_path / "calls", tmp_path / "meltano"
    program.write_text(f'#!/bin/sh\necho "$1" >>{calls}\nexec {MELTANO} "$@"\n')
    program.chmod(0o755)
    code, output = sync("run-once", SYNC_MELTANO=str(program), INFLUXDB_URL=influxdb, INFLUXDB_BUCKET="alone")
    assert code == 0, output
    assert calls.read_text().split() == ["run"]
    assert [run["success"] for run in runs(influxdb, "alone")] == [True]
    assert list((sync.folder / ".meltano" / "run").rglob("*.config.json")) == []


@pytest.mark.long
def test_a_run_whose_database_is_down_is_recorded_when_it_is_back(sync: Sync, influxdb: str, unused_url: str) -> None:
    code, output = sync("run-once", INFLUXDB_URL=unused_url, INFLUXDB_BUCKET="late", TARGET_INFLUXDB_RETRY_TIMEOUT="1")
    assert code == 1, output
    assert "could not be written and waits for the next one" in output
    assert unused_url in output
    code, output = sync("run-once", INFLUXDB_URL=influxdb, INFLUXDB_BUCKET="late")
    assert code == 0, output
    assert [run["success"] for run in runs(influxdb, "late")] == [False, True]


def test_meltanos_database_stays_small_under_cron_and_the_state_is_kept(
    sync: Sync, sandbox: Sandbox, influxdb: str
) -> None:
    assert sync("tidy") == (0, "")
    env = environment(**sync.settings, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET="for-years")
    database = sync.folder / ".meltano" / "meltano.db"
    run = [str(MELTANO), "run", "tap-intervals-icu", "target-influxdb"]
    subprocess.run(run, cwd=sync.folder, env=env, check=True, capture_output=True)
    with closing(sqlite3.connect(database)) as connection:
        for days in (6.9, 7.1):
            ended = datetime.now(timezone.utc).replace(tzinfo=None) - timedelta(days=days)
            connection.execute(
                "INSERT INTO runs (job_name, run_id, state, started_at, ended_at, payload, payload_flags) "
                "SELECT job_name, run_id, state, started_at, ?, payload, payload_flags FROM runs WHERE id = 1",
                (str(ended),),
            )
        connection.execute("DELETE FROM runs WHERE id = 1")
        connection.commit()
    sandbox.clear()
    subprocess.run(run, cwd=sync.folder, env=env, check=True, capture_output=True)
    assert [request.path for request in sandbox.requests if request.path.endswith("/streams")] == []
    with closing(sqlite3.connect(database)) as connection:
        kept = connection.execute("SELECT julianday('now') - julianday(ended_at), payload FROM runs ORDER BY id")
        ages, notes = zip(*kept, strict=True)
        (state,) = connection.execute("SELECT completed_state FROM state").fetchone()
    assert [round(days, 1) for days in ages] == [6.9, 0.0]
    assert [json.loads(note) for note in notes] == [{}, json.loads(state)]

    month, notes_of_each = 30 * 96, json.dumps({"singer_state": "x" * 20_000})
    with closing(sqlite3.connect(database)) as connection:
        for quarter in range(month, 0, -1):
            ended = datetime.now(timezone.utc).replace(tzinfo=None) - timedelta(minutes=15 * quarter)
            connection.execute(
                "INSERT INTO runs (job_name, state, ended_at, payload, payload_flags) "
                "SELECT job_name, 'SUCCESS', ?, ?, 1 FROM runs LIMIT 1",
                (str(ended), notes_of_each),
            )
        connection.commit()
    assert database.stat().st_size < 4_000_000  # a page for each run of a week, and the state


@pytest.mark.long
def test_run_that_was_killed_before_the_clock_was_set_back_does_not_stop_later_ones(sync: Sync, tmp_path: Path) -> None:
    assert sync("run-once", INFLUXDB_URL=tmp_path.as_uri())[0] == 0
    with closing(sqlite3.connect(sync.folder / ".meltano" / "meltano.db")) as connection:
        ahead = str(datetime.now(timezone.utc).replace(tzinfo=None) + timedelta(days=3))
        connection.execute("UPDATE runs SET state = 'RUNNING', ended_at = NULL, last_heartbeat_at = ?", (ahead,))
        connection.commit()
    code, output = sync("run-once", INFLUXDB_URL=tmp_path.as_uri())
    assert code == 0, output


@pytest.mark.long
def test_run_without_streams_leaves_out_samples_alone_and_a_later_run_brings_them(
    sync: Sync, sandbox: Sandbox, influxdb: str
) -> None:
    select = '["wellness.*", "activities.*", "!activities.skyline_chart_bytes", "activity_streams.*", "events.*"]'
    settings = {"INFLUXDB_URL": influxdb, "INFLUXDB_BUCKET": "later", "TAP_INTERVALS_ICU__SELECT": select}
    sandbox.clear()
    code, output = sync("run-once", "--no-streams", **settings)
    assert code == 0, output
    assert [request.path for request in sandbox.requests if request.path.endswith("/streams")] == []
    first = readback.influxdb_points(influxdb, "later")
    assert {measurement for measurement, *_ in first} == {"wellness", "activities", "events", *SERVICE}
    code, output = sync("run-once", **settings)
    assert code == 0, output
    second = readback.influxdb_points(influxdb, "later")
    (account,) = sandbox.accounts.values()
    assert oracle.differences(oracle.points(account), without(second, "events", *SERVICE)) == []
    assert without(first, *SERVICE) == without(second, "activity_streams", *SERVICE)


@pytest.mark.long
def test_sync_beside_a_meltano_run_of_ones_own_is_left_out(sync: Sync, sandbox: Sandbox, influxdb: str) -> None:
    settings = {"INFLUXDB_URL": influxdb, "INFLUXDB_BUCKET": "beside"}
    assert sync("run-once", **settings)[0] == 0
    before = readback.influxdb_points(influxdb, "beside")
    env = environment(**sync.settings, **settings)
    command = [str(MELTANO), "run", "tap-intervals-icu", "target-influxdb"]
    sandbox.clear()
    sandbox.state.latency = 15  # longer than the second run takes
    with subprocess.Popen(command, cwd=sync.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as run:
        wait_until(lambda: sandbox.requests)
        code, output = sync("run-once", **settings)
        assert run.poll() is None
        sandbox.state.latency = 0
        run.communicate(timeout=60)
    assert (code, run.returncode) == (75, 0)
    assert output.splitlines()[-1].endswith(
        "Meltano says that another run is in progress, or was killed less than 5 minutes ago: trying again later."
    )
    assert readback.influxdb_points(influxdb, "beside") == before


def without(points: oracle.Points, *measurements: str) -> oracle.Points:
    return {key: fields for key, fields in points.items() if key[0] not in measurements}
