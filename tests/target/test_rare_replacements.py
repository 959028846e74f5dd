"""Replacing and deleting where it could take too much or too little, on every kind of InfluxDB."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
import requests

from target_influxdb.errors import BadRecordError
from tests.target.conftest import Place
from tests.target.loading import DATE, MOMENT, NUMBER, NUMBERS, TEXT, load, record, schema, state

if TYPE_CHECKING:
    from pathlib import Path

DELETED = "2026-06-01T00:00:00Z"
PROPERTIES = {"id": TEXT, "at": MOMENT, "x": NUMBER, "y": NUMBER}


def at(text: str) -> int:
    moment = datetime.fromisoformat(text).replace(tzinfo=timezone.utc) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (moment.days * 86_400 + moment.seconds) * 10**9


def point(time: str, key: str, **fields: Any) -> tuple[int, frozenset[Any], frozenset[Any]]:
    return at(time), frozenset({("id", key)}), frozenset(fields.items())


def load_into(place: Place, measurements: dict[str, Any], *messages: dict[str, Any], **more: Any) -> None:
    assert load({**place.config, "measurements": measurements, **more}, *messages, state(1)) == [1]


HOURS = schema("hours", {"id": TEXT, "at": MOMENT, "y": NUMBER}, ["id", "at"])
DAYS = schema("days", {"id": TEXT, "day": DATE, "x": NUMBER}, ["id", "day"])


@pytest.mark.parametrize("measurement", ["days", "hours", "both"])
def test_days_in_a_row_take_nothing_of_a_stream_in_the_same_measurement(place: Place, measurement: str) -> None:
    mapping = {
        "days": {"name": measurement, "time": "day", "tags": ["id"], "replace": "time"},
        "hours": {"name": measurement, "time": "at", "tags": ["id"]},
    }
    days = [record("days", id="a", day=f"2026-05-0{day}", x=day) for day in range(1, 5)]
    hours = [record("hours", id="a", at=f"2026-05-0{day}T12:00:00Z", y=day) for day in range(1, 5)]
    load_into(place, mapping, HOURS, *hours)
    load_into(place, mapping, DAYS, *days)
    load_into(place, mapping, DAYS, *days)
    expected = {point(f"2026-05-0{day}", "a", x=float(day)) for day in range(1, 5)}
    expected |= {point(f"2026-05-0{day}T12:00:00", "a", y=float(day)) for day in range(1, 5)}
    assert place.points(measurement) == expected


def test_point_whose_time_is_cut_is_replaced_and_deleted_where_it_lies(place: Place) -> None:
    shape = schema("m", PROPERTIES, ["id", "at"])
    mapping = {"m": {"time": "at", "tags": ["id"], "replace": "time", "precision": "s"}}
    load_into(place, mapping, shape, record("m", id="a", at="2026-05-01T00:00:00.5Z", x=1, y=2))
    load_into(place, mapping, shape, record("m", id="a", at="2026-05-01T00:00:00.7Z", x=3))
    assert place.points("m") == {point("2026-05-01", "a", x=3.0)}
    load_into(place, mapping, shape, record("m", id="a", at="2026-05-01T00:00:00.5Z", _sdc_deleted_at=DELETED))
    assert place.points("m") == set()


def test_points_of_all_times_are_replaced(place: Place) -> None:
    shape = schema("m", PROPERTIES, ["id"])
    mapping = {"m": {"time": "at", "tags": ["id"], "replace": ["id"]}}
    ends = ["1677-09-22T00:00:00", "1950-05-01T00:00:00", "2250-05-01T00:00:00", "2262-04-11T00:00:00"]
    load_into(place, mapping, shape, *(record("m", id=time[:4], at=f"{time}Z", x=1) for time in ends))
    assert len(place.points("m")) == len(ends)
    load_into(place, mapping, shape, *(record("m", id=time[:4], at=DELETED, x=2) for time in ends))
    assert place.points("m") == {point("2026-06-01", time[:4], x=2.0) for time in ends}


WORDS = [
    "user",
    "key",
    "name",
    "group",
    "order",
    "from",
    "measurement",
    "true",
    "and",
    "größe",
    "日本",
    "a-b",
    "1st",
    "a b",
]


@pytest.mark.parametrize("tag", WORDS)
def test_tags_of_any_name_are_replaced(place: Place, tag: str) -> None:
    shape = schema("m", {tag: TEXT, "at": MOMENT, "x": NUMBER}, [tag])
    mapping = {"m": {"time": "at", "tags": [tag], "replace": [tag]}}
    old, other, new = (record("m", **{tag: one}, at=DELETED, x=1) for one in ("a", "b", "a"))
    load_into(place, mapping, shape, old, other)
    load_into(place, mapping, shape, {**new, "record": {**new["record"], "at": "2026-05-01T00:00:00Z"}})
    expected = {(at("2026-05-01"), frozenset({(tag, "a")})), (at("2026-06-01"), frozenset({(tag, "b")}))}
    assert {found[:2] for found in place.points("m")} == expected


COLUMNS = schema("c", {"id": TEXT, "at": MOMENT, "t": NUMBERS, "x": NUMBERS}, ["id"])
REPLACING = {"c": {"time": "at", "time_offset": "t", "tags": ["id"], "replace": ["id"]}}
BAD = [
    record("c", id="a", at="2026-05-01T00:00:00Z", t=[0, 1], x=[9]),
    record("c", id="a", at="soon", t=[0, 1], x=[9, 9]),
]


@pytest.mark.parametrize("bad", BAD, ids=["unequal arrays", "no time"])
def test_record_that_makes_no_points_replaces_none(place: Place, bad: dict[str, Any], tmp_path: Path) -> None:
    load_into(place, REPLACING, COLUMNS, record("c", id="a", at="2026-05-01T00:00:00Z", t=[0], x=[1]))
    with pytest.raises(BadRecordError):
        load_into(place, REPLACING, COLUMNS, bad)
    good = record("c", id="b", at="2026-05-01T00:00:00Z", t=[0], x=[2])
    load_into(place, REPLACING, COLUMNS, bad, good, rejects_path=str(tmp_path))
    assert place.points("c") == {point("2026-05-01", "a", x=1.0), point("2026-05-01", "b", x=2.0)}
    assert (tmp_path / "records.jsonl").read_text().count("\n") == 1


def test_value_that_does_not_fit_fails_before_anything_is_deleted(place: Place) -> None:
    shape = schema("m", PROPERTIES, ["id"])
    mapping = {"m": {"time": "at", "tags": ["id"], "replace": ["id"]}}
    load_into(place, mapping, shape, record("m", id="a", at="2026-05-01T00:00:00Z", x=1))
    with pytest.raises(Exception, match="'N/A' does not fit"):
        load_into(place, mapping, shape, record("m", id="a", at="2026-05-02T00:00:00Z", x="N/A"))
    assert place.points("m") == {point("2026-05-01", "a", x=1.0)}


@pytest.mark.parametrize("named_by", ["a slash", "its id"])
@pytest.mark.parametrize("replace", ["time", ["id"]], ids=["time", "tags"])
def test_bucket_that_influxql_does_not_know_is_not_taken_for_an_empty_one(
    influxdb2: dict[str, str], named_by: str, replace: Any, caplog: pytest.LogCaptureFixture
) -> None:
    name = uuid.uuid4().hex + ("/x" if named_by == "a slash" else "")
    place = Place(influxdb2, influxdb2["url"], influxdb2["token"], database=name)
    shape = schema("m", PROPERTIES, ["id", "at"] if replace == "time" else ["id"])
    mapping = {"m": {"time": "at", "tags": ["id"], "replace": replace}}
    load_into(place, mapping, shape, record("m", id="a", at=DELETED, x=1, y=2))
    if named_by == "its id":
        place.database = bucket_of(influxdb2, name)
    caplog.set_level(logging.WARNING)
    load_into(place, mapping, shape, record("m", id="a", at=DELETED, x=3))
    assert caplog.text.count("does not let this account read") == 1
    assert rows_of(influxdb2, name) == [("x", "3")]


def bucket_of(settings: dict[str, str], name: str) -> str:
    """Id of a bucket."""
    headers = {"Authorization": f"Token {settings['token']}"}
    answer = requests.get(f"{settings['url']}/api/v2/buckets", {"name": name}, headers=headers, timeout=10)
    return str(answer.json()["buckets"][0]["id"])


def rows_of(settings: dict[str, str], bucket: str) -> list[tuple[str, str]]:
    """Fields and values in a bucket, by Flux."""
    headers = {"Authorization": f"Token {settings['token']}", "Content-Type": "application/vnd.flux"}
    flux = f'from(bucket: "{bucket}") |> range(start: 1970-01-01T00:00:00Z) |> keep(columns: ["_field", "_value"])'
    url = f"{settings['url']}/api/v2/query?org={settings['org']}"
    answer = requests.post(url, flux, headers={**headers, "Accept": "application/csv"}, timeout=10)
    header, *rows = (line.split(",") for line in answer.text.split())
    return [(row[header.index("_field")], row[header.index("_value")]) for row in rows]
