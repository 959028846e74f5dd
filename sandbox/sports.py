"""Sports, kinds of training and what a device records in each."""

from __future__ import annotations

from typing import NamedTuple

# Numeric channels in the order in which a benchmark gets them.
CHANNELS = [
    "watts",
    "heartrate",
    "cadence",
    "distance",
    "altitude",
    "velocity_smooth",
    "temp",
    "torque",
    "respiration",
    "grade_smooth",
    "left_right_balance",
    "core_temperature",
    "smo2",
    "thb",
    "w_bal",
    "skin_temperature",
    "stride_length",
    "fixed_altitude",
]

OUTDOORS = ("distance", "altitude", "latlng", "velocity_smooth", "grade_smooth", "temp")
PEDALS = ("time", "watts", "heartrate", "cadence")
BIKE = (*PEDALS, *OUTDOORS, "torque", "left_right_balance")
TRAINER = (*PEDALS, "distance", "altitude", "velocity_smooth", "grade_smooth", "respiration")
FOOT = ("time", "heartrate", "cadence", *OUTDOORS, "stride_length", "respiration")
WATER = ("time", "heartrate", "cadence", "distance", "velocity_smooth")


class Sport(NamedTuple):
    """What distinguishes a sport for the sandbox."""

    type: str
    group: str  # the sport settings it belongs to
    speed: float = 0.0  # m/s at endurance effort
    cadence: int = 0  # rpm, per leg on foot
    climb: float = 0.0  # metres a kilometre
    length: float = 1.0  # relative to a typical recording
    share: float = 1.0  # how often it is done ...
    summer: float = 0.0  # ... and how much more so in summer, -1 to 1
    streams: tuple[str, ...] = ()
    step: int = 1  # seconds between two samples
    gear: str | None = None
    device: str | None = None

    @property
    def outdoor(self) -> bool:
        """Whether a position is recorded."""
        return "latlng" in self.streams

    @property
    def power(self) -> bool:
        """Whether effort is measured in watts."""
        return "watts" in self.streams


SPORTS = {
    sport.type: sport
    for sport in (
        Sport("Ride", "Ride", 8.0, 88, 11, 1.2, 3.0, 0.7, BIKE, 1, "b1", "Garmin Edge 840"),
        Sport("GravelRide", "Ride", 6.3, 84, 14, 1.3, 1.0, 0.3, BIKE, 1, "b2", "Garmin Edge 840"),
        Sport("VirtualRide", "Ride", 9.0, 90, 8, 0.9, 2.0, -0.8, TRAINER, 1, "b3", "Wahoo KICKR"),
        Sport("Run", "Run", 2.9, 83, 7, 0.8, 2.5, 0.0, FOOT, 1, "s1", "Garmin Forerunner 965"),
        Sport("TrailRun", "Run", 2.4, 80, 38, 1.2, 0.7, 0.2, FOOT, 1, "s2", "Garmin Forerunner 965"),
        Sport("Hike", "Other", 1.2, 54, 45, 1.7, 0.4, 0.4, FOOT, 4, None, "Suunto Vertical"),
        Sport("Swim", "Swim", 1.05, 28, 0, 0.7, 1.2, 0.0, WATER, 1, None, "Garmin Forerunner 965"),
        Sport("WeightTraining", "Other", length=0.7, share=0.8, streams=("time", "heartrate")),
        Sport("Yoga", "Other", length=0.6, share=0.6),
        Sport("Workout", "Other", length=0.6, share=0.5, streams=("time", "heartrate", "cadence", "temp")),
    )
}


class Kind(NamedTuple):
    """A kind of training: its intensity (fraction of threshold), length and share of seven zones."""

    name: str
    intensity: float
    length: float
    zones: tuple[float, ...]


KINDS = {
    kind.name: kind
    for kind in (
        Kind("Recovery", 0.58, 0.6, (0.75, 0.22, 0.03, 0, 0, 0, 0)),
        Kind("Endurance", 0.68, 0.95, (0.25, 0.6, 0.12, 0.03, 0, 0, 0)),
        Kind("Tempo", 0.80, 0.9, (0.2, 0.35, 0.35, 0.08, 0.02, 0, 0)),
        Kind("Intervals", 0.84, 0.9, (0.3, 0.25, 0.1, 0.15, 0.15, 0.04, 0.01)),
        Kind("Long", 0.70, 1.9, (0.3, 0.5, 0.14, 0.05, 0.01, 0, 0)),
        Kind("Race", 0.91, 1.2, (0.1, 0.2, 0.25, 0.25, 0.15, 0.04, 0.01)),
    )
}


class Block(NamedTuple):
    """A part of a session: sample range (end exclusive) and effort relative to its mean."""

    start: int
    end: int
    effort: float
    work: bool


def structure(kind: str, samples: int) -> list[Block]:
    """Cut a session into warm-up, work, rests and cool-down; the blocks cover all samples."""
    if kind == "Intervals":
        parts = [(0.2, 0.85, False), *[(0.08, 1.45, True), (0.05, 0.65, False)] * 5, (0.15, 0.75, False)]
    elif kind == "Tempo":
        parts = [(0.2, 0.85, False), *[(0.25, 1.2, True), (0.05, 0.7, False)] * 2, (0.2, 0.8, False)]
    elif kind == "Race":
        parts = [(0.05, 0.8, False), (0.95, 1.01, True)]
    else:
        parts = [(0.1, 0.9, False), (0.8, 1.03, True), (0.1, 0.86, False)]
    blocks, share, start = [], 0.0, 0
    for part, effort, work in parts:
        share += part
        end = min(samples, round(samples * share))
        if end > start:
            blocks.append(Block(start, end, effort, work))
        start = end
    return blocks
