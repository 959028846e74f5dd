"""What a record supersedes is gone, on every kind of InfluxDB: replaced, cleared, deleted."""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from target_influxdb.servers.influxdb1 import InfluxDB1
from target_influxdb.servers.influxdb2 import InfluxDB2
from tests.target.loading import DATE, MOMENT, NUMBER, NUMBERS, TEXT, load, record, schema, state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from target_influxdb.servers import Deletion, Server
    from target_influxdb.servers.http import Answer
    from tests.target.conftest import Place

COLUMNS = schema(
    "streams",
    {"athlete": TEXT, "activity": TEXT, "type": TEXT, "start": TEXT, "time": NUMBERS, "watts": NUMBERS},
    ["athlete", "activity"],
)
ROWS = schema(
    "streams",
    {"athlete": TEXT, "activity": TEXT, "type": TEXT, "start": TEXT, "time": NUMBER, "watts": NUMBER},
    ["athlete", "activity", "time"],
)
STREAMS = {
    "time": "start",
    "time_offset": "time",
    "tags": ["athlete", "activity", "type"],
    "replace": ["athlete", "activity"],
}
WELLNESS = schema("wellness", {"athlete": TEXT, "id": DATE, "weight": NUMBER, "hrv": NUMBER}, ["athlete", "id"])
MAPPING = {"streams": STREAMS, "wellness": {"time": "id", "tags": ["athlete"], "replace": "time"}}
START = "2026-05-04T07:30:00"
DELETED = "2026-06-01T00:00:00Z"


def at(text: str, offset: int = 0) -> int:
    return (int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()) + offset) * 10**9


def point(time: int, tags: dict[str, str], **fields: Any) -> tuple[int, frozenset[Any], frozenset[Any]]:
    return time, frozenset(tags.items()), frozenset(fields.items())


def ride(activity: str, kind: str, *watts: float) -> set[Any]:
    tags = {"athlete": "i1", "activity": activity, "type": kind}
    return {point(at(START, second), tags, watts=float(value)) for second, value in enumerate(watts)}


def columns(activity: str, kind: str | None, *watts: float, **more: Any) -> dict[str, Any]:
    arrays = {"time": list(range(len(watts))), "watts": list(watts)}
    return record("streams", athlete="i1", activity=activity, type=kind, start=START, **arrays, **more)


def rows(activity: str, kind: str, *watts: float) -> list[dict[str, Any]]:
    same = {"athlete": "i1", "activity": activity, "type": kind, "start": START}
    return [record("streams", **same, time=second, watts=value) for second, value in enumerate(watts)]


def load_streams(place: Place, *messages: dict[str, Any]) -> None:
    assert load({**place.config, "measurements": MAPPING}, *messages, state(1)) == [1]


def test_trimmed_and_retyped_activity_leaves_no_ghost_in_columns(place: Place) -> None:
    load_streams(place, COLUMNS, columns("a", "Ride", 1, 2, 3), columns("b", "Ride", 4, 5))
    load_streams(place, COLUMNS, columns("a", "Run", 1, 2))
    assert place.points("streams") == ride("a", "Run", 1, 2) | ride("b", "Ride", 4, 5)


def test_trimmed_and_retyped_activity_leaves_no_ghost_in_rows(place: Place) -> None:
    load_streams(place, ROWS, *rows("a", "Ride", 1, 2, 3), *rows("b", "Ride", 4, 5))
    load_streams(place, ROWS, *rows("a", "Run", 1, 2))
    assert place.points("streams") == ride("a", "Run", 1, 2) | ride("b", "Ride", 4, 5)


def test_the_last_of_several_versions_in_one_run_stays(place: Place) -> None:
    load_streams(place, COLUMNS, columns("a", "Ride", 1, 2, 3), columns("a", "Run", 9), columns("a", "Walk", 7, 8))
    assert place.points("streams") == ride("a", "Walk", 7, 8)


def test_tombstone_removes_an_activity_and_nothing_else(place: Place) -> None:
    load_streams(place, COLUMNS, columns("a", "Ride", 1, 2), columns("b", "Ride", 4))
    gone = record("streams", athlete="i1", activity="a", _sdc_deleted_at=DELETED)
    load_streams(place, COLUMNS, gone)
    assert place.points("streams") == ride("b", "Ride", 4)


