"""What `--inventory` prints is what the database holds, on each kind of server; what can't be read back is said."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from target_influxdb.errors import TargetError
from target_influxdb.inventory import inventory
from target_influxdb.target import TargetInfluxDB
from tests import servers
from tests.target.conftest import Place
from tests.target.loading import DATE, MOMENT, NUMBER, NUMBERS, TEXT, execute, record, schema, singer

if TYPE_CHECKING:
    from pathlib import Path

MAPPING: dict[str, Any] = {
    "days": {"time": "id", "tags": ["who"]},
    "rides": {"name": "cycling", "time": "at", "tags": ["who", "id"]},
    "samples": {"time": "at", "time_offset": "time", "tags": ["who", "id"], "exclude": ["at"]},
}
SAMPLES = {"who": TEXT, "id": TEXT, "at": MOMENT, "time": NUMBERS, "w": NUMBERS, "h": NUMBERS}
MESSAGES = (
    schema("days", {"who": TEXT, "id": DATE, "hrv": NUMBER, "ctl": NUMBER}, ["who", "id"]),
    record("days", who="i1", id="2019-12-31", hrv=1),
    record("days", who="i1", id="2020-01-01", ctl=2),
    record("days", who="i2", id="2020-01-01", hrv=3),
    schema("rides", {"who": TEXT, "id": TEXT, "at": MOMENT, "load": NUMBER}, ["who", "id"]),
    record("rides", who="i1", id="1", at="2020-05-01T10:00:00", load=1),
    record("rides", who="i1", id="2", at="2024-05-01T10:00:00", load=1),
    schema("samples", SAMPLES, ["who", "id"]),
    record("samples", who="i1", id="1", at="2020-05-01T10:00:00", time=[0, 1, 2], w=[1, None, 1], h=[None, None, 1]),
    record("samples", who="i1", id="2", at="2020-12-31T23:59:58", time=[0, 1, 2, 3], w=[1, 1, 1, 1], h=[1, 1, 1, 1]),
)
SECOND = 10**9
HELD: dict[tuple[str, str, str], Any] = {
    ("days", "i1", ""): [[1577750400 * SECOND, 1, None], [1577836800 * SECOND, None, 2]],
    ("days", "i2", ""): [[1577836800 * SECOND, 3, None]],
    ("rides", "i1", "1"): [[1588327200 * SECOND]],
    ("rides", "i1", "2"): [[1714557600 * SECOND]],
    ("samples", "i1", "1"): 2,
    ("samples", "i1", "2"): 4,
}


def load(place: Place) -> list[dict[str, Any]]:
    target = TargetInfluxDB(config={"measurements": MAPPING, **place.config})
    target.listen(io.BytesIO(singer(MESSAGES)))  # type: ignore[arg-type] # the target reads bytes
    return read(place)


def read(place: Place) -> list[dict[str, Any]]:
    target = TargetInfluxDB(config={"measurements": MAPPING, **place.config})
    try:
        return list(inventory(target.writer, ["days:hrv+ctl", "rides", "samples"]))
    finally:
        target.writer.close()


def held(lines: list[dict[str, Any]]) -> dict[tuple[str, str, str], Any]:
    return {
        (one["stream"], one["of"].get("who", ""), one["of"].get("id", "")): one.get("rows", one.get("count"))
        for one in lines
        if "of" in one
    }


def test_the_inventory_is_what_was_stored(place: Place) -> None:
    assert held(load(place)) == HELD


def test_the_inventory_of_victoria_metrics_is_what_was_stored() -> None:
    with servers.victoria_metrics() as server:
        times = {key: one if isinstance(one, int) else [row[:1] for row in one] for key, one in HELD.items()}
        assert held(load(Place({"url": server.url}, server.url))) == times


def test_tags_with_other_ends_of_lines_are_in_the_inventory_of_victoria_metrics() -> None:
    with servers.victoria_metrics() as server:
        place = Place({"url": server.url}, server.url)
        name = "a\u2028b\x85c"
        target = TargetInfluxDB(config={"measurements": MAPPING, **place.config})
        target.listen(io.BytesIO(singer([MESSAGES[0], record("days", who=name, id="2020-01-01", hrv=1)])))  # type: ignore[arg-type] # the target reads bytes
        assert held(read(place)) == {("days", name, ""): [[1577836800 * SECOND]]}


def test_an_empty_or_missing_database_has_an_empty_inventory(place: Place) -> None:
    assert held(read(place)) == {}


def test_the_inventory_names_the_mapping(v1: Place) -> None:
    (days,) = (one for one in load(v1) if one.get("stream") == "days" and "of" not in one)
    mapped = {
        "time": "id",
        "tags": ["who"],
        "values": ["hrv", "ctl"],
        "mapped_tags": ["who"],
        "fields": None,
        "exclude": [],
    }
    assert days == {"stream": "days", **mapped}


def test_of_one_retention_policy_only_its_points_count(v1: Place) -> None:
    load(v1)
    v1.query(f'CREATE RETENTION POLICY other ON "{v1.database}" DURATION INF REPLICATION 1')
    assert held(read(Place({**v1.settings, "bucket": f"{v1.database}/other"}, v1.url))) == {}


def test_files_can_not_be_read_back(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="can't be read back: there is nothing to compare with"):
        read(Place({"url": f"file://{tmp_path}"}, ""))


def test_the_program_prints_json_lines(v1: Place, tmp_path: Path) -> None:
    load(v1)
    config = {"measurements": MAPPING, **v1.config}
    done = execute(config, tmp_path, options=("--inventory", "days:hrv+ctl"))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["server"].startswith("InfluxDB 1")
    assert held(lines) == {key: value for key, value in HELD.items() if key[0] == "days"}
