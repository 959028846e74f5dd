"""Intervals and groups of an activity, from its structure."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from sandbox.physiology import significant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.motion import Recording
    from sandbox.sports import Block


def _statistics(recording: Recording, block: Block, elapsed: int) -> dict[str, Any]:
    samples, step = block.end - block.start, recording.sport.step
    share = samples / recording.samples
    heartrate = round(recording.heartrate * (0.6 + 0.4 * block.effort))
    numbers: dict[str, Any] = {
        "start_index": block.start,
        "distance": significant(recording.distance * share),
        "moving_time": samples * step,
        "elapsed_time": elapsed,
        "average_speed": significant(recording.distance / recording.samples / step),
        "average_heartrate": heartrate,
        "max_heartrate": heartrate + 9,
        "min_heartrate": heartrate - 14,
        "average_cadence": float(recording.sport.cadence or 0),
    }
    if recording.watts:
        watts = round(recording.watts * block.effort)
        numbers |= {"average_watts": watts, "max_watts": watts * 2, "joules": watts * samples * step}
    return numbers


def intervals(activity_id: str, recording: Recording, blocks: Sequence[Block]) -> dict[str, Any]:
    """`icu_intervals` (end_index exclusive, times in seconds) and `icu_groups` of the repeated ones."""
    times = [*recording.times(), recording.times()[-1] + recording.sport.step]
    result, groups = [], dict[str, dict[str, Any]]()
    for position, block in enumerate(blocks):
        start, end = times[block.start], times[block.end]
        numbers = _statistics(recording, block, end - start)
        group = None
        if sum(other.effort == block.effort and other.work for other in blocks) > 1 and block.work:
            group = f"{numbers['moving_time']}s@{numbers.get('average_watts', numbers['average_heartrate'])}"
            count = groups[group]["count"] + 1 if group in groups else 1
            groups[group] = {**numbers, "id": group, "count": count}
        result.append(
            {
                **numbers,
                "id": zlib.crc32(f"{activity_id}/{position}".encode()) % 10_000_000,
                "type": "WORK" if block.work else "RECOVERY",
                "end_index": block.end,
                "start_time": start,
                "end_time": end,
                "label": f"Lap {position + 1}" if block.work else None,
                "group_id": group,
            }
        )
    return {"icu_intervals": result, "icu_groups": list(groups.values())}
