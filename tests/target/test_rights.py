"""What accounts may not do: read, delete, create; and which credentials are sent where."""

from __future__ import annotations

import json
import logging
import threading
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from target_influxdb.errors import TargetError
from tests.target.loading import NUMBER, NUMBERS, TEXT, load, record, schema, state
from tests.target.scripted import Reply, scripted
from tests.target.shim import influxdb2_shim

if TYPE_CHECKING:
    from tests.target.conftest import Place

STREAM = schema("m", {"id": TEXT, "at": NUMBER, "x": NUMBER}, ["id"])
MAPPING = {"m": {"time": "at"}}
RECORD = record("m", id="a", at=1_700_000_000, x=1)
COLUMNS = schema("s", {"id": TEXT, "start": TEXT, "time": NUMBERS, "x": NUMBERS}, ["id"])
REPLACING = {"s": {"time": "start", "time_offset": "time", "tags": ["id"], "replace": ["id"]}}


def curve(key: str, *values: float) -> dict[str, Any]:
    return record("s", id=key, start="2026-05-04T07:30:00", time=list(range(len(values))), x=list(values))


def stored(place: Place) -> dict[str, list[float]]:
    """Values by key, in the order of their times."""
    found = sorted((at, dict(tags)["id"], dict(fields)["x"]) for at, tags, fields in place.points("s"))
    return {key: [value for _, one, value in found if one == key] for _, key, _ in found}


