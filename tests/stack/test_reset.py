"""Starting anew: on a real InfluxDB 1.6, and on servers that answer as the others do."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import click
import pytest
import requests
import responses

from demo.project import MELTANO, environment
from sync.home import is_running
from sync.reset import Database
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
    assert "A `meltano run` is on: nothing was deleted." in output
    assert without_runs(influxdb, "not-now") == before


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
    return {key: value for key, value in readback.influxdb_points(url, database).items() if key[0] != "sync_runs"}


def test_reset_of_a_folder_deletes_its_lines_alone(sync: Sync, tmp_path: Path) -> None:
    folder = tmp_path / "lines"
    folder.mkdir()
    for name in ("1.s.lp.gz", "2.s.lp.gz", "mine.txt"):
        (folder / name).touch()
    code, output = sync("reset", "--yes", INFLUXDB_URL=folder.as_uri())
    assert code == 0, output
    assert [file.name for file in folder.iterdir()] == ["mine.txt"]


def test_reset_of_what_is_no_influxdb_deletes_nothing_and_says_so(sync: Sync, sandbox: Sandbox) -> None:
    code, output = sync("reset", "--yes", INFLUXDB_URL=sandbox.url, INFLUXDB_BUCKET="x")
    assert code == 1
    assert "Traceback" not in output


@pytest.mark.parametrize("trouble", ["a state that can't be cleared", "a database that can't be emptied"])
def test_reset_that_fails_leaves_no_state_without_data(stage: Stage, trouble: str, unused_url: str) -> None:
    lines = stage.folder / "lines" / "1.s.lp.gz"
    lines.parent.mkdir()
    lines.touch()
    state_is_cleared = trouble != "a state that can't be cleared"
    stage.behave("" if state_is_cleared else "uncleared")
    (stage.folder / "config").write_text(json.dumps({"url": unused_url if state_is_cleared else lines.parent.as_uri()}))
    code, output = stage.run("reset", "--yes")
    assert code == 1
    assert ("can't be reached" if state_is_cleared else "Meltano could not clear its state (exit code 1).") in output
    assert lines.exists()
    assert ["state", "clear", "--force", "prod:tap-intervals-icu-to-target-influxdb"] in [
        call["arguments"] for call in stage.calls
    ]


@pytest.mark.parametrize(
    ("made", "kept"),
    [
        ("DURATION 260w REPLICATION 1 SHARD DURATION 4w", ["mine", "43680h0m0s", "672h0m0s", 1, False]),
        ("DURATION INF REPLICATION 1 SHARD DURATION 1w DEFAULT", ["mine", "0s", "8736h0m0s", 1, True]),
    ],
)
def test_reset_of_a_retention_policy_empties_it_and_keeps_its_duration_and_whether_it_is_the_default(
    influxdb: str, made: str, kept: list[Any]
) -> None:
    influxql(influxdb, "DROP DATABASE rules")
    influxql(influxdb, "CREATE DATABASE rules")
    influxql(influxdb, f"CREATE RETENTION POLICY mine ON rules {made}")
    for policy in ("mine", "autogen"):
        url = f"{influxdb}/write?db=rules&rp={policy}"
        requests.post(url, "m value=1", timeout=30).raise_for_status()
    Database({"url": influxdb, "bucket": "rules/mine"}).recreate()
    (policies,) = influxql(influxdb, "SHOW RETENTION POLICIES ON rules")
    assert [row for row in policies["values"] if row[0] == "mine"] == [kept]
    assert influxql(influxdb, "SELECT * FROM rules.mine.m") == []
    assert len(influxql(influxdb, "SELECT * FROM rules.autogen.m")) == 1


def asked() -> list[tuple[str | None, str, Any]]:
    """Return method, path and body of the requests so far."""
    return [
        (call.request.method, str(call.request.path_url), json.loads(call.request.body) if call.request.body else None)
        for call in responses.calls
    ]


@responses.activate
def test_reset_of_influxdb_2_keeps_retention_and_description_of_the_bucket() -> None:
    rule = {"type": "expire", "everySeconds": 315_360_000, "shardGroupDurationSeconds": YEAR}
    old = {"orgID": "o1", "name": "sport", "description": "mine", "retentionRules": [rule]}
    responses.get(f"{URL}/ping", status=204, headers={"X-Influxdb-Version": "v2.7.12"})
    responses.get(f"{URL}/api/v2/buckets", json={"buckets": [{"id": "b1", **old}]})
    responses.get(f"{URL}/api/v2/orgs", json={"orgs": [{"id": "o1"}]})
    responses.post(f"{URL}/api/v2/buckets", status=201, json={"id": "b2"})
    responses.delete(f"{URL}/api/v2/buckets/b1", status=204)
    responses.patch(f"{URL}/api/v2/buckets/b2", json={})
    Database({"url": f"{URL}/", "bucket": "sport", "org": "me", "token": "secret"}).recreate()
    assert {call.request.headers["Authorization"] for call in responses.calls} == {"Token secret"}
    assert asked() == [
        ("GET", "/ping", None),
        ("GET", "/api/v2/buckets?name=sport&org=me", None),
        ("GET", "/api/v2/orgs?org=me", None),
        ("POST", "/api/v2/buckets", {**old, "name": "sport.new"}),
        ("DELETE", "/api/v2/buckets/b1", None),
        ("PATCH", "/api/v2/buckets/b2", {"name": "sport"}),
    ]


@responses.activate
def test_reset_of_influxdb_2_makes_a_missing_bucket_with_shards_of_a_year() -> None:
    responses.get(f"{URL}/ping", status=204, headers={"X-Influxdb-Version": "v2.9.1"})
    responses.get(f"{URL}/api/v2/buckets", status=404, json={"code": "not found"})
    responses.get(f"{URL}/api/v2/orgs", json={"orgs": [{"id": "o1"}]})
    responses.post(f"{URL}/api/v2/buckets", status=201, json={})
    Database({"url": URL, "bucket": "sport", "org": "me"}).recreate()
    rule = {"type": "expire", "everySeconds": 0, "shardGroupDurationSeconds": YEAR}
    assert asked()[-1][2] == {"orgID": "o1", "name": "sport", "retentionRules": [rule]}


@responses.activate
def test_reset_of_influxdb_2_deletes_nothing_without_the_right_to_create() -> None:
    responses.get(f"{URL}/ping", status=204, headers={"X-Influxdb-Version": "v2.9.1"})
    responses.get(f"{URL}/api/v2/buckets", json={"buckets": [{"id": "b1", "name": "sport"}]})
    responses.get(f"{URL}/api/v2/orgs", json={"orgs": [{"id": "o1"}]})
    responses.post(f"{URL}/api/v2/buckets", status=403, json={"code": "forbidden"})
    with pytest.raises(click.ClickException, match="answered 403 to POST /api/v2/buckets"):
        Database({"url": URL, "bucket": "sport", "org": "me"}).recreate()
    assert "DELETE" not in {call.request.method for call in responses.calls}


@responses.activate
def test_reset_of_influxdb_3_deletes_and_creates_the_database() -> None:
    responses.get(f"{URL}/ping", json={}, headers={"X-Influxdb-Version": "3.11.1"})
    responses.delete(f"{URL}/api/v3/configure/database", status=404)
    responses.post(f"{URL}/api/v3/configure/database")
    Database({"url": URL, "bucket": "sport"}).recreate()
    assert asked()[1:] == [
        ("DELETE", "/api/v3/configure/database?db=sport", None),
        ("POST", "/api/v3/configure/database", {"db": "sport"}),
    ]


@responses.activate
def test_reset_names_what_a_server_refuses() -> None:
    responses.get(f"{URL}/ping", status=204, headers={"X-Influxdb-Version": "1.8.10"})
    responses.post(f"{URL}/query", status=401, json={"error": "authorization failed"})
    with pytest.raises(click.ClickException, match=r"answered 401 to POST /query: .*authorization failed"):
        Database({"url": f"http://user:pw@{URL[7:]}", "bucket": "sport"}).recreate()
