"""Samples of a recording: every channel as a list, in the envelope of the API."""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox.motion import Motion, Recording, to_mean
from sandbox.physiology import MAX_HR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DROPOUTS = ("heartrate", "latlng", "respiration", "FuelRate")  # channels that lose contact now and then
CUSTOM = {"FuelRate": "Fuel rate"}  # the athlete's own streams and their labels
INTEGERS = {"time", "watts", "heartrate", "cadence", "temp", "w_bal"}


class Signals(Motion):
    """All channels under the names of the API."""

    @cached_property
    def watts(self) -> list[int]:
        """Power in W; none while coasting downhill."""
        grades = self.grade_smooth if self.recording.climb else [0.0] * self.samples
        raw = [
            0.0 if grade < -3.5 else max(0.0, effort * (1 + grade * 0.04 + 0.13 * wobble))
            for effort, grade, wobble in zip(self.effort, grades, self.noise(2, 3), strict=True)
        ]
        return [int(watts + 0.5) for watts in to_mean(raw, self.recording.watts)]

    @cached_property
    def cadence(self) -> list[int]:
        """Revolutions (per leg on foot) a minute."""
        usual, wobbles = self.recording.sport.cadence or 50, self.noise(3, 5)
        if "watts" not in self.recording.streams:
            return [int(usual + 2.5 * wobble) for wobble in wobbles]
        return [int(usual + 4 * wobble) if watts else 0 for watts, wobble in zip(self.watts, wobbles, strict=True)]

    @cached_property
    def heartrate(self) -> list[int]:
        """Beats a minute: follows the effort with a lag of about 40 s, and drifts upwards as the athlete tires."""
        lagged = accumulate(self.effort, lambda rate, effort: rate + (effort - rate) * 0.025, initial=0.7)
        drift = Random(f"{self.recording.seed}/drift").uniform(-0.02, 0.12) / self.samples
        raw = [
            (0.55 + 0.45 * effort + 0.02 * wobble) * (1 + drift * index)
            for index, (effort, wobble) in enumerate(zip(lagged, self.noise(4, 40), strict=False))
        ]
        return [min(MAX_HR, int(rate + 0.5)) for rate in to_mean(raw, self.recording.heartrate)]

    @cached_property
    def respiration(self) -> list[float]:
        """Breaths a minute."""
        return [int(rate * 1.8 - 20) / 10 for rate in self.heartrate]

    @cached_property
    def torque(self) -> list[float]:
        """Torque in Nm."""
        return [int(tenths) / 10 for tenths in self._per_turn(self.watts, 95.49)]

    @cached_property
    def temp(self) -> list[int]:
        """Air temperature in degrees Celsius."""
        return [int(self.recording.temp + 2.5 * drift) for drift in self.noise(5, 600)]

    @cached_property
    def left_right_balance(self) -> list[float]:
        """Share of the left leg in percent."""
        return [int(498 + 12 * wobble) / 10 for wobble in self.noise(6, 20)]

    @cached_property
    def core_temperature(self) -> list[float]:
        """Body temperature in degrees Celsius, rising."""
        rise = 140 / self.samples
        return [int(3720 + rise * i + 4 * drift) / 100 for i, drift in enumerate(self.noise(7, 300))]

    @cached_property
    def skin_temperature(self) -> list[float]:
        """Degrees Celsius."""
        return [int(3280 + 40 * drift) / 100 for drift in self.noise(8, 300)]

    @cached_property
    def smo2(self) -> list[float]:
        """Muscle oxygen in percent."""
        return [int((78 - 16 * e + 2 * w) * 10) / 10 for e, w in zip(self.effort, self.noise(9, 15), strict=True)]

    @cached_property
    def thb(self) -> list[float]:
        """Haemoglobin in g/dL."""
        return [int(1230 + 6 * wobble) / 100 for wobble in self.noise(10, 60)]

    @cached_property
    def w_bal(self) -> list[int]:
        """Work left above critical power in J."""
        return [int(16_500 - 2500 * e + 300 * w) for e, w in zip(self.effort, self.noise(11, 90), strict=True)]

    @cached_property
    def stride_length(self) -> list[float]:
        """Metres a step."""
        return [int(hundredths) / 100 for hundredths in self._per_turn(self.speed, 3000)]

    def _per_turn(self, values: Iterable[float], factor: float) -> Iterator[float]:
        """Yield what is left of values for each turn or step; nothing while there is none."""
        pairs = zip(values, self.cadence, strict=True)
        return (value * factor / cadence if cadence else 0.0 for value, cadence in pairs)

    @cached_property
    def dfa_a1(self) -> list[float]:
        """Detrended fluctuation of the heart rate; the first samples are an artefact."""
        rest = (
            int((1.35 - 0.45 * e) * 1000 + 60 * w) / 1000 for e, w in zip(self.effort, self.noise(12, 60), strict=True)
        )
        return [0.0 if i < 5 else value for i, value in enumerate(rest)]

    @cached_property
    def hrv(self) -> list[list[int] | None]:
        """RR intervals in ms of the beats that fell into each second."""
        beats, result = 0.0, list[list[int] | None]()
        for rate, wobble in zip(self.heartrate, self.noise(13), strict=True):
            done, beats = int(beats), beats + rate / 60
            gap = 60_000 // rate
            result.append([gap + int(9 * wobble) + 3 * i for i in range(int(beats) - done)] or None)
        return result

    @cached_property
    def FuelRate(self) -> list[float]:  # noqa: N802 - the code that the athlete gave it
        """Carbohydrates burnt, g/h: the custom stream."""
        return [int(watts * 3.1) / 10 for watts in self.watts]


def _lose(values: list[Any], seed: str) -> list[Any]:
    """Replace a few ranges by null."""
    rng = Random(seed)
    values = list(values)
    for _ in range(rng.choice((0, 1, 1, 2)) if len(values) > 30 else 0):
        start = rng.randrange(len(values))
        end = min(len(values), start + rng.randint(1, 9))
        values[start:end] = [None] * (end - start)
    return values


def _envelope(name: str, data: list[Any], data2: list[Any] | None = None) -> dict[str, Any]:
    return {
        "type": name,
        "name": CUSTOM.get(name),
        "data": data,
        "data2": data2,
        "valueType": "java.lang.Integer" if name in INTEGERS else "java.lang.Float",
        "valueTypeIsArray": name == "hrv",
        "anomalies": None,
        "custom": name in CUSTOM,
        "allNull": all(value is None for value in data),
    }


def channels(recording: Recording, *names: str) -> dict[str, list[Any]]:
    """Those of these channels (no latlng) that were recorded, as they are sent."""
    signals = Signals(recording)
    return {name: _sent(recording, name, getattr(signals, name)) for name in names if name in recording.streams}


def _sent(recording: Recording, name: str, values: list[Any]) -> list[Any]:
    return _lose(values, f"{recording.seed}/{name}") if name in DROPOUTS else values


def generate(recording: Recording, types: tuple[str, ...] | None = None) -> list[dict[str, Any]]:
    """Return the streams of a recording (of these `types` only) as the API sends them; equal lengths."""
    signals, result = Signals(recording), []
    for name in recording.streams:
        if types is not None and name not in types:
            continue
        values = getattr(signals, name)
        if name == "latlng":
            result.append(_envelope(name, *(_sent(recording, name, part) for part in values)))
        else:
            result.append(_envelope(name, _sent(recording, name, values)))
    return result
