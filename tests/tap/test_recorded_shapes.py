"""Answers of the shapes that the live service gives, made up: every value arrives, in both layouts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.tap.canned import ATHLETE, Answers, records
from tests.tap.test_optional_streams import ALL

NAN = float("nan")
START = {"start_date": "2026-11-20T06:30:00Z", "start_date_local": "2026-11-20T07:30:00"}
STAMPS = {"created": "2026-11-20T08:00:00.204+00:00", "icu_sync_date": "2026-11-20T08:00:00.690+00:00"}

WELLNESS: list[dict[str, Any]] = [
    {
        "id": "2026-11-18",
        "ctl": 41,
        "atl": 38.25,
        "ctlLoad": 0,
        "sportInfo": None,
        "weight": None,
        "updated": "2021-06-02T05:12:33.273+0000",
    },
    {
        "id": "2026-11-19",
        "ctl": 41.5,
        "ctlLoad": 58.0,
        "sportInfo": [{"type": "Ride", "eftp": None, "wPrime": 14002.5}],
        "tempWeight": True,
    },
    {
        "id": "2026-11-20",
        "ctl": 1.5e-7,
        "AwakeTime": "NaN",
        "RespRate": NAN,
        "Mood": 2,
        "comments": "NaN so far",
        "updated": "2026-11-20T05:12:33.273+00:00",
    },
    {"id": "2026-12-01", "ctl": 60.5, "updated": "2026-11-20T05:12:33.273+00:00"},  # a projection
]
ACTIVITIES: list[dict[str, Any]] = [
    {
        "id": "i900000001",
        "type": "VirtualRide",
        "name": "Indoors",
        "locality": "Somewhere",
        "average_speed": 8.609,
        "icu_training_load": 41,
        "gear": {"id": "b9000001", "name": "Bike", "distance": 1234.5, "primary": True},
        "icu_zone_times": [{"id": "Z1", "secs": 1619}, {"id": "SS", "secs": 211}],
        "icu_hr_zone_times": None,
        "EPOC": NAN,
        "PerformanceCondition": "NaN",
        "icu_intervals": [
            {"id": 5, "type": "RECOVERY", "start_time": 0, "end_time": 4, "label": None, "ElapsedTime": 4.0},
            {"id": 6, "type": "WORK", "start_time": 4, "end_time": 310, "end_index": 6, "average_watts": 359},
        ],
        "icu_groups": None,
        **START,
        **STAMPS,
    },
    {"id": "i900000002", "type": "Run", "icu_intervals": None, "stream_types": [], **START, **STAMPS},
    {
        "id": "16990000001",
        "icu_athlete_id": ATHLETE,
        "start_date_local": "2026-11-19T07:30:00",
        "source": "STRAVA",
        "_note": "no",
    },
    {"id": "16990000002", "type": None, "source": None, "start_date_local": None, "start_date": None},
]
STREAMS: list[dict[str, Any]] = [  # in no order; a pause; nulls at the beginning; channels nobody has heard of
    {
        "type": "watts",
        "name": None,
        "data": [None, 210, 220, 0, 230],
        "data2": None,
        "valueType": "INTEGER",
        "custom": False,
    },
    {"type": "time", "name": None, "data": [0, 1, 2, 307, 308], "data2": None},
    {"type": "raw_watts", "data": [None, 210, 2200, 0, 230]},
    {"type": "latlng", "data": [None, 48.5, 48.500001, 48.500002, 48.500003], "data2": [None, 9.5, 9.5, 9.5, 9.5]},
    {"type": "hrv", "data": [None, [800], [790, 805], [], [811, 799]]},
    {"type": "Stamina", "name": "Stamina", "data": [99.5, 99.25, 99, NAN, NAN], "custom": True},
    {"type": "wind_speed", "data": None},
]
CURVE = {
    "id": "42d",
    "end_date_local": "2026-11-22T00:00:00",
    "secs": [1, 5, 60],
    "values": [900, 820, None],
    "watts_per_kg": [12.5, 11.25, 5],
    "powerModels": [{"type": "MS_2P", "pMax": None}, {"type": "ECP", "pMax": 800}],
    "ranks": None,
}


@pytest.fixture
def answers() -> Answers:
    return Answers(
        profile={"sportSettings": [{"types": ["Ride"]}, {"types": ["Run"]}, {"types": None}]},
        wellness=WELLNESS,
        activities=ACTIVITIES,
        streams={"i900000001": STREAMS},
        curves={"power_curves/Ride": {"list": [CURVE], "activities": {}}, "power_curves/Run": {"list": []}},
        lists={
            "events": [{"id": 990001, "category": "NOTE", "type": None, "plan_name": None, "paired_activity_id": "i9"}],
            "gear": [
                {"id": "b9000001", "retired": None, "component_ids": ["c-1"]},
                {"id": "g9000002", "reminders": None},
            ],
        },
    )


def whole(record: dict[str, Any]) -> dict[str, Any]:
    """A record with what tables keep in `extra`, and without nulls."""
    extra = record.get("extra") or "{}"
    values = {**record, **json.loads(extra)}
    values.pop("extra", None)
    return {name: value for name, value in values.items() if value is not None}


def sent(row: dict[str, Any], *without: str) -> dict[str, Any]:
    """A row of the API, with null for what is no number, and without nulls."""
    none = {key for key, value in row.items() if value is None or value == "NaN" or value != value}  # noqa: PLR0124 - NaN
    return {key: value for key, value in row.items() if key not in none | set(without)}


@pytest.mark.parametrize("layout", ["rows", "columns"])
def test_lists_of_the_shapes_of_the_live_service_arrive_exactly(answers: Answers, layout: str) -> None:
    messages, error, log = answers.sync(layout, ALL)
    found = {stream: [whole(record) for record in records(messages, stream)] for stream in ALL}

    athlete = {"athlete_id": ATHLETE}
    assert error == ""
    assert "2 come from Strava" in log
    assert found["wellness"] == [sent(row) | athlete for row in reversed(WELLNESS[:3])]
    assert found["wellness_sport_info"] == [{"type": "Ride", "wPrime": 14002.5, "id": "2026-11-19", **athlete}]
    assert found["activities"] == [
        sent(row, "icu_intervals", "icu_groups") | athlete | {"updated": STAMPS["icu_sync_date"]}
        for row in (ACTIVITIES[1], ACTIVITIES[0])
    ]
    shared = athlete | {"activity_id": "i900000001", "activity_type": "VirtualRide", **START}
    assert found["activity_intervals"] == [
        sent(interval) | shared | {"position": position}
        for position, interval in enumerate(ACTIVITIES[0]["icu_intervals"])
    ]
    assert found["events"] == [sent(answers.lists["events"][0]) | athlete]
    assert [record["id"] for record in found["gear"]] == ["b9000001", "g9000002"]
    curve = {"id": "42d", "end_date_local": CURVE["end_date_local"], "type": "Ride", **athlete}
    points = [(1, 900, 12.5), (5, 820, 11.25), (60, None, 5)]
    assert found["power_curves"] == [
        sent(curve | {"secs": secs, "value": value, "watts_per_kg": per_kg}) for secs, value, per_kg in points
    ]


SAMPLES = {
    "time": [0, 1, 2, 307, 308],
    "watts": [None, 210, 220, 0, 230],
    "raw_watts": [None, 210, 2200, 0, 230],
    "latitude": [None, 48.5, 48.500001, 48.500002, 48.500003],
    "longitude": [None, 9.5, 9.5, 9.5, 9.5],
    "hrv": [None, "800", "790:805", "", "811:799"],
    "Stamina": [99.5, 99.25, 99, None, None],
}


def test_streams_of_the_shape_of_the_live_service_arrive_exactly_as_columns(answers: Answers) -> None:
    (record,) = records(answers.sync("columns", ALL)[0], "activity_streams")

    assert {name: value for name, value in record.items() if isinstance(value, list)} == SAMPLES


def test_streams_of_the_shape_of_the_live_service_arrive_exactly_as_rows(answers: Answers) -> None:
    rows = records(answers.sync("rows", ALL)[0], "activity_streams")

    assert [row["timestamp_local"][11:] for row in rows] == ["07:30:00", "07:30:01", "07:30:02", "07:35:07", "07:35:08"]
    found = [whole(row) for row in rows]
    assert {name: [row.get(name) for row in found] for name in SAMPLES} == SAMPLES


@pytest.mark.parametrize("status", [403, 404, 422])
def test_sport_whose_curves_are_refused_costs_no_other_sport(answers: Answers, status: int) -> None:
    answers.curves = {"power_curves/Ride": status, "power_curves/Run": {"list": [CURVE]}}
    messages, error, log = answers.sync("columns", ("activities", "power_curves"))

    assert error == ""
    assert f"power_curves of athlete {ATHLETE}, Ride: left out. Intervals.icu" in log
    assert [record["type"] for record in records(messages, "power_curves")] == ["Run"] * 3


def test_athlete_whom_the_state_knows_and_the_settings_do_not_is_named(answers: Answers) -> None:
    state = {"bookmarks": {"wellness": {"partitions": [{"context": {"athlete_id": "i77"}}]}}}
    _, error, log = answers.sync("columns", ("wellness",), state)

    assert error == ""
    assert "Synced before, but not named in the setting `athlete_ids` (INTERVALS_ATHLETE_ID): i77." in log
    assert "Synced before" not in answers.sync("columns", ("wellness",))[2]


@pytest.mark.parametrize(("before", "now"), [("numeric", "text"), ("text", "numeric")])
def test_type_of_a_column_stays_when_its_custom_field_becomes_another(answers: Answers, before: str, now: str) -> None:
    def define(type_: str, value: object) -> None:
        item = {"type": "INPUT_FIELD", "name": "How", "content": {"code": "How", "type": type_}}
        answers.profile = {"custom_items": [item]}
        answers.wellness = [{"id": "2026-11-20", "ctl": 50.5, "How": value}]

    define(before, 5 if before == "numeric" else "about five")
    first = answers.sync("rows", ("wellness",))[0]
    define(now, 7 if now == "numeric" else "about seven")
    state = [message["value"] for message in first if message["type"] == "STATE"][-1]
    for known in (state, None):  # also where the state was lost, and the table was not
        second = answers.sync("rows", ("wellness",), known)[0]
        types = [column_types(messages).get("How") for messages in (first, second)]
        assert types in (["number", "number"], ["number", None], [None, "number"])
        (record,) = records(second, "wellness")
        assert whole(record)["How"] == (7 if now == "numeric" else "about seven")


def column_types(messages: list[dict[str, Any]]) -> dict[str, str]:
    """The first type of each property of the first schema."""
    schema = next(message["schema"] for message in messages if message["type"] == "SCHEMA")
    types = {name: property_["type"] for name, property_ in schema["properties"].items()}
    return {name: type_ if isinstance(type_, str) else type_[0] for name, type_ in types.items()}


def test_no_two_columns_of_a_table_differ_by_case_alone(answers: Answers) -> None:
    codes = [
        ("INPUT_FIELD", "Stress"),
        ("INPUT_FIELD", "STEPS"),
        ("ACTIVITY_STREAM", "Temp"),
        ("ACTIVITY_FIELD", "Name"),
    ]
    items = [{"type": kind, "name": code, "content": {"code": code, "type": "numeric"}} for kind, code in codes]
    answers.profile |= {"custom_items": items}
    answers.wellness = [{"id": "2026-11-20", "stress": 2, "Stress": 12.5}]
    answers.streams = {
        "i900000001": [*STREAMS, {"type": "temp", "data": [20] * 5}, {"type": "Temp", "data": [36.5] * 5}]
    }
    messages, error, _ = answers.sync("rows", ALL)

    assert error == ""
    for message in messages:
        if message["type"] == "SCHEMA":
            names = [name.casefold() for name in message["schema"]["properties"]]
            assert len(names) == len(set(names)), message["stream"]
    (day,) = records(messages, "wellness")
    assert (day["stress"], json.loads(day["extra"])) == (2, {"Stress": 12.5})
    samples = [whole(row) for row in records(messages, "activity_streams")]
    assert {(row["temp"], row["Temp"]) for row in samples} == {(20, 36.5)}
