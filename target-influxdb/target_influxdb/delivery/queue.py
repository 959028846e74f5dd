"""The queue to the server: sending overlaps with encoding; order and acknowledgement are kept.

One body is on its way at a time. Of two that are the first in a shard, or in one that rested, InfluxDB 2 may
acknowledge both and lose one: its cache is made by the one while the other already writes to it [tried on 2.9.1].
"""

from __future__ import annotations

import logging
import math
import re
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from target_influxdb.delivery.bad_lines import Delivery
from target_influxdb.delivery.rejects import Rejecting
from target_influxdb.delivery.retention import Retention
from target_influxdb.delivery.retry import Retrier
from target_influxdb.errors import TargetError, UnreachableError
from target_influxdb.servers import Server, connect
from target_influxdb.servers.http import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from target_influxdb.config.settings import Settings
    from target_influxdb.delivery.refusals import Conflict
    from target_influxdb.lineprotocol.encode import Chunk
    from target_influxdb.lineprotocol.refused import Refused
    from target_influxdb.servers import Deletion

logger = logging.getLogger("target-influxdb")

QUEUED = 2
"""Chunks in memory: one on its way, one ready."""
SECONDS_TO_CONNECT = 60.0
"""A server that was not there in this run yet is more often misspelt, or off, than about to start."""
NOTHING_THERE = re.compile("(bucket|database).* ?not found")
"""Other 404s mean that the server knows no such request."""


class Writer:
    """Everything that goes to the server goes through here, in order."""

    def __init__(self, settings: Settings, learn: Callable[[Conflict], None]) -> None:
        self.settings = settings
        self.deadline = math.inf
        """Set by a signal handler: no waiting beyond this point of the monotonic clock."""
        self.stored = 0
        self.rejecting = Rejecting(settings.rejects_path)
        self._learn = learn
        self._retry = Retrier(settings.retry_timeout, self)
        self._server: Server | None = None
        self._retention: Retention | None = None
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="sender")  # the thread begins with the first task
        self._in_flight: deque[Future[None]] = deque()
        self._failure: Exception | None = None
        self._undone: dict[str, tuple[int, Deletion]] = {}
        """Number and first of the deletions that could not be made, by the measurement."""
        self._undeleted = False

    @property
    def server(self) -> Server:
        """The server, found at the first use."""
        return self._server or self.connect(SECONDS_TO_CONNECT)

    def connect(self, limit: float) -> Server:
        """Find the server and log in, if that is not done yet.

        Raises:
            UnreachableError: it does not answer for so many seconds.
            TargetError: it refuses the login.
        """
        if self._server is None:
            self._server = self._connected(limit)
        return self._server

    def _connected(self, limit: float) -> Server:
        url = self.settings.url
        server: Server = self._result(f"Connecting to {url}", lambda: connect(self.settings), limit)
        answer: Answer = self._result(f"Logging in to {url}", server.log_in, limit)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            server.close()
            raise TargetError(f"{server.name} at {url} refused the login: {answer.brief()}; {server.advice(answer)}.")
        logger.info("Writing to %s at %s.", server.name, self.settings.url)
        if not self.settings.verify_ssl:
            logger.warning("verify_ssl is off: it is not checked that this is the right server.")
        if not server.dialect.strings:
            logger.warning("%s stores numbers only: text fields are left out.", server.name)
        return server

    def log_in(self) -> None:
        """See whether the credentials are right where nothing had to be stored; that the server is off is no failure.

        Raises:
            TargetError: they are wrong.
        """
        try:
            self.connect(0)
        except UnreachableError as error:
            logger.warning("Nothing had to be stored, and the server does not answer: %s", error)

    @cached_property
    def _delivery(self) -> Delivery:
        return Delivery(self.server, self._retry, self._learn)

    def submit(self, chunk: Chunk) -> None:
        """Queue a chunk; returns while it is on its way.

        Raises:
            TargetError: an earlier chunk could not be stored.
        """
        delivery = self._delivery  # connects in this thread
        if not chunk.lines:
            return
        while len(self._in_flight) >= QUEUED:
            self._wait_for_oldest()
        self._in_flight.append(self._sender.submit(self._send, delivery, chunk))

    def deliver(self, body: bytes, precision: str) -> list[Refused]:
        """Store lines now; returns what is refused, with the reason."""
        return self._delivery.send(body, precision)

    def _send(self, delivery: Delivery, chunk: Chunk) -> None:
        refused = delivery.send(chunk.body, chunk.precision)
        if refused:
            self.rejecting.lines(refused, chunk.precision)
        self.stored += chunk.lines - sum(one.whole for one in refused)

    def _wait_for_oldest(self) -> None:
        """Wait for the oldest chunk on its way."""
        try:
            self._in_flight.popleft().result()
        except Exception as error:
            self._failure = error
            raise

    def flush(self) -> None:
        """Return when everything queued is stored.

        Raises:
            TargetError: something is not, now or earlier in this run.
        """
        while self._in_flight:
            self._wait_for_oldest()
        if self._failure:
            raise self._failure
        if self._server:
            self._server.sync()

    def delete(self, deletions: Sequence[Deletion]) -> None:
        """Delete points, after everything queued before."""
        self.flush()
        answer = self._retry("Deleting", lambda: self.server.delete(deletions))
        if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            self.give_up(deletions)
            if not self._undeleted:
                self._undeleted = True
                logger.warning(
                    "%s does not let this account delete (%s): old points may remain where records were replaced or"
                    " removed. Grant it the right to delete.",
                    *(self.server.name, answer.brief()),
                )
            return
        if answer.done or NOTHING_THERE.search(answer.text):
            return
        raise TargetError(
            f"{self.server.name} refused to delete points that are replaced: {answer.brief()};"
            " check the mapping, or remove `replace` from it."
        )

    def give_up(self, deletions: Iterable[Deletion]) -> None:
        """Count deletions that can't be made."""
        for one in deletions:
            count, first = self._undone.get(one.measurement, (0, one))
            self._undone[one.measurement] = count + 1, first

    def ask(self, what: str, question: Callable[[Server], Any]) -> Any:
        """Ask the server something, with retries while it can't be reached."""
        return self._result(what, lambda: question(self.server))

    def _result(self, what: str, function: Callable[[], Any], limit: float = math.inf) -> Any:
        """Call a function that asks the server, repeat it until the server can be reached, and return its result."""
        result: list[Any] = []

        def request() -> Answer:
            result.append(function())
            return Answer(204)

        self._retry(what, request, limit)
        return result[-1]

    @property
    def retention(self) -> Retention:
        """Which times the server keeps."""
        if self._retention is None:
            kept = self.ask("Reading the retention", lambda server: server.retention())
            self._retention = Retention(self.server, kept)
        return self._retention

    def report(self) -> None:
        """Say in the end what was set aside, and what should be gone and is not."""
        for measurement, (count, first) in self._undone.items():
            shown = ", ".join(f"{tag} {value!r}" for tag, value in first.tags) or "no tags"
            logger.warning(
                "Old points of %d replaced or deleted records of %r may remain in the database, the first of %s.",
                *(count, measurement, shown),
            )
        if self._retention:
            self._retention.report()

    def close(self) -> None:
        """Let go of threads and connections; what is still on its way is given up."""
        self.deadline = min(self.deadline, time.monotonic())
        self._sender.shutdown(wait=True, cancel_futures=True)
        if self._server:
            self._server.close()
