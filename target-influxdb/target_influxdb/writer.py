"""The queue to the server: two senders overlap with encoding; order and acknowledgement are kept."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from target_influxdb.delivery import Delivery, Retrier
from target_influxdb.encode import Chunk, split_lines
from target_influxdb.errors import RefusedError, TargetError
from target_influxdb.http import Answer
from target_influxdb.rejects import Rejects
from target_influxdb.servers import Server, connect
from target_influxdb.timestamps import DAY, EARLIEST, LATEST, UNITS, text

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping, Sequence

    from target_influxdb.refusals import Conflict
    from target_influxdb.servers import Deletion
    from target_influxdb.settings import Settings

_SENDERS = 2


class Writer:
    """Everything that goes to the server goes through here, in order."""

    def __init__(self, settings: Settings, logger: logging.Logger, learn: Callable[[Conflict], None]) -> None:
        self.settings = settings
        #: Set by a signal handler: no waiting beyond this point of the monotonic clock.
        self.deadline = math.inf
        self.stored = 0
        self.rejected = 0
        self._logger = logger
        self._learn = learn
        self._rejects = Rejects(settings.rejects_path) if settings.rejects_path else None
        self._retry = Retrier(settings.retry_timeout, self, logger)
        self._flying: deque[tuple[Chunk, Future[None]]] = deque()
        self._lock = threading.Lock()
        self._failure: Exception | None = None

    @cached_property
    def server(self) -> Server:
        """The server, found at the first use."""
        found: list[Server] = []

        def ask() -> Answer:
            found.append(connect(self.settings))
            return Answer(204)

        self._retry(f"Connecting to {self.settings.url}", ask)
        server = found[-1]
        self._logger.info("Writing to %s at %s.", server.name, self.settings.url)
        if not self.settings.verify_ssl:
            self._logger.warning("verify_ssl is off: nobody checks that this is the right server.")
        if not server.strings:
            self._logger.warning("%s stores numbers only: text fields are left out.", server.name)
        return server

    @cached_property
    def _delivery(self) -> Delivery:
        return Delivery(self.server, self._retry, self._learn, self._logger)

    @cached_property
    def _senders(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_SENDERS, thread_name_prefix="sender")

    def submit(self, chunk: Chunk) -> None:
        """Queue a chunk; returns while it is on its way.

        Raises:
            TargetError: an earlier chunk could not be stored.
        """
        delivery = self._delivery  # connects in this thread
        if chunk.misfits:
            self._reject(chunk.misfits, chunk.precision)
        chunk = self._without_expired(chunk)
        if not chunk.lines:
            return
        while self._flying and (len(self._flying) > _SENDERS or any(_touch(chunk, one) for one, _ in self._flying)):
            self._land()
        self._flying.append((chunk, self._senders.submit(self._send, delivery, chunk)))

    def deliver(self, body: bytes, precision: str) -> list[tuple[bytes, str]]:
        """Store lines now; returns those refused, with the reason."""
        return self._delivery.send(body, precision)

    def _send(self, delivery: Delivery, chunk: Chunk) -> None:
        refused = delivery.send(chunk.body, chunk.precision)
        if refused:
            self._reject(refused, chunk.precision)
        with self._lock:
            self.stored += chunk.lines - len(refused)

    def _land(self) -> None:
        """Wait for the oldest chunk on its way."""
        _, future = self._flying.popleft()
        try:
            future.result()
        except Exception as error:
            self._failure = error
            raise

    def flush(self) -> None:
        """Return when everything queued is stored.

        Raises:
            TargetError: something is not, now or earlier in this run.
        """
        while self._flying:
            self._land()
        if self._failure:
            raise self._failure
        if "server" in self.__dict__:
            self.server.sync()

    def delete(self, deletions: Sequence[Deletion]) -> None:
        """Delete points, after everything queued before."""
        self.flush()
        answer = self._retry("Deleting", lambda: self.server.delete(deletions))
        if answer.status == 404 or 200 <= answer.status < 300:  # noqa: PLR2004 - nothing there, or done
            return
        raise TargetError(
            f"{self.server.name} refused to delete points that are replaced: {answer.brief()};"
            " grant the account the right to delete, or remove `replace` from the mapping."
        )

    def ask(self, what: str, question: Callable[[Server], Any]) -> Any:
        """Ask the server something, with retries while it can't be reached."""
        result: list[Any] = []

        def request() -> Answer:
            result.append(question(self.server))
            return Answer(204)

        self._retry(what, request)
        return result[-1]

    def reject_record(self, stream: str, record: Mapping[str, Any], error: TargetError) -> None:
        """Keep a record of which no line can be made, or fail."""
        if self._rejects is None:
            raise error
        self._rejects.add_record(stream, record, str(error))
        self._count_rejected(1, str(error))

    def _reject(self, refused: Sequence[tuple[bytes, str]], precision: str) -> None:
        line, reason = refused[0]
        shown = line[:200].decode(errors="replace")
        if self._rejects is None:
            raise RefusedError(
                f"{len(refused)} line(s) were refused ({reason}), the first is: {shown} -"
                " correct the source or the mapping, or set rejects_path to keep such lines and go on."
            )
        with self._lock:
            self._rejects.add(refused, precision)
        self._count_rejected(len(refused), reason)

    def _count_rejected(self, number: int, reason: str) -> None:
        with self._lock:
            self.rejected += number
        self._logger.warning("%d line(s) went to rejects_path: %s", number, reason)

    @cached_property
    def _retention(self) -> int | None:
        return self.ask("Reading the retention", lambda server: server.retention())  # type: ignore[no-any-return]

    def _without_expired(self, chunk: Chunk) -> Chunk:
        """Report and set aside points that the bucket would drop, some servers without a word."""
        now, kept, ahead = time.time_ns(), self._retention, self.server.ahead
        earliest = now - kept if kept else EARLIEST
        latest = now + ahead if ahead else LATEST
        if not chunk.lines or (earliest <= chunk.first and chunk.last <= latest):
            return chunk
        unit = UNITS[chunk.precision]
        good: list[bytes] = []
        bad: list[bytes] = []
        for line in split_lines(chunk.body):
            fits = earliest <= int(line.rpartition(b" ")[2]) * unit <= latest
            (good if fits else bad).append(line)
        if not bad:
            return chunk
        if kept and chunk.first < earliest:
            days, bucket = kept // DAY, self.settings.bucket
            self._logger.warning(
                "%d points, the oldest of %s, are older than the %d days that bucket %r keeps: they can't be stored."
                " Lengthen its retention and replay them.",
                *(len(bad), text(chunk.first), days, bucket),
            )
            reason = f"older than the {days} days that bucket {bucket!r} keeps"
        else:
            reason = f"{self.server.name} takes no points after {text(latest)}"
        self._reject([(line, reason) for line in bad], chunk.precision)
        return replace(chunk, body=b"".join(line + b"\n" for line in good), lines=len(good), misfits=[])

    def close(self) -> None:
        """Let go of threads and connections; what is still on its way is given up."""
        self.deadline = min(self.deadline, time.monotonic())
        if "_senders" in self.__dict__:
            self._senders.shutdown(wait=True, cancel_futures=True)
        if "server" in self.__dict__:
            self.server.close()


def _touch(one: Chunk, other: Chunk) -> bool:
    """Whether two chunks may hold the same point, so that their order matters."""
    return one.first <= other.last and other.first <= one.last and not one.series.isdisjoint(other.series)
