"""Arrays of numbers that stay text: they are what the lists would be, and what is no such array stays a list."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_influxdb.lineprotocol.encode import encode
from target_influxdb.lineprotocol.numbers import LONGEST, Numbers
from target_influxdb.lineprotocol.types import FieldTypes, Kind
from target_influxdb.singer.reader import LONG, BytesReader

HEAD = b"rides,id=a"
VALUES = st.lists(st.none() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False))
TAKEN = [
    b"[1]",
    b"[null]",
    b"[-0.5,3.70,12345678901234567890]",
    b"[1.0E-4,2e9,null]",
    b"[" + b"1" * LONGEST + b",2]",
    b"[1,2," + b"1" * LONGEST + b"]",
]
LEFT = [
    b"[]",
    b"[1, 2]",
    b'["1"]',
    b"[true]",
    b"[[1]]",
    b"[{}]",
    b"[1e10]",
    b"[1E-10]",
    b"[1e+2]",
    b"[" + b"1" * (LONGEST + 1) + b",2]",
    b"[1,2," + b"1" * (LONGEST + 1) + b"]",
    b"[1,2," + b"1" * (LONGEST + 1) + b",4]",
]


@pytest.mark.parametrize("array", TAKEN)
def test_array_of_numbers_and_nulls_stays_text(array: bytes) -> None:
    numbers = Numbers.of(array)
    assert numbers is not None
    assert list(numbers) == json.loads(array)


@pytest.mark.parametrize("array", LEFT)
def test_array_with_another_value_or_one_that_no_float_may_hold_does_not(array: bytes) -> None:
    assert Numbers.of(array) is None


@given(VALUES, st.integers(0, 30), st.integers(0, 30), st.integers(1, 7))
def test_numbers_are_used_like_the_list(values: list[Any], start: int, stop: int, size: int) -> None:
    numbers = Numbers.of(json.dumps(values, separators=(",", ":")).encode())
    if numbers is None:
        return
    assert len(numbers) == len(values)
    assert list(numbers) == values
    assert repr(numbers) == repr(values)
    assert [list(part) for part in numbers.parts(size)] == [
        values[at : at + size] for at in range(0, len(values), size)
    ]
    assert numbers[0] == values[0]
    assert list(numbers[:]) == values
    if values[start:stop]:
        part = numbers[start:stop]
        assert (len(part), list(part)) == (len(values[start:stop]), values[start:stop])
        assert [list(one) for one in part.parts(size)] == [
            values[start:stop][at : at + size] for at in range(0, len(values[start:stop]), size)
        ]


@pytest.mark.parametrize("kind", [Kind.FLOAT, Kind.INTEGER, Kind.STRING])
def test_lines_are_the_same_as_those_of_lists(kind: Kind) -> None:
    columns: dict[str, list[Any]] = {
        "full": [number / 8 for number in range(1_200)],
        "gappy": [None if 400 < number < 600 else number for number in range(1_200)],
        "rare": [number if number % 400 == 7 else None for number in range(1_200)],
        "none": [None] * 1_200,
    }
    texts = {name: Numbers.of(json.dumps(values, separators=(",", ":")).encode()) for name, values in columns.items()}
    kept = {name: numbers for name, numbers in texts.items() if numbers is not None}
    assert kept.keys() == columns.keys()
    lists, numbers = (
        encode(HEAD, one, list(range(1_200)), FieldTypes(dict.fromkeys(columns, kind)), unit="s")
        for one in (columns, kept)
    )
    assert lists == numbers


@pytest.mark.parametrize("array", [*TAKEN, *LEFT, b"[1e400]", b"[NaN]", b"[" + b"9" * 5_000 + b"]", b'["1,2",null]'])
def test_long_message_is_read_as_a_short_one(array: bytes) -> None:
    message = b'{"type":"RECORD","stream":"rides","version":7,"record":{"id":"\\u00f1","t":%b,"x":{"y":[1,null]}}}'
    readers = BytesReader(), BytesReader()
    readers[0].keeps_text = True
    line = message % array + b" " * LONG
    kept, plain = (reader.deserialize_json(line) for reader in readers)
    taken, wanted = kept["record"].pop("t"), plain["record"].pop("t")
    assert isinstance(taken, Numbers) == (array in TAKEN)
    assert repr(list(taken)) == repr(wanted)  # NaN equals nothing
    assert kept == plain
