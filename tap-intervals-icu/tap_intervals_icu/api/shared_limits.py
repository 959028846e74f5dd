"""Limits that several processes and machines share, in Redis or PostgreSQL: the pace, and the requests of a day."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from contextlib import contextmanager
from math import inf
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tap_intervals_icu.errors import TapError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyrate_limiter import AbstractBucket, Rate

PREFIX = "intervals_icu_"
TIMEOUT = 10.0
"""Seconds for an answer of the server."""

LEAK_SECONDS = 60.0
"""How often a process clears away what is past in a bucket, at its first request as well: most runs are shorter."""


class SharedLimits(ABC):
    """Buckets of the limiter's library, and a counter; safe to share between threads."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._where = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
        """Without user and password."""
        self._buckets: dict[str, AbstractBucket] = {}
        self._lock = threading.Lock()
        self._leaked_at: dict[str, float] = {}

    @abstractmethod
    def close(self) -> None:
        """Leave the server."""

    @abstractmethod
    def count(self, key: str, day: str, by: int) -> int:
        """Add to the requests of a day, and return how many they are then.

        Args:
            key: Whose.
            day: UTC date.
            by: How many to add; may be negative.
        """

    @abstractmethod
    def _make(self, name: str, rate: Rate) -> AbstractBucket:
        """Return a bucket that all processes fill."""

    @abstractmethod
    def _errors(self) -> tuple[type[Exception], ...]:
        """Return what the library raises where the server does not do what it is told."""

    def acquire(self, name: str, rate: Rate, seconds: float, stopped: threading.Event) -> bool:
        """Take a place in a bucket; return whether there was one within some seconds.

        Each try goes by the server's clock anew. (The library's own waiting reckons on from the first try: of several
        processes one would not see what another one put in meanwhile.)
        """
        end = monotonic() + seconds
        while True:
            with self._lock, self.telling():
                if name not in self._buckets:
                    self._buckets[name] = self._make(name, rate)
                wait = self._try(name)
            left = end - monotonic()
            if wait is None or left <= 0 or stopped.wait(min(max(wait, 0.001), left)):
                return wait is None

    def _try(self, name: str) -> float | None:
        """Take a place now, or return the seconds after which to try again."""
        from pyrate_limiter import RateItem  # noqa: PLC0415 - takes a tenth of the tap's start, and few share

        bucket = self._buckets[name]
        now = bucket.now()  # type: ignore[no-untyped-call] # of the library
        item = RateItem("request", now)
        if monotonic() - self._leaked_at.get(name, -inf) > LEAK_SECONDS:
            self._leaked_at[name] = monotonic()
            bucket.leak(item.timestamp)
        return None if bucket.put(item) else bucket.waiting(item) / 1000  # type: ignore[operator] # likewise

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Turn what the library raises into a sentence without the password.

        Raises:
            TapError: The server does not answer, or refuses.
        """
        try:
            yield
        except self._errors() as error:
            name = type(error).__name__
            raise TapError(f"`limiter_url`: the server at {self._where} does not do its work ({name}).") from None


def open_limits(url: str) -> SharedLimits:
    """Return the limits that processes with the same address share.

    Raises:
        TapError: The address is of another kind, a package is missing, or nobody answers.
    """
    scheme = urlsplit(url).scheme
    try:
        if scheme in {"redis", "rediss"}:
            from tap_intervals_icu.api.shared_limits_redis import RedisLimits  # noqa: PLC0415 - an extra

            return RedisLimits(url)
        if scheme in {"postgresql", "postgres"}:
            from tap_intervals_icu.api.shared_limits_postgres import PostgresLimits  # noqa: PLC0415 - an extra

            return PostgresLimits(url)
    except ImportError as error:
        package = f"`limiter_url` needs the package {error.name}"
        raise TapError(f"{package}: install the tap as tap-intervals-icu[shared].") from None
    raise TapError(
        "`limiter_url` is not an address of Redis or PostgreSQL: write it as redis://... or postgresql://..."
    )
