"""Taps of every shape, without a mapping unless they need one, into a real InfluxDB."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from target_influxdb.config.settings import Settings
from tests import servers
from tests.target.loading import DATE, MOMENT, NUMBER, TEXT, load, record, schema, state

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target.conftest import Place


def test_stream_with_replication_key_needs_no_mapping(v1: Place) -> None:
    """As a tap of an API: keys, a replication key, an object, lists."""
    properties = {
        "id": {"type": "integer"},
        "updated_at": MOMENT,
        "state": TEXT,
        "comments": {"type": ["integer", "null"]},
        "locked": {"type": ["boolean", "null"]},
        "user": {"type": "object"},
        "labels": {"type": "array"},
    }
    issue = {"comments": 3, "locked": False, "state": "open", "user": {"login": "eva", "id": 7}, "labels": ["a", "b"]}
    load(
        v1.config,
        schema("issues", properties, ["id"], ["updated_at"]),
        record("issues", id=12, updated_at="2026-05-04T12:00:00.5Z", **issue),
    )
    fields = {"comments": 3, "locked": False, "state": "open", "user_login": "eva", "user_id": 7, "labels": "a, b"}
    at = 1_777_896_000_500_000_000
    assert v1.points("issues") == {(at, frozenset({("id", "12")}), frozenset(fields.items()))}


def test_stream_without_time_or_key_gets_the_time_of_receipt(v1: Place, caplog: pytest.LogCaptureFixture) -> None:
    load(v1.config, schema("plain", {"x": NUMBER}, []), *(record("plain", x=number) for number in range(5)))
    points = v1.points("plain")
    assert sorted(dict(fields)["x"] for _, _, fields in points) == [0, 1, 2, 3, 4]
    assert caplog.text.count("Stream 'plain' has no time") == 1


def test_dates_in_a_key_are_the_time_and_tags(v1: Place) -> None:
    """As a tap of a plan: a thing per day, stamped by its last change."""
    properties = {"id": TEXT, "day": DATE, "until": DATE, "updated": MOMENT, "x": NUMBER}
    shape = schema("plan", properties, ["id", "day", "until"], ["updated"])
    rows = [("2026-05-01", "2026-05-02"), ("2026-05-02", "2026-05-03"), ("2026-05-02", "2026-05-04")]
    for x in (1, 2):
        records = [record("plan", id="a", day=day, until=until, updated=f"2026-06-0{x}", x=x) for day, until in rows]
        load(v1.config, shape, *records)
    found = sorted((dict(tags)["until"], dict(fields)["x"]) for _, tags, fields in v1.points("plan"))
    assert found == [("2026-05-02", 2), ("2026-05-03", 2), ("2026-05-04", 2)]


def test_stream_without_key_is_told_to_merge_once_and_not_where_tags_are_named(
    v1: Place, caplog: pytest.LogCaptureFixture
) -> None:
    changed = schema("bare", {"at": MOMENT, "x": NUMBER, "y": NUMBER}, [], ["at"])
    shape = schema("bare", {"at": MOMENT, "x": NUMBER}, [], ["at"])
    load(v1.config, shape, record("bare", at="2026-05-04", x=1), changed, record("bare", at="2026-05-05", x=2))
    assert caplog.text.count("Stream 'bare' has no key: records of the same time become one point.") == 1
    caplog.clear()
    load({**v1.config, "measurements": {"bare": {"tags": []}}}, shape, record("bare", at="2026-05-04", x=1))
    assert "has no key" not in caplog.text


def test_mapping_that_looks_misspelt_is_told(v1: Place, caplog: pytest.LogCaptureFixture) -> None:
    shape, other = (schema(name, {"id": TEXT, "at": MOMENT, "x": NUMBER}, ["id", "at"]) for name in ("rates", "days"))
    config = {**v1.config, "measurements": {"rate": {"name": "r"}, "d*": {}, "never": {}}}
    load(config, shape, other)
    sentence = "measurements: no stream is called 'rate', but 'rates' came without a mapping."
    assert [one.getMessage() for one in caplog.records if one.levelname == "WARNING"] == [sentence]
    caplog.clear()
    load({**config, "measurements": {**config["measurements"], "rates": {}}}, shape, other)
    assert "no stream is called" not in caplog.text


NAMES = ["activities", "activity_streams", "activity_intervals", "wellness", "events", "gear", "athlete", "*_curves"]


@pytest.mark.parametrize(
    ("streams", "sentence"),
    [
        (["sport_settings", "activity_messages", "wellness"], ""),
        (["hr_curves"], ""),
        (["activites", "weather"], "no stream is called 'activities', but 'activites' came without a mapping"),
        (["activities", "activites"], ""),
    ],
    ids=["only absent", "by a wildcard", "misspelt", "both came"],
)
def test_streams_that_are_only_absent_are_not_called_misspelt(streams: list[str], sentence: str) -> None:
    settings = Settings.from_config({"url": "http://h", "bucket": "b", "measurements": {name: {} for name in NAMES}})
    assert settings.misspelt(streams) == (f"measurements: {sentence}." if sentence else "")


def test_epochs_in_milliseconds_and_a_composite_key(v1: Place) -> None:
    """As a tap of measuring devices: integer times, several keys."""
    mapping = {"ticks": {"time": "ts", "tags": ["symbol", "venue"], "integers": ["volume"]}}
    properties = {"symbol": TEXT, "venue": TEXT, "ts": {"type": "integer"}, "price": NUMBER, "volume": NUMBER}
    load(
        {**v1.config, "measurements": mapping},
        schema("ticks", properties, ["symbol", "ts"]),
        record("ticks", symbol="A", venue="X", ts=1_777_896_000_123, price=10, volume=5),
        record("ticks", symbol="A", venue=None, ts=1_777_896_000_124, price=10.5, volume=6),
    )
    at = 1_777_896_000_123_000_000
    assert v1.points("ticks") == {
        (at, frozenset({("symbol", "A"), ("venue", "X")}), frozenset({("price", 10), ("volume", 5)})),
        (at + 10**6, frozenset({("symbol", "A")}), frozenset({("price", 10.5), ("volume", 6)})),
    }


def test_dates_alone_in_a_time_zone(v1: Place) -> None:
    """As a tap of exchange rates: the key is a date."""
    config = {**v1.config, "measurements": {"rates*": {"time_zone": "Europe/Madrid"}}}
    shape = schema("rates_eur", {"day": DATE, "usd": NUMBER}, ["day"])
    load(config, shape, record("rates_eur", day="2026-05-04", usd=1))
    assert v1.points("rates_eur") == {(1_777_845_600_000_000_000, frozenset(), frozenset({("usd", 1)}))}


def test_deeply_nested_records_of_an_open_schema(v1: Place) -> None:
    """As a tap of documents: no promises, changing shapes, odd names."""
    shape = schema("docs", {"_id": TEXT, "at": MOMENT}, ["_id"], ["at"])
    shape["schema"]["additionalProperties"] = True
    at = "2026-05-04T12:00:00Z"
    load(
        v1.config,
        shape,
        record("docs", _id="1", at=at, a={"b": {"c": {"d": 1}}}, list=[[1], [2]], many=list(range(100)), time="x"),
        record("docs", _id="2", at=at, a={"b": "text"}, new=True),
    )
    found = {dict(tags)["_id"]: dict(fields) for _, tags, fields in v1.points("docs")}
    many = json.dumps(list(range(100)), separators=(",", ":"))
    assert found == {
        "1": {"a_b_c_d": 1, "list": "[[1],[2]]", "many": many, "time_": "x"},
        "2": {"a_b": "text", "new": True},
    }


def test_schema_that_promises_nothing_for_a_property_takes_any_value(v1: Place) -> None:
    """As JSON Schema has it: `true` is a schema."""
    shape = schema("free", {"id": TEXT, "at": MOMENT, "any": True, "other": True}, ["id"], ["at"])
    load(v1.config, shape, record("free", id="1", at="2026-05-04T12:00:00Z", any={"a": 1}, other="b"))
    ((_, _, found),) = v1.points("free")
    assert dict(found) == {"any_a": 1, "other": "b"}


def test_batch_files_activate_version_and_a_changed_schema(v1: Place, tmp_path: Path) -> None:
    """As a tap of a database: BATCH messages, versions, columns added in the middle."""
    first = schema("rows", {"id": TEXT, "at": MOMENT, "x": NUMBER}, ["id"], ["at"])
    second = schema("rows", {"id": TEXT, "at": MOMENT, "x": NUMBER, "y": NUMBER}, ["id"], ["at"])
    rows = [{"id": str(n), "at": f"2026-05-04T12:00:0{n}Z", "x": n} for n in range(3)]
    path = tmp_path / "batch.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n".join(json.dumps(row).encode() for row in rows)))
    encoding = {"format": "jsonl", "compression": "gzip"}
    batch = {"type": "BATCH", "stream": "rows", "encoding": encoding, "manifest": [f"file://{path}"]}
    version = {"type": "ACTIVATE_VERSION", "stream": "rows", "version": 1}
    last = record("rows", id="3", at="2026-05-04T12:00:03Z", x=3, y=9)
    assert load(v1.config, first, batch, state(1), version, second, last, state(2)) == [2]
    found = {dict(tags)["id"]: dict(fields) for _, tags, fields in v1.points("rows")}
    assert found == {"0": {"x": 0}, "1": {"x": 1}, "2": {"x": 2}, "3": {"x": 3, "y": 9}}


def test_stream_maps_and_metadata_work(v1: Place) -> None:
    maps = {"people": {"__alias__": "persons", "email": None, "double": "float(x * 2)"}}
    config = {**v1.config, "stream_maps": maps, "add_record_metadata": True}
    shape = schema("people", {"id": TEXT, "at": MOMENT, "email": TEXT, "x": {"type": "integer"}}, ["id"], ["at"])
    load(config, shape, record("people", id="1", at="2026-05-04T12:00:00Z", email="e@x.org", x=2))
    ((_, tags, found),) = v1.points("persons")
    fields = dict(found)
    assert dict(tags) == {"id": "1"}
    assert (fields["x"], fields["double"], "email" in fields, "_sdc_received_at" in fields) == (2, 4, False, True)


def test_folder_holds_what_a_server_would(v1: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """`file://` writes files that load as they are; what it can't delete is said once."""
    properties: dict[str, Any] = {"id": TEXT, "day": DATE, "x": NUMBER}
    shape = schema("days", properties, ["id", "day"])
    rows = [record("days", id="a,b", day=f"2026-05-{day:02d}", x=day) for day in range(1, 20)]
    config = {"measurements": {"days": {"time": "day", "replace": "time"}}}
    assert load({**config, "url": f"file://{tmp_path}/points"}, shape, *rows, rows[0], rows[1], state(1)) == [1]
    (said,) = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert said.startswith("Files are only added to: ")
    load({**v1.config, **config}, shape, *rows)
    other = f"{v1.database}copy"
    servers.influxql(v1.url, f'CREATE DATABASE "{other}"')
    for path in sorted((tmp_path / "points").iterdir()):
        precision = path.name.split(".")[1]
        url = f"{v1.url}/write?db={other}&precision={precision}"
        requests.post(url, path.read_bytes(), headers={"Content-Encoding": "gzip"}, timeout=10).raise_for_status()
    assert servers.points(v1.url, other, "days") == v1.points("days") != set()
