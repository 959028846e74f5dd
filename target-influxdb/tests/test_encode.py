from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_influxdb.lineprotocol.encode import Chunk, encode
from target_influxdb.lineprotocol.escape import Dialect, storable
from target_influxdb.lineprotocol.literals import literal, natural_kind
from target_influxdb.lineprotocol.parse import split_lines
from target_influxdb.lineprotocol.refused import Refused
from target_influxdb.lineprotocol.types import FieldTypes, Kind, declared_kind

SECOND = 10**9


def chunk(columns: dict[str, list[Any]], types: FieldTypes | None = None, **options: Any) -> Chunk:
    length = len(next(iter(columns.values())))
    times = [number * SECOND for number in range(length)]
    return encode(b"m,t=a", columns, times, types or FieldTypes(), **options)


def test_columns_become_one_line_per_point() -> None:
    made = chunk({"x": [1, 2.5, -0.0], "ok": [True, False, True], "s": ["a", 'q"\\', ""]})
    assert made.body.decode() == (
        'm,t=a x=1,ok=true,s="a" 0\nm,t=a x=2.5,ok=false,s="q\\"\\\\" 1\nm,t=a x=-0.0,ok=true,s="" 2\n'
    )
    assert (made.lines, made.precision) == (3, "s")


def test_nulls_nan_and_infinity_are_left_out_and_points_without_value_counted() -> None:
    made = chunk({"x": [1, None, None, math.inf], "y": [None, 2, math.nan, None]})
    assert made.body == b"m,t=a x=1 0\nm,t=a y=2 1\n"
    assert (made.lines, made.empty) == (2, 2)


def test_gaps_in_some_columns_leave_the_others_whole() -> None:
    made = chunk({"x": [1, 2], "y": [None, 3], "z": [None, None]})
    assert made.body == b"m,t=a x=1 0\nm,t=a y=3,x=2 1\n"


def test_each_row_may_have_its_own_series() -> None:
    made = encode([b"m,t=a", b"m,t=b"], {"x": [1, 2]}, [5, 6], FieldTypes())
    assert made.body == b"m,t=a x=1 5\nm,t=b x=2 6\n"
    assert made.precision == "ns"


def test_a_wanted_precision_cuts_times() -> None:
    made = encode(b"m", {"x": [1, 2]}, [1_999_999_999, -1], FieldTypes(), precision="s")
    assert made.body == b"m x=1 1\nm x=2 -1\n"


def test_times_may_come_in_any_unit() -> None:
    seconds = encode(b"m", {"x": [1, 2]}, [-1, 5], FieldTypes(), unit="s")
    assert (seconds.body, seconds.precision) == (b"m x=1 -1\nm x=2 5\n", "s")
    micro = encode(b"m", {"x": [1, 2]}, [2_000, 3_000], FieldTypes(), unit="us")
    assert (micro.body, micro.precision) == (b"m x=1 2\nm x=2 3\n", "ms")
    nano = encode(b"m", {"x": [1]}, [7], FieldTypes(), unit="s", precision="ns")
    assert nano.body == b"m x=1 7000000000\n"


def test_a_time_beyond_all_limits_is_left_to_the_server() -> None:
    made = encode(b"m", {"x": [1, 2]}, [2**63, 1], FieldTypes(), unit="s", precision="ns")
    assert made.body == b"m x=1 9223372036854775808000000000\nm x=2 1000000000\n"


def test_percent_signs_in_names_and_values_stay() -> None:
    made = encode(b"m,t=5%", {"%d": ["%s"], "a%%b": [1]}, [0], FieldTypes())
    assert made.body == b'm,t=5% %d="%s",a%%b=1 0\n'


def test_the_type_of_a_field_is_kept_for_the_run() -> None:
    types = FieldTypes()
    chunk({"x": [1]}, types)
    assert chunk({"x": [True, "2.5"]}, types).body == b"m,t=a x=1 0\nm,t=a x=2.5 1\n"
    made = chunk({"x": ["N/A", 3]}, types)
    assert made.body == b"m,t=a x=3 1\n"
    assert made.misfits == [Refused(b'm,t=a x="N/A" 0', "field 'x' is of type float, 'N/A' does not fit")]


def test_integers_are_written_only_where_asked_for() -> None:
    types = FieldTypes(listed={"n": Kind.INTEGER})
    made = chunk({"n": [1, 2.0, 2.5, 2**63, None], "x": [1, 2, 3, 4, 5]}, types)
    assert made.body == b"m,t=a n=1i,x=1 0\nm,t=a n=2i,x=2 1\nm,t=a x=3 2\nm,t=a x=4 3\nm,t=a x=5 4\n"
    assert made.misfits == [
        Refused(b"m,t=a n=2.5 2", "field 'n' is of type integer, 2.5 does not fit", whole=False),
        Refused(b"m,t=a n=9223372036854775808 3", f"field 'n' is of type integer, {2**63} does not fit", whole=False),
    ]
    assert made.lines == 5


