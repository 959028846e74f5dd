"""Any text and number that is written is read back as it was, on a real server."""

from __future__ import annotations

import itertools
import json
import math
import re
import sys
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from target_influxdb.singer import reader
from tests.target.loading import MOMENT, NUMBERS, TEXT, load, load_lines, record, schema

if TYPE_CHECKING:
    import pytest

    from tests.target.conftest import Place

#: What line protocol can't carry: half of a surrogate pair, and NUL in names and tags.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(' ,="\\\n\r\t#'), max_size=30) | st.text(
    st.sampled_from(' ,="\\\n'), min_size=1, max_size=8
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [sys.float_info.max, sys.float_info.min, 5e-324, -0.0, 1e22, 1e-7, 2.0**53 + 2]
)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
#: Shrinking takes minutes with a server; the first counterexample is small enough.
PHASES = [Phase.explicit, Phase.generate]
_COUNTER = itertools.count()


def as_tag(text: str) -> str:
    """A tag as it is stored: line breaks as two characters, no backslash before a separator or the end."""
    text = re.sub(r"""\\+([,= "]|\Z)""", r"\1", text)
    for real, written in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ("\0", "")):
        text = text.replace(real, written)
    return text


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    phases=PHASES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(TEXTS, TEXTS, FLOATS, INTEGERS, st.booleans()), min_size=1, max_size=20), TEXTS)
def test_texts_and_numbers_come_back_as_they_were(
    place: Place, rows: list[tuple[str, str, float, int, bool]], name: str
) -> None:
    stream = f"m{next(_COUNTER)}"
    key = f"k{name}"
    shape = schema(stream, {}, []) | {"schema": {"type": "object", "properties": {"at": {"type": "integer"}}}}
    shape["schema"]["additionalProperties"] = True
    mapping = {"name": f"{stream} {name}", "time": "at", "tags": [key], "integers": ["i"]}
    start = 1_700_000_000
    records = [
        record(stream, **{"at": start + n, key: tag, "s": text, "f": number, "i": whole, "b": flag})
        for n, (tag, text, number, whole, flag) in enumerate(rows)
    ]
    load({**place.config, "measurements": {stream: mapping}}, shape, *records)
    expected = set()
    for n, (tag, text, number, whole, flag) in enumerate(rows):
        tags = frozenset({(as_tag(key), as_tag(tag))} if as_tag(tag) else ())
        fields: dict[str, Any] = {"s": text, "f": number, "i": whole, "b": flag}
        expected.add(((start + n) * 10**9, tags, frozenset(fields.items())))
    found = place.points(as_tag(f"{stream} {name}"))
    # The answer's JSON has whole floats without a point: 1e16 comes as 10000000000000000.
    floats = {
        (at, tags, frozenset({**dict(fields), "f": float(dict(fields)["f"])}.items())) for at, tags, fields in found
    }
    assert floats == expected


def test_very_long_text_comes_back(v1: Place) -> None:
    text = 'añ"\\\n,= ' * 100_000
    shape = schema("long", {"at": {"type": "integer"}, "s": {"type": "string"}}, [])
    config = {**v1.config, "measurements": {"long": {"time": "at"}}}
    load(config, shape, record("long", at=1_700_000_000, s=text), record("long", at=1_700_000_001, s="short"))
    assert {dict(fields)["s"] for _, _, fields in v1.points("long")} == {text, "short"}


def test_numbers_without_value_are_left_out(v1: Place) -> None:
    shape = schema("gaps", {"at": {"type": "integer"}, "x": {"type": "number"}, "y": {"type": "number"}}, [])
    odd = [math.nan, math.inf, -math.inf, None]
    records = [record("gaps", at=1_700_000_000 + n, x=value, y=n) for n, value in enumerate(odd)]
    load({**v1.config, "measurements": {"gaps": {"time": "at"}}}, shape, *records)
    assert [sorted(dict(fields)) for _, _, fields in v1.points("gaps")] == [["y"]] * 4


SPELLINGS = [
    "0",
    "-0",
    "-0.0",
    "1",
    "41.0",
    "3.70",
    "0.1",
    "1.0E-4",
    "2e-9",
    "5e9",
    "1E5",
    "123456789012345678901234567890",
    "41.983104123456789",
    "null",
]


def test_samples_that_stay_text_are_stored_as_those_that_become_numbers(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = schema("rides", {"id": TEXT, "start": MOMENT, "t": NUMBERS, "x": NUMBERS, "y": NUMBERS}, ["id"])
    config = {**place.config, "measurements": {"rides": {"time": "start", "time_offset": "t", "tags": ["id"]}}}
    arrays = {"t": map(str, range(len(SPELLINGS))), "x": SPELLINGS, "y": reversed(SPELLINGS)}
    text = ",".join(f'"{name}":[{",".join(values)}]' for name, values in arrays.items())
    read = []
    for shortest, id_ in ((0, "text"), (10**9, "numbers")):
        monkeypatch.setattr(reader, "LONG", shortest)
        message = (
            f'{{"type":"RECORD","stream":"rides","record":{{"id":"{id_}","start":"2026-05-04T07:30:00Z",{text}}}}}'
        )
        load_lines(config, json.dumps(shape), message)
        read.append({(time, fields) for time, tags, fields in place.points("rides") if ("id", id_) in tags})
    assert read[0] == read[1]
    assert len(read[0]) == len(SPELLINGS)
    assert {dict(fields).get("x") for _, fields in read[0]} == {
        one and float(one) for one in map(json.loads, SPELLINGS)
    }
