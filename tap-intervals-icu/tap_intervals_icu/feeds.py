"""One athlete's lists: what is new or changed in them, and the rows themselves. Requests, but no Singer."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from tap_intervals_icu.errors import MissingError, RefusedError
from tap_intervals_icu.lookahead import lookahead
from tap_intervals_icu.progress import Listed, Progress
from tap_intervals_icu.records import (
    ACTIVITY_CENSUS,
    WELLNESS_CENSUS,
    Row,
    is_stub,
    listed_activity,
    listed_wellness,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor

    from tap_intervals_icu.client import Client
logger = logging.getLogger("tap-intervals-icu")


@dataclass(frozen=True)
class Days:
    """Local dates, both inclusive."""

    first: date
    last: date


@dataclass(frozen=True)
class Scope:
    """What the user asks for: local dates, and how often to look at what."""

    start_date: date | None = None
    end_date: date | None = None
    lookback_days: int = 14
    census_interval: float = 86_400
    activity_children: str = ""

    @property
    def wanted(self) -> str:
        """The range of dates as one text."""
        return f"{self.start_date or ''}..{self.end_date or ''}"


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

    def __init__(self, client: Client, athlete_id: str, days: Days, window_start: date, progress: Progress) -> None:
        """Prepare; no request yet.

        Args:
            client: Shared by all feeds.
            athlete_id: The athlete's own id, never the alias 0.
            days: The days that are wanted at all.
            window_start: First day of the look-back window; its rows are compared by content on every run.
            progress: State of this feed, changed in place.
        """
        self.client = client
        self.athlete_id = athlete_id
        self.days = days
        self.window = Days(max(days.first, window_start), days.last)
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
        """Find out what is new or changed; `progress.pending` then holds all that is to do.

        Args:
            scope: What the user asks for; when its dates change, a census is due.
            children: Names what is fetched along with each row; when it changes, all rows are due again.

        Returns:
            The earliest day of a row that the last census did not know in this version, None without any.
        """
        changed_days = []
        if self.progress.census and self.progress.census[2] != children:
            self.progress.window.clear()
            self.progress.pending |= self.progress.finished
        if self._census_due(scope, children):
            changed_days += self._take_census()
            self.progress.census = [self.client.server_time.isoformat(), scope.wanted, children]
        if self.window.first <= self.window.last:
            rows = self._list(self.window)
            self.deleted += self.find_deleted({str(row["id"]) for row in rows}, self.window)
            rows = self.usable(rows)
            self._window_rows = {str(row["id"]): row for row in rows}
            self.progress.observe_window([self.listed(row, whole=True) for row in rows])
        changed_days += [item.listed.day for item in self.deleted]
        return date.fromordinal(min(changed_days)) if changed_days else None

    def to_do(self, pool: Executor) -> Iterator[Item]:
        """Yield all pending rows, newest first, then the deleted ones; the next chunk is fetched ahead."""
        pending = self.progress.pending
        wanted = range(self.days.first.toordinal(), self.days.last.toordinal() + 1)
        ids = sorted(
            (id_ for id_ in pending if pending[id_] in wanted),
            key=lambda id_: (pending[id_], id_),
            reverse=True,
        )
        for chunk, rows in lookahead(pool, self._rows, self.chunks(ids), 1):
            for id_ in chunk:
                if id_ in rows:
                    yield Item(self.listed(rows[id_], whole=id_ in self._window_rows), rows[id_])
                elif id_ not in self.progress.finished:  # deleted since it was listed
                    self.progress.pending.pop(id_)
                # Of what was emitted, deletions are proven by find_deleted: until then this is an incomplete answer.
        yield from self.deleted

    def _census_due(self, scope: Scope, children: str) -> bool:
        if self.progress.census[1:] != [scope.wanted, children]:
            return True
        age = self.client.server_time - datetime.fromisoformat(self.progress.census[0])
        return abs(age) >= timedelta(seconds=scope.census_interval)

    def _take_census(self) -> list[int]:
        """List the whole range; return the days of rows changed since the last census, [] on the first."""
        known_until, is_first, finished = self.progress.stamp, not self.progress.census, self.progress.finished
        rows = self._list(self.days, self.census_properties)
        self.deleted += self.find_deleted({str(row["id"]) for row in rows}, self.days)
        changed = self.progress.observe_census([self.listed(row, whole=False) for row in self.usable(rows)])
        if is_first:
            return []
        # A row that was moved changed its old day as well. What is unknown but old is no change: start_date moved.
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

    def at_hand(self, id_: str) -> bool:
        """Tell whether the window brought all that is wanted of a row."""
        return id_ in self._window_rows


class WellnessFeed(Feed):
    """Wellness rows, one a day. Its ids are local dates."""

    name = "wellness"
    census_properties = WELLNESS_CENSUS
    days_a_request = 366

    @override
    def listed(self, row: Row, *, whole: bool) -> Listed:
        return listed_wellness(row, whole=whole)

    @override
    def usable(self, rows: list[Row]) -> list[Row]:
        """Leave out projected days, should the server send more than it was asked for."""
        return [row for row in rows if row["id"] <= self.days.last.isoformat()]

    @override
    def chunks(self, ids: Sequence[str]) -> Iterator[Sequence[str]]:
        start = 0
        for end in range(1, len(ids) + 1):
            if end == len(ids) or days_between(ids[end], ids[start]) >= self.days_a_request:
                yield ids[start:end]
                start = end

    @override
    def request(self, ids: Sequence[str]) -> list[Row]:
        return self._list(Days(date.fromisoformat(ids[-1]), date.fromisoformat(ids[0])))


class ActivitiesFeed(Feed):
    """Activities; stubs of what came from Strava are counted and left out."""

    name = "activities"
    census_properties = ACTIVITY_CENSUS
    end_of_day = "T23:59:59"  # whether a bare date includes that day is not documented
    ids_a_request = 50
    stubs = 0
    with_intervals = False

    @override
    def listed(self, row: Row, *, whole: bool) -> Listed:
        return listed_activity(row, whole=whole)

    @override
    def usable(self, rows: list[Row]) -> list[Row]:
        usable = [row for row in rows if not is_stub(row)]
        self.stubs = max(self.stubs, len(rows) - len(usable))
        return usable

    @override
    def chunks(self, ids: Sequence[str]) -> Iterator[Sequence[str]]:
        for start in range(0, len(ids), self.ids_a_request):
            yield ids[start : start + self.ids_a_request]

    @override
    def request(self, ids: Sequence[str]) -> list[Row]:
        params = {"intervals": "true"} if self.with_intervals else None
        path = f"/athlete/{self.athlete_id}/activities/{','.join(ids)}"
        rows: list[Row] = self.client.get(path, params, backfill=not self.with_intervals)
        return rows

    @override
    def at_hand(self, id_: str) -> bool:
        return not self.with_intervals and super().at_hand(id_)  # lists come without them

    @override
    def find_deleted(self, present: set[str], days: Days) -> list[Item]:
        """Ask for each missing activity itself: an empty or cut list must never delete data."""
        known = {item.listed.id for item in self.deleted}
        deleted = []
        for id_ in self.progress.missing(present | known, days.first, days.last):
            try:
                row: Row = self.client.get(f"/activity/{id_}", shape=Row)
            except RefusedError as error:  # it may exist
                logger.warning("Nothing more is taken for deleted in this run. %s", error.message)
                break
            except MissingError:
                deleted.append(Item(Listed(id_, self.progress.finished[id_], ""), None))
                continue
            listed = self.listed(row, whole=False)
            if days.first.toordinal() <= listed.day <= days.last.toordinal():
                logger.warning(
                    "Activity %s exists, but is missing in the list of activities from %s to %s: the list is not "
                    "complete, so nothing is taken for deleted in this run.",
                    id_,
                    days.first,
                    days.last,
                )
                break
            self.progress.pending[id_] = listed.day  # moved to another day
        return deleted


def days_between(first: str, last: str) -> int:
    """Return the days from one ISO date to another."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days
