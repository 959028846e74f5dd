from __future__ import annotations

import math
from typing import Any

import pytest

from target_influxdb.config.measurements import StreamMapping
from target_influxdb.errors import BadRecordError, TargetError
from target_influxdb.lineprotocol.types import FieldTypes, Kind
from target_influxdb.points.mapper import Mapped, Mapper, Unusable
from target_influxdb.points.names import Names
from target_influxdb.points.plan import Plan, make_plan
from target_influxdb.points.series import Series
from target_influxdb.points.tags_and_times import size, tags_of

MOMENT = {"type": ["string", "null"], "format": "date-time"}
DATE = {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}
PROPERTIES = {
    "id": {"type": "string"},
    "group": {"type": ["string", "null"]},
    "created": MOMENT,
    "day": DATE,
    "time": {"type": ["array", "null"], "items": {"type": "integer"}},
    "x": {"type": ["number", "null"]},
    "nested": {"type": "object"},
    "nested_id": {"type": "string"},
}


def plan(keys: tuple[str, ...] = ("id",), bookmarks: tuple[str, ...] = (), **mapping: Any) -> Plan:
    schema = {"type": "object", "properties": PROPERTIES}
    return make_plan("s", schema, keys, bookmarks, StreamMapping(**mapping))


@pytest.mark.parametrize(
    ("keys", "bookmarks", "time", "tags"),
    [
        (("id",), ("created",), "created", ("id",)),
        (("id", "day"), (), "day", ("id",)),
        (("id", "day"), ("created",), "day", ("id",)),
        (("id", "day", "created"), ("created",), "created", ("id", "day")),
        (("id", "day"), ("x",), "day", ("id",)),
        (("id",), ("x",), None, ("id",)),
        ((), (), None, ()),
    ],
)
def test_without_a_mapping_keys_are_tags_and_the_replication_key_is_the_time(
    keys: tuple[str, ...], bookmarks: tuple[str, ...], time: str | None, tags: tuple[str, ...]
) -> None:
    made = plan(keys, bookmarks)
    assert (made.measurement, made.time, made.tags) == ("s", time, tags)


def test_properties_of_any_schema_are_taken_as_open() -> None:
    properties = {"id": True, "at": {"anyOf": [True, {"type": "string", "format": "date-time"}]}, "x": {}, "y": False}
    properties["z"] = {"type": "array", "items": True}
    odd: list[Any] = [
        None,
        "string",
        {"anyOf": None},
        {"oneOf": {"type": "string"}},
        {"type": {}},
        {"type": 5},
        {"type": [{}]},
    ]
    odd.append({"format": ["date"]})
    properties |= {f"odd{place}": one for place, one in enumerate(odd)}
    mapping = StreamMapping(time="at", exclude=("x",))
    made = make_plan("s", {"properties": properties}, ["id", *properties], ["at"], mapping)
    assert made.time == "at"
    made = make_plan("s", {"properties": properties}, ["id", "at"], ["at"], mapping)
    assert (made.tags, made.time, made.kinds) == (("id",), "at", {"at": Kind.STRING})


def test_replaced_properties_become_tags() -> None:
    assert plan(("id",), time="created", replace=("id", "group")).tags == ("id", "group")


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ({"time": "when"}, "time: the stream has no property 'when' (it has created, day, group,"),
        ({"time": "nested"}, "time: property 'nested' is not a date, time or number."),
        ({"tags": ("id", "kind")}, "tags: the stream has no property 'kind'"),
        ({"exclude": ("y",)}, "exclude: the stream has no property 'y'"),
        ({"fields": ("x", "nest")}, "fields: the stream has no property 'nest'"),
        ({"name": "#s"}, "a measurement can't start with '#'"),
        ({"replace_time": True}, "replace: the stream has no time; name it with `time`, or replace by tags."),
        (
            {"time": "created", "tags": ("group",), "replace_time": True},
            "replace: key 'id' is neither a tag nor the time, so that records with other keys would go.",
        ),
        ({"fields": ("x", "id")}, "fields: 'id' is a tag; choose one."),
    ],
)
def test_what_the_stream_has_not_is_named(mapping: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TargetError) as caught:
        plan(**mapping)
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("measurements.s: ")


def test_time_that_was_not_named_is_no_field() -> None:
    with pytest.raises(TargetError, match="fields: 'day' is the time; choose one"):
        plan(("id", "day"), fields=("x", "day"))


