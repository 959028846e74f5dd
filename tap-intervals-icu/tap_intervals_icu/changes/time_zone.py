"""The athlete's time zone: it tells which day is today, in the list of activities and in that of wellness.

The API's own days and times need none: they are the athlete's wall clock.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from tap_intervals_icu.changes.profile import Profile

logger = logging.getLogger("tap-intervals-icu")


def time_zone(profile: Profile) -> ZoneInfo:
    """Return the athlete's time zone; UTC where it is not set, or newer than this machine's time zone data."""
    try:
        return ZoneInfo(profile.timezone or "UTC")
    except (ZoneInfoNotFoundError, TypeError, ValueError, OSError):
        logger.warning("Time zone %r of athlete %s is not known here: UTC is used.", profile.timezone, profile.id)
        return ZoneInfo("UTC")
