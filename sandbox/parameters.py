"""What a caller may choose about a synthetic athlete."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.sports import CHANNELS, SPORTS

DEFAULT_SPORTS = ("Ride", "VirtualRide", "Run", "TrailRun", "Swim", "WeightTraining", "Yoga", "Hike")

TODAY = date.min
"""Stands for the athlete's own today, which is known once the time zone is."""


@dataclass(frozen=True)
class AthleteParameters:
    """A synthetic athlete; equal parameters give equal bytes.

    `seconds` is the length of a typical recording (each one differs around it). `channels` is for
    benchmarks: every activity then has exactly `seconds` samples of exactly that many numeric channels
    besides `time` and `latlng`. `planned_days` of the past have events.
    """

    athlete_id: str = "i100001"
    timezone: str = "Europe/Madrid"
    last_day: date = TODAY
    days: int = 365
    activities: int = 200
    seconds: int = 3600
    channels: int | None = None
    sports: tuple[str, ...] = DEFAULT_SPORTS
    seed: int = 1
    strava_stubs: int = 3
    future_days: int = 14
    planned_days: int = 120

    def __post_init__(self) -> None:
        if min(self.days, self.activities, self.strava_stubs, self.future_days, self.planned_days) < 0:
            raise ValueError("days, activities, strava_stubs, future_days and planned_days cannot be negative.")
        if self.activities and not self.days:
            raise ValueError("An athlete without days cannot have activities.")
        if self.seconds < 10:
            raise ValueError("seconds must be at least 10.")
        if self.channels is not None and not 1 <= self.channels <= len(CHANNELS):
            raise ValueError(f"channels must be between 1 and {len(CHANNELS)}.")
        unknown = [sport for sport in self.sports if sport not in SPORTS]
        if unknown or not self.sports:
            raise ValueError(f"Unknown sports {unknown}; known are {', '.join(SPORTS)}.")
        try:
            now = datetime.now(ZoneInfo(self.timezone))
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"Unknown time zone {self.timezone!r}.") from None
        if self.last_day == TODAY:
            object.__setattr__(self, "last_day", now.date())  # the way to fill a frozen dataclass

    @property
    def number(self) -> int:
        """Number that keeps the ids of different athletes' activities apart."""
        return zlib.crc32(self.athlete_id.encode()) % 800 + 100

    def random(self, *topic: object) -> Random:
        """Random numbers of one topic, independent of all other topics."""
        return Random("/".join(map(str, (self.seed, self.athlete_id, *topic))))
