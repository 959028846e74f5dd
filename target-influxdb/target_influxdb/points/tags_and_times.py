"""What a record says of its points, by a plan: tags, time, number. Pure."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from target_influxdb.errors import BadRecordError
from target_influxdb.lineprotocol.escape import storable
from target_influxdb.lineprotocol.literals import json_text
from target_influxdb.lineprotocol.numbers import ARRAYS
from target_influxdb.lineprotocol.stamps import LATEST, UNITS
from target_influxdb.points.times import nanoseconds, number_of, scaled, unit_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from target_influxdb.points.plan import Plan

    Record = Mapping[str, Any]

DELETED = "_sdc_deleted_at"
"""Mark of a tombstone: its record is deleted."""
PART = "record_part"
"""Key property of a record that is cut in parts: 0 is the first one and replaces, the others belong to it."""


def tag_text(value: object) -> str:
    """Return a tag's value as it is stored, "" for none. Whole numbers have no decimal point."""
    if value is None or (isinstance(value, (float, Decimal)) and not math.isfinite(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return storable(value if isinstance(value, str) else json_text(value).strip('"'))


def tags_of(plan: Plan, names: Iterable[str], record: Record) -> dict[str, str]:
    """Return some of the tags of a record's points by their written names, "" for those that the points lack."""
    return {plan.tag_names[name]: tag_text(record.get(name)) for name in names}


def is_columnar(plan: Plan, record: Record) -> bool:
    """Tell whether a record holds an array per field, not a value per field."""
    return isinstance(record.get(plan.clock), ARRAYS)


def size(plan: Plan, record: Record) -> int:
    """Return how many points a record makes."""
    return len(record[plan.clock]) if is_columnar(plan, record) else 1


def bad_record(plan: Plan, record: Record, reason: str) -> BadRecordError:
    """Return the error that names a record by its key."""
    key = ", ".join(f"{name}={record.get(name)!r}" for name in plan.keys) or "without key"
    return BadRecordError(f"Stream {plan.stream!r}, record {key}: {reason}.")


def time_of(plan: Plan, record: Record) -> int:
    """Return the time of a record that is one point, in nanoseconds since 1970.

    Raises:
        ValueError: it has no time, or one that can't be read.
    """
    value = record.get(plan.time or "")
    if value is None:
        raise ValueError("it is missing")
    time = nanoseconds(value, plan.zone)
    if not plan.time_offset:
        return time
    offset = record.get(plan.time_offset)
    if offset is None:
        raise ValueError(f"the offset {plan.time_offset!r} is missing")
    return time + _offset(offset)


def times_of(plan: Plan, records: Sequence[Record]) -> tuple[list[int], str, dict[int, str]]:
    """Return the times of records that are one point each, their unit, and by its place why a record has none."""
    if not plan.time_offset:
        values: list[Any] = [record.get(plan.time or "") for record in records]
        if unit := unit_of(values):
            return values, unit, {}
    times: list[int] = []
    wrong: dict[int, str] = {}
    for place, record in enumerate(records):
        try:
            times.append(time_of(plan, record))
        except ValueError as error:
            wrong[place] = str(error)
    return times, "ns", wrong


def clock_of(plan: Plan, record: Record) -> tuple[list[int], str]:
    """Return the times of a columnar record's points, and their unit.

    Raises:
        ValueError: it has no time, or one that can't be read.
    """
    clock: list[Any] = list(record[plan.clock])
    if plan.time_offset is None:
        unit = unit_of(clock)
        return (clock, unit) if unit else ([nanoseconds(value, plan.zone) for value in clock], "ns")
    start = nanoseconds(record.get(plan.time or ""), plan.zone)
    if start % UNITS["s"] == 0 and set(map(type, clock)) <= {int}:
        seconds = start // UNITS["s"]
        return [seconds + offset for offset in clock], "s"
    return [start + _offset(offset) for offset in clock], "ns"


def _offset(value: Any) -> int:
    """Return seconds as nanoseconds."""
    number = number_of(value) if isinstance(value, str) else value
    if not isinstance(number, (int, float, Decimal)) or isinstance(number, bool):
        raise ValueError(f"{value!r} is not a number of seconds")  # noqa: TRY004 - a wrong value, not a wrong call
    if not -LATEST <= number * UNITS["s"] <= LATEST:
        raise ValueError(f"{value!r} is not a number of seconds")
    return scaled(number, UNITS["s"])
