"""The service's rate limits: requests a second, in 15 minutes, and in a day."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = 86_400


@dataclass(frozen=True)
class RateLimit:
    """Limits to keep; 0 means none. `burst` requests may come at once, as the service tolerates.

    `window` is the length of the "15 minutes" in seconds. Quota answers carry headers if `headers` is
    set; the limit per second never tells when to come back.
    """

    per_second: float = 10
    burst: int = 10
    per_window: int = 2500
    per_day: int = 5000
    window: float = 900
    headers: bool = True


@dataclass(frozen=True)
class Refusal:
    """A refused request; `retry_after` in seconds is None for the limit per second."""

    retry_after: int | None


@dataclass
class Address:
    """The limit per second, which all who ask from one address share."""

    tokens: float
    last: float


@dataclass
class Limiter:
    """Counts requests against a `RateLimit`; `clock` gives Unix time."""

    limit: RateLimit
    clock: Callable[[], float] = time.time
    used_today: int = 0
    address: Address | None = None
    _day: int = field(init=False)
    _recent: deque[float] = field(default_factory=deque, init=False)

    def __post_init__(self) -> None:
        now = self.clock()
        self.address = self.address or Address(float(self.limit.burst), now)
        self._day = int(now // DAY)

    def for_another(self) -> Limiter:
        """Return one with a day and 15 minutes of its own, for another credential at the same address."""
        return Limiter(self.limit, self.clock, address=self.address)

    def refuse(self) -> Refusal | None:
        """Count a request, or say why it is refused; a refused one is not counted."""
        now = self.clock()
        self._roll(now)
        if self.limit.per_day and self.used_today >= self.limit.per_day:
            return Refusal(ceil((self._day + 1) * DAY - now))
        if self.limit.per_window and len(self._recent) >= self.limit.per_window:
            return Refusal(max(1, ceil(self._recent[0] + self.limit.window - now)))
        if self.address and self.limit.per_second:
            if self.address.tokens < 1:
                return Refusal(None)
            self.address.tokens -= 1
        self._recent.append(now)
        self.used_today += 1
        return None

    def headers(self) -> dict[str, str]:
        """Return the rate headers of an answer, "15 minutes,day"."""
        if not self.limit.headers:
            return {}
        left = (self.limit.per_window - len(self._recent), self.limit.per_day - self.used_today)
        return {
            "X-RateLimit-Limit": f"{self.limit.per_window},{self.limit.per_day}",
            "X-RateLimit-Remaining": ",".join(str(max(0, number)) for number in left),
        }

    def _roll(self, now: float) -> None:
        if self.address:
            gained = (now - self.address.last) * self.limit.per_second
            self.address.tokens = min(float(self.limit.burst), self.address.tokens + gained)
            self.address.last = now
        while self._recent and self._recent[0] <= now - self.limit.window:
            self._recent.popleft()
        if int(now // DAY) > self._day:
            self._day, self.used_today = int(now // DAY), 0
