"""How often a sync can run within the requests that the API allows in a day: pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = 86_400
MINUTE = 60
SHARE = 0.8
"""Of the day's requests, for looking what is new; the rest brings it."""
LEAST, MOST = 2, 4
"""So many of the last runs tell what a run with nothing new costs: the cheapest of them does."""
TOLERANCE = 0.2
"""A smaller change of a longer interval is none."""


def with_cost(costs: Sequence[float], cost: float) -> list[float]:
    """Return the requests of the last runs, with those of one more."""
    return [*costs, cost][-MOST:]


def interval_that_fits(wanted: float, costs: Sequence[float], a_day: float, last: float = 0) -> float:
    """Return the seconds from the start of one run to the next that the day's requests last for.

    Args:
        wanted: As configured.
        costs: Requests of the last runs.
        a_day: Requests that are allowed in a day; 0 means no limit.
        last: What was returned last, 0 for nothing.
    """
    if not a_day:
        return wanted
    if len(costs) < LEAST:
        return max(wanted, last)
    fits = math.ceil(DAY * min(costs) / (SHARE * a_day) / MINUTE) * MINUTE
    if fits <= wanted:
        return wanted
    return last if last > wanted and abs(fits - last) <= TOLERANCE * last else fits


def in_words(interval: float) -> str:
    """Return an interval as text."""
    minutes = interval / MINUTE
    return f"{minutes:.3g} minutes" if minutes < 2 * MINUTE else f"{minutes / MINUTE:.3g} hours"
