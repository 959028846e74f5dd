"""How a recording moves: its time axis, terrain, speed and track.

Pure and reproducible. Noise comes from tables that are made once, so that an hour of eleven channels
takes a few milliseconds.
"""

from __future__ import annotations

import math
from functools import cache, cached_property
from itertools import accumulate, pairwise
from operator import mul
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from sandbox.sports import Sport, structure

if TYPE_CHECKING:
    from collections.abc import Iterable

TABLE = 8192
SLOPE = 8  # samples that share a gradient


class Recording(NamedTuple):
    """Everything the samples follow from; `watts` and `heartrate` are means, metres elsewhere."""

    seed: str
    sport: Sport
    kind: str
    samples: int
    pauses: tuple[tuple[int, int], ...]  # (index of the first sample after it, seconds)
    streams: tuple[str, ...]
    watts: int
    heartrate: int
    distance: float
    climb: float
    place: tuple[float, float]  # latitude, longitude of the start
    temp: int  # degrees Celsius, mean

    def times(self) -> list[int]:
        """Seconds since the start of each sample; a pause is a jump."""
        step, shift, start = self.sport.step, 0, 0
        times: list[int] = []
        for index, gap in (*self.pauses, (self.samples, 0)):
            times.extend(range(start * step + shift, index * step + shift, step))
            start, shift = index, shift + gap
        return times

    def trimmed(self, samples: int) -> Recording:
        """Keep the first `samples` samples."""
        share = samples / self.samples
        return self._replace(
            samples=samples,
            pauses=tuple(pause for pause in self.pauses if pause[0] < samples),
            distance=self.distance * share,
            climb=self.climb * share,
        )


@cache
def _table(smoothing: int) -> list[float]:
    """Gaussian noise with unit variance, smoothed over about `smoothing` samples, periodic."""
    rng = Random(smoothing)
    raw = [rng.gauss(0, 1) for _ in range(TABLE)]
    if smoothing > 1:
        raw = list(accumulate([*raw, *raw], lambda mean, value: mean + (value - mean) / smoothing))[TABLE:]
    scale = 1 / math.sqrt(sum(map(mul, raw, raw)) / TABLE)
    return [value * scale for value in raw]


def to_mean(values: Iterable[float], mean: float) -> list[float]:
    """Scale `values` so that their mean is `mean`."""
    values = list(values)
    scale = mean * len(values) / (math.fsum(values) or 1)
    return [value * scale for value in values]


class Motion:
    """The channels that follow from terrain and speed, each computed when it is asked for."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.samples = recording.samples
        self.offset = Random(recording.seed).randrange(TABLE)

    def noise(self, channel: int, smoothing: int = 1) -> list[float]:
        """Noise of unit variance, another one for each channel."""
        table, offset = _table(smoothing), (self.offset + channel * 577) % TABLE
        if offset + self.samples <= TABLE:
            return table[offset : offset + self.samples]
        return (table[offset:] + table * (self.samples // TABLE + 1))[: self.samples]

    @cached_property
    def time(self) -> list[int]:
        """Seconds since the start."""
        return self.recording.times()

    @cached_property
    def effort(self) -> list[float]:
        """Effort relative to the mean, from the session's structure."""
        effort: list[float] = []
        for block in structure(self.recording.kind, self.samples):
            effort += [block.effort] * (block.end - block.start)
        return effort

    @cached_property
    def hills(self) -> list[float]:
        """Metres above the start: a closed tour over waves that together climb `climb` metres."""
        rng = Random(self.recording.seed)
        waves = [(k, rng.uniform(0.3, 1) / k, rng.uniform(0, math.tau)) for k in (1, 2, 3, 5, 9, 14)]
        turn = math.tau / self.samples
        points = range(0, self.samples + SLOPE, SLOPE)
        shape = [sum(high * math.sin(k * turn * i + phase) for k, high, phase in waves) for i in points]
        gain = sum(max(0.0, after - before) for before, after in pairwise(shape))
        scale = self.recording.climb / (gain or 1)
        heights: list[float] = []
        for before, after in pairwise(shape):
            low, rise = (before - shape[0]) * scale, (after - before) * scale / SLOPE
            heights += [low + rise * i for i in range(SLOPE)]
        return heights[: self.samples]

    @cached_property
    def altitude(self) -> list[float]:
        """Metres above the sea."""
        return [int((440 + height) * 10) / 10 for height in self.hills]

    @cached_property
    def fixed_altitude(self) -> list[float]:
        """Metres above the sea, corrected."""
        return [int((438 + height) * 5) / 5 for height in self.hills]

    @cached_property
    def grade_smooth(self) -> list[float]:
        """Gradient in percent at the mean speed."""
        scale = 1000 * self.samples / (self.recording.distance or 1)
        hills = self.hills
        return [int((b - a) * scale) / 10 for a, b in zip(hills, [*hills[1:], hills[-1]], strict=True)]

    @cached_property
    def speed(self) -> list[float]:
        """Speed in m/s, slower uphill and at the wall of a pool, with the mean that gives the distance."""
        sport = self.recording.sport
        mean = self.recording.distance / self.samples / sport.step
        wind = self.noise(1, 30)
        if sport.group == "Swim":
            length = max(8, int(25 / (mean or 1)))
            raw = [0.45 if i % length < 3 else 1 + 0.04 * wave for i, wave in enumerate(wind)]
        else:
            slope = 0.09 if sport.group == "Ride" else 0.035
            raw = [
                min(2.0, max(0.3, 1 - grade * slope + 0.06 * gust))
                for grade, gust in zip(self.grade_smooth, wind, strict=True)
            ]
        return to_mean(raw, mean)

    @cached_property
    def velocity_smooth(self) -> list[float]:
        """Speed in m/s."""
        return [int(speed * 1000) / 1000 for speed in self.speed]

    @cached_property
    def distance(self) -> list[float]:
        """Metres since the start."""
        step = self.recording.sport.step
        return [int(metres * step * 10) / 10 for metres in accumulate(self.speed)]

    @cached_property
    def latlng(self) -> tuple[list[float], list[float]]:
        """Latitudes and longitudes in degrees of a closed tour about as long as the distance."""
        latitude, longitude = self.recording.place
        radius = self.recording.distance / 7.5 / 111_320
        wide = radius / math.cos(math.radians(latitude))
        tilt = self.offset / TABLE * math.tau
        turn = math.tau / (self.distance[-1] or 1)
        lobes = 2 + self.offset % 3
        sin, cos = math.sin, math.cos
        latitude -= radius * sin(tilt)
        longitude -= wide * cos(tilt)
        latitudes, longitudes = [], []
        for metres in self.distance:
            angle = metres * turn
            reach = 1 + 0.25 * sin(lobes * angle)
            latitudes.append(int((latitude + radius * reach * sin(angle + tilt)) * 1e6) / 1e6)
            longitudes.append(int((longitude + wide * reach * cos(angle + tilt)) * 1e6) / 1e6)
        return latitudes, longitudes
