"""One request until it is answered: which failures pass, and how long to wait before the next try."""

from __future__ import annotations

import contextlib
import email.utils
import logging
import math
import random
import time
from typing import TYPE_CHECKING, Protocol

import urllib3

from target_influxdb.errors import UnreachableError
from target_influxdb.servers.http import reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from target_influxdb.servers.http import Answer


logger = logging.getLogger("target-influxdb")

SLICE = 0.2
LONGEST_PAUSE = 30.0
DOUBLINGS = 6
"""After so many the pause has reached its length: a server may be away for days."""


class Stop(Protocol):
    """When retries must end early: a deadline set by a signal handler (a plain attribute needs no lock)."""

    deadline: float


class Retrier:
    """Repeats a request until it is answered, or until `limit` seconds have passed without any success."""

    def __init__(self, limit: float, stop: Stop) -> None:
        self._limit = limit
        self._stop = stop

    def __call__(self, what: str, request: Callable[[], Answer], limit: float = math.inf) -> Answer:
        """Return the answer, once the trouble has passed; `limit` may shorten the seconds.

        Raises:
            UnreachableError: the trouble did not pass.
        """
        began = time.monotonic()
        attempt = 0
        while True:
            wait = 0.0
            try:
                answer = request()
            except (urllib3.exceptions.HTTPError, OSError) as error:
                trouble = reason(error)
            else:
                if not answer.retryable:
                    return answer
                trouble = answer.brief()
                wait = retry_after(answer, time.time())
            wait = max(wait, min(0.5 * 2 ** min(attempt, DOUBLINGS), LONGEST_PAUSE) * random.uniform(0.5, 1.0))
            attempt += 1
            left = min(began + min(self._limit, limit), self._stop.deadline) - time.monotonic()
            if wait > left:
                raise UnreachableError(
                    f"{what} failed {attempt} time{'s' * (attempt > 1)}: {trouble}."
                    " What is not stored yet comes again with the next run; check that the server is up and not full."
                )
            log = logger.warning if attempt in (1, 5) or attempt % 20 == 0 else logger.info
            log("%s failed (%s); trying again in %.1f s.", what, trouble, wait)
            self._pause(wait)

    def _pause(self, seconds: float) -> None:
        """Sleep, unless a signal shortens the time that is left."""
        until = time.monotonic() + seconds
        while (left := min(until, self._stop.deadline) - time.monotonic()) > 0:
            time.sleep(min(left, SLICE))


def retry_after(answer: Answer, now: float) -> float:
    """Return the seconds that the server asks to wait (given as number or date), 0 if it asks for none."""
    text = answer.headers.get("Retry-After", "")
    if not text:
        return 0.0
    with contextlib.suppress(ValueError):
        if math.isfinite(seconds := float(text)):
            return max(seconds, 0.0)
    try:
        return max(email.utils.parsedate_to_datetime(text).timestamp() - now, 0.0)
    except ValueError:
        return 10.0
