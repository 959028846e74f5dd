"""Fitness, fatigue, load and zones, by the formulas that the service is known to use."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

POWER_ZONES = [55, 75, 90, 105, 120, 150, 999]  # upper bounds, % of FTP
PACE_ZONES = [77.5, 87.7, 94.3, 100.0, 103.4, 111.5, 999.0]  # upper bounds, % of threshold pace
HR_ZONES = [130, 144, 150, 161, 166, 171, 188]  # upper bounds, bpm
LTHR = 166
MAX_HR = 188
RESTING_HR = 49
THRESHOLD_PACE = {"Run": 3.92, "Swim": 1.25}  # m/s, by group of sports
CTL_DAYS = 42
ATL_DAYS = 7


def decay(previous: float, load: float, days: int) -> float:
    """Move the exponentially weighted mean with time constant `days` on by one day of `load`."""
    return previous + (load - previous) * (1 - math.exp(-1 / days))


def fitness(loads: Iterable[float], ctl: float, atl: float) -> list[tuple[float, float]]:
    """(CTL, ATL) at the end of each day, from the daily loads and the values before the first day."""
    result = []
    for load in loads:
        ctl, atl = decay(ctl, load, CTL_DAYS), decay(atl, load, ATL_DAYS)
        result.append((ctl, atl))
    return result


def training_load(seconds: float, intensity: float) -> int:
    """Load points of an effort: 100 for an hour at threshold (intensity 1)."""
    return round(seconds / 3600 * intensity**2 * 100)


def significant(value: float, digits: int = 7) -> float:
    """Round to as many digits as the single-precision numbers of the service have."""
    return float(f"{value:.{digits}g}")
