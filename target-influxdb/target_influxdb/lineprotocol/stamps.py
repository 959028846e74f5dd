"""Times as lines carry them: units, the coarsest precision that keeps them, limits. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

UNITS: Final = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
"""Nanoseconds in one unit of each precision."""
EARLIEST: Final = -9_223_372_036_854_775_806
"""What the servers can store: 1677-09-21 to 2262-04-11."""
LATEST: Final = 9_223_372_036_854_775_806
DAY: Final = 86_400 * UNITS["s"]

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def precision_of(times: Sequence[int], unit: str = "ns") -> str:
    """Return the coarsest of s, ms, ns that keeps every time (us has another name on every server)."""
    for name in ("s", "ms"):
        if UNITS[unit] >= UNITS[name] or not any(map((UNITS[name] // UNITS[unit]).__rmod__, times)):
            return name
    return "ns"


def converted(times: list[int], unit: str, precision: str) -> list[int]:
    """Return times in another unit, cut (towards the past) if it is a coarser one."""
    if unit == precision:
        return times
    if UNITS[unit] > UNITS[precision]:
        return list(map((UNITS[unit] // UNITS[precision]).__mul__, times))
    return list(map((UNITS[precision] // UNITS[unit]).__rfloordiv__, times))


def text(time: int) -> str:
    """Return the ISO text of nanoseconds since 1970, to the second, in UTC."""
    return (EPOCH + timedelta(seconds=time // UNITS["s"])).strftime("%Y-%m-%dT%H:%M:%SZ")
