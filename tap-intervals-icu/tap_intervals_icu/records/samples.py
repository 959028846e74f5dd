"""An activity's streams as records: pure functions.

The API answers a list of channels, each with one value a sample. Sample i of every channel belongs to `time[i]`, whole
seconds since the start, which jump at pauses: samples are placed by it, never by their index.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from itertools import islice
from operator import lt
from typing import TYPE_CHECKING, Any
from zlib import crc32

import msgspec

from tap_intervals_icu.records.numbers import ARRAYS, Numbers
from tap_intervals_icu.records.rows import NOT_A_NUMBER, child_tombstone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tap_intervals_icu.records.tables import Column

logger = logging.getLogger("tap-intervals-icu")

Columns = dict[str, Sequence[Any]]
"""Arrays by the name of the channel."""

NULL = msgspec.Raw(b"null")

NUMBERS = {int, float}
CHECKSUM_BITS = 16

LONGEST = 100 * 86_400
"""Seconds. A sample that claims to lie further from the start cannot be placed."""

OWN_PROPERTIES = {
    "athlete_id",
    "activity_id",
    "type",
    "start_date",
    "start_date_local",
    "timestamp",
    "timestamp_local",
    "extra",
    "latitude",
    "longitude",
    "previous_extent",
    "record_part",
    "_sdc_deleted_at",
}
"""Properties of the records that a custom channel of the same code must not overwrite."""


class Channel(msgspec.Struct):
    """One element of the API's answer, its arrays still as JSON; `data2` holds the longitudes of `latlng`."""

    type: Any = None
    data: msgspec.Raw = NULL
    data2: msgspec.Raw = NULL


def to_columns(channels: Iterable[object], activity_id: str) -> Columns:
    """Return equally long arrays, `time` first, strictly rising and without nulls; {} when there is nothing to place.

    What is no channel is left out. Of two channels of one name the last one wins.

    `latlng` becomes `latitude` and `longitude`; the RR intervals of a second in `hrv` become the text "795:802", as in
    the API's CSV. Of samples with equal seconds the last non-null value of each channel wins.
    """
    columns = _named(channels, activity_id)
    time = columns.pop("time", None)
    if time is None:
        if columns:
            logger.warning(
                "Activity %s has streams, but no `time`: they cannot be placed and are left out.", activity_id
            )
        return {}
    odd = [name for name, values in columns.items() if len(values) != len(time)]
    if odd:
        logger.warning(
            "Activity %s has %d samples, but not as many in %s: those without a time are left out, missing ones null.",
            activity_id,
            len(time),
            ", ".join(odd),
        )
        columns |= {name: ([*columns[name]] + [None] * len(time))[: len(time)] for name in odd}
    as_it_came, time = time, list(time)
    if _is_rising(time):
        return {"time": as_it_came, **columns}
    numbers = sum(type(second) in NUMBERS for second in time)
    placed = sum(map(_is_second, time))
    if numbers < len(time):
        _leave_out(activity_id, len(time) - numbers, "no time")
    if placed < numbers:
        _leave_out(activity_id, numbers - placed, f"a time more than {LONGEST // 86_400} days from the start")
    return _merged(time, {name: list(values) for name, values in columns.items()}, activity_id)


def _leave_out(activity_id: str, count: int, why: str) -> None:
    logger.warning(
        "Activity %s has %d samples with %s: they cannot be placed and are left out.", activity_id, count, why
    )


def _is_rising(time: list[Any]) -> bool:
    """Tell whether all are seconds that can be placed, each later than the one before."""
    if not set(map(type, time)) <= NUMBERS or not all(map(lt, time, islice(time, 1, None))):
        return False
    return not time or (_is_second(time[0]) and _is_second(time[-1]))


def _is_second(value: Any) -> bool:
    return type(value) in NUMBERS and -LONGEST < value < LONGEST


def _named(channels: Iterable[object], activity_id: str) -> Columns:
    """Return the channels by their property names; those without any value are left out."""
    columns: Columns = {}
    for channel in channels:
        if not isinstance(channel, Channel) or not isinstance(channel.type, str):
            logger.warning("Activity %s: a stream without a name is left out.", activity_id)
            continue
        if not {bytes(memoryview(array)[:1]) for array in (channel.data, channel.data2)} <= {b"[", b"n"}:  # n: null
            logger.warning("Stream %s of activity %s is not a list: it is left out.", channel.type, activity_id)
            continue
        if channel.type == "latlng":
            arrays = {"latitude": _values(channel.data), "longitude": _values(channel.data2)}
        else:
            name = f"stream_{channel.type}" if channel.type in OWN_PROPERTIES else channel.type
            arrays = {name: _values(channel.data)}
        if columns.keys() & {name for name, values in arrays.items() if values}:
            logger.warning("Activity %s has two streams named %s: the last one is kept.", activity_id, channel.type)
        columns.update((name, values) for name, values in arrays.items() if values)
    return columns


