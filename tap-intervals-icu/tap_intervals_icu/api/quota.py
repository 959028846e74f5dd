"""The API's quota of requests a day, counted across runs: pure bookkeeping."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from math import ceil
from typing import TYPE_CHECKING

from tap_intervals_icu.errors import QuotaPauseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

RESERVE, LARGEST_RESERVE = 0.1, 0.5
"""Share of the day that a backfill leaves for each athlete's new data, and for those of all."""


@dataclass
class DailyQuota:
    """Requests of one UTC day, as the API counts them for a key (5,000 for a personal one).

    Attributes:
        limit: Requests a day that this tap may send; 0 means no limit, whatever the server says.
        day: UTC date the count is for.
        used: Requests sent on that day, by this run and those before it.
        server_limit: Requests a day for all programs that use the key or app, once the server told; else 0.
        server_used: How many of those are used.
        early: Requests of this run before the server told its time.
        athletes: How many share the quota.
        for_others: What a backfill leaves, besides the reserve, to the backfills of other athletes.
        shared: Adds to the requests of a day that all processes count together, and returns how many they are then.
        day_before: UTC date for which the last request was counted together with others.
    """

    limit: int
    day: str = ""
    used: int = 0
    server_limit: int = 0
    server_used: int = 0
    early: int = 0
    athletes: int = 1
    for_others: int = 0
    shared: Callable[[str, int], int] | None = None
    day_before: str = ""

    @classmethod
    def load(cls, limit: int, state: Sequence[str | int], athletes: int = 1) -> DailyQuota:
        """Read what `dump` wrote."""
        day, used = state or ("", 0)
        return cls(limit, str(day), int(used), athletes=athletes)

    def dump(self) -> list[str | int]:
        """Return a list for the state."""
        return [self.day, self.used]

    def left(self, *, backfill: bool = False) -> int:
        """Return how many requests may still be sent today, by the stricter of both counts."""
        share = 1 - self.reserve if backfill else 1
        left = ceil(self.limit * share) - self.used
        if self.server_limit:
            left = min(left, ceil(self.server_limit * share) - self.server_used)
        return max(left - (self.for_others if backfill else 0), 0)

    def is_short(self, requests: int) -> bool:
        """Tell whether today's requests do not last for so many more of a backfill of all athletes, with a margin."""
        left = replace(self, for_others=0).left(backfill=True)
        return bool(self.limit) and left < 2 * requests + 100

    def share_out(self, waiting: int) -> None:
        """Leave to each of the other athletes that wait for a backfill as much of today as to the current one."""
        left = replace(self, for_others=0).left(backfill=True)
        self.for_others = left - ceil(left / max(waiting, 1))

    def take(self, now: datetime, *, backfill: bool, is_server_time: bool = True) -> None:
        """Count one request about to be sent.

        A new day begins by the server's clock alone: this machine's may be wrong.

        Raises:
            QuotaPauseError: The day's requests are spent; or, for a backfill, all but the reserve.
        """
        today = f"{now:%Y-%m-%d}"
        if self.day != today and is_server_time:
            self.day, self.used, self.server_used = today, self.early, 0
        if self.shared:
            self._count_shared(self.shared, today, is_server_time=is_server_time)
        if self.limit and self.day == today and not self.left(backfill=backfill):
            if self.shared:
                self.shared(today, -1)
            midnight = datetime.combine(now.date(), datetime.min.time(), timezone.utc) + timedelta(days=1)
            others = " and other athletes" if self.for_others else ""
            what = f"All but the reserve for new data{others}" if backfill else "All"
            raise QuotaPauseError(
                f"{what} of today's {self.a_day:,} requests are used.", (midnight - now).total_seconds()
            )
        self.early += not is_server_time
        self.used += 1
        self.server_used += 1

    def _count_shared(self, shared: Callable[[str, int], int], today: str, *, is_server_time: bool) -> None:
        """Count a request together with other processes; `used` is then what it was before it.

        Before the server told its time the day is this machine's; if that was wrong, the requests are counted again.
        """
        moved = self.early if is_server_time and self.day_before != today else 0
        self.used = shared(today, 1 + moved) - 1
        self.day = self.day_before = today
        if is_server_time:
            self.early = 0

    @property
    def reserve(self) -> float:
        """Share of the day that a backfill leaves for new data."""
        return min(self.athletes * RESERVE, LARGEST_RESERVE)

    @property
    def a_day(self) -> int:
        """The stricter of the two limits."""
        return min(self.limit, self.server_limit or self.limit)

    def days(self, requests: int) -> int:
        """Return on how many days a backfill of so many requests runs, today included."""
        if not self.limit or requests <= self.left(backfill=True):
            return 1
        return 1 + ceil((requests - self.left(backfill=True)) / (self.a_day * (1 - self.reserve)))

    def correct(self, headers: Mapping[str, str]) -> None:
        """Take over the server's own count, where it tells: `X-RateLimit-Limit: <15 min>,<day>`, likewise Remaining."""
        try:
            limit = int(headers["X-RateLimit-Limit"].split(",")[1])
            remaining = int(headers["X-RateLimit-Remaining"].split(",")[1])
        except (KeyError, IndexError, ValueError):
            return
        self.server_limit, self.server_used = limit, limit - remaining
