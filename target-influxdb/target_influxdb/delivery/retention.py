"""The span of time from which a server keeps points; the others are set aside before they are written."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from target_influxdb.lineprotocol.parse import split_lines, stamp_of
from target_influxdb.lineprotocol.refused import Refused
from target_influxdb.lineprotocol.stamps import DAY, EARLIEST, LATEST, UNITS, text

if TYPE_CHECKING:
    import logging

    from target_influxdb.lineprotocol.encode import Chunk
    from target_influxdb.servers import Server


class Window:
    """Knows which points a server would drop, some without a word, and counts them.

    The first ones are told at once, before the write that they are kept out of, all of them in one line at the end.
    """

    def __init__(self, server: Server, kept: int | None, logger: logging.Logger) -> None:
        self._server = server
        self._kept = kept
        self._logger = logger
        self._outside: dict[str, tuple[int, int]] = {}
        """Number and oldest time of the points set aside, by the reason."""

    def split(self, chunk: Chunk) -> tuple[Chunk, list[Refused]]:
        """The chunk without the points that can't be stored, and those with the reason."""
        earliest, latest = self._limits()
        if not chunk.lines or (earliest <= chunk.first and chunk.last <= latest):
            return chunk, []
        good, bad = self.split_lines(split_lines(chunk.body), chunk.precision)
        return replace(chunk, body=b"".join(line + b"\n" for line in good), lines=len(good), misfits=[]), bad

    def _limits(self) -> tuple[int, int]:
        now, ahead = time.time_ns(), self._server.ahead
        return now - self._kept if self._kept else EARLIEST, now + ahead if ahead else LATEST

    def split_lines(self, lines: list[bytes], precision: str) -> tuple[list[bytes], list[Refused]]:
        """The lines that can be stored, and the others with the reason."""
        earliest, latest = self._limits()
        unit = UNITS[precision]
        is_first = not self._outside
        good: list[bytes] = []
        bad: list[Refused] = []
        for line in lines:
            stamp = stamp_of(line)
            if stamp is None:
                good.append(line)  # none of ours: the server may say what is wrong
                continue
            at = stamp * unit
            if earliest <= at <= latest:
                good.append(line)
                continue
            reason = self._reason(at)
            bad.append(Refused(line, reason))
            count, oldest = self._outside.get(reason, (0, at))
            self._outside[reason] = count + 1, min(oldest, at)
        if is_first:
            self.report("so far")
        return good, bad

    def _reason(self, at: int) -> str:
        if self._kept and at < time.time_ns():
            return f"older than the {self._kept // DAY} days that bucket {self._server.settings.bucket!r} keeps"
        return f"outside of the times that {self._server.name} takes"

    def report(self, when: str = "in all") -> None:
        """Say how many points were set aside."""
        for reason, (count, oldest) in self._outside.items():
            self._logger.warning(
                "%d points %s can't be stored (the oldest of %s): %s.",
                count,
                when,
                text(max(EARLIEST, min(oldest, LATEST))),
                reason,
            )
