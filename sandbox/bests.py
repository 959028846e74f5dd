"""Best values of a recording: the highest mean over so many seconds, the shortest time for so many metres."""

from __future__ import annotations

from functools import cache
from itertools import accumulate
from operator import sub
from typing import TYPE_CHECKING, NamedTuple

from sandbox.streams import channels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.motion import Recording

SECS = (1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 5400)
METRES = (400.0, 1000.0, 1609.34, 3000.0, 5000.0, 10_000.0, 21_097.5)


def best_mean(values: Sequence[float], width: int) -> tuple[float, int]:
    """Return the highest mean of `width` consecutive samples, and the index where it first begins."""
    sums = [0.0, *accumulate(values)]
    rolling = list(map(sub, sums[width:], sums))
    highest = max(rolling)
    return highest / width, rolling.index(highest)


def shortest(distance: Sequence[float], step: int, metres: float) -> int | None:
    """Return the fewest seconds in which a cumulative distance grows by `metres`; null if it never does."""
    fewest, end = None, 0
    for start, before in enumerate([0.0, *distance]):
        while end < len(distance) and distance[end] - before < metres:
            end += 1
        if end == len(distance):
            break
        fewest = min(fewest or end - start + 1, end - start + 1)
    return fewest and fewest * step


class Bests(NamedTuple):
    """Best values by seconds (W, bpm) and by metres (s); what a recording is too short for is missing."""

    power: dict[float, int]
    heartrate: dict[float, int]
    pace: dict[float, int]


def _held(values: Sequence[float | None]) -> list[float]:
    """Repeat the last value where a sensor lost contact; before its first one it has none."""
    held, last = [], 0.0
    for value in values:
        last = last if value is None else value
        held.append(last)
    return held


@cache
def bests(recording: Recording, over: tuple[int, ...] = SECS) -> Bests:
    """Best values of a recording over so many seconds and `METRES`; pauses are left out, as the device was stopped."""
    data, step = channels(recording, "watts", "heartrate", "distance"), recording.sport.step
    widths = [secs for secs in over if secs >= step and secs // step <= recording.samples]

    def highest(name: str) -> dict[float, int]:
        values = _held(data[name]) if name in data else []
        return {secs: round(best_mean(values, secs // step)[0]) for secs in widths} if values else {}

    times = {metres: shortest(data.get("distance", ()), step, metres) for metres in METRES}
    by_pace = recording.sport.group in {"Run", "Swim"}
    return Bests(
        power=highest("watts") if recording.sport.power else {},
        heartrate=highest("heartrate"),
        pace={metres: secs for metres, secs in times.items() if secs} if by_pace else {},
    )