def _values(array: msgspec.Raw) -> Sequence[Any] | None:
    """Return an array of scalars, None for null."""
    text = bytes(array)
    if text.startswith(b"[") and (numbers := Numbers.of(text)):  # as nearly always
        return numbers
    values: list[Any] | None = msgspec.json.decode(text, type=list[Any] | None)
    return None if values is None else [_scalar(value) for value in values]


def _scalar(value: Any) -> Any:
    """Return one sample's value as a scalar."""
    if isinstance(value, list):
        return ":".join("" if item is None else str(item) for item in value)
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    return None if isinstance(value, str) and value in NOT_A_NUMBER else value


def _merged(time: list[Any], columns: Columns, activity_id: str) -> Columns:
    """Return the columns with one sample a second, in order of time."""
    merged: dict[float, dict[str, Any]] = {}
    replaced = 0
    for index, second in enumerate(time):
        if _is_second(second):
            sample = merged.setdefault(second, dict.fromkeys(columns))
            values = {name: column[index] for name, column in columns.items() if column[index] is not None}
            replaced += any(sample[name] not in {None, value} for name, value in values.items())
            sample.update(values)
    if replaced:
        logger.warning(
            "Activity %s: %d samples have the same second as an earlier one, as when a device's clock is set back. The "
            "later one is kept.",
            activity_id,
            replaced,
        )
    seconds = sorted(merged)
    return {"time": seconds} | {name: [merged[second][name] for second in seconds] for name in columns}


def to_rows(activity: dict[str, Any], known: Mapping[str, Column]) -> Iterator[dict[str, Any]]:
    """Yield one record a sample, with the time of day of each.

    Args:
        activity: A record with an array for each channel: `start_date` (UTC, "2026-05-04T05:30:00Z", missing in some
            manual entries), `start_date_local` (wall clock, "2026-05-04T07:30:00") and what else all samples share.
        known: The table's columns. Channels beyond them, and values of another type, become JSON text in
            `extra`, because the columns of a table come from the schema.
    """
    columns = {name: list(value) for name, value in activity.items() if isinstance(value, ARRAYS)}
    shared = {name: value for name, value in activity.items() if name not in columns}
    utc = _clock(shared.get("start_date"), "Z")
    local = _clock(shared.get("start_date_local"), "")
    unknown = [name for name in columns if name not in known]
    mixed = [name for name, values in columns.items() if name in known and not known[name].holds_all(values)]
    for values in zip(*columns.values(), strict=True):
        row = shared | dict(zip(columns, values, strict=True))
        row["timestamp"] = utc(row["time"])
        row["timestamp_local"] = local(row["time"])
        odd = [*unknown, *(name for name in mixed if not known[name].holds(row[name]))] if mixed else unknown
        if odd:
            row["extra"] = msgspec.json.encode({name: row.pop(name) for name in odd}).decode()
        yield row


def surplus_rows(activity: dict[str, Any], previous: int, deleted_at: datetime) -> Iterator[dict[str, Any]]:
    """Yield tombstones for the seconds in which an activity has no sample (any more): it was cut, or deleted.

    Which seconds had samples before is not known, only which was the last one: pauses get tombstones as well.

    Args:
        activity: As for `to_rows`.
        previous: `extent` of the samples as they were emitted before; 0 if there were none.
        deleted_at: When that was found.
    """
    if previous in {0, extent(activity)}:
        return
    tombstone = child_tombstone(activity, deleted_at)
    present = set(activity.get("time", ()))
    for second in range((previous >> CHECKSUM_BITS) + 1):
        if second not in present:
            yield tombstone | {"time": second}


def extent(columns: dict[str, Any]) -> int:
    """Return a number that tells the last second of samples, and a checksum that tells whether their times changed.

    Small enough to be kept for thousands of activities, whose exact times are not.
    """
    time = columns.get("time")
    return (
        int(time[-1]) << CHECKSUM_BITS | crc32(msgspec.json.encode(list(time))) >> (32 - CHECKSUM_BITS) if time else 0
    )


def count(columns: Columns) -> int:
    """Return how many samples there are: how many values the fullest channel has."""
    most = 0
    for name, values in columns.items():
        if name != "time":
            nulls = values.nulls() if isinstance(values, Numbers) else values.count(None)
            most = max(most, len(values) - nulls)
            if most == len(values):  # as a rule the first channel: no other one can have more
                break
    return most


def _clock(start: str | None, suffix: str) -> Callable[[float], str | None]:
    """Return a function from seconds since `start` to an ISO time; to null without a start that can be read."""
    try:
        origin = datetime.fromisoformat((start or "").replace("Z", "+00:00"))
    except ValueError:
        return lambda _: None
    if origin.tzinfo:
        origin = origin.astimezone(timezone.utc).replace(tzinfo=None)

    def clock(seconds: float) -> str | None:
        try:
            return (origin + timedelta(seconds=seconds)).isoformat() + suffix
        except OverflowError:  # beyond the calendar
            return None

    return clock
