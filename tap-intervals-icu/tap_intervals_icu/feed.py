"""One athlete's lists: what is new or changed in them, and the rows themselves. Requests, but no Singer."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from tap_intervals_icu.errors import TransientError
from tap_intervals_icu.lookahead import lookahead
from tap_intervals_icu.progress import Listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from tap_intervals_icu.client import Client
    from tap_intervals_icu.progress import Progress
    from tap_intervals_icu.records import Row

logger = logging.getLogger("tap-intervals-icu")


@dataclass(frozen=True)
class Days:
    """Local dates, both inclusive."""

    first: date
    last: date

    def halves(self) -> tuple[Days, Days]:
        """Return the later and the earlier half."""
        middle = self.first + (self.last - self.first) / 2
        return Days(middle + timedelta(days=1), self.last), Days(self.first, middle)

    def __contains__(self, ordinal: int) -> bool:
        return self.first.toordinal() <= ordinal <= self.last.toordinal()


@dataclass(frozen=True)
class Calendar:
    """Which days there are, and which of them matter.

    Attributes:
        span: All days that there can be. The census lists them all, so that no edit is missed because other days were
            wanted for a while.
        wanted: Days whose rows are emitted.
        window_start: First day of the look-back window.
    """

    span: Days
    wanted: Days
    window_start: date

    @property
    def window(self) -> Days:
        """The look-back window: wanted days whose rows are compared by content in every run."""
        return Days(max(self.wanted.first, self.window_start), self.wanted.last)


@dataclass(frozen=True)
class Scope:
    """What the user asks for: local dates, how often to look at what, and the selected child streams of each list."""

    start_date: date | None = None
    end_date: date | None = None
    lookback_days: int = 14
    census_interval: float = 86_400
    children: Mapping[str, Iterable[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """One row to emit; `row` is None where it was deleted at the source."""

    listed: Listed
    row: Row | None


class Feed(ABC):
    """New and changed rows of one list of one athlete."""

    name: ClassVar[str]
    census_properties: ClassVar[tuple[str, ...]]
    end_of_day: ClassVar[str] = ""
    shortest_list: ClassVar[timedelta] = timedelta(days=31)
    """A list of fewer days that fails is not asked for in parts."""

    def __init__(self, client: Client, athlete_id: str, calendar: Calendar, progress: Progress) -> None:
        """Prepare; no request yet.

        Args:
            client: Shared by all feeds.
            athlete_id: The athlete's own id, never the alias 0.
            calendar: Which days there are, and which of them matter.
            progress: State of this feed, changed in place.
        """
        self.client = client
        self.athlete_id = athlete_id
        self.calendar = calendar
        self.window = calendar.window
        self.progress = progress
        self.deleted: list[Item] = []
        self._window_rows: dict[str, Row] = {}

    # What differs between lists

    @abstractmethod
    def listed(self, row: Row, *, whole: bool) -> Listed:
        """Return what change detection needs of a row."""

    @abstractmethod
    def chunks(self, ids: Sequence[str]) -> Iterator[Sequence[str]]:
        """Cut ids, newest first, into what one request can fetch."""

    @abstractmethod
    def request(self, ids: Sequence[str]) -> list[Row]:
        """Fetch whole rows; others may be among them."""

    def usable(self, rows: list[Row]) -> list[Row]:
        """Leave out rows that carry no data."""
        return rows

    def prove(self, missing: Sequence[str], days: Days) -> tuple[list[str], list[Listed]]:
        """Find out about rows that were emitted and are not listed any more.

        Args:
            missing: Their ids, newest first.
            days: The range that was listed.

        Returns:
            The ids that are proven to be gone, and what moved out of the range.
        """
        del missing, days
        return [], []

    # What is common

    def plan(self, scope: Scope) -> date | None:
        """Find out what is new or changed; `due` then names all that is to do.

        Returns:
            The earliest day of a row that the last census did not know in this version, None without any.
        """
        changed_days = []
        self.progress.select(scope.children.get(self.name, ()))
        if self._is_census_due(scope.census_interval):
            changed_days += self._take_census()
            self.progress.census = self.client.server_time.isoformat()
        if self.window.first <= self.window.last:
            rows = self._list(self.window)
            changed_days += self._find_deleted(rows, self.window)
            rows = self.usable(rows)
            self._window_rows = {str(row["id"]): row for row in rows}
            changed_days += self._moved(
                self.progress.observe_window(
                    [self.listed(row, whole=True) for row in rows], self.window.first.toordinal()
                )
            )
        return date.fromordinal(min(changed_days)) if changed_days else None

    def due(self) -> list[str]:
        """Return the ids of all new and changed rows that are wanted, newest first."""
        pending = self.progress.pending
        wanted = (id_ for id_, day in pending.items() if day in self.calendar.wanted)
        return sorted(wanted, key=lambda id_: (pending[id_], id_), reverse=True)

    @property
    def total(self) -> int:
        """How many rows are to be emitted, deleted ones included."""
        return len(self.due()) + len(self.deleted)

    def to_do(self, pool: Executor) -> Iterator[Item]:
        """Yield the rows that are due, then the deleted ones; the next chunk is fetched ahead."""
        unanswered = 0
        for chunk, rows in lookahead(pool, self._rows, self.chunks(self.due()), 1):
            for id_ in chunk:
                if id_ in rows:
                    yield Item(self.listed(rows[id_], whole=id_ in self._window_rows), rows[id_])
                elif id_ in self.progress.finished or id_ in self._window_rows:
                    unanswered += 1  # of what was emitted, deletions are proven when the list is taken
                else:  # deleted since it was listed
                    self.progress.pending.pop(id_)
        if unanswered:
            logger.warning(
                "%s of athlete %s: %d are missing in the answers; the next run asks for them again.",
                self.name,
                self.athlete_id,
                unanswered,
            )
        yield from self.deleted

    def _is_census_due(self, interval: float) -> bool:
        if not self.progress.census:
            return True
        age = self.client.server_time - datetime.fromisoformat(self.progress.census)
        return abs(age) >= timedelta(seconds=interval)

    def _take_census(self) -> list[int]:
        """List the whole span; return the days of rows changed since the last census, [] on the first."""
        known_until, is_first = self.progress.stamp, not self.progress.census
        rows = self._list(self.calendar.span, self.census_properties)
        days = self._find_deleted(rows, self.calendar.span)
        changed = self.progress.observe_census([self.listed(row, whole=False) for row in self.usable(rows)])
        if is_first:
            return []
        is_new = (row.id in self.progress.finished or row.stamp > known_until for row in changed)
        return days + self._moved(changed) + [row.day for row, new in zip(changed, is_new, strict=True) if new]

    def _moved(self, rows: Iterable[Listed]) -> list[int]:
        """Return the old and the new day of rows that were emitted with another day."""
        known = self.progress.finished
        return [day for row in rows if known.get(row.id, row.day) != row.day for day in (known[row.id], row.day)]

    def _find_deleted(self, rows: list[Row], days: Days) -> list[int]:
        """Look for rows that are gone since they were emitted; return the days that this, or a move, changed."""
        listed = {str(row["id"]) for row in rows} | {item.listed.id for item in self.deleted}
        deleted, moved = self.prove(self.progress.missing(listed, days.first, days.last), days)
        gone = [Listed(id_, self.progress.finished[id_], "") for id_ in deleted]
        self.deleted += [Item(row, None) for row in gone]
        self.progress.pending.update((row.id, row.day) for row in moved)
        return [row.day for row in gone] + self._moved(moved)

    def _list(self, days: Days, properties: Sequence[str] = ()) -> list[Row]:
        """List the rows of some days, all properties by default.

        No limit of the range is documented; should the server fail at a long one, halves of it are asked for.
        """
        params = {"oldest": days.first.isoformat(), "newest": f"{days.last}{self.end_of_day}"}
        if properties:
            params["fields"] = ",".join(properties)
        try:
            rows: list[Row] = self.client.get(f"/athlete/{self.athlete_id}/{self.name}", params)
        except TransientError as error:
            if error.is_quota or days.last - days.first < self.shortest_list:
                raise
            self.check_api()
            logger.warning("%s: trying %s to %s in two parts.", self.name, days.first, days.last)
            return [row for half in days.halves() for row in self._list(half, properties)]
        return [row for row in rows if "id" in row]

    def _rows(self, ids: Sequence[str]) -> dict[str, Row]:
        """Return whole rows by id, fetched where the window did not bring them."""
        missing = [id_ for id_ in ids if not self.at_hand(id_)]
        fetched = self.usable(self.request(missing)) if missing else []
        rows = {str(row["id"]): row for row in fetched}
        # Where there are both, the window's row goes first: it is what the next run compares with.
        return {
            id_: rows.get(id_, {}) | self._window_rows.get(id_, {}) for id_ in ids if id_ in rows or self.at_hand(id_)
        }

    def check_api(self) -> None:
        """Return if the API answers at all; a TapError otherwise."""
        self.client.get(f"/athlete/{self.athlete_id}", shape=dict[str, object])

    def is_backfill(self, day: int) -> bool:
        """Tell whether a row of that day is old, so that fetching it leaves a part of the quota to new ones."""
        return day < self.window.first.toordinal()

    def at_hand(self, id_: str) -> bool:
        """Tell whether the window brought all that is wanted of a row."""
        return id_ in self._window_rows
