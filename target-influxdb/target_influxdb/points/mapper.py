"""The one conversion: a record becomes points here, or can't be stored. Pure but for the names that it learns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from target_influxdb.lineprotocol.numbers import ARRAYS
from target_influxdb.points.flatten import flatten
from target_influxdb.points.points import Points
from target_influxdb.points.tags_and_times import (
    DELETED,
    bad_record,
    clock_of,
    tag_text,
    time_of,
    times_of,
)

if TYPE_CHECKING:
    from target_influxdb.errors import BadRecordError
    from target_influxdb.points.plan import Plan
    from target_influxdb.points.series import Series

Record: TypeAlias = Mapping[str, Any]

NESTED = frozenset({dict, tuple, *ARRAYS})
TAG_TYPES = frozenset({str, type(None)})


@dataclass(frozen=True)
class Mapped:
    """Records, and the points that they became: one for each record in the same order, or all of a columnar record."""

    records: Sequence[Record]
    points: Points
    left_out: Sequence[str] = field(default=())
    """Properties of a columnar record that are not stored."""


@dataclass(frozen=True)
class Tombstone:
    """A record that says that it was deleted."""

    record: Record
    time: int | None
    """Of its point, in nanoseconds since 1970; None if it names none."""
    wrong: str = ""
    """Why it has no time."""


@dataclass(frozen=True)
class Unusable:
    """A record that can't become points."""

    record: Record
    error: BadRecordError


class Mapper:
    """Makes points of a stream's records by its plan."""

    def __init__(self, plan: Plan, series: Series) -> None:
        self._plan = plan
        self._series = series

    def mapped(self, records: Sequence[Record], now: int) -> Iterator[Mapped | Tombstone | Unusable]:
        """Yield what becomes of records, in their order.

        Args:
            records: Flat or nested ones, columnar ones and tombstones.
            now: Nanoseconds since 1970: time for records of a stream that has none; each gets its own nanosecond.
        """
        clock = self._plan.clock
        alone = [bool(record.get(DELETED)) or type(record.get(clock)) in ARRAYS for record in records]
        for is_alone, places in groupby(range(len(records)), alone.__getitem__):
            some = [records[place] for place in places]
            if is_alone:
                yield from map(self._alone, some)
            else:
                yield from self._rows(some, now)
                now += len(some)

    def _alone(self, record: Record) -> Mapped | Tombstone | Unusable:
        if not record.get(DELETED):
            return self._columnar(record)
        try:
            return Tombstone(record, time_of(self._plan, record))
        except ValueError as error:
            return Tombstone(record, None, str(error))

    def _rows(self, records: list[Record], now: int) -> Iterator[Mapped | Unusable]:
        """Yield the points of records that are one point each, and the records that have no time."""
        plan = self._plan
        if plan.time is None:
            times, unit, wrong = list(range(now, now + len(records))), "ns", dict[int, str]()
        else:
            times, unit, wrong = times_of(plan, records)
        for place, reason in wrong.items():
            record = records[place]
            yield Unusable(record, bad_record(plan, record, f"property {plan.time!r} gives no time: {reason}"))
        if wrong:
            records = list(compress(records, (place not in wrong for place in range(len(records)))))
        whole = _transposed(records)
        tags = [_tag_column(whole.get(name, [None] * len(records))) for name in plan.tags]
        keys = list(zip(*tags, strict=True)) if tags else [()] * len(records)
        self._series.learn(keys)
        heads = list(map(self._series.__getitem__, keys))
        yield Mapped(records, Points(heads, self._columns(whole), times, unit))

    def _columns(self, whole: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
        """Return the columns of fields, flat, by their names."""
        plan, columns = self._plan, dict[str, Sequence[Any]]()
        for name, values in whole.items():
            if name in plan.no_fields:
                continue
            if not NESTED.isdisjoint(map(type, values)):
                columns.update(self._flat(name, values))
                continue
            plan.names.learn(name, (name,))
            if one := plan.names[name, name]:
                columns[one] = values
        return columns

    def _flat(self, name: str, values: Sequence[Any]) -> dict[str, list[Any]]:
        """Return one column per field of a nested property."""
        names = self._plan.names
        rows = [list(flatten(name, value)) for value in values]
        names.learn(name, dict.fromkeys(flat for row in rows for flat, _ in row))
        columns: dict[str, list[Any]] = {}
        for place, row in enumerate(rows):
            for flat, scalar in row:
                if one := names[name, flat]:
                    if one not in columns:
                        columns[one] = [None] * len(values)
                    columns[one][place] = scalar
        return columns

    def _columnar(self, record: Record) -> Mapped | Unusable:
        """Return the points of a record whose `time_offset` (or `time`) is an array: one per element.

        Arrays of the same length are fields. Other properties are repeated in each point only if `fields` names them.
        """
        plan = self._plan
        count = len(record[plan.clock])
        columns: dict[str, Sequence[Any]] = {}
        left_out: list[str] = []
        for name, value in record.items():
            if name in plan.no_fields or value is None:
                continue
            if isinstance(value, ARRAYS):
                if len(value) != count:
                    return self._unusable(record, f"array {name!r} has {len(value)} elements, not {count}")
                plan.names.learn(name, (name,))
                if one := plan.names[name, name]:
                    columns[one] = value
            elif plan.names_fields:
                columns.update((one, list(column) * count) for one, column in self._flat(name, [value]).items())
            elif plan.names.wants(name, name):
                left_out.append(name)
        try:
            times, unit = clock_of(plan, record)
        except ValueError as error:
            return self._unusable(record, f"no time can be made of it: {error}")
        if plan.replace_time:
            return self._unusable(record, "`replace: time` is for records of one point; name tags instead")
        key = tuple(tag_text(record.get(name)) for name in plan.tags)
        self._series.learn([key])
        return Mapped([record], Points(self._series[key], columns, times, unit), left_out)

    def _unusable(self, record: Record, reason: str) -> Unusable:
        return Unusable(record, bad_record(self._plan, record, reason))


def _tag_column(values: Sequence[Any]) -> Sequence[str | None]:
    """Return values that tell series apart: 1, 1.0 and true are equal for Python."""
    return values if set(map(type, values)) <= TAG_TYPES else list(map(tag_text, values))


def _transposed(records: Sequence[Record]) -> dict[str, Sequence[Any]]:
    """Return records as columns, in one pass; None where a record lacks a property."""
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
