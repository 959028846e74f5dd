"""What a row brings to its child streams, with tombstones for what was emitted of it and is no longer there.

Each function notes the new extent in the parent's progress; that counts only once the row's own record was emitted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_intervals_icu.changes.state import PARTS, SAMPLES
from tap_intervals_icu.records import parts
from tap_intervals_icu.records.rows import interval_records, shared_properties, sport_info_records, tombstone
from tap_intervals_icu.records.samples import count, extent

if TYPE_CHECKING:
    from datetime import datetime

    from tap_intervals_icu.changes.detect import Progress
    from tap_intervals_icu.changes.feed import Item
    from tap_intervals_icu.records.rows import Row
    from tap_intervals_icu.records.samples import Columns

PREVIOUS = "previous_extent"
"""Where the samples tell their stream the extent that was emitted before."""


def sport_infos(progress: Progress, stream: str, record: Row, server_time: datetime) -> list[Row]:
    """Return the records of a day's sports; those that the day has no more as tombstones."""
    prefix = f"{stream}/"
    records = sport_info_records(record)
    for what in progress.extents:
        sport = what.removeprefix(prefix)
        if sport != what and sport not in records and progress.extent(what, record["id"]):
            records[sport] = tombstone(record["athlete_id"], record["id"], server_time) | {"type": sport}
    for sport, info in records.items():
        progress.note_extent(prefix + sport, int("_sdc_deleted_at" not in info))
    return list(records.values())


def intervals(progress: Progress, stream: str, item: Item, record: Row, server_time: datetime) -> list[Row]:
    """Return the records of an activity's intervals; positions that it has no more as tombstones."""
    previous = progress.extent(stream, item.listed.id)
    records = interval_records(item.row, record, previous, server_time)
    progress.note_extent(stream, sum("_sdc_deleted_at" not in interval for interval in records))
    return records


def samples(progress: Progress, record: Row, columns: Columns | None, stream: str | None) -> list[Row]:
    """Return what the stream of samples needs to make its records: nothing, or one columnar row with PREVIOUS.

    Args:
        progress: Of the activities.
        record: The activity's own.
        columns: Its samples, empty if it has none; None if they were not asked for.
        stream: Whose extent is the last second that was emitted; None where samples are emitted in parts.
    """
    if columns is None:
        return []
    progress.note_extent(SAMPLES, count(columns) + 1)
    if not columns and record["id"] not in progress.finished:
        return []  # nothing to say; of an activity that had streams before, an empty record replaces them
    row = shared_properties(record) | {"time": []} | columns  # none: what there was before is gone
    what, now = (stream, extent(columns)) if stream else (PARTS, parts.count(columns))
    row[PREVIOUS] = before = progress.extent(what, record["id"])
    if now or before:
        progress.note_extent(what, now)
    return [row]
