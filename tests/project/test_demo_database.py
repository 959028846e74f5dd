"""The demo removes its database from a server of any version."""

from __future__ import annotations

import json

import pytest

from demo.database import Server
from tests.target.scripted import Reply, scripted

BUCKETS = {
    "GET /api/v2/buckets": Reply(200, json.dumps({"buckets": [{"id": "0123"}]})),
    "DELETE /api/v2/buckets/0123": Reply(204),
}


@pytest.mark.parametrize(
    ("version", "answers", "asked"),
    [
        ("1.8.10", {"POST /query": Reply(200, "{}")}, ["POST /query?q=DROP+DATABASE+%22demo%22"]),
        ("v2.7.12", BUCKETS, ["GET /api/v2/buckets?name=demo", "DELETE /api/v2/buckets/0123"]),
        ("3.10.1", {}, ["DELETE /api/v3/configure/database?db=demo"]),
    ],
)
def test_database_is_removed(
    version: str, answers: dict[str, Reply], asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted(version=version, answers=answers) as server:
        Server(server.url, {}, "demo").remove()
        assert [path for path, _, _ in server.requests] == ["GET /ping", *asked]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("version", ["", "v2.7.12", "3.10.1"])
def test_database_that_stays_is_named(version: str, capsys: pytest.CaptureFixture[str]) -> None:
    refused = Reply(401, "<html>no JSON</html>")
    answers = {"GET /api/v2/buckets": refused, "DELETE /api/v3/configure/database": refused}
    with scripted(version=version, answers=answers) as server:
        Server(server.url, {}, "demo").remove()
        assert capsys.readouterr().err == f"'demo' stays in InfluxDB at {server.url} (401): remove it yourself.\n"