def test_tombstone_after_its_record_in_one_run_wins_and_a_record_after_it_stays(place: Place) -> None:
    gone = record("streams", athlete="i1", activity="a", _sdc_deleted_at=DELETED)
    load_streams(place, COLUMNS, columns("a", "Ride", 1, 2), columns("b", "Ride", 4), gone)
    assert place.points("streams") == ride("b", "Ride", 4)
    load_streams(place, COLUMNS, gone, columns("a", "Run", 5))
    assert place.points("streams") == ride("b", "Ride", 4) | ride("a", "Run", 5)


def test_tombstone_of_one_sample_removes_one_point(place: Place) -> None:
    load_streams(place, ROWS, *rows("a", "Ride", 1, 2, 3))
    gone = record("streams", athlete="i1", activity="a", start=START, time=2, _sdc_deleted_at=DELETED)
    load_streams(place, ROWS, gone)
    assert place.points("streams") == ride("a", "Ride", 1, 2)


def test_surplus_samples_after_a_replaced_activity_need_no_time(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    load_streams(place, ROWS, *rows("a", "Ride", 1, 2, 3))
    gone = record("streams", athlete="i1", activity="a", time=2, _sdc_deleted_at=DELETED)
    load_streams(place, ROWS, *rows("a", "Ride", 1, 2), gone)
    assert place.points("streams") == ride("a", "Ride", 1, 2)
    assert "can't be applied" not in caplog.text


def test_value_that_was_cleared_disappears(place: Place) -> None:
    days = [f"2026-05-{day:02d}" for day in range(1, 11)]
    load_streams(place, WELLNESS, *(record("wellness", athlete="i1", id=day, weight=70, hrv=50) for day in days))
    load_streams(place, WELLNESS, *(record("wellness", athlete="i1", id=day, weight=71) for day in days[2:5]))
    expected = {
        point(at(day), {"athlete": "i1"}, **({"weight": 71.0} if day in days[2:5] else {"weight": 70.0, "hrv": 50.0}))
        for day in days
    }
    assert place.points("wellness") == expected


def test_tombstone_of_a_day_removes_that_day(place: Place) -> None:
    first, second = "2026-05-01", "2026-05-02"
    load_streams(place, WELLNESS, *(record("wellness", athlete="i1", id=day, weight=70) for day in (first, second)))
    load_streams(place, WELLNESS, record("wellness", athlete="i1", id=first, _sdc_deleted_at=DELETED))
    assert place.points("wellness") == {point(at(second), {"athlete": "i1"}, weight=70.0)}


def test_tags_with_special_characters_are_replaced_too(place: Place) -> None:
    name = 'a "b" \\c,\n d=é\\'
    load_streams(place, COLUMNS, columns(name, "Ride", 1, 2, 3))
    load_streams(place, COLUMNS, columns(name, "Run", 4))
    assert place.points("streams") == ride('a "b" \\c,\\n d=é', "Run", 4)


def test_what_this_run_wrote_outlives_a_change_of_the_schema(place: Place) -> None:
    changed: dict[str, Any] = {**ROWS, "schema": {**ROWS["schema"], "additionalProperties": True}}
    load_streams(place, ROWS, *rows("a", "Ride", 7, 8, 9, 9))
    first, *others = rows("a", "Ride", 1, 2, 3)
    load_streams(place, ROWS, first, changed, *others)
    assert place.points("streams") == ride("a", "Ride", 1, 2, 3)


def test_records_before_a_change_of_the_schema_are_written_before_those_after_it(v1: Place) -> None:
    config = {**v1.config, "measurements": MAPPING, "batch_lines": 2}
    changed: dict[str, Any] = {**ROWS, "schema": {**ROWS["schema"], "additionalProperties": True}}
    load(config, ROWS, *rows("a", "Ride", 1), changed, *rows("a", "Ride", 5, 6))
    assert v1.points("streams") == ride("a", "Ride", 5, 6)


@pytest.fixture
def deleted(monkeypatch: pytest.MonkeyPatch) -> list[Deletion]:
    """What servers are asked to delete, which they do."""
    asked: list[Deletion] = []
    for kind in (InfluxDB1, InfluxDB2):
        monkeypatch.setattr(kind, "delete", _recording(kind.delete, asked))
    return asked


def _recording(delete: Callable[..., Answer], asked: list[Deletion]) -> Callable[..., Answer]:
    def recorded(server: Server, deletions: Sequence[Deletion]) -> Answer:
        asked.extend(deletions)
        return delete(server, deletions)

    return recorded


def test_first_load_deletes_nothing(place: Place, deleted: list[Deletion]) -> None:
    days = (record("wellness", athlete="i1", id=f"2026-05-{day:02d}", weight=70) for day in range(1, 20))
    load_streams(place, COLUMNS, columns("a", "Ride", 1, 2), columns("b", "Ride", 4), WELLNESS, *days)
    assert deleted == []


def test_days_in_a_row_are_deleted_as_one_range(place: Place, deleted: list[Deletion]) -> None:
    days = [record("wellness", athlete="i1", id=f"2026-05-{day:02d}", weight=70) for day in (1, 2, 3, 8, 9)]
    load_streams(place, WELLNESS, *days)
    load_streams(place, WELLNESS, *reversed(days))
    assert [(one.first, one.last) for one in deleted] == [
        (at("2026-05-01"), at("2026-05-03")),
        (at("2026-05-08"), at("2026-05-09")),
    ]
    assert len(place.points("wellness")) == 5


def test_token_that_may_only_write_still_replaces_with_one_warning(
    shim: str, v1: Place, caplog: pytest.LogCaptureFixture
) -> None:
    load_streams(v1, COLUMNS, columns("a", "Ride", 1, 2, 3))
    v1.settings = {"url": shim, "token": "write", "org": "org"}
    caplog.set_level(logging.WARNING)
    load_streams(v1, COLUMNS, columns("a", "Run", 1), columns("b", "Run", 2))
    assert v1.points("streams") == ride("a", "Run", 1) | ride("b", "Run", 2)
    assert caplog.text.count("does not let this account read") == 1


def test_tombstones_without_key_or_time_are_said_once(v1: Place, caplog: pytest.LogCaptureFixture) -> None:
    shape = schema("events", {"id": TEXT, "day": MOMENT, "x": NUMBER}, ["id", "day"])
    gone = [record("events", id="a", day=None, _sdc_deleted_at=DELETED)] * 3
    load({**v1.config, "measurements": {"events": {"time": "day"}}}, shape, record("events", id="a", day=START, x=1))
    load({**v1.config, "measurements": {"events": {"time": "day"}}}, shape, *gone)
    assert caplog.text.count("can't be applied") == 1
    assert len(v1.points("events")) == 1


def test_what_is_deleted_at_once_are_the_points_of_the_records_alone(place: Place) -> None:
    keys = [
        (athlete, activity) for athlete in ("i1", "i2", None) for activity in ("a", "b'", 'c" OR "x"=', "\\d", None)
    ]
    rows = [{"athlete": athlete, "activity": activity, "type": "Ride"} for athlete, activity in keys]
    times = {"time": [0, 1], "start": START}
    load_streams(place, COLUMNS, *(record("streams", **row, **times, watts=[1, 1]) for row in rows))
    changed = [{**row, "type": "Run"} for row in rows[::2]]
    gone = [record("streams", **row, **times, _sdc_deleted_at=DELETED) for row in rows[1::4]]
    shorter = [record("streams", **row, start=START, time=[0], watts=[2]) for row in changed]
    load_streams(place, COLUMNS, *shorter, *gone)
    kept = [row for number, row in enumerate(rows) if number % 2 and (number - 1) % 4]
    expected = {
        point(at(START, second), {tag: text for tag, text in row.items() if text}, watts=float(watts))
        for some, seconds, watts in ((kept, (0, 1), 1), (changed, (0,), 2))
        for row in some
        for second in seconds
    }
    assert place.points("streams") == expected


def test_points_are_replaced_by_a_tag_whose_name_was_once_a_field(place: Place) -> None:
    shape = {"id": TEXT, "at": MOMENT, "x": NUMBER}
    config = {**place.config, "measurements": {"ev": {"time": "at"}}}
    load(config, schema("ev", shape, ["at"]), record("ev", id="b", at="2026-01-01T00:00:00Z", x=1))
    config["measurements"] = {"ev": {"time": "at", "tags": ["id"], "replace": ["id"]}}
    for x in (1, 2):
        rows = [record("ev", id=key, at=f"2026-01-01T00:00:0{second}Z", x=x) for second, key in enumerate("ab", 1)]
        load(config, schema("ev", shape, ["id"]), *rows)
    load(config, schema("ev", shape, ["id"]), record("ev", id="a", at="2026-01-01T00:00:03Z", _sdc_deleted_at=DELETED))
    tags = [(dict(one["tags"])["id"], one["values"]) for one in place.query('SELECT "x" FROM "ev" GROUP BY "id"::tag')]
    assert tags == [("", [[at("2026-01-01"), 1]]), ("b", [[at("2026-01-01", 2), 2]])]
