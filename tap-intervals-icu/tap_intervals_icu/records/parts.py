"""An activity of many hours as several records: each is a message, and whoever hands messages on has to hold them.

Meltano takes no message larger than half of its buffer: 2.5 MiB, as `meltano.yml` sets it. An hour of ten channels
takes 200 kB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_intervals_icu.records.numbers import ARRAYS, Numbers
from tap_intervals_icu.records.rows import child_tombstone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from tap_intervals_icu.records.samples import Columns

VALUES_IN_A_PART = 125_000
"""Values of a record, its times included: three hours of seconds in ten channels. Each takes 6 bytes, at worst 20."""
PART = "record_part"
"""Property that numbers the parts, from 0 on."""


def count(columns: Columns) -> int:
    """Return how many parts follow the first one."""
    return max(len(columns.get("time", ())) - 1, 0) // _samples(columns)


def _samples(columns: Columns) -> int:
    """Return how many samples a part has."""
    return max(VALUES_IN_A_PART // max(len(columns), 1), 1)


def in_parts(activity: dict[str, Any], previous: int, deleted_at: datetime) -> Iterator[dict[str, Any]]:
    """Yield a columnar record in its parts, and tombstones for those that there are no more.

    Args:
        activity: `time` and other arrays of the same length; what is no array stands in each part.
        previous: `count` of the activity as it was emitted before; 0 if it was not.
        deleted_at: When it was found that there are fewer.
    """
    columns: Columns = {name: value for name, value in activity.items() if isinstance(value, ARRAYS)}
    further = count(columns)
    if not further:
        yield activity | {PART: 0}
    else:
        samples = _samples(columns)
        walks = {name: _in_parts(values, samples) for name, values in columns.items()}
        for part in range(further + 1):
            yield activity | {PART: part} | {name: next(walk) for name, walk in walks.items()}
    for part in range(further + 1, previous + 1):
        yield child_tombstone(activity, deleted_at) | {PART: part}


def _in_parts(values: Sequence[Any], samples: int) -> Iterator[Sequence[Any]]:
    if isinstance(values, Numbers):
        return values.parts(samples)
    return (values[start : start + samples] for start in range(0, len(values), samples))
