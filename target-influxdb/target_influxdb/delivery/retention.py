"""The span of time from which a server keeps points; the others are set aside before they are written."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from target_influxdb.lineprotocol.parse import stamp_of
from target_influxdb.lineprotocol.refused import Refused
from target_influxdb.lineprotocol.stamps import DAY, EARLIEST, LATEST, UNITS, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_influxdb.points.points import Points
    from target_influxdb.servers import Server

logger = logging.getLogger("target-influxdb")


class Retention:
    """Knows which points a server would drop, some without a word, and counts them.

    The first ones are told at once, before the write that they are kept out of, all of them in one line at the end.
    """

    def __init__(self, server: Server, kept: int | None) -> None:
        self._server = server
        self._kept = kept
        self._outside: dict[str, tuple[int, int]] = {}
        """Number and oldest time of the points set aside, by the reason."""

    def split(self, points: Points) -> tuple[Points, dict[str, Points]]:
        """Return the points that can be stored, and the others by the reason."""
        outside = self._places(points.times, UNITS[points.unit])
        if not outside:
            return points, {}
        without = {place for places in outside.values() for place in places}
        inside = [place for place in range(len(points.times)) if place not in without]
        return points.chosen(inside), {reason: points.chosen(places) for reason, places in outside.items()}

    def split_lines(self, lines: Sequence[bytes], precision: str) -> tuple[list[bytes], list[Refused]]:
        """Return the lines of a file that can be stored, and the others with the reason.

        What has no time is none of ours: the server may say what is wrong.
        """
        stamps = {place: stamp for place, line in enumerate(lines) if (stamp := stamp_of(line)) is not None}
        places = list(stamps)
        outside = self._places(list(stamps.values()), UNITS[precision])
        bad = {places[one]: reason for reason, some in outside.items() for one in some}
        good = [line for place, line in enumerate(lines) if place not in bad]
        return good, [Refused(lines[place], reason) for place, reason in bad.items()]

    def _places(self, times: Sequence[int], unit: int) -> Mapping[str, Sequence[int]]:
        """Return where times stand that lie outside, by the reason, and count them."""
        now, ahead = time.time_ns(), self._server.ahead
        earliest, latest = now - self._kept if self._kept else EARLIEST, now + ahead if ahead else LATEST
        if not times or (earliest <= min(times) * unit and max(times) * unit <= latest):
            return {}
        is_first = not self._outside
        found: dict[str, list[int]] = {}
        for place, one in enumerate(times):
            if not earliest <= one * unit <= latest:
                reason = self._reason(one * unit, now)
                found.setdefault(reason, []).append(place)
                count, oldest = self._outside.get(reason, (0, one * unit))
                self._outside[reason] = count + 1, min(oldest, one * unit)
        if is_first:
            self.report("so far")
        return found

    def _reason(self, at: int, now: int) -> str:
        if self._kept and at < now:
            return f"older than the {self._kept // DAY} days that bucket {self._server.settings.bucket!r} keeps"
        return f"outside of the times that {self._server.name} takes"

    def report(self, when: str = "in all") -> None:
        """Say how many points were set aside."""
        for reason, (count, oldest) in self._outside.items():
            logger.warning(
                "%d points %s can't be stored (the oldest of %s): %s.",
                count,
                when,
                text(max(EARLIEST, min(oldest, LATEST))),
                reason,
            )
