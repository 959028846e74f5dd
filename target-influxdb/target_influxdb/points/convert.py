"""Records → series, times and columns of fields, by a plan. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from target_influxdb.errors import BadRecordError
from target_influxdb.lineprotocol.escape import storable
from target_influxdb.lineprotocol.literals import json_text
from target_influxdb.lineprotocol.stamps import LATEST, UNITS
from target_influxdb.points.flatten import flatten
from target_influxdb.points.times import nanoseconds, number_of, scaled, times_of_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from target_influxdb.points.mapping import Plan

NESTED = frozenset({dict, list, tuple})
TAG_TYPES = frozenset({str, type(None)})


@dataclass
class Points:
    """Points of one stream as columns."""

    heads: bytes | list[bytes]
    columns: Mapping[str, Sequence[Any]]
    times: list[int]
    unit: str = "ns"
    """Of the times: s, ms, us or ns. Large numbers cost, and most times are whole seconds."""

    def part(self, start: int, stop: int) -> Points:
        """Some of the points."""
        return Points(
            heads=self.heads if isinstance(self.heads, bytes) else self.heads[start:stop],
            columns={name: values[start:stop] for name, values in self.columns.items()},
            times=self.times[start:stop],
            unit=self.unit,
        )


def tag_text(value: object) -> str:
    """A tag's value as it is stored, "" for none. Whole numbers have no decimal point."""
    if value is None or (isinstance(value, (float, Decimal)) and not math.isfinite(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return storable(value if isinstance(value, str) else json_text(value).strip('"'))


def tags_of(plan: Plan, names: Iterable[str], record: Mapping[str, Any]) -> dict[str, str]:
    """Some of the tags of a record's points by their written names, "" for those that the points lack."""
    return {plan.tag_names[name]: tag_text(record.get(name)) for name in names}


def is_columnar(plan: Plan, record: Mapping[str, Any]) -> bool:
    """Whether a record holds an array per field, not a value per field."""
    return isinstance(record.get(plan.time_offset or plan.time or ""), list)


def size(plan: Plan, record: Mapping[str, Any]) -> int:
    """How many points a record makes."""
    return len(record[plan.time_offset or plan.time or ""]) if is_columnar(plan, record) else 1


def time_of(plan: Plan, record: Mapping[str, Any]) -> int:
    """Time of a record that is one point, in nanoseconds since 1970, as it is stored.

    Raises:
        ValueError: it has no time, or one that can't be read.
    """
    value = record.get(plan.time or "")
    if value is None:
        raise ValueError("it is missing")
    time = nanoseconds(value, plan.zone)
    offset = record.get(plan.time_offset) if plan.time_offset else None
    if plan.time_offset and offset is None:
        raise ValueError(f"the offset {plan.time_offset!r} is missing")
    time += _offset(offset) if offset is not None else 0
    return time - time % UNITS[plan.precision or "ns"]


def _offset(value: Any) -> int:
    """Seconds as nanoseconds."""
    number = number_of(value) if isinstance(value, str) else value
    if not isinstance(number, (int, float, Decimal)) or isinstance(number, bool):
        raise ValueError(f"{value!r} is no number of seconds")  # noqa: TRY004 - a wrong value, not a wrong call
    if not -LATEST <= number * UNITS["s"] <= LATEST:
        raise ValueError(f"{value!r} is no number of seconds")
    return scaled(number, UNITS["s"])


def from_rows(
    plan: Plan, records: Sequence[Mapping[str, Any]], heads: Mapping[tuple[Any, ...], bytes], now: int
) -> Points:
    """Points of records that are one point each, ordered by time.

    Args:
        plan: The stream's plan.
        records: Flat or nested records.
        heads: Series part of a line by the values of the plan's tags.
        now: Time for records of a stream that has none; each gets its own nanosecond.

    Raises:
        BadRecordError: a record has no usable time.
    """
    if plan.time is None:
        times, unit = list(range(now, now + len(records))), "ns"
    else:
        times, unit = _times(plan, records)
        if times != sorted(times):
            order = sorted(range(len(times)), key=times.__getitem__)
            records = [records[position] for position in order]
            times = [times[position] for position in order]
    whole = _transposed(records)
    tags = [_tag_column(whole.get(name, [None] * len(records))) for name in plan.tags]
    keys = zip(*tags, strict=True) if tags else [()] * len(records)
    return Points(heads=list(map(heads.__getitem__, keys)), columns=_columns(plan, whole), times=times, unit=unit)


def _times(plan: Plan, records: Sequence[Mapping[str, Any]]) -> tuple[list[int], str]:
    """Times and their unit."""
    if not plan.time_offset:
        try:
            return times_of_all([record.get(plan.time or "") for record in records], plan.zone)
        except ValueError:
            pass  # one of them is bad: which?
    times = []
    for record in records:
        try:
            times.append(time_of(plan, record))
        except ValueError as error:
            raise bad_record(plan, record, f"property {plan.time!r} gives no time: {error}") from None
    return times, "ns"


def _tag_column(values: Sequence[Any]) -> Sequence[str | None]:
    """Values that tell series apart: 1, 1.0 and true are equal for Python."""
    return values if set(map(type, values)) <= TAG_TYPES else list(map(tag_text, values))


def bad_record(plan: Plan, record: Mapping[str, Any], reason: str) -> BadRecordError:
    """The error that names a record by its key."""
    key = ", ".join(f"{name}={record.get(name)!r}" for name in plan.keys) or "without key"
    return BadRecordError(f"Stream {plan.stream!r}, record {key}: {reason}.")


def _columns(plan: Plan, whole: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """The columns of fields, flat, by their names."""
    columns: dict[str, Sequence[Any]] = {}
    skipped = {plan.time, plan.time_offset, *plan.tags}
    for name, values in whole.items():
        if name in skipped:
            continue
        if not NESTED.isdisjoint(map(type, values)):
            columns.update(_flat(plan, name, values))
        elif field := plan.names[name, name]:
            columns[field] = values
    return columns


def _transposed(records: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[Any]]:
    """Records as columns, in one pass; None where a record lacks a property."""
    names = list(records[0]) if records else []
    if len(names) > 1 and set(map(len, records)) == {len(names)}:
        try:
            cells = list(chain.from_iterable(map(itemgetter(*names), records)))
        except KeyError:
            pass
        else:
            return {name: cells[position :: len(names)] for position, name in enumerate(names)}
    names = list(dict.fromkeys(name for record in records for name in record))
    return {name: [record.get(name) for record in records] for name in names}


def _flat(plan: Plan, name: str, values: Sequence[Any]) -> dict[str, list[Any]]:
    """One column per field of a nested property."""
    columns: dict[str, list[Any]] = {}
    for row, value in enumerate(values):
        for flat, scalar in flatten(name, value):
            if field := plan.names[name, flat]:
                if field not in columns:
                    columns[field] = [None] * len(values)
                columns[field][row] = scalar
    return columns


def from_columns(plan: Plan, record: Mapping[str, Any], head: bytes) -> tuple[Points, list[str]]:
    """Points of a record whose `time_offset` (or `time`) is an array: one per element.

    Arrays of the same length are fields. Other properties are repeated in each point only if `fields` names them.

    Returns:
        the points, and the names of properties that are not stored.

    Raises:
        BadRecordError: unequal lengths, or times that can't be read.
    """
    clock = record[plan.time_offset or plan.time or ""]
    columns: dict[str, Sequence[Any]] = {}
    left_out: list[str] = []
    for name, value in record.items():
        if name in plan.tags or name in (plan.time, plan.time_offset) or value is None:
            continue
        if isinstance(value, list):
            if len(value) != len(clock):
                raise bad_record(plan, record, f"array {name!r} has {len(value)} elements, not {len(clock)}")
            if field := plan.names[name, name]:
                columns[field] = value
        elif plan.names_fields:
            columns.update((field, list(column) * len(clock)) for field, column in _flat(plan, name, [value]).items())
        elif plan.names.wants(name, name):
            left_out.append(name)
    times, unit = _clock(plan, record, clock)
    return Points(heads=head, columns=columns, times=times, unit=unit), left_out


def check(plan: Plan, record: Mapping[str, Any]) -> None:
    """See whether a record can become points, before those go that it replaces.

    Raises:
        BadRecordError: it can't.
    """
    if is_columnar(plan, record):
        from_columns(plan, record, b"")
    elif plan.time is not None:
        _times(plan, [record])


def _clock(plan: Plan, record: Mapping[str, Any], clock: list[Any]) -> tuple[list[int], str]:
    """Times of the elements and their unit."""
    try:
        if plan.time_offset is None:
            return times_of_all(clock, plan.zone)
        start = nanoseconds(record.get(plan.time or ""), plan.zone)
        if start % UNITS["s"] == 0 and set(map(type, clock)) <= {int}:
            return list(map((start // UNITS["s"]).__add__, clock)), "s"
        return [start + _offset(offset) for offset in clock], "ns"
    except ValueError as error:
        raise bad_record(plan, record, f"no time can be made of it: {error}") from None
