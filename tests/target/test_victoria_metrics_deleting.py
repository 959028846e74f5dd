"""What VictoriaMetrics deletes: series of this stream alone, also those that were written just now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from target_influxdb.errors import RefusedError
from target_influxdb.target import TargetInfluxDB
from tests import servers
from tests.target.loading import MOMENT, NUMBER, NUMBERS, TEXT, load, record, schema
from tests.target.scripted import Reply, scripted
from tests.target.test_victoria_metrics import numbers

if TYPE_CHECKING:
    from pathlib import Path

AT = "2026-05-04T07:30:00Z"
LATER = "2026-05-04T07:30:01Z"
MILLISECONDS = 1_777_879_800_000


def sample(name: str, value: float, at: int = 0, **tags: Any) -> tuple[tuple[Any, ...], float]:
    return (name, frozenset(tags.items()), MILLISECONDS + at), value


@pytest.fixture
def config(victoria_metrics: str) -> dict[str, Any]:
    return {"url": victoria_metrics, "bucket": "any"}


def test_measurement_that_begins_like_another_keeps_its_series(config: dict[str, Any]) -> None:
    nested = {"type": "object"}
    orders = schema("vo", {"id": TEXT, "at": MOMENT, "v": NUMBER, "items": nested, "gear": nested}, ["id"])
    items = schema("vo_items", {"id": TEXT, "at": MOMENT, "qty": NUMBER}, ["id", "at"])
    others = schema("vo_others", {"id": TEXT, "at": MOMENT, "v": NUMBER}, ["id", "at"])
    config["measurements"] = {"vo": {"time": "at", "tags": ["id"], "replace": ["id"]}}
    kept = [items, record("vo_items", id="1", at=AT, qty=1), others, record("vo_others", id="1", at=AT, v=2)]
    load(config, orders, *kept, record("vo", id="1", at=AT, v=3, gear={"old": 4}, items={"sum": 5}))
    load(config, orders, items, record("vo", id="1", at=LATER, v=6, items={"sum": 7}))
    assert numbers(config["url"], "vo_") == dict(
        [
            sample("vo_items_qty", 1, id="1"),
            sample("vo_others_v", 2, id="1"),
            sample("vo_items_sum", 7, 1000, id="1"),
            sample("vo_v", 6, 1000, id="1"),
        ]
    )


def test_fields_of_older_records_that_the_schema_leaves_open_go_too(config: dict[str, Any]) -> None:
    shape = schema("vc", {"id": TEXT, "at": MOMENT, "v": NUMBER}, ["id"])
    shape["schema"]["additionalProperties"] = True
    others = schema("vc_laps", {"id": TEXT, "at": MOMENT, "v": NUMBER}, ["id", "at"])
    config["measurements"] = {"vc": {"time": "at", "tags": ["id"]}, "vc_laps": {}}
    custom = [record("vc", id=key, at=AT, v=1, MyField=2, Nested={"x": 3}) for key in "12"]
    load(config, shape, *custom, others, record("vc_laps", id="1", at=AT, v=4))
    load(config, shape, record("vc", id="1", at=None, _sdc_deleted_at=LATER))
    kept = [sample(f"vc_{name}", value, id="2") for name, value in {"v": 1, "MyField": 2, "Nested_x": 3}.items()]
    assert numbers(config["url"], "vc_") == dict([*kept, sample("vc_laps_v", 4, id="1")])


def test_key_that_comes_twice_or_came_just_now_is_found(config: dict[str, Any]) -> None:
    shape = schema("vt", {"id": TEXT, "at": MOMENT, "t": NUMBERS, "w": NUMBERS}, ["id"])
    config["measurements"] = {"vt": {"time": "at", "time_offset": "t", "tags": ["id"], "replace": ["id"]}}
    long, short = ({"t": list(range(size)), "w": [size] * size} for size in (5, 2))
    load(config, shape, record("vt", id="1", at=AT, **long), record("vt", id="1", at=AT, **short))
    load(config, shape, record("vt", id="2", at=AT, **long))
    load(config, shape, record("vt", id="2", at=AT, **short))
    expected = [sample("vt_w", 2, second * 1000, id=key) for key in "12" for second in (0, 1)]
    assert numbers(config["url"], "vt_") == dict(expected)


NAMES = ["my tag", "größe", "a-b", "1st", "a.b", "e=f", "日本", 'q"q', "😀"]


@pytest.mark.parametrize("tag", NAMES)
def test_labels_of_any_name_are_found(config: dict[str, Any], tag: str) -> None:
    name = f"vn{NAMES.index(tag)}"
    shape = schema(name, {tag: TEXT, "at": MOMENT, "w": NUMBER}, [tag])
    config["measurements"] = {name: {"time": "at", "tags": [tag], "replace": [tag]}}
    values = ['a "ß"\n', "other"]
    load(config, shape, *(record(name, **{tag: value}, at=AT, w=1) for value in values))
    load(config, shape, record(name, **{tag: values[0]}, at=LATER, w=2))
    expected = [sample(f"{name}_w", 2, 1000, **{tag: 'a "ß"\\n'}), sample(f"{name}_w", 1, 0, **{tag: "other"})]
    assert numbers(config["url"], f"{name}_") == dict(expected)


def test_replayed_lines_are_refused_again_where_it_would_take_and_lose_them(tmp_path: Path) -> None:
    with servers.victoria_metrics("-retentionPeriod=2") as server:
        config = {"url": server.url, "bucket": "any", "rejects_path": str(tmp_path)}
        shape = schema("vr", {"id": TEXT, "at": MOMENT, "v": NUMBER}, ["id", "at"])
        today = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime())
        load(config, shape, record("vr", id="a", at="2020-01-01T00:00:00Z", v=7))
        load(config, shape, record("vr", id="b", at=today, v="abc"))
        kept = (tmp_path / "rejected.s.lp").read_text()
        with pytest.raises(RefusedError, match="2 line"):
            replayed(config)
        assert (tmp_path / "rejected.s.lp").read_text().count("\nvr,") == kept.count("\nvr,") == 2
        assert numbers(server.url, "vr_") == {}


def replayed(config: dict[str, Any]) -> None:
    target = TargetInfluxDB(config=config)
    try:
        target.replay()
    finally:
        target.writer.close()


@pytest.mark.parametrize("status", [503, 429])
def test_ping_that_is_refused_while_the_server_starts_is_asked_again(status: int) -> None:
    shape = schema("m", {"id": TEXT, "at": MOMENT, "v": NUMBER, "text": TEXT}, ["id", "at"])
    pings = [Reply(status, "starting"), Reply(204, headers={"X-Server-Hostname": "vm"})]
    with scripted(version="", pings=pings) as server:
        load({"url": server.url, "bucket": "b"}, shape, record("m", id="a", at=AT, v=1, text="x"))
        assert server.stored == {b"m,id=a v=1 1777879800"}
    assert [path for path, _, _ in server.requests[:2]] == ["GET /ping", "GET /ping"]
