"""Samples as columns: placed by their time, told where they are left out, numbers as they came."""

from __future__ import annotations

import json
import logging
from typing import Any

import msgspec
import pytest

from tap_intervals_icu.records.numbers import Numbers
from tap_intervals_icu.records.samples import Channel, to_columns
from tap_intervals_icu.singer.output import as_they_came

NONE: dict[str, list[Any]] = {}


def channels(**arrays: Any) -> list[Channel]:
    """Channels as the API answers them; `latlng` takes both lists."""
    answer = [
        {"type": name, "data": data[0], "data2": data[1]} if name == "latlng" else {"type": name, "data": data}
        for name, data in arrays.items()
    ]
    return msgspec.json.decode(json.dumps(answer), type=list[Channel])


PLACED: dict[str, tuple[dict[str, Any], dict[str, list[Any]]]] = {
    "time jumps at a pause": (
        {"watts": [200, 0, 210], "time": [0, 1, 37]},
        {"time": [0, 1, 37], "watts": [200, 0, 210]},
    ),
    "of equal seconds the last value that is not null wins": (
        {"time": [0, 1, 1, 2], "watts": [1, 2, None, 4], "heartrate": [90, 91, 92, None]},
        {"time": [0, 1, 2], "watts": [1, 2, 4], "heartrate": [90, 92, None]},
    ),
    "unsorted time is put in order": (
        {"time": [2, 0, 1], "watts": [3, 1, 2]},
        {"time": [0, 1, 2], "watts": [1, 2, 3]},
    ),
    "samples without a time are left out": (
        {"time": [0, None, "NaN", 3], "watts": [1, 2, 3, 4]},
        {"time": [0, 3], "watts": [1, 4]},
    ),
    "time need not start at zero, nor be whole": ({"time": [-1, 0.5]}, {"time": [-1, 0.5]}),
    "a short channel ends with null, a long one with the time": (
        {"time": [0, 1, 2], "watts": [1, 2], "heartrate": [90, 91, 92, 93]},
        {"time": [0, 1, 2], "watts": [1, 2, None], "heartrate": [90, 91, 92]},
    ),
    "latlng becomes two channels": (
        {"time": [0, 1], "latlng": [[50.5, None], [10.5, None]]},
        {"time": [0, 1], "latitude": [50.5, None], "longitude": [10.5, None]},
    ),
    "latitudes without longitudes": ({"time": [0], "latlng": [[0.0], None]}, {"time": [0], "latitude": [0.0]}),
    "several values a second become one text": (
        {"time": [0, 1, 2, 3], "hrv": [[810], [795, 802], None, []]},
        {"time": [0, 1, 2, 3], "hrv": ["810", "795:802", None, ""]},
    ),
    "texts for no number become null": (
        {"time": [0, 1, 2], "Fuel": ["NaN", "Infinity", "high"]},
        {"time": [0, 1, 2], "Fuel": [None, None, "high"]},
    ),
    "own properties are not overwritten": (
        {"time": [0], "latlng": [[1.5], [2.5]], "type": [7], "extra": [8], "latitude": [9], "_sdc_deleted_at": [10]},
        {
            "time": [0],
            "latitude": [1.5],
            "longitude": [2.5],
            "stream_type": [7],
            "stream_extra": [8],
            "stream_latitude": [9],
            "stream__sdc_deleted_at": [10],
        },
    ),
    "empty and null channels are left out": (
        {"time": [0, 1], "watts": [], "heartrate": None},
        {"time": [0, 1]},
    ),
    "a channel that is no list is left out": ({"time": [0], "watts": {"0": 1}, "cadence": "x"}, {"time": [0]}),
    "no time": ({"watts": [1, 2]}, NONE),
    "no samples": ({"time": [], "watts": []}, NONE),
    "no channels": ({}, NONE),
}
SILENT = {
    "time jumps at a pause",
    "unsorted time is put in order",
    "time need not start at zero, nor be whole",
    "latlng becomes two channels",
    "latitudes without longitudes",
    "several values a second become one text",
    "texts for no number become null",
    "own properties are not overwritten",
    "empty and null channels are left out",
    "no samples",
    "no channels",
}


