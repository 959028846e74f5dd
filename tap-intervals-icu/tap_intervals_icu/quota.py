"""The API's quota of requests a day, counted across runs: pure bookkeeping."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from tap_intervals_icu.errors import QuotaPauseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RESERVE = 0.1
"""Share of the day that a backfill leaves for today's data."""


@dataclass
class DailyQuota:
    """Requests of one UTC day, as the API counts them for a key (5,000 for a personal one).

    Attributes:
        limit: Requests a day; 0 means no limit.
        day: UTC date the count is for.
        used: Requests sent on that day, by this run and those before it.
    """

    limit: int
    day: str = ""
    used: int = 0

    @classmethod
    def load(cls, limit: int, state: Sequence[str | int]) -> DailyQuota:
        """Read what `dump` wrote."""
        return cls(limit, str(state[0]), int(state[1])) if state else cls(limit)

    def dump(self) -> list[str | int]:
        """Return a list for the state."""
        return [self.day, self.used]

    def take(self, now: datetime, *, backfill: bool) -> None:
        """Count one request about to be sent.

        Raises:
            QuotaPauseError: The day's requests are spent; or, for a backfill, all but the reserve.
        """
        if self.day != f"{now:%Y-%m-%d}":
            self.day, self.used = f"{now:%Y-%m-%d}", 0
        if self.limit and self.used >= self.limit * (1 - RESERVE if backfill else 1):
            midnight = datetime.combine(now.date(), datetime.min.time(), timezone.utc) + timedelta(days=1)
            what = "All but the reserve for new data" if backfill else "All"
            raise QuotaPauseError(
                f"{what} of today's {self.limit:,} requests are used.", (midnight - now).total_seconds()
            )
        self.used += 1

    def correct(self, headers: Mapping[str, str]) -> None:
        """Take over the server's own count, where it tells: `X-RateLimit-Limit: <15 min>,<day>`, likewise Remaining."""
        try:
            limit = int(headers["X-RateLimit-Limit"].split(",")[1])
            remaining = int(headers["X-RateLimit-Remaining"].split(",")[1])
        except (KeyError, IndexError, ValueError):
            return
        if self.limit:
            self.limit = limit
            self.used = max(self.used, limit - remaining)