def test_texts_are_written_as_floats_where_asked_for_and_empty_ones_left_out() -> None:
    types = FieldTypes({"x": Kind.STRING, "y": Kind.STRING}, {"x": Kind.FLOAT})
    made = chunk({"x": ["12.50", "", "n/a"], "y": ["1", "", "n/a"]}, types)
    assert made.body == b'm,t=a x=12.5,y="1" 0\nm,t=a y="" 1\nm,t=a y="n/a" 2\n'
    reason = "field 'x' is of type float, 'n/a' does not fit"
    assert made.misfits == [Refused(b'm,t=a x="n/a" 2', reason, whole=False)]


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": ["null", "string"], "format": "singer.decimal"}, Kind.FLOAT),
        ({"anyOf": [{"type": "string", "format": "singer.decimal"}, {"type": "null"}]}, Kind.FLOAT),
        ({"type": "array", "items": {"type": "string", "format": "singer.decimal"}}, Kind.FLOAT),
        ({"type": ["string", "number"], "format": "singer.decimal"}, Kind.FLOAT),
        ({"type": "string", "format": "date-time"}, Kind.STRING),
    ],
)
def test_texts_that_the_schema_calls_decimal_are_numbers(schema: dict[str, Any], kind: Kind) -> None:
    assert declared_kind(schema) is kind


def test_integer_beyond_the_range_of_floats_costs_itself_alone() -> None:
    assert chunk({"x": [10**400, 1, -(10**400)], "y": [1, 2, 3]}).body == b"m,t=a y=1 0\nm,t=a x=1,y=2 1\nm,t=a y=3 2\n"


def test_what_does_not_fit_leaves_its_line_and_costs_no_other_field() -> None:
    types = FieldTypes({"x": Kind.FLOAT, "ok": Kind.BOOLEAN})
    columns: dict[str, list[Any]] = {
        "x": ["soon", "late", 1, "?", None],
        "ok": ["?", True, 7, None, None],
        "s": [None, "a", None, None, None],
    }
    made = encode([b"m,t=%d" % row for row in range(5)], columns, list(range(5)), types, unit="s")
    assert made.body == b'm,t=1 ok=true,s="a" 1\nm,t=2 x=1 2\n'
    x, ok = ("field 'x' is of type float, {!r} does not fit", "field 'ok' is of type boolean, {!r} does not fit")
    assert made.misfits == [
        Refused(b'm,t=0 x="soon",ok="?" 0', f"{x.format('soon')}; {ok.format('?')}"),
        Refused(b'm,t=1 x="late" 1', x.format("late"), whole=False),
        Refused(b"m,t=2 ok=7 2", ok.format(7), whole=False),
        Refused(b'm,t=3 x="?" 3', x.format("?")),
    ]
    assert (made.lines, made.empty) == (2, 1)


CELLS = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.sampled_from(["1", "2.5", "a, b=c"]))


@given(st.lists(st.tuples(*[CELLS] * len(Kind)), min_size=1, max_size=6))
def test_each_value_is_either_stored_or_set_aside(rows: list[tuple[Any, ...]]) -> None:
    made = chunk(
        {kind.value: [row[place] for row in rows] for place, kind in enumerate(Kind)},
        FieldTypes({kind.value: kind for kind in Kind}),
    )
    stored: list[set[bytes]] = []
    odd: list[set[bytes]] = []
    for row in rows:
        stored.append(set())
        odd.append(set())
        for kind, value in zip(Kind, row, strict=True):
            cell = literal(value, kind)
            written = literal(value, natural_kind(value)) if cell is None else cell
            if written:
                (odd if cell is None else stored)[-1].add(b"%s=%s" % (kind.value.encode(), written))
    assert cut(split_lines(made.body)) == {row: fields for row, fields in enumerate(stored) if fields}
    assert cut([one.line for one in made.misfits]) == {row: fields for row, fields in enumerate(odd) if fields}
    assert [one.whole for one in made.misfits] == [not stored[row] for row, fields in enumerate(odd) if fields]
    bare = [row for row, _ in enumerate(rows) if not stored[row] and not odd[row]]
    assert (made.lines, made.empty) == (sum(map(bool, stored)), len(bare))


