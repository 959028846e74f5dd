"""The pace of requests: 10 a second for all workers together, and 2,500 in 15 minutes for each key."""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING

from tap_intervals_icu.api.turns import Turn, Turns
from tap_intervals_icu.errors import QuotaPauseError

if TYPE_CHECKING:
    from tap_intervals_icu.api.connection import Connection
    from tap_intervals_icu.api.shared_limits import SharedLimits

QUARTER_HOUR = 900.0
"""Seconds."""

SLACK = 1.03
"""Factor on the time between requests of several processes, so that a jittery network does not squeeze eleven into a
second: none knows how long the others' were on their way."""

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
        self._limits: dict[str, tuple[int, float]] = {}
        """Requests and seconds; "" stands for 15 minutes."""
        if per_second := connection.requests_per_second:
            at_once = 1 if shared else max(1, int(per_second))
            self._limits[TURN] = at_once, at_once * (SLACK if shared else 1) / per_second
            if connection.requests_per_quarter_hour < per_second * QUARTER_HOUR or shared:  # else it is never reached
                self._limits[""] = connection.requests_per_quarter_hour, QUARTER_HOUR
        self._shared = shared
        self._turns: dict[str, Turns] = {}
        self._lock = threading.Lock()

    def wait(self, key: str = "") -> Turn | None:
        """Return when the next request may be sent, with its turn for `answered`.

        Args:
            key: Names those whose requests in 15 minutes are counted together.

        Raises:
            QuotaPauseError: That would take longer than `quota_wait`.
        """
        if "" in self._limits:
            waited = 0.0
            # In steps of a second, so that stop() need not wait for a quarter of an hour.
            while not self._acquire(f"quarter-hour-{key}", self._limits[""]):
                waited += 1
                if waited >= self._quota_wait or self._stopped.is_set():
                    raise QuotaPauseError("The quota of requests per 15 minutes is spent.", QUARTER_HOUR - waited)
        turn = None
        if TURN in self._limits:
            while not (turn := self._acquire(TURN, self._limits[TURN])):  # one's turn is no quota
                if self._stopped.is_set():
                    raise QuotaPauseError("The process is about to leave.", QUARTER_HOUR)
        return turn

    def answered(self, turn: Turn | None) -> None:
        """Note that the answer to a request begins to arrive: it tells how long the request was on its way at most."""
        if turn and not self._shared:
            with self._lock:
                self._turns[TURN].answered(turn, monotonic())

    def stop(self) -> None:
        """End all waiting."""
        self._stopped.set()

    def _acquire(self, name: str, limit: tuple[int, float]) -> Turn | None:
        """Take a turn; return None if there was none within a second."""
        if self._shared:
            from pyrate_limiter import Rate  # noqa: PLC0415 - takes a tenth of the tap's start, and few share

            requests, seconds = limit
            rate = Rate(requests, max(1, round(1000 * seconds)))
            return Turn(monotonic()) if self._shared.acquire(name, rate, 1.0, self._stopped) else None
        end = monotonic() + 1.0
        while True:
            with self._lock:
                turns = self._turns.setdefault(name, Turns(*limit, evenly=name == TURN))
                turn = turns.take(monotonic())
            if isinstance(turn, Turn):
                return turn
            left = end - monotonic()
            if left <= 0 or self._stopped.wait(min(turn, left)):
                return None
