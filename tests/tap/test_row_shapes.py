"""Any JSON value in the place of any property: it costs itself, at most its row, and never another row."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from tap_intervals_icu.singer.base import SCHEMAS
from tests.tap.canned import Answers
from tests.tap.test_optional_streams import ALL

VALUES: dict[str, Any] = {
    "null": None,
    "number": 17.5,
    "text": "odd",
    "list": [1, None, "odd", [2], {"a": 1}],
    "object": {"a": [1], "id": "odd"},
    "boolean": True,
}
LAYOUTS = ("rows", "columns")

WELLNESS = {"id": "2026-11-0{}", "updated": "2026-11-10T05:12:33.273+00:00", "restingHR": 48, "ctl": 50.5}
SPORT = {"type": "Ride", "eftp": 250.0}
ACTIVITY = {
    "id": "i{}",
    "type": "Ride",
    "name": "A ride",
    "start_date": "2026-11-01T09:00:00Z",
    "start_date_local": "2026-11-01T10:00:00",
    "icu_sync_date": "2026-11-10T05:12:33.273+00:00",
    "stream_types": ["time", "watts"],
}
INTERVAL = {"id": 7, "type": "WORK", "start_time": 0, "average_watts": 200}
STREAMS = [{"type": "time", "data": [0, 1, 2]}, {"type": "watts", "data": [100, None, 120]}]
EVENT = {"id": 1, "category": "WORKOUT", "start_date_local": "2026-11-24T00:00:00", "name": "A plan"}
GEAR = {"id": "b1", "name": "A bike", "distance": 1000.5}
SPORT_SETTINGS = {"id": 1, "types": ["Ride"], "ftp": 250}
CURVE = {"id": "1y", "end_date_local": "2026-11-22T00:00:00", "secs": [1, 5], "values": [900, 800], "days": 365}
CHANNEL = {"type": "time", "name": None, "data": [0, 1, 2], "data2": None, "custom": False}


def good() -> Answers:
    """An account in which nothing is odd: two rows of each kind."""
    activities = [ACTIVITY | {"id": f"i{n}", "icu_intervals": [INTERVAL, INTERVAL]} for n in (1, 2)]
    return Answers(
        profile={"sportSettings": [{"types": ["Ride"]}, {"types": ["Run"]}]},
        wellness=[WELLNESS | {"id": f"2026-11-0{n}", "sportInfo": [SPORT]} for n in (1, 2)],
        activities=activities,
        streams={"i1": STREAMS, "i2": STREAMS},
        curves={f"{kind}_curves/Run": {"list": [CURVE]} for kind in ("power", "hr", "pace")},
        lists={
            "events": [EVENT | {"id": n} for n in (1, 2)],
            "fitness-model-events": [EVENT | {"id": n} for n in (1, 2)],
            "gear": [GEAR | {"id": f"b{n}"} for n in (1, 2)],
            "sport-settings": [SPORT_SETTINGS | {"id": n} for n in (1, 2)],
        },
    )


def spoilt(row: dict[str, Any], properties: list[str], value: Any, ids: Any = None) -> list[Any]:
    """For each property a row that has the value there, and the value alone; `ids` gives each another id."""
    changed = [row | {"id": next(ids) if ids else row.get("id")} | {name: value} for name in properties]
    return [value, *changed]


def properties(stream: str) -> list[str]:
    return list(SCHEMAS.get_schema(stream)["properties"])


def odd(value: Any) -> Answers:
    """The same account and rows with the value in the place of each property, one a row."""
    answers = good()
    days = (f"2025-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29))
    ids = (f"i{number}" for number in range(100, 100_000))
    numbers = iter(range(100, 100_000))
    info = spoilt(SPORT, ["type", "eftp", "wPrime", "pMax"], value)
    answers.wellness += [
        *spoilt(WELLNESS, properties("wellness"), value, days),
        WELLNESS | {"id": next(days), "sportInfo": info},
    ]
    intervals = spoilt(INTERVAL, properties("activity_intervals"), value)
    answers.activities += [
        *spoilt(ACTIVITY, properties("activities"), value, ids),
        ACTIVITY | {"id": "i50", "icu_intervals": [*intervals, INTERVAL]},
        ACTIVITY | {"id": "i51", "icu_intervals": value},
    ]
    for number, name in enumerate(CHANNEL):
        for others in ([], STREAMS):
            id_ = f"i{60 + 2 * number + bool(others)}"
            answers.activities.append(ACTIVITY | {"id": id_})
            answers.streams[id_] = [*others, CHANNEL | {name: value}, value]
    for number, channel in enumerate(("time", "watts", "latlng", "hrv", "Custom", "type", "athlete_id")):
        answers.activities.append(ACTIVITY | {"id": f"i{80 + number}"})
        answers.streams[f"i{80 + number}"] = [
            *STREAMS,
            {"type": channel, "data": [value, 1, value], "data2": [value] * 3},
        ]
    for name, row in (
        ("events", EVENT),
        ("fitness-model-events", EVENT),
        ("gear", GEAR),
        ("sport-settings", SPORT_SETTINGS),
    ):
        answers.lists[name] += spoilt(row, properties(name.replace("-", "_")), value, numbers)
    for kind in ("power", "hr", "pace"):
        curves = spoilt(CURVE, [*CURVE, "type"], value)
        answers.curves[f"{kind}_curves/Ride"] = {"list": curves}
    return answers


def by_stream(messages: list[dict[str, Any]]) -> dict[str, set[str]]:
    """All records as texts, by stream."""
    found: dict[str, set[str]] = {}
    for message in messages:
        if message["type"] == "RECORD":
            record = json.dumps(message["record"], sort_keys=True)
            found.setdefault(message["stream"], set()).add(record)
    return found


@cache
def expected(layout: str, streams: tuple[str, ...]) -> dict[str, set[str]]:
    """What comes of good answers; the same for each test."""
    messages, error, _ = good().sync(layout, streams)
    assert error == ""
    return by_stream(messages)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_value_of_any_kind_in_any_place_costs_no_other_row(layout: str, value: Any) -> None:
    messages, error, log = odd(value).sync(layout, ALL)

    found = by_stream(messages)
    lost = {stream: rows - found.get(stream, set()) for stream, rows in expected(layout, ALL).items()}
    assert {stream: rows for stream, rows in lost.items() if rows} == {}
    assert "please report this" not in log
    assert "Traceback" not in log
    assert error == ""


ODD_PROFILE: dict[str, Any] = {
    "custom_items": [{"type": "INPUT_FIELD", "name": "How", "content": {"code": "How", "type": "numeric"}}],
    "sportSettings": [{"types": ["Ride"]}],
    "timezone": "Europe/Berlin",
}


@pytest.mark.parametrize("name", [*ODD_PROFILE, "content", "code", "type", "name", "types"])
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_value_of_any_kind_in_the_profile_costs_no_row(name: str, value: Any) -> None:
    answers = good()
    item = ODD_PROFILE["custom_items"][0]
    content = {"content": item["content"] | {name: value}} if name in item["content"] else {name: value}
    answers.profile = ODD_PROFILE | {
        "custom_items": [value, item | content],
        "sportSettings": [value, {"types": [value]}],
    }
    answers.profile |= {name: value} if name in ODD_PROFILE else {}
    streams = ("wellness", "activities", "activity_streams")
    messages, error, _ = answers.sync("rows", streams)

    assert (by_stream(messages), error) == (expected("rows", streams), "")