def cut(lines: list[bytes]) -> dict[int, set[bytes]]:
    """The fields of lines by their time."""
    return {
        int(line.rpartition(b" ")[2]): set(re.findall(rb'\w+=(?:"[^"]*"|[^,]+)', line[6:].rpartition(b" ")[0]))
        for line in lines
    }


def test_integers_of_several_streams_into_one_measurement_are_joined_and_what_is_learnt_stays() -> None:
    types = FieldTypes({"n": Kind.FLOAT, "m": Kind.FLOAT, "x": Kind.FLOAT}, {"m": Kind.INTEGER})
    types.learn("x", Kind.FLOAT)
    types.declare({"m": Kind.FLOAT, "n": Kind.FLOAT, "y": Kind.STRING}, dict.fromkeys("nx", Kind.INTEGER))
    assert chunk({"m": [1], "n": [1], "x": [1], "y": [1]}, types).body == b'm,t=a m=1i,n=1i,x=1,y="1" 0\n'


def test_what_does_not_fit_a_learnt_type_is_left_to_the_server_in_its_own() -> None:
    """Another shard may have it in another type."""
    types = FieldTypes({"x": Kind.FLOAT})
    types.learn("x", Kind.INTEGER)
    made = chunk({"x": [1, 2.5, "N/A", 4]}, types)
    assert made.body == b"m,t=a x=1i 0\nm,t=a x=2.5 1\nm,t=a x=4i 3\n"
    assert made.misfits == [Refused(b'm,t=a x="N/A" 2', "field 'x' is of type integer, 'N/A' does not fit")]


def test_texts_are_left_out_for_servers_without_them() -> None:
    made = chunk({"x": [1, 2], "s": ["a", "b"]}, dialect=Dialect(strings=False))
    assert (made.body, made.lines) == (b"m,t=a x=1 0\nm,t=a x=2 1\n", 2)


@pytest.mark.parametrize(
    ("value", "kind", "written"),
    [
        (Decimal("1.10"), Kind.FLOAT, b"1.1"),
        (10**30, Kind.FLOAT, b"1000000000000000000000000000000"),
        (1e22, Kind.FLOAT, b"1e+22"),
        ("inf", Kind.FLOAT, None),
        (Decimal("NaN"), Kind.FLOAT, b""),
        (1, Kind.BOOLEAN, b"true"),
        (2, Kind.BOOLEAN, None),
        ("False", Kind.BOOLEAN, b"false"),
        (5, Kind.UNSIGNED, b"5u"),
        (-5, Kind.UNSIGNED, None),
        ("7", Kind.INTEGER, b"7i"),
        ("9007199254740993", Kind.INTEGER, b"9007199254740993i"),
        (" 12.0 ", Kind.INTEGER, b"12i"),
        ("1_000", Kind.INTEGER, None),
        ("1_000.5", Kind.FLOAT, None),
        ("\u0661\u0662", Kind.FLOAT, None),
        ("9" * 5000, Kind.FLOAT, None),
        (10**400, Kind.FLOAT, b""),
        ("9" * 400, Kind.FLOAT, None),
        (Decimal("1e400"), Kind.FLOAT, b""),
        (10**400, Kind.INTEGER, None),
        (" ", Kind.FLOAT, b""),
        ("NaN", Kind.INTEGER, b""),
        ("", Kind.STRING, b'""'),
        (1.5, Kind.STRING, b'"1.5"'),
        (True, Kind.STRING, b'"true"'),
        ([1], Kind.FLOAT, None),
    ],
)
def test_values_are_written_in_a_type_if_they_fit(value: Any, kind: Kind, written: bytes | None) -> None:
    assert literal(value, kind) == written


def test_separators_are_escaped_and_tags_sorted() -> None:
    assert Dialect().head("m", {"z": "a b", "a": "x=1,2", "empty": ""}) == rb"m,a=x\=1\,2,z=a\ b"
    assert storable("a\\ b\\\\,c\nd\\e\\") == "a b,c\\nd\\e"
    assert Dialect().escape("é\0") == "é".encode()


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=8), st.text(max_size=12), st.floats(allow_nan=False)), max_size=8)
)
def test_bodies_can_be_cut_into_their_lines_again(rows: list[tuple[str, str, float]]) -> None:
    heads = [Dialect().head("m", {"t": tag}) for tag, _, _ in rows]
    columns: dict[str, list[Any]] = {'f "=,': [text for _, text, _ in rows], "x": [number for _, _, number in rows]}
    made = encode(heads, columns, list(range(len(rows))), FieldTypes())
    lines = split_lines(made.body)
    assert b"".join(line + b"\n" for line in lines) == made.body
    assert [int(re.findall(rb"\d+$", line)[0]) for line in lines] == list(range(len(rows)))
