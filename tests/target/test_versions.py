"""What differs between versions, by servers that answer as 1.8 and 3 are documented to."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from target_influxdb.errors import RefusedError, TargetError
from tests.target.loading import NUMBER, TEXT, load, record, schema, state
from tests.target.scripted import Reply, Scripted, scripted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STREAM = schema("m", {"id": TEXT, "at": NUMBER, "x": NUMBER, "y": NUMBER}, ["id"])
MAPPING = {"m": {"time": "at", "replace": ["id"]}}
DELETED = "2026-06-01T00:00:00Z"


def rec(key: str, **values: Any) -> dict[str, Any]:
    return record("m", id=key, at=1_700_000_000, **values)


def line(key: str, fields: str) -> bytes:
    return f"m,id={key} {fields} 1700000000".encode()


def config(server: Scripted, **more: Any) -> dict[str, Any]:
    same = {"url": server.url, "bucket": "db", "measurements": MAPPING, "batch_lines": 10, "retry_timeout": 1}
    return {**same, **more}


def asked(server: Scripted) -> list[tuple[str, dict[str, str]]]:
    """Path and query of each request after the first, forms included."""
    found = []
    for path, _, body in server.requests:
        parts = urlsplit(path.partition(" ")[2])
        form = body.decode() if parts.path == "/query" else ""
        found.append((parts.path, {key: one[0] for key, one in parse_qs(f"{parts.query}&{form}").items()}))
    return found


@pytest.fixture
def influxdb18() -> Any:
    """An InfluxDB 1.8 that holds key `a`, and says so by InfluxQL."""

    def answer(body: bytes) -> Reply:
        known = [{"name": "m", "tags": {"id": "a"}, "columns": ["time", "x"], "values": [[0, 1]]}]
        return Reply(200, json.dumps({"results": [{"series": known} if b"GROUP" in body else {}]}))

    with scripted(version="1.8.10", answers={"POST /query": answer}) as server:
        yield server


def test_influxdb_1_8_is_written_to_by_v2_and_deletes_by_influxql(influxdb18: Scripted) -> None:
    messages = [rec("a", x=1), rec("b", x=2), rec("c", _sdc_deleted_at=DELETED)]
    assert load(config(influxdb18, bucket="db/long", token="user:pass"), STREAM, *messages, state(1)) == [1]
    assert influxdb18.stored == {line("a", "x=1"), line("b", "x=2")}
    found = asked(influxdb18)
    assert {path for path, _ in found} == {"/ping", "/query", "/api/v2/write"}
    assert [query for path, query in found if path == "/api/v2/write"] == [{"bucket": "db/long", "precision": "s"}]
    deleted = [query["q"] for path, query in found if path == "/query" and query["q"].startswith("DELETE")]
    assert deleted == ['DELETE FROM "m" WHERE "id"::tag = \'a\'', 'DELETE FROM "m" WHERE "id"::tag = \'c\'']
    assert {one for _, one, _ in influxdb18.requests} == {"Token user:pass"}


def test_one_statement_deletes_for_all_records_of_a_batch(influxdb18: Scripted) -> None:
    known = {"name": "m", "columns": ["key", "value"], "values": [["id", key] for key in "abc"]}

    def answer(body: bytes) -> Reply:
        return Reply(200, json.dumps({"results": [{"series": [known]} if b"TAG+VALUES" in body else {}]}))

    influxdb18.answers = {"POST /query": answer}
    load(config(influxdb18, batch_lines=1), STREAM, *(rec(key, x=3) for key in "abcd"), rec("a", x=4), state(1))
    found = [query["q"] for path, query in asked(influxdb18) if query.get("q", "").startswith("DELETE")]
    held, again = found
    assert held == 'DELETE FROM "m" WHERE (' + " OR ".join(f"(\"id\"::tag = '{key}')" for key in "abc") + ")"
    assert again == 'DELETE FROM "m" WHERE "id"::tag = \'a\''
    order = [body for path, _, body in influxdb18.requests if "DELETE" in body.decode() or "write" in path]
    assert [b"DELETE" in body for body in order] == [True, False, False, False, False, True, False]


PING_3 = Reply(200, '{"version":"3.10.1","revision":"abc","process_id":"1"}', {"Content-Type": "application/json"})


@pytest.fixture
def influxdb3() -> Any:
    """An InfluxDB 3, whose /ping is an object."""
    with scripted(version="3.10.1", ping=PING_3) as server:
        yield server


def test_influxdb_3_is_written_to_by_its_v2_and_what_it_can_t_delete_is_said_once(
    influxdb3: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    gone = [rec(key, _sdc_deleted_at=DELETED) for key in "cde"]
    assert load(config(influxdb3, token="apiv3_t"), STREAM, rec("a", x=1), *gone, rec("b", x=2), state(1)) == [1]
    assert influxdb3.stored == {line("a", "x=1"), line("b", "x=2")}
    writes = [query for path, query in asked(influxdb3) if path == "/api/v2/write"]
    assert {json.dumps(one) for one in writes} == {'{"bucket": "db", "precision": "s"}'}
    paths = {"/ping", "/query", "/api/v2/write", "/api/v3/configure/database"}
    assert {path for path, _ in asked(influxdb3)} <= paths
    assert {one for _, one, _ in influxdb3.requests} == {"Token apiv3_t"}
    limit, count = caplog.messages
    assert limit.startswith("InfluxDB 3 Core cannot delete rows: ")
    assert (
        count == "Old points of 5 replaced or deleted records of 'm' may remain in the database, the first of id 'a'."
    )


CONFLICT = (
    "invalid column type for column 'x', expected iox::column_type::field::integer, got iox::column_type::field::float"
)
WORDINGS: dict[str, Callable[[str], dict[str, Any]]] = {
    "as it is documented": lambda bad: {
        "error": "parsing failed for write_lp endpoint",
        "data": {"original_line": bad[:20], "line_number": 1, "error_message": CONFLICT},
    },
    "since 3.11": lambda bad: {
        "error": "line protocol parsing error",
        "data": {"original_line": bad[:20], "line_number": 1, "error_message": CONFLICT},
    },
    "as 2.x": lambda _: {"code": "invalid", "message": CONFLICT},
    "after it stored the others": lambda bad: {
        "error": "partial write of line protocol occurred",
        "data": [{"original_line": bad[:20], "line_number": 1, "error_message": CONFLICT}],
    },
}


@pytest.mark.parametrize("wording", WORDINGS)
def test_column_that_influxdb_3_has_as_integer_is_followed(influxdb3: Scripted, wording: str, tmp_path: Path) -> None:
    def rule(lines: list[bytes]) -> Reply:
        bad = [one for one in lines if b"x=" in one and not re.search(rb"x=\d+i", one)]
        if bad and wording == "after it stored the others":
            influxdb3.stored.update(set(lines) - set(bad))
        return Reply(400, json.dumps(WORDINGS[wording](bad[0].decode()))) if bad else Reply()

    influxdb3.rule = rule
    odd = [rec("b", x=2.5), rec("d", x=4.5, y=1)]
    records = [rec("a", x=1), *odd, rec("c", y=3.5), *(rec(f"k{number}", x=number) for number in range(20))]
    assert load(config(influxdb3, rejects_path=str(tmp_path)), STREAM, *records, state(1)) == [1]
    numbered = {line(f"k{number}", f"x={number}i") for number in range(20)}
    assert influxdb3.stored == {line("a", "x=1i"), line("c", "y=3.5"), line("d", "y=1"), *numbered}
    rejected = (tmp_path / "rejected.s.lp").read_bytes().splitlines()
    assert rejected[1::2] == [line("b", "x=2.5"), line("d", "x=4.5")]
    assert all(CONFLICT in reason.decode() for reason in rejected[::2])


def test_line_that_influxdb_3_cannot_parse_is_named_and_the_others_stored(influxdb3: Scripted) -> None:
    def rule(lines: list[bytes]) -> Reply:
        details = {"original_line": "m,id=b", "line_number": 1, "error_message": "No fields were provided"}
        bad = any(b"id=b " in one for one in lines)
        text = json.dumps({"error": "parsing failed for write_lp endpoint", "data": details})
        return Reply(400, text) if bad else Reply()

    influxdb3.rule = rule
    with pytest.raises(RefusedError, match=r"No fields were provided.*m,id=b x=2 1700000000"):
        load(config(influxdb3), STREAM, rec("a", x=1), rec("b", x=2), rec("c", x=3))
    assert influxdb3.stored == {line("a", "x=1"), line("c", "x=3")}


def test_old_keys_of_influxdb_3_are_asked_for_over_all_of_time(
    influxdb3: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a time it names those of the last 24 hours only."""

    def answer(body: bytes) -> Reply:
        asked = parse_qs(body.decode())["q"][0]
        known = (
            [{"name": "m", "columns": ["key", "value"], "values": [["id", "a"]]}] if "WHERE time >=" in asked else []
        )
        return Reply(200, json.dumps({"results": [{"series": known}]}))

    influxdb3.answers = {"POST /query": answer}
    load(config(influxdb3), STREAM, rec("a", x=1), rec("b", x=1))
    assert "cannot delete rows" in caplog.text
    assert caplog.messages[-1] == (
        "Old points of 1 replaced or deleted records of 'm' may remain in the database, the first of id 'a'."
    )


