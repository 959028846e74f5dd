"""The pace of requests: 10 a second for all workers together, and 2,500 in 15 minutes for each key."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pyrate_limiter import AbstractBucket, BucketFactory, InMemoryBucket, Limiter, Rate, RateItem
from typing_extensions import override

from tap_intervals_icu.errors import QuotaPauseError

if TYPE_CHECKING:
    from tap_intervals_icu.api.connection import Connection
    from tap_intervals_icu.api.shared_limits import SharedLimits

QUARTER_HOUR = 900.0
"""Seconds."""

SLACK = 1.03
"""Factor on the time between requests, so that a jittery network does not squeeze eleven into a second."""

TURN = "turn"
"""Name of what all requests take, whoever's they are."""


class Pace:
    """One limiter for all workers, so that they share the API's limits instead of each spending them."""

    def __init__(self, connection: Connection, shared: SharedLimits | None = None) -> None:
        """Prepare.

        Args:
            connection: Names the limits; no requests a second: none.
            shared: Where the limits are kept that other processes share; None for this process alone.
        """
        self._quota_wait = connection.quota_wait
        self._stopped = threading.Event()
        self._rates: dict[str, Rate] = {}
        if connection.requests_per_second:
            turn = Rate(1, max(1, round(1000 * SLACK / connection.requests_per_second)))
            per_quarter_hour = Rate(connection.requests_per_quarter_hour, round(1000 * QUARTER_HOUR))
            self._rates[TURN] = turn
            if per_quarter_hour.limit * turn.interval < per_quarter_hour.interval or shared:  # else it is never reached
                self._rates[""] = per_quarter_hour
        self._own = Limiter(OwnBuckets(self._rates), buffer_ms=0)
        self._shared = shared

    def wait(self, key: str = "") -> None:
        """Return when the next request may be sent.

        Args:
            key: Names those whose requests in 15 minutes are counted together.

        Raises:
            QuotaPauseError: That would take longer than `quota_wait`.
        """
        if "" in self._rates:
            waited = 0.0
            # In steps of a second, so that stop() need not wait for a quarter of an hour.
            while not self._acquire(f"quarter-hour-{key}", self._rates[""]):
                waited += 1
                if waited >= self._quota_wait or self._stopped.is_set():
                    raise QuotaPauseError("The quota of requests per 15 minutes is spent.", QUARTER_HOUR - waited)
        if TURN in self._rates:
            while not self._acquire(TURN, self._rates[TURN]):  # one's turn is no quota
                if self._stopped.is_set():
                    raise QuotaPauseError("The process is about to leave.", QUARTER_HOUR)

    def stop(self) -> None:
        """End all waiting."""
        self._stopped.set()

    def _acquire(self, name: str, rate: Rate) -> bool:
        """Take a place; return whether there was one within a second."""
        if self._shared:
            return self._shared.acquire(name, rate, 1.0, self._stopped)
        return bool(self._own.try_acquire(name, timeout=1))


class OwnBuckets(BucketFactory):
    """A bucket in this process for each name."""

    def __init__(self, rates: dict[str, Rate]) -> None:
        self._rates = rates
        self._buckets: dict[str, AbstractBucket] = {}

    @override
    def wrap_item(self, name: str, weight: int = 1) -> RateItem:
        now = self._bucket(name).now()  # type: ignore[no-untyped-call] # of the library
        return RateItem(name, now, weight=weight)

    @override
    def get(self, item: RateItem) -> AbstractBucket:
        return self._bucket(item.name)

    def _bucket(self, name: str) -> AbstractBucket:
        if name not in self._buckets:
            self._buckets[name] = InMemoryBucket([self._rates[TURN if name == TURN else ""]])
            self.schedule_leak(self._buckets[name])
        return self._buckets[name]
