"""Deleting what a database holds: all of it, or that of a stream or an athlete."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from target_influxdb.errors import TargetError
from target_influxdb.reset import reset
from target_influxdb.target import TargetInfluxDB
from tests import readback, servers
from tests.servers import influxql
from tests.target.loading import DATE, NUMBER, TEXT, execute, load, record, schema
from tests.target.scripted import Reply, Scripted, scripted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target.conftest import Place

YEAR = 31_449_600
STREAMS = ("rides", "rides_two")
MEASUREMENTS = {name: {"time": "day", "tags": ["id", "athlete"]} for name in STREAMS}
MESSAGES = [
    message
    for name in STREAMS
    for message in (
        schema(name, {"id": TEXT, "athlete": TEXT, "day": DATE, "x": NUMBER}, ["id", "athlete"]),
        *(record(name, id=one, athlete=whose, day="2026-05-04", x=1) for one in "ab" for whose in ("i1", "i2")),
    )
]


def run(config: dict[str, Any], what: str) -> str:
    target = TargetInfluxDB(config={"retry_timeout": 0, **config})
    try:
        return reset(target.writer, what)
    finally:
        target.writer.close()


@pytest.mark.parametrize(
    ("what", "left"),
    [
        ("rides", {("rides_two", one) for one in ("i1", "i2")}),
        ("rides:athlete=i1", {("rides", "i2"), ("rides_two", "i1"), ("rides_two", "i2")}),
        ("rides:athlete=i1,rides_two:athlete=i2", {("rides", "i2"), ("rides_two", "i1")}),
        ("rides:athlete=nobody", {(name, one) for name in STREAMS for one in ("i1", "i2")}),
    ],
)
def test_reset_deletes_what_is_named_and_nothing_else(
    place: Place, what: str, left: set[tuple[str, str]], tmp_path: Path
) -> None:
    config = {**place.config, "measurements": MEASUREMENTS}
    load(config, *MESSAGES)
    done = execute(config, tmp_path, options=("--reset", what))
    assert done.returncode == 0, done.stderr
    assert b"Deleted " in done.stderr
    found = {(name, dict(tags)["athlete"], dict(tags)["id"]) for name in STREAMS for _, tags, _ in place.points(name)}
    assert found == {(name, whose, one) for name, whose in left for one in "ab"}


def test_reset_of_a_stream_of_victoria_metrics_leaves_one_whose_name_is_longer() -> None:
    with servers.victoria_metrics("-retentionPeriod=100y") as server:
        config = {"url": server.url, "bucket": "any", "measurements": MEASUREMENTS}
        load(config, *MESSAGES)
        run(config, "rides")
        answer = requests.get(f"{server.url}/api/v1/label/__name__/values", timeout=30)
        assert answer.json()["data"] == ["rides_two_x"]
        with pytest.raises(TargetError, match="does not say that it is an InfluxDB: delete the data there by hand"):
            run(config, "all")


def test_reset_of_a_folder_deletes_its_files_alone(tmp_path: Path) -> None:
    config = {"url": tmp_path.as_uri(), "measurements": MEASUREMENTS}
    load(config, *MESSAGES)
    (tmp_path / "mine.txt").touch()
    (tmp_path / "20260101T000000000000Z-7.s.lp.part").touch()  # of a run that was killed
    with pytest.raises(TargetError, match=r"Nothing was deleted\. Files are only added to"):
        run(config, "rides")
    assert len(list(tmp_path.iterdir())) == 3
    run(config, "all")
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("what", ["", "rides:", "rides:athlete", ":athlete=i1", "rides:athlete=", "rides,"])
def test_reset_that_names_nothing_deletes_nothing(what: str, v1: Place) -> None:
    config = {**v1.config, "measurements": MEASUREMENTS}
    load(config, *MESSAGES)
    with pytest.raises(TargetError, match=r"is neither STREAM nor STREAM:TAG=VALUE\. Nothing was deleted"):
        run(config, what)
    assert len(v1.points("rides")) == 4


def test_reset_of_a_server_that_is_off_says_so_at_once(unused_url: str) -> None:
    with pytest.raises(TargetError, match=f"{unused_url} can't be reached"):
        run({"url": unused_url, "bucket": "b"}, "all")


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
    run({"url": influxdb, "bucket": "rules/mine"}, "all")
    (policies,) = influxql(influxdb, "SHOW RETENTION POLICIES ON rules")
    assert [row for row in policies["values"] if row[0] == "mine"] == [kept]
    assert influxql(influxdb, "SELECT * FROM rules.mine.m") == []
    assert len(influxql(influxdb, "SELECT * FROM rules.autogen.m")) == 1


def test_reset_of_a_database_makes_it_anew_with_shards_of_a_year(influxdb: str) -> None:
    influxql(influxdb, "CREATE DATABASE anew")
    requests.post(f"{influxdb}/write?db=anew", "m value=1", timeout=30).raise_for_status()
    run({"url": influxdb, "bucket": "anew"}, "all")
    assert readback.influxql(influxdb, "anew", "SHOW SERIES") == []
    (policies,) = influxql(influxdb, "SHOW RETENTION POLICIES ON anew")
    assert dict(zip(policies["columns"], policies["values"][0], strict=True))["shardGroupDuration"] == "8736h0m0s"


def test_reset_of_a_bucket_of_a_real_influxdb_2_empties_it_for_the_next_load(influxdb2: dict[str, str]) -> None:
    config = {**influxdb2, "bucket": "anew", "measurements": MEASUREMENTS}
    load(config, *MESSAGES)
    assert len(servers.points(influxdb2["url"], "anew", "rides", influxdb2["token"])) == 4
    for _ in range(2):
        run(config, "all")
        assert servers.points(influxdb2["url"], "anew", "rides", influxdb2["token"]) == set()
    load(config, *MESSAGES)
    assert len(servers.points(influxdb2["url"], "anew", "rides", influxdb2["token"])) == 4


def asked(server: Scripted) -> list[tuple[str, Any]]:
    """The requests that change something, with their bodies."""
    return [
        (what, json.loads(body) if body.startswith(b"{") else None)
        for what, _, body in server.requests
        if not what.startswith("GET")
    ]


ORGS = Reply(200, json.dumps({"orgs": [{"id": "o1"}]}))
BUCKETS = "/api/v2/buckets"
CONFIG: dict[str, Any] = {"bucket": "sport", "org": "me", "token": "secret"}


def test_reset_of_influxdb_2_keeps_retention_and_description_of_the_bucket() -> None:
    rule = {"type": "expire", "everySeconds": 315_360_000, "shardGroupDurationSeconds": YEAR}
    old = {"orgID": "o1", "name": "sport", "description": "mine", "retentionRules": [rule]}
    answers = {
        f"GET {BUCKETS}": Reply(200, json.dumps({"buckets": [{"id": "b1", **old}]})),
        "GET /api/v2/orgs": ORGS,
        f"POST {BUCKETS}": Reply(201, json.dumps({"id": "b2"})),
        f"DELETE {BUCKETS}/b1": Reply(204),
        f"PATCH {BUCKETS}/b2": Reply(200, "{}"),
    }
    with scripted(version="v2.7.12", answers=answers) as server:
        run({**CONFIG, "url": f"{server.url}/"}, "all")
        assert asked(server) == [
            (f"POST {BUCKETS}", {**old, "name": "sport.new"}),
            (f"DELETE {BUCKETS}/b1", None),
            (f"PATCH {BUCKETS}/b2", {"name": "sport"}),
        ]
        assert {what for what, _, _ in server.requests if what.startswith("GET /api/v2/b")} == {
            f"GET {BUCKETS}?org=me&name=sport"
        }
        assert {header for _, header, _ in server.requests} == {"Token secret"}


def test_reset_of_influxdb_2_makes_a_missing_bucket_with_shards_of_a_year() -> None:
    answers = {
        f"GET {BUCKETS}": Reply(404, json.dumps({"code": "not found"})),
        "GET /api/v2/orgs": ORGS,
        f"POST {BUCKETS}": Reply(201, "{}"),
    }
    with scripted(version="v2.9.1", answers=answers) as server:
        run({**CONFIG, "url": server.url}, "all")
        rule = {"type": "expire", "everySeconds": 0, "shardGroupDurationSeconds": YEAR}
        assert asked(server) == [(f"POST {BUCKETS}", {"orgID": "o1", "name": "sport", "retentionRules": [rule]})]


@pytest.mark.parametrize("refused", [f"POST {BUCKETS}", "GET /api/v2/orgs"])
def test_reset_of_influxdb_2_deletes_nothing_without_the_right_to_create(refused: str) -> None:
    answers = {
        f"GET {BUCKETS}": Reply(200, json.dumps({"buckets": [{"id": "b1", "name": "sport"}]})),
        "GET /api/v2/orgs": ORGS,
        refused: Reply(403, json.dumps({"code": "forbidden"})),
    }
    with scripted(version="v2.9.1", answers=answers) as server:
        with pytest.raises(TargetError, match=f"answered 403 to {refused}: .*forbidden"):
            run({**CONFIG, "url": server.url}, "all")
        assert not [what for what, _ in asked(server) if what.startswith("DELETE")]


def test_reset_of_influxdb_3_deletes_and_creates_the_database() -> None:
    path = "/api/v3/configure/database"
    answers = {f"GET {path}": Reply(200, "[]"), f"DELETE {path}": Reply(404), f"POST {path}": Reply(200)}
    with scripted(version="3.11.1", answers=answers) as server:
        run({**CONFIG, "url": server.url}, "all")
        assert asked(server) == [(f"DELETE {path}?db=sport", None), (f"POST {path}", {"db": "sport"})]
        with pytest.raises(TargetError, match=r"Nothing was deleted\. InfluxDB 3 Core cannot delete rows"):
            run({**CONFIG, "url": server.url}, "rides")


def test_reset_names_what_a_server_refuses(tmp_path: Path) -> None:
    refused = Reply(403, json.dumps({"error": "not allowed"}))
    with scripted(version="1.8.10", answers={"POST /query": refused}) as server:
        address = server.url.replace("http://", "http://user:pass-word@")
        done = execute({"bucket": "sport", "url": address}, tmp_path, options=("--reset", "all"))
    assert done.returncode == 1
    assert f'{server.url} answered 403 to DROP DATABASE "sport": '.encode() in done.stderr
    assert b"not allowed" in done.stderr
    assert b"pass-word" not in done.stderr
