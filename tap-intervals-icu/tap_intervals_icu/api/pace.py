"""The pace of requests: 10 a second and 2,500 in 15 minutes, for all workers together."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pyrate_limiter import InMemoryBucket, Limiter, Rate

from tap_intervals_icu.errors import QuotaPauseError

if TYPE_CHECKING:
    from tap_intervals_icu.api.connection import Connection

QUARTER_HOUR = 900.0
"""Seconds."""

SLACK = 1.03
"""Factor on the time between requests, so that a jittery network does not squeeze eleven into a second."""


class Pace:
    """One limiter for all workers, so that they share the API's limits instead of each spending them."""

    def __init__(self, connection: Connection) -> None:
        self._quota_wait = connection.quota_wait
        self._stopped = threading.Event()
        self._limiter: Limiter | None = None
        if connection.requests_per_second:
            self._quota_wait += (connection.workers + 1) / connection.requests_per_second  # one's turn is no quota
            rates = [Rate(1, max(1, round(1000 * SLACK / connection.requests_per_second)))]
            per_quarter_hour = Rate(connection.requests_per_quarter_hour, round(1000 * QUARTER_HOUR))
            if per_quarter_hour.limit * rates[0].interval < per_quarter_hour.interval:  # else it is never reached
                rates.append(per_quarter_hour)
            self._limiter = Limiter(InMemoryBucket(rates), buffer_ms=0)

    def wait(self) -> None:
        """Return when the next request may be sent.

        Raises:
            QuotaPauseError: That would take longer than `quota_wait`.
        """
        waited = 0.0
        # In steps of a second, so that stop() need not wait for a quarter of an hour.
        while self._limiter and not self._limiter.try_acquire("api", timeout=1):
            waited += 1
            if waited >= self._quota_wait or self._stopped.is_set():
                raise QuotaPauseError("The quota of requests per 15 minutes is spent.", QUARTER_HOUR - waited)

    def stop(self) -> None:
        """End all waiting."""
        self._stopped.set()
