"""What is new or changed in one list of one athlete, and the rows themselves. Requests, but no Singer."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from tap_intervals_icu.api.lookahead import lookahead
from tap_intervals_icu.changes.days import is_due
from tap_intervals_icu.changes.detect import Listed
from tap_intervals_icu.changes.fingerprint import id_of
from tap_intervals_icu.changes.listing import Listing
from tap_intervals_icu.changes.state import LONG_AGO
from tap_intervals_icu.errors import TransientError
from tap_intervals_icu.formatting import named

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from concurrent.futures import Executor

    from tap_intervals_icu.api.client import Client
    from tap_intervals_icu.changes.days import DayRanges, Days, Scope
    from tap_intervals_icu.changes.detect import Progress
    from tap_intervals_icu.records.rows import Row

logger = logging.getLogger("tap-intervals-icu")


@dataclass(frozen=True)
class Item:
    """One row to emit; `row` is None where it was deleted at the source."""

    listed: Listed
    row: Row | None


class Feed(Listing):
    """New, changed and deleted rows of a list."""

    census_properties: ClassVar[tuple[str, ...]]

    def __init__(self, client: Client, athlete_id: str, ranges: DayRanges, progress: Progress) -> None:
        """Prepare; no request yet.

        Args:
            client: Shared by all feeds.
            athlete_id: The athlete's own id, never the alias 0.
            ranges: Which days there are, and which of them matter.
            progress: State of this feed, changed in place.
        """
        super().__init__(client, athlete_id, ranges.proven)
        self.ranges = ranges
        self.window = ranges.window
        self.progress = progress
        self.deleted: list[Item] = []
        self.has_census = False
        """Whether the census was taken in this run."""
        self.fitness_came_from_before = False
        """Whether fitness of the window has moved for a reason that lies before it."""
        self._window_rows: dict[str, Row] = {}
        self._seen: dict[str, Listed] = {}
        """What was listed in this run, the newest version of each row."""
        self._window_ids: set[str] = set()
        self._census: tuple[set[str], str] = set(), ""
        """What it listed, and when the one before was taken."""

    def confirm_deleted(self, missing: Sequence[str], days: Days, *, is_empty: bool) -> tuple[list[str], list[Listed]]:
        """Find out about rows that were emitted and are not listed any more.

        Args:
            missing: Their ids, newest first.
            days: The range that was listed.
            is_empty: Nothing was.

        Returns:
            The ids that are proven to be gone, and what moved out of the range.
        """
        del missing, days, is_empty
        return [], []

    def at_hand(self, id_: str) -> bool:
        """Tell whether the window brought all that is wanted of a row."""
        return id_ in self._window_rows

    def is_backfill(self, day: int) -> bool:
        """Tell whether a row of that day is old, so that fetching it leaves a part of the quota to new ones."""
        return day < self.window.first.toordinal()

    def known_changed(self, scope: Scope) -> Collection[str]:
        """Return the ids of rows that are known to have changed."""
        del scope
        return ()

    # What is to do

    def plan(self, scope: Scope) -> date | None:
        """Find out what is new or changed; `due` then names all that is to do.

        Returns:
            The earliest day of a row that the last census did not know in this version, None without any.
        """
        self.progress.begin(self.client.server_time)
        self.progress.select(scope.streams.get(self.name, ()))
        changed_days = []
        if is_due(self.progress.census, self.client.server_time, scope.census_interval):
            changed_days.append(self.take_census())
        if self.window.first <= self.window.last:
            changed_days.append(self._look_back())
        if changed := self.known_changed(scope):
            changed_days.append(self._look_at(changed))
        if scope.read_again and self.progress.reread != str(scope.read_again):
            self.progress.read_again(scope.read_again.first, scope.read_again.last)
            self.progress.reread = str(scope.read_again)
        self.deleted += [Item(Listed(id_, day, ""), None) for id_, day in self.progress.unburied.items()]
        return min((day for day in changed_days if day), default=None)

    def all_rows(self) -> list[Row]:
        """List the rows of all days, with the few properties that tell whether they changed."""
        return self.between(self.ranges.span, self.census_properties)

    def take_census(self) -> date | None:
        """List ids and stamps of all days; return the earliest day of a row that was not known in this version."""
        before = self.progress.census
        rows = self.all_rows()
        self.has_census = True
        changed_days = self._observe_census(rows)
        self._census = {id_of(row) for row in rows}, before
        self.progress.census = self.client.server_time.isoformat()
        self._compare_lists()
        return earliest(changed_days)

    def _look_back(self) -> date | None:
        """List the rows of the window; return the earliest day that deletions and moves changed."""
        changed_days = self._observe_window(self.between(self.window))
        self._compare_lists()
        return earliest(changed_days)

    def _look_at(self, changed: Collection[str]) -> date | None:
        """Have rows that are known to have changed read again; return the earliest day of those before the window.

        What the window shows of the others is enough. The census tells whether the older ones are still there.
        """
        older = set(changed) - self._window_ids - {item.listed.id for item in self.deleted}
        if not older:
            return None
        found = None if self.has_census else self.take_census()
        days = self.progress.expire(older & self._census[0])
        return earliest([*days, *([found.toordinal()] if found else [])])

    def _compare_lists(self) -> None:
        """Have the census taken again by the next run if it lacks what the window shows."""
        listed, before = self._census
        if self.has_census and not listed.issuperset(self._window_ids):
            logger.warning("The list of all %s was not complete: the next run asks for it again.", self.name)
            self.progress.census = before

    def due(self) -> list[str]:
        """Return the ids of all new and changed rows that are wanted, newest first."""
        pending, unseen = self.progress.pending, self.progress.unseen
        gone = unseen.keys() | self.progress.absent.keys() | {item.listed.id for item in self.deleted}
        wanted = (id_ for id_, day in pending.items() if day in self.ranges.wanted and id_ not in gone)
        return sorted(wanted, key=lambda id_: (pending[id_], id_), reverse=True)

    @property
    def total(self) -> int:
        """How many rows are to be emitted, deleted ones included."""
        return len(self.due()) + len(self.deleted)

    @property
    def has_recent(self) -> bool:
        """Whether any of the look-back window are to be emitted."""
        return any(not self.is_backfill(self.progress.pending[id_]) for id_ in self.due())

    def to_do(self, pool: Executor) -> Iterator[Item]:
        """Yield the deleted rows, then those that are due; the next chunk is fetched ahead.

        Raises:
            TransientError: Some were not answered. All others were yielded.
        """
        yield from self.deleted
        unanswered = []
        for chunk, rows in lookahead(pool, self._rows, self.chunks(self.due()), 1):
            for id_ in chunk:
                if id_ in rows:
                    yield Item(self.listed(rows[id_], whole=id_ in self._window_rows), rows[id_])
                elif id_ in self.progress.finished or id_ in self._window_rows or id_ in self.failed:
                    unanswered.append(id_)
                else:  # deleted since it was listed
                    self.progress.pending.pop(id_, None)
        if not self.has_census and not self.failed.issuperset(unanswered):
            self.progress.census = LONG_AGO  # by the next run: it tells whether they are still there
        if unanswered:
            raise TransientError(
                f"{len(unanswered)} of them could not be read ({named(unanswered)}). The next run tries them again."
            )

    def _rows(self, ids: Sequence[str]) -> dict[str, Row]:
        """Return whole rows by id, fetched where the window did not bring them."""
        missing = [id_ for id_ in ids if not self.at_hand(id_)]
        rows = {id_of(row): row for row in self.by_id(missing)} if missing else {}
        # Where there are both, the window's row goes first: it is what the next run compares with.
        return {
            id_: rows.get(id_, {}) | self._window_rows.get(id_, {}) for id_ in ids if id_ in rows or self.at_hand(id_)
        }

    # How that is found

    def _observe_census(self, rows: list[Row]) -> list[int]:
        """Note what a list of everything shows; return the days changed since the last census, [] on the first."""
        known_until, is_first = self.progress.stamp, not self.progress.census
        days = self._find_deleted(rows, self.ranges.span)
        listed = [self.listed(row, whole=False) for row in self.usable(rows)]
        self._seen |= {row.id: row for row in listed}
        changed = self.progress.observe_census(listed)
        if is_first:
            return []
        is_new = (row.id in self.progress.finished or row.stamp > known_until for row in changed)
        return days + self._moved(changed) + [row.day for row, new in zip(changed, is_new, strict=True) if new]

    def _observe_window(self, rows: list[Row]) -> list[int]:
        """Note what the list of the look-back window shows; return the days that deletions and moves changed."""
        days = self._find_deleted(rows, self.window)
        self._window_ids = {id_of(row) for row in rows}
        rows = self.usable(rows)
        self._window_rows = {id_of(row): row for row in rows}
        listed = [self.listed(row, whole=True) for row in rows]
        self._seen |= {row.id: row for row in listed}
        self.fitness_came_from_before = self.progress.fitness_came_from_before(listed)
        # What start_date leaves out for a while is still known when it is wanted again.
        return days + self._moved(self.progress.observe_window(listed, self.ranges.window_start.toordinal()))

    def _find_deleted(self, rows: list[Row], days: Days) -> list[int]:
        """Look for rows that are gone since they were emitted; return the days that this, or a move, changed."""
        listed = {id_of(row) for row in rows}
        self.progress.absent = {id_: first for id_, first in self.progress.absent.items() if id_ not in listed}
        known = listed | {item.listed.id for item in self.deleted}
        missing = self.progress.missing(known, days.first, days.last)
        missing = [id_ for id_ in missing if self.is_listed(self.progress.finished[id_])]
        deleted, moved = self.confirm_deleted(missing, days, is_empty=not listed)
        gone = [Listed(id_, self.progress.finished[id_], "") for id_ in deleted]
        self.deleted += [Item(row, None) for row in gone]
        for row in moved:
            self.progress.move(row)
        return [row.day for row in gone] + self._moved(moved)

    def _moved(self, rows: Iterable[Listed]) -> list[int]:
        """Return the old and the new day of rows that were emitted with another day."""
        known = self.progress.finished
        return [day for row in rows if known.get(row.id, row.day) != row.day for day in (known[row.id], row.day)]


def earliest(days: Iterable[int]) -> date | None:
    """Return the first of some days, None without any."""
    return date.fromordinal(first) if (first := min(days, default=0)) else None
