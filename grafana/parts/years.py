"""The same day one or two years earlier, in InfluxQL, which knows no calendar.

29 February makes a year 366 days long. From one to the next it is 1461 days, as long as no century is in between
(2100): so the rest of a division by that tells whether one lies in the year, or the two years, before a moment. Whole
numbers with %, which InfluxDB folds into one before it looks for the points.
"""

from __future__ import annotations

DAY = 86_400_000
CYCLE = 1461 * DAY
TO_NANOSECONDS = 1_000_000
AFTER_A_LEAP_DAY = {0: (0, CYCLE), 1: (306, 1096 * DAY), 2: (1402, 731 * DAY)}
"""By years: days to add so that those within so many years after a 29 February end the cycle, and where they begin."""


def years_before(years: int, days: int = 0) -> str:
    """Return a bound for `time`: the same calendar day 0, 1 or 2 years before the range begins, plus `days`."""
    shift, begin = AFTER_A_LEAP_DAY[years]
    place = f"((${{__from}} + {shift * DAY}) % {CYCLE})"
    leap_day = f"(({place} - {place} % {begin}) % {begin - DAY})"  # a day or none, in ms
    return f"(${{__from}} - {(365 * years - days) * DAY} - {leap_day}) * {TO_NANOSECONDS}"