def test_sixth_database_of_influxdb_3_is_told_with_what_to_do(influxdb3: Scripted) -> None:
    message = "Adding a new database would exceed limit of 5 databases"
    influxdb3.rule = lambda _: Reply(422, json.dumps({"error": "write failed", "data": {"error_message": message}}))
    with pytest.raises(
        TargetError, match="there is no room for 'db': name a database that is there as bucket, or delete"
    ):
        load(config(influxdb3), STREAM, rec("a", x=1))


def test_fields_without_a_column_in_influxdb_3_are_named_and_the_rest_is_stored(
    influxdb3: Scripted, tmp_path: Path
) -> None:
    held = [f"f{number}" for number in range(495)]
    answer = {"results": [{"series": [{"name": "m", "columns": ["k"], "values": [[name] for name in held]}]}]}
    influxdb3.answers = {"POST /query": Reply(200, json.dumps(answer))}

    def rule(lines: list[bytes]) -> Reply:
        names = {*held, *(name.decode() for line in lines for name in re.findall(rb"[ ,](\w+)=[\d.]+(?=[ ,])", line))}
        message = "Update to schema would exceed number of columns per table limit of 500 columns"
        over = len(names - {"id"}) + len(["id", "time"]) > 500
        return (
            Reply(400, json.dumps({"error": "parsing failed", "data": {"error_message": message}})) if over else Reply()
        )

    influxdb3.rule = rule
    wide = {f"n{number}": number for number in range(10)}
    rows = [rec("a", f0=1, **wide), rec("b", f1=2), rec("c", n9=1)]
    mapping = {"m": {"time": "at"}}
    with pytest.raises(RefusedError, match=r"'m' has no room for 'n3', 'n4', .* and 2 more: leave fields out"):
        load(config(influxdb3, measurements=mapping), STREAM, *rows)
    stored = {line("a", "f0=1,n0=0,n1=1,n2=2"), line("b", "f1=2")}
    influxdb3.stored.clear()
    assert load(config(influxdb3, measurements=mapping, rejects_path=str(tmp_path)), STREAM, *rows, state(1)) == [1]
    assert influxdb3.stored == stored
    rejected = (tmp_path / "rejected.s.lp").read_bytes().splitlines()
    assert rejected[1::2] == [line("a", "n3=3,n4=4,n5=5,n6=6,n7=7,n8=8,n9=9"), line("c", "n9=1")]


def test_influxdb_3_that_wants_a_token_says_so() -> None:
    refused = Reply(401, '{"error":"the request was not authenticated"}')
    with (
        scripted(version="3.10.1", ping=refused, rule=lambda _: refused) as server,
        pytest.raises(TargetError, match="check token"),
    ):
        load(config(server), STREAM, rec("a", x=1))


@pytest.mark.parametrize(
    ("api", "name", "write"),
    [
        ("v1", "InfluxDB 1", "/write"),
        ("v2", "InfluxDB 2", "/api/v2/write"),
        ("v3", "InfluxDB 3", "/api/v2/write"),
        ("victoriametrics", "VictoriaMetrics", "/api/v2/write"),
    ],
)
def test_setting_api_stands_above_what_the_server_says(
    api: str, name: str, write: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with scripted(version="v2.7.12") as server:
        load(config(server, api=api, measurements={"m": {"time": "at"}}), STREAM, rec("a", x=1))
        paths = [path for path, _ in asked(server)]
        assert ("/ping" in paths, [path for path in paths if "write" in path]) == (False, [write])
    assert f"Writing to {name} at {server.url}." in caplog.messages
