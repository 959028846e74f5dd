"""Whether the database is the one that the state of earlier runs speaks of.

A database that was dropped, restored from an older copy, or that another address leads to, lacks what the state calls
stored, and the tap would not bring it again. So with each state that leaves, a *mark* is written: a number for the
content of each bookmark. The state that a run begins with must be among the marks. The target sees nothing but
Singer messages for this, and the tap nothing of the database.
"""

from __future__ import annotations

import logging
import time
from datetime import timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any

from target_influxdb.errors import OtherDatabaseError
from target_influxdb.lineprotocol.escape import storable
from target_influxdb.lineprotocol.stamps import DAY
from target_influxdb.points.times import nanoseconds
from target_influxdb.servers.marks import Mark, chunks, lines
from target_influxdb.singer.bookmarks import bookmarks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from target_influxdb.delivery.queue import Writer
    from target_influxdb.servers import Server
    from target_influxdb.singer.bookmarks import Bookmark

logger = logging.getLogger("target-influxdb")

RECENT = 2 * DAY
"""A mark that is older is written again: so a run looks at the marks of these days alone, as a rule."""
LIFETIME = 40 * 365 * DAY
NAMED = 3

Key = tuple[str, str]


class StateCheck:
    """Checks the first state of a run, and marks those that leave; by the setting `state_check`.

    `off` does neither. `database` asks only whether there is anything at all: right for any tap. `marks` needs a tap
    that first writes the state as it was saved. `adopt` marks without a check.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._mode = writer.settings.state_check
        self._loaded: dict[str, list[Bookmark]] = {}
        """What the run began with, by stream."""
        self._marks: dict[Key, Mark] = {}
        """The marks of these bookmarks."""
        self._recent: set[tuple[Key, int]] = set()
        """Numbers that were marked in the last days."""
        self._can_read = True

    # The check

    def begin(self, state: Any) -> None:
        """Check the state that a run begins with, before anything is written.

        Raises:
            OtherDatabaseError: the database can't be the one of the run before.
        """
        loaded = list(bookmarks(state))
        if not loaded or self._mode in {"off", "adopt"} or self._writer.settings.is_file:
            return
        names = self._ask(lambda server: server.measurements())
        if names is None:
            self._say_unread()
        elif not names and not all(map(self._is_forgotten, loaded)):
            raise self._empty(loaded)
        elif self._mode == "marks":
            self._look_up(loaded)
            for one in loaded:
                self._loaded.setdefault(one.stream, []).append(one)

    def _look_up(self, loaded: list[Bookmark]) -> None:
        recent = self._ask_marks(time.time_ns() - RECENT)
        if recent is None:
            self._say_unread()
            return
        self._recent = {(_key(one), one.number) for one in recent}
        self._marks = _of(recent, loaded)
        rest = [one for one in loaded if one.key not in self._marks]
        for numbers in chunks([one.number for one in rest]):
            self._marks |= _of(self._ask_marks(0, numbers) or (), rest)
        unknown = [one for one in rest if one.key not in self._marks]
        if unknown := [one for one in unknown if not self._is_forgotten(one)]:
            marked = {_key(one) for one in self._ask(lambda server: server.last_marks()) or ()}
            if wrong := [one for one in unknown if one.is_marked or one.key in marked]:
                raise self._unknown(wrong)

    def _ask_marks(self, since: int, numbers: Collection[int] = ()) -> list[Mark] | None:
        wanted = list(numbers)
        found: list[Mark] | None = self._ask(lambda server: server.marks(since, wanted))
        return found

    def begin_stream(self, stream: str) -> None:
        """Check that there still are points of a stream whose schema came, where there were some.

        Only then is it known that the stream is still wanted, and under this name.

        Raises:
            OtherDatabaseError: there are none.
        """
        for one in self._loaded.pop(stream, ()):
            mark = self._marks.get(one.key)
            # Without a mark, version 0.1 has written it, which stored what its bookmark says.
            expected = mark.filled if mark else True
            if expected and self._can_read and self._kept is None and self._is_filled(one) is False:
                raise self._emptied(one)

    @cached_property
    def _kept(self) -> int | None:
        """How long the server keeps points, in nanoseconds; None for a lifetime."""
        kept: int | None = self._ask(lambda server: server.retention())
        return None if kept is None or kept > LIFETIME else kept

    def _is_forgotten(self, one: Bookmark) -> bool:
        """Tell whether retention may have dropped the points that a bookmark calls stored: then their lack is no fault.

        A mark is written when the position has been reached, so it is younger. A record may be older.
        """
        if self._kept is None:
            return False
        if not one.is_marked:
            return True
        try:
            return nanoseconds(one.position, timezone.utc) <= time.time_ns() - self._kept
        except ValueError:
            return True

    def _is_filled(self, one: Bookmark) -> bool | None:
        """Tell whether the database has points of a bookmark's stream and partition; None if that can't be read."""
        mapping = self._writer.settings.mapping_of(one.stream)
        measurement = storable(mapping.name or one.stream)
        tags = {name: storable(value) for name, value in one.context if name in (mapping.tags or ())}
        if tags:
            filled: bool | None = self._ask(lambda server: server.holds(measurement, tags))
            return filled
        names: set[str] | None = self._ask(lambda server: server.measurements())
        if names is None:
            return None
        if self._writer.server.joins_names:
            return any(name.startswith(f"{measurement}_") for name in names)
        return measurement in names

    def _ask(self, question: Callable[[Server], Any]) -> Any:
        return self._writer.ask("Looking at the database", question)

    # The marks

    def mark(self, state: Any) -> None:
        """Mark a state that is about to leave; all points before it are stored."""
        if self._mode not in {"marks", "adopt"} or self._writer.settings.is_file:
            return
        new = [one for one in bookmarks(state) if (one.key, one.number) not in self._recent]
        marks = [Mark(*one.key, one.number, self._is_filled(one) if self._can_read else None) for one in new]
        if marks:
            server = self._writer.server
            for refused in self._writer.deliver(lines(marks, server.dialect, time.time_ns() // 10**6), "ms"):
                logger.warning(
                    "The server refused the mark of a state (%s): the next run may not recognise this database.",
                    refused.reason,
                )
            self._recent.update((one.key, one.number) for one in new)

    # What is said

    def _say_unread(self) -> None:
        self._can_read = False
        logger.info(
            "%s lets this account only write: it can't be checked whether this is the database of the last run.",
            self._writer.server.name,
        )

    def _place(self) -> str:
        settings = self._writer.settings
        return f"{settings.bucket!r} at {settings.url}" if settings.bucket else settings.url

    def _empty(self, loaded: list[Bookmark]) -> OtherDatabaseError:
        return OtherDatabaseError(
            f"The database {self._place()} is missing or empty, but the state says that earlier runs stored"
            f" {_listed(loaded)}. {REMEDY} Nothing was written."
        )

    def _unknown(self, wrong: list[Bookmark]) -> OtherDatabaseError:
        return OtherDatabaseError(
            f"The database {self._place()} does not know the state of the last run ({_listed(wrong)}): it is another"
            f" one, or was restored from an older copy. {REMEDY} Nothing was written."
        )

    def _emptied(self, one: Bookmark) -> OtherDatabaseError:
        mapping = self._writer.settings.mapping_of(one.stream)
        return OtherDatabaseError(
            f"The database {self._place()} has no points of {mapping.name or one.stream!r} any more, but the state says"
            f" that earlier runs stored {_listed([one])}. {REMEDY}"
        )


REMEDY = (
    "Check url and bucket. If they are right, bring back what is missing: with intervals-icu-influxdb by"
    " `verify --repair`, with any tap by a full refresh (`meltano run --full-refresh ...`)."
)


def _key(mark: Mark) -> Key:
    return mark.stream, mark.partition


def _of(marks: Iterable[Mark], wanted: Iterable[Bookmark]) -> dict[Key, Mark]:
    """Return the last mark of each bookmark that has exactly its number."""
    numbers = {one.key: one.number for one in wanted}
    return {_key(one): one for one in marks if numbers.get(_key(one)) == one.number}


def _listed(some: list[Bookmark]) -> str:
    named = ", ".join(f"{one} up to {one.position}" for one in some[:NAMED])
    return named + (f" and {len(some) - NAMED} more" if len(some) > NAMED else "")