def test_names_of_flattened_fields_and_wildcards_are_accepted() -> None:
    made = plan(fields=("x", "nested_a", "z*"), exclude=("nested_a_b",))
    wanted = [name for name in ("x", "nested_a", "nested_a_b", "zone", "q") if made.names.wants(name, name)]
    assert wanted == ["x", "nested_a", "zone"]


def mapped(made: Plan, *records: dict[str, Any]) -> Mapped:
    """What records become together, where all of them can."""
    (one,) = Mapper(made, Series(made, 100, set())).mapped(records, 0)
    if isinstance(one, Unusable):
        raise one.error
    assert isinstance(one, Mapped)
    return one


def columns_of(made: Plan, *records: dict[str, Any]) -> dict[str, list[Any]]:
    points = mapped(made, *records).points.in_order()
    return {name: list(values) for name, values in points.columns.items()}


def test_a_name_that_was_not_learnt_is_not_known_and_looking_it_up_changes_nothing() -> None:
    names = plan(time="created").names
    before = dict(names)
    with pytest.raises(KeyError):
        names["q", "q"]
    assert dict(names) == before
    names.learn("q", ("q",))
    assert names["q", "q"] == "q"


def test_rows_of_different_properties_become_whole_columns() -> None:
    made = plan(time="created")
    rows: list[dict[str, Any]] = [
        {"id": "a", "created": "2026-01-02T00:00:00Z", "x": 1, "nested": {"a": 1}},
        {"id": "b", "created": "2026-01-01T00:00:00Z", "y": "new", "nested": None},
    ]
    assert columns_of(made, *rows) == {"y": ["new", None], "x": [None, 1], "nested_a": [None, 1]}


def test_rows_are_ordered_by_time_and_equal_times_keep_their_order() -> None:
    made = plan(time="created")
    days = ["2026-01-02", "2026-01-01", "2026-01-02"]
    rows = [{"id": str(n), "created": day, "x": n} for n, day in enumerate(days)]
    assert columns_of(made, *rows) == {"x": [1, 0, 2]}


def test_names_that_are_taken_are_lengthened() -> None:
    made = plan(("id",), time="created", tags=("id", "nested_id"))
    row = {"id": "a", "created": 1, "nested": {"id": 5, "b": 1}, "nested_b": 2, "time": 3}
    assert columns_of(made, row) == {"nested_id_": [5], "nested_b": [1], "nested_b_": [2], "time_": [3]}


def test_fields_keep_their_names_from_batch_to_batch() -> None:
    made = plan(("id",), time="created")
    nested, flat = {"id": "a", "created": 1, "nested": {"id": 5, "b": 1}}, {"nested_id": "s", "nested_b": 2, "time": 3}
    assert columns_of(made, nested) == {"nested_id_": [5], "nested_b": [1]}
    assert columns_of(made, {**nested, **flat}) == {
        "nested_id_": [5],
        "nested_b": [1],
        "nested_id": ["s"],
        "nested_b_": [2],
        "time_": [3],
    }


def test_fields_keep_their_names_when_the_schema_changes_and_in_columnar_records() -> None:
    names = Names("s", StreamMapping())
    properties: dict[str, Any] = {"id": {}, "at": {}, "t": {}, "time": {}}
    mapping = StreamMapping(time="at", time_offset="t")
    record = {"id": "a", "at": 1, "t": [0], "time": [5], "time_": [6]}
    for schema in (properties, {**properties, "time_": {}}):
        made = make_plan("s", {"properties": schema}, ["id"], [], mapping, names)
        assert mapped(made, record).points.columns == {"time_": [5], "time__": [6]}


def test_tag_keeps_its_name_before_a_field() -> None:
    made = plan(("time",), time="created", fields=("x", "time_"))
    record = {"time": "a", "created": 1, "time_": 5, "x": 1}
    assert (columns_of(made, record), tags_of(made, made.tags, record)) == ({"time__": [5], "x": [1]}, {"time_": "a"})


def test_every_tag_and_field_has_a_name_of_its_own() -> None:
    keys = ["time", "time_", "", "\\", "_field", "unnamed", "a\\ b", "a b"]
    fields = ["\0", "unnamed__", "time__", "at\\"]
    properties: dict[str, Any] = {name: {} for name in [*keys, *fields, "at"]}
    made = make_plan("s", {"properties": properties}, keys, [], StreamMapping(time="at"))
    assert made.tag_names == {
        "time_": "time_",
        "unnamed": "unnamed",
        "a b": "a b",
        "time": "time__",
        "": "unnamed_",
        "\\": "unnamed__",
        "_field": "_field_",
        "a\\ b": "a b_",
    }
    given = {name: made.names[name, name] for name in fields}
    assert given == {"unnamed__": "unnamed___", "time__": "time___", "\0": "unnamed____", "at\\": "at"}