@pytest.mark.parametrize(("answer", "expected"), PLACED.values(), ids=PLACED)
def test_samples_are_placed_by_their_time(
    answer: dict[str, Any],
    expected: dict[str, list[Any]],
    caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest,
) -> None:
    with caplog.at_level(logging.WARNING):
        assert to_columns(channels(**answer), "i1") == expected

    warned = {record.levelname for record in caplog.records if "i1" in record.getMessage()}
    assert warned == (set() if request.node.callspec.id in SILENT else {"WARNING"})


TOLD = {
    "clock set back": (
        {"time": [0, 1, 2, 1, 2, 3], "watts": [10, 11, 12, 21, 22, 23]},
        {"time": [0, 1, 2, 3], "watts": [10, 21, 22, 23]},
        "2 samples have the same second as an earlier one",
    ),
    "longer than the longest": (
        {"time": [0, 1, 10_000_000], "watts": [1, 2, 3]},
        {"time": [0, 1], "watts": [1, 2]},
        "1 samples with a time more than 100 days from the start",
    ),
    "without a time": (
        {"time": [0, None, "2"], "watts": [1, 2, 3]},
        {"time": [0], "watts": [1]},
        "2 samples with no time",
    ),
}


@pytest.mark.parametrize(("answer", "expected", "why"), TOLD.values(), ids=TOLD)
def test_samples_that_are_left_out_are_counted_with_the_reason(
    answer: dict[str, Any], expected: dict[str, list[Any]], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert to_columns(channels(**answer), "i1") == expected
    assert [
        record.getMessage().startswith(("Activity i1 has " + why, "Activity i1: " + why)) for record in caplog.records
    ] == [True]


def test_of_two_channels_of_one_name_the_last_one_is_kept_and_that_is_told(caplog: pytest.LogCaptureFixture) -> None:
    answer = [*channels(time=[0, 1], watts=[1, 2]), *channels(watts=[3, 4])]

    assert to_columns(answer, "i1") == {"time": [0, 1], "watts": [3, 4]}
    assert [record.getMessage() for record in caplog.records] == [
        "Activity i1 has two streams named watts: the last one is kept."
    ]


SPELT = {
    "[1,2.5,null,-3]": True,
    "[0.1,1e3,2.50,-0.0,123456789012345678901234567890]": True,
    "[ 1 ,\t2]": True,
    "[]": False,
    "null": False,
    "[1,\n2]": False,  # a line is a message
    "[1,\r2]": False,
    '[1,"NaN"]': False,
    "[true,1]": True,
    "[[1],2]": False,
    '[{"a":1},2]': False,
}
"""JSON of a channel, and whether it is passed on as it came."""


@pytest.mark.parametrize(("text", "is_passed_on"), SPELT.items())
def test_numbers_are_written_as_they_came_and_all_else_anew(text: str, *, is_passed_on: bool) -> None:
    count = len(json.loads(text) or [])
    answer = f'[{{"type":"time","data":{list(range(count))}}},{{"type":"watts","data":{text}}}]'
    columns = to_columns(msgspec.json.decode(answer, type=list[Channel]), "a1")
    plain = {name: list(values) for name, values in columns.items()}

    written = msgspec.json.encode(as_they_came({"id": "a1", **columns}))

    assert isinstance(columns.get("watts"), Numbers) == is_passed_on
    assert text.encode() in written or not is_passed_on
    assert b"\n" not in written
    assert msgspec.json.decode(written) == {"id": "a1", **plain}


def test_numbers_of_samples_that_had_to_be_placed_are_written_anew() -> None:
    columns = to_columns(channels(time=[2, 0, 1], watts=[3, 1, 2]), "a1")
    assert msgspec.json.encode(as_they_came(columns)) == b'{"time":[0,1,2],"watts":[1,2,3]}'
    columns = to_columns(channels(time=[0], watts=[3, 4]), "a1")
    assert msgspec.json.encode(as_they_came(columns)) == b'{"time":[0],"watts":[3]}'
