"""The normal range in Python, from its definition: nothing is shared with the queries."""

from __future__ import annotations

import math
from statistics import fmean, stdev
from typing import TypeAlias

Days: TypeAlias = "dict[int, float | None]"
"""Values by age in days; None: the day exists and was not measured; a missing age: the day does not exist."""


class Normal:
    """What is to be said about each day."""

    def __init__(self, days: Days, *, logarithm: bool = False) -> None:
        self.days = {age: math.log(value) if logarithm and value else value for age, value in days.items()}
        self.back = math.exp if logarithm else float

    def say(self, age: int) -> tuple[float, float, float, float] | None:
        """Place in the normal range, 7 days, low, high; None without enough data."""
        week = [value for day in range(age, age + 7) if (value := self.days.get(day)) is not None]
        normal = [value for day in range(age + 7, age + 67) if (value := self.days.get(day)) is not None]
        if age not in self.days or len(week) < 4 or len(normal) < 20:
            return None
        middle, deviation = fmean(normal), stdev(normal)
        low, high = middle - deviation / 2, middle + deviation / 2
        return (fmean(week) - middle) / deviation, self.back(fmean(week)), self.back(low), self.back(high)