def test_integers_are_named_like_fields() -> None:
    made = plan(("id",), time="created", integers=("n*", "x", "nested"), exclude=("nested_no",))
    columns_of(made, {"id": "a", "created": 1, "number": 1, "x": 1, "nested": {"b": 1, "no": 1}, "y": 1})
    assert made.names.listed == dict.fromkeys(["number", "x", "nested", "nested_b", "nested_id"], Kind.INTEGER)
    types = FieldTypes(made.kinds, made.names.listed)
    types.decide({"y": [1]})
    assert [types.kind(name) for name in ("number", "nested_b", "y")] == [Kind.INTEGER, Kind.INTEGER, Kind.FLOAT]


def test_too_many_fields_stop_the_run_and_name_the_property() -> None:
    made = plan(("id",), time="created")
    rows = [{"id": "a", "created": 1, "x": 1, "nested": {f"key{number}": 1}} for number in range(5_001)]
    assert len(columns_of(made, *rows[:5_000])) == 5_001
    with pytest.raises(TargetError, match="property 'nested' makes 5001 of them: leave it out"):
        columns_of(made, rows[5_000])


def test_precision_of_a_stream_without_time_would_merge_its_points() -> None:
    assert plan(("id",), precision="s").precision is None
    assert plan(("id", "day"), precision="s").precision == "s"


def test_tags_are_texts_and_empty_ones_are_left_out() -> None:
    made = plan(("id", "group", "x", "time"), time="created")
    record = {"id": 5.0, "group": "", "x": True, "time": None}
    assert tags_of(made, made.tags, record) == {"id": "5", "group": "", "x": "true", "time_": ""}


def test_columns_become_fields_and_scalars_only_where_they_are_named() -> None:
    record = {"id": "a", "created": 10, "time": [0, 2.5], "w": [1, None], "h": [[1], 2], "group": "g", "x": 7}
    made = mapped(plan(time="created", time_offset="time"), record)
    assert made.points.times == [10_000_000_000, 12_500_000_000]
    assert made.points.columns == {"w": [1, None], "h": [[1], 2]}
    assert made.left_out == ["group", "x"]
    made = mapped(plan(time="created", time_offset="time", fields=("x", "group")), record)
    assert made.points.columns == {"group": ["g", "g"], "x": [7, 7]}


def test_whole_seconds_stay_small_numbers() -> None:
    record = {"id": "a", "created": "2026-01-01T00:00:00Z", "time": [0, 37], "w": [1, 2]}
    points = mapped(plan(time="created", time_offset="time"), record).points
    assert (points.times, points.unit) == ([1_767_225_600, 1_767_225_637], "s")
    made = plan(time="created")
    for created, unit in ((1_767_225_600, "s"), (1_767_225_600_001, "ms"), ("2026-01-01", "ns")):
        rows = [{"id": "a", "created": created, "x": 1}]
        assert mapped(made, *rows).points.unit == unit


def test_time_may_itself_be_the_array() -> None:
    made = plan(time="time")
    record = {"id": "a", "time": ["2026-01-01", "2026-01-01T00:00:01Z"], "w": [1, 2]}
    assert size(made, record) == 2
    assert mapped(made, record).points.times == [1_767_225_600_000_000_000, 1_767_225_601_000_000_000]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"id": "a", "created": 1, "time": [0, 1], "w": [1]}, "array 'w' has 1 elements, not 2"),
        ({"id": "a", "created": 1, "time": [0, None], "w": [1, 2]}, "None is not a number of seconds"),
        ({"id": "a", "created": None, "time": [0], "w": [1]}, "None is not a date or time"),
        ({"id": "a", "created": 1, "time": [0, math.inf], "w": [1, 2]}, "inf is not a number of seconds"),
        ({"id": "a", "created": 1, "time": [0, math.nan], "w": [1, 2]}, "nan is not a number of seconds"),
        ({"id": "a", "created": 1, "time": [0, 1e300], "w": [1, 2]}, "1e\\+300 is not a number of seconds"),
    ],
)
def test_columns_that_make_no_points_are_named_with_their_key(record: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRecordError, match=f"Stream 's', record id='a': .*{reason}"):
        mapped(plan(time="created", time_offset="time"), record)