def test_token_that_may_neither_read_nor_delete_still_loads_again_and_again(
    influxdb: str, v1: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with influxdb2_shim(influxdb) as url:
        v1.settings = {"url": url, "token": "no delete", "org": "org", "measurements": REPLACING, "batch_lines": 2}
        load({**v1.settings, "token": "all", "bucket": v1.database}, COLUMNS, curve("z", 0))  # makes the bucket
        for run, values in enumerate([(1.0, 2.0, 3.0), (4.0, 5.0)]):
            caplog.clear()
            records = [curve("a", *values), curve("b", *values), curve("a", *values)]
            assert load(v1.config, COLUMNS, *records, state(run)) == [run]
            assert caplog.text.count("does not let this account delete (403") == 1
            assert caplog.text.count("does not let this account read") == 1
    assert stored(v1) == {"a": [4, 5, 3], "b": [4, 5, 3], "z": [0]}


@pytest.mark.parametrize("status", [400, 404, 413, 501])
def test_other_refusals_to_delete_end_the_run(status: int) -> None:
    with scripted(answers={"POST /api/v2/delete": Reply(status, "no"), "POST /query": Reply(400)}) as server:
        config = {"url": server.url, "org": "o", "bucket": "b", "measurements": REPLACING, "retry_timeout": 1}
        with pytest.raises(TargetError, match=f"refused to delete points that are replaced: {status} no"):
            load(config, COLUMNS, curve("a", 1))


def test_bucket_that_the_server_does_not_name_is_not_taken_for_an_empty_one() -> None:
    """Where 404 may also mean that InfluxQL is unknown, a write tells whether the bucket is there."""
    missing = '{"results":[{"statement_id":0,"error":"database not found: b"}]}'
    unread = '{"results":[{"statement_id":0,"error":"not executed"}]}'
    for answer in (Reply(404, "404 page not found"), Reply(200, unread), Reply(200, missing)):
        answers = {"POST /query": answer, "POST /api/v2/delete": Reply(204)}
        with scripted(answers=answers) as server:
            config = {"url": server.url, "org": "o", "bucket": "b", "measurements": REPLACING}
            load(config, COLUMNS, curve("a", 1))
            asked = [path.partition("?")[0] for path, _, body in server.requests]
            assert asked.count("POST /api/v2/delete") == 1
    with scripted(answers=answers, script=[Reply(404), Reply()]) as server:
        config = {"url": server.url, "org": "o", "bucket": "b", "measurements": REPLACING}
        load(config, COLUMNS, curve("a", 1))
        assert "POST /api/v2/delete" not in {path.partition("?")[0] for path, _, _ in server.requests}


def test_times_that_can_t_be_read_are_not_taken_for_none() -> None:
    unread = '{"results":[{"statement_id":0,"error":"not executed"}]}'
    answers = {"POST /query": Reply(200, unread), "POST /api/v2/delete": Reply(204)}
    mapping = {"m": {"time": "at", "replace": "time"}}
    with scripted(answers=answers) as server:
        load({"url": server.url, "org": "o", "bucket": "b", "measurements": mapping}, STREAM, RECORD)
        asked = [json.loads(body) for path, _, body in server.requests if path.startswith("POST /api/v2/delete")]
        moment = "2023-11-14T22:13:20.000000000Z"
        assert asked == [{"start": moment, "stop": moment, "predicate": '"_measurement"="m" AND "id"="a"'}]


def test_null_keys_of_a_bucket_that_influxql_does_not_know_are_not_deleted_with_one_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    unknown = '{"results":[{"statement_id":0,"error":"database not found: b"}]}'
    with scripted(answers={"POST /query": Reply(200, unknown)}) as server:
        gone = [record("m", id=None, at=1_700_000_000 + one, x=1, _sdc_deleted_at="2026-06-01") for one in range(2)]
        load({"url": server.url, "org": "o", "bucket": "b", "measurements": MAPPING}, STREAM, *gone)
    assert caplog.text.count("does not let this account delete (403 database not found: b)") == 1


@pytest.mark.parametrize(("org", "query"), [("me", "org=me"), ("0123456789abcdef", "orgID=0123456789abcdef")])
def test_bucket_is_created_in_an_organization_by_name_or_by_id(org: str, query: str) -> None:
    orgs = Reply(200, '{"orgs":[{"id":"0123456789abcdef"}]}')
    answers = {"GET /api/v2/orgs": orgs, "POST /api/v2/buckets": Reply(201)}
    with scripted(answers=answers, script=[Reply(404), Reply()]) as server:
        load({"url": server.url, "org": org, "bucket": "b", "measurements": MAPPING}, STREAM, RECORD)
        assert server.stored == {b"m,id=a x=1 1700000000"}
        assert f"GET /api/v2/orgs?{query}" in {path for path, _, _ in server.requests}


def test_organization_that_is_not_there_is_named_as_what_to_check() -> None:
    answers = {"GET /api/v2/orgs": Reply(404, '{"code":"not found","message":"organization name \\"me\\" not found"}')}
    with scripted(answers=answers, script=[Reply(404)]) as server:
        config = {"url": server.url, "org": "me", "bucket": "b", "measurements": MAPPING}
        with pytest.raises(TargetError, match=r"could not be created .*; check url, org 'me' and bucket 'b'\.$"):
            load(config, STREAM, RECORD)


def test_token_that_may_not_read_the_organization_is_told_apart_from_a_misspelt_one() -> None:
    missing = Reply(404, '{"code":"not found","message":"bucket \\"b\\" not found"}')
    with scripted(answers={"GET /api/v2/orgs": Reply(200, '{"orgs":[]}')}, script=[missing]) as server:
        config = {"url": server.url, "org": "me", "bucket": "b", "measurements": MAPPING}
        with pytest.raises(TargetError) as caught:
            load(config, STREAM, RECORD)
    sentence = str(caught.value)
    assert "could not be created (403 this token may not read the organization 'me')" in sentence
    assert sentence.endswith("create it, with a shard duration of a year, or use an account that may.")
    assert "check url" not in sentence


def test_bucket_that_this_run_is_making_holds_nothing_and_is_no_reason_for_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """While it is being made, InfluxQL does not know it yet, but a write takes it."""
    caplog.set_level(logging.WARNING)
    unknown = Reply(200, '{"results":[{"statement_id":0,"error":"database not found: b"}]}')
    made = threading.Event()

    def create(_: bytes) -> Reply:
        made.set()
        return Reply(201, delay=0.2)

    answers: dict[str, Any] = {
        "POST /query": unknown,
        "GET /api/v2/orgs": Reply(200, '{"orgs":[{"id":"0123456789abcdef"}]}'),
        "POST /api/v2/buckets": create,
    }
    other = schema("o", {"id": TEXT, "at": NUMBER, "x": NUMBER}, ["id"])
    with scripted(answers=answers, rule=lambda _: Reply(204 if made.is_set() else 404)) as server:
        mapping = {**REPLACING, "m": {"time": "at"}, "o": {"time": "at", "replace": ["id"]}}
        config = {"url": server.url, "org": "me", "bucket": "b", "measurements": mapping, "batch_lines": 1}
        late = [record("o", id=key, at=1_700_000_000, x=1) for key in ("a", None)]
        load(config, STREAM, RECORD, state(1), other, *late, state(2))
        assert server.stored == {b"m,id=a x=1 1700000000", b"o,id=a x=1 1700000000", b"o x=1 1700000000"}
        assert "POST /api/v2/delete" not in {path.partition("?")[0] for path, _, _ in server.requests}
    assert caplog.messages == []


BASIC = f"Basic {b64encode(b'user:pass').decode()}"


@pytest.mark.parametrize(
    ("version", "given", "sent"),
    [
        ("1.6.7", ("user", "token"), BASIC),
        ("1.8.10", ("user", "token"), BASIC),
        ("v2.7.12", ("user", "token"), "Token token"),
        ("3.10.1", ("user", "token"), "Token token"),
        ("", ("user", "token"), "Token token"),
        ("1.8.10", ("", "user:pass"), "Token user:pass"),
        ("v2.7.12", ("user", ""), BASIC),
        ("v2.7.12", ("", ""), ""),
    ],
)
def test_one_kind_of_credentials_goes_with_every_request(version: str, given: tuple[str, str], sent: str) -> None:
    answers = {"POST /query": Reply(403), "POST /api/v2/delete": Reply(204), "GET /api/v2/buckets": Reply(403)}
    with scripted(version=version, answers=answers) as server:
        names = {"username": given[0], "password": "pass", "token": given[1]}
        config = {"url": server.url, "org": "o", "bucket": "b", "measurements": REPLACING, **names}
        load(config, COLUMNS, curve("a", 1))
        assert {one for path, one, _ in server.requests if path != "GET /ping"} == {sent}
        assert len(server.requests) > 3


@pytest.mark.parametrize("version", ["1.6.7", "1.8.10", "v2.7.12", "3.10.1", ""])
def test_wrong_credentials_are_told_in_one_sentence_whether_there_is_something_to_store_or_not(
    version: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    asked = ["POST /query", "GET /api/v2/buckets", "GET /api/v3/configure/database"]
    refused = Reply(401, '{"message":"unauthorized access"}')
    for messages in ([], [state(1)], [COLUMNS, state(1)], [COLUMNS, curve("a", 1), state(1)]):
        with scripted(version=version, answers=dict.fromkeys(asked, refused), rule=lambda _: refused) as server:
            config = {"url": server.url, "org": "o", "bucket": "b", "token": "wrong", "measurements": REPLACING}
            with pytest.raises(TargetError, match=r"refused the login: 401 .*; check token, or username and password"):
                load(config, *messages)
            assert (server.stored, caplog.messages) == (set(), [])


def test_token_is_asked_for_before_the_version_is_known() -> None:
    """InfluxDB 3 answers /ping to those who have a token only."""
    with scripted(version="3.10.1") as server:
        load({"url": server.url, "bucket": "b", "token": "t", "username": "u", "measurements": MAPPING}, STREAM, RECORD)
        assert server.requests[0][:2] == ("GET /ping", "Token t")
