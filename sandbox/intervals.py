"""Intervals and groups of an activity, from its structure."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from sandbox.measured import mean
from sandbox.physiology import significant
from sandbox.streams import channels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.motion import Recording
    from sandbox.sports import Block


CHANNELS = ("watts", "heartrate", "cadence", "velocity_smooth", "distance")


def _statistics(data: Mapping[str, Sequence[float | None]], block: Block, step: int, elapsed: int) -> dict[str, Any]:
    part = {name: values[block.start : block.end] for name, values in data.items()}
    moving = (block.end - block.start) * step
    numbers: dict[str, Any] = {"start_index": block.start, "moving_time": moving, "elapsed_time": elapsed}
    if distances := data.get("distance"):
        metres = (distances[block.end - 1] or 0.0) - (distances[block.start - 1] or 0.0 if block.start else 0.0)
        numbers |= {"distance": significant(metres), "average_speed": significant(metres / moving)}
    if rates := [rate for rate in part.get("heartrate", ()) if rate]:
        numbers |= {"average_heartrate": round(mean(rates)), "max_heartrate": max(rates), "min_heartrate": min(rates)}
    if turns := [value for value in part.get("cadence", ()) if value]:
        numbers["average_cadence"] = significant(mean(turns))
    if watts := [value for value in part.get("watts", ()) if value is not None]:
        numbers |= {"average_watts": round(mean(watts)), "max_watts": max(watts), "joules": sum(watts) * step}
    return numbers


def intervals(activity_id: str, recording: Recording, blocks: Sequence[Block]) -> dict[str, Any]:
    """`icu_intervals` (end_index exclusive, times in seconds) and `icu_groups` of the repeated ones."""
    times = [*recording.times(), recording.times()[-1] + recording.sport.step]
    data, step = channels(recording, *CHANNELS), recording.sport.step
    result, repeated = [], dict[float, list[dict[str, Any]]]()
    for position, block in enumerate(blocks):
        start, end = times[block.start], times[block.end]
        interval = {
            **_statistics(data, block, step, end - start),
            "id": zlib.crc32(f"{activity_id}/{position}".encode()) % 10_000_000,
            "type": "WORK" if block.work else "RECOVERY",
            "end_index": block.end,
            "start_time": start,
            "end_time": end,
            "label": f"Lap {position + 1}" if block.work else None,
            "group_id": None,
        }
        result.append(interval)
        if block.work:
            repeated.setdefault(block.effort, []).append(interval)
    groups = [_group(members) for members in repeated.values() if len(members) > 1]
    return {"icu_intervals": result, "icu_groups": groups}


def _group(members: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean of repeated intervals, which learn the group's id."""
    keys = ("moving_time", "elapsed_time", "distance", "average_watts", "average_heartrate", "average_cadence")
    means = {key: mean([one[key] for one in members]) for key in keys if all(key in one for one in members)}
    effort = (
        f"{means['average_watts']:.0f}w" if "average_watts" in means else f"{means.get('average_heartrate', 0):.0f}bpm"
    )
    group: dict[str, Any] = {**{key: significant(value) for key, value in means.items()}, "count": len(members)}
    group["id"] = f"{means['moving_time']:.0f}s@{effort}"
    for one in members:
        one["group_id"] = group["id"]
    return group
