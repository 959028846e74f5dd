"""Move an athlete's part of one state into another; pure.

The backfill of a new athlete has a state of its own, so that the shard is synced meanwhile. Once it is done, the part
goes into the shard's state.
"""

from __future__ import annotations

import copy
from typing import Any

ATHLETE = "athlete_id"
State = dict[str, Any]


def moved(shard: State, newcomer: State, athlete_id: str) -> State:
    """Return the shard's state with the partitions that the newcomer's has of this athlete, in place of older ones.

    Both are whole states of a Singer tap: {"bookmarks": {stream: {"partitions": [{"context": ..., ...}]}}}. What else
    the shard's holds stays, such as the requests of the day.
    """
    result = copy.deepcopy(shard) if shard else {}
    bookmarks = result.setdefault("bookmarks", {})
    for stream, bookmark in newcomer.get("bookmarks", {}).items():
        ours = [one for one in bookmark.get("partitions", ()) if is_of(one, athlete_id)]
        if ours:
            partitions = bookmarks.setdefault(stream, {}).setdefault("partitions", [])
            others = [one for one in partitions if not is_of(one, athlete_id)]
            partitions[:] = [*others, *copy.deepcopy(ours)]
    return result


def is_of(partition: dict[str, Any], athlete_id: str) -> bool:
    """Tell whether a partition is an athlete's."""
    return bool(partition.get("context", {}).get(ATHLETE) == athlete_id)
