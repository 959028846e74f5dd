"""One athlete's lists: what is new or changed in them, and the rows themselves. Requests, but no Singer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from tap_intervals_icu.lookahead import lookahead

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor

    from tap_intervals_icu.client import Client
    from tap_intervals_icu.progress import Listed, Progress
    from tap_intervals_icu.records import Row


@dataclass(frozen=True)
class Days:
    """Local dates, both inclusive."""

    first: date
    last: date

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
    """What the user asks for: local dates, and how often to look at what."""

    start_date: date | None = None
    end_date: date | None = None
    lookback_days: int = 14
    census_interval: float = 86_400
    activity_children: str = ""


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

    def find_deleted(self, present: set[str], days: Days) -> list[Item]:
        """Return what was emitted, lies in a listed range, is not listed any more, and is proven to be gone."""
        del present, days
        return []

    # What is common

    def plan(self, scope: Scope, children: str = "") -> date | None:
        """Find out what is new or changed; `due` then names all that is to do.

        Args:
            scope: What the user asks for.
            children: Names what is fetched along with each row; when it changes, all rows are due again.

        Returns:
            The earliest day of a row that the last census did not know in this version, None without any.
        """
        changed_days = []
        if self.progress.census and self.progress.census[1] != children:
            self.progress.window.clear()
            self.progress.pending |= self.progress.finished
        if self._is_census_due(scope.census_interval):
            changed_days += self._take_census()
            self.progress.census = [self.client.server_time.isoformat(), children]
        self.progress.census[1] = children
        if self.window.first <= self.window.last:
            rows = self._list(self.window)
            self.deleted += self.find_deleted({str(row["id"]) for row in rows}, self.window)
            rows = self.usable(rows)
            self._window_rows = {str(row["id"]): row for row in rows}
            self.progress.observe_window([self.listed(row, whole=True) for row in rows])
        changed_days += [item.listed.day for item in self.deleted]
        return date.fromordinal(min(changed_days)) if changed_days else None

    def due(self) -> list[str]:
        """Return the ids of all new and changed rows that are wanted, newest first."""
        pending = self.progress.pending
        wanted = (id_ for id_, day in pending.items() if day in self.calendar.wanted)
        return sorted(wanted, key=lambda id_: (pending[id_], id_), reverse=True)

    def to_do(self, pool: Executor) -> Iterator[Item]:
        """Yield the rows that are due, then the deleted ones; the next chunk is fetched ahead."""
        for chunk, rows in lookahead(pool, self._rows, self.chunks(self.due()), 1):
            for id_ in chunk:
                if id_ in rows:
                    yield Item(self.listed(rows[id_], whole=id_ in self._window_rows), rows[id_])
                elif id_ not in self.progress.finished:  # deleted since it was listed
                    self.progress.pending.pop(id_)
                # Of what was emitted, deletions are proven by find_deleted: until then this is an incomplete answer.
        yield from self.deleted

    def _is_census_due(self, interval: float) -> bool:
        if not self.progress.census:
            return True
        age = self.client.server_time - datetime.fromisoformat(self.progress.census[0])
        return abs(age) >= timedelta(seconds=interval)

    def _take_census(self) -> list[int]:
        """List the whole span; return the days of rows changed since the last census, [] on the first."""
        known_until, is_first, finished = self.progress.stamp, not self.progress.census, self.progress.finished
        rows = self._list(self.calendar.span, self.census_properties)
        self.deleted += self.find_deleted({str(row["id"]) for row in rows}, self.calendar.span)
        changed = self.progress.observe_census([self.listed(row, whole=False) for row in self.usable(rows)])
        if is_first:
            return []
        # A row that was moved changed its old day as well.
        return [
            min(row.day, finished.get(row.id, row.day))
            for row in changed
            if row.id in finished or row.stamp > known_until
        ]

    def _list(self, days: Days, properties: Sequence[str] = ()) -> list[Row]:
        """List the rows of some days, all properties by default."""
        params = {"oldest": days.first.isoformat(), "newest": f"{days.last}{self.end_of_day}"}
        if properties:
            params["fields"] = ",".join(properties)
        rows: list[Row] = self.client.get(f"/athlete/{self.athlete_id}/{self.name}", params)
        return [row for row in rows if "id" in row]

    def _rows(self, ids: Sequence[str]) -> dict[str, Row]:
        """Return whole rows by id, fetched where the window did not bring them."""
        missing = [id_ for id_ in ids if not self.at_hand(id_)]
        fetched = self.usable(self.request(missing)) if missing else []
        rows = {str(row["id"]): row for row in fetched}
        # Where there are both, the window's row goes first: it is what the next run compares with.
        rows.update((id_, rows.get(id_, {}) | self._window_rows[id_]) for id_ in ids if id_ in self._window_rows)
        return rows

    def check_api(self) -> None:
        """Return if the API answers at all; a TapError otherwise."""
        self.client.get(f"/athlete/{self.athlete_id}", shape=dict[str, object])

    def is_backfill(self, day: int) -> bool:
        """Tell whether a row of that day is old, so that fetching it leaves a part of the quota to new ones."""
        return day < self.window.first.toordinal()

    def at_hand(self, id_: str) -> bool:
        """Tell whether the window brought all that is wanted of a row."""
        return id_ in self._window_rows
