"""The two lists whose changes are found by census and look-back."""

from __future__ import annotations

import gzip
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from typing_extensions import override

from tap_intervals_icu.api.decode import DecodeError, decode
from tap_intervals_icu.archive.entry import INTERVALS as INTERVALS_KIND
from tap_intervals_icu.archive.entry import STREAMS, Entry
from tap_intervals_icu.changes.days import Days
from tap_intervals_icu.changes.deletions import find_deleted
from tap_intervals_icu.changes.detect import Listed
from tap_intervals_icu.changes.feed import Feed
from tap_intervals_icu.changes.fingerprint import listed_activity, listed_wellness
from tap_intervals_icu.records.rows import (
    ACTIVITY_CENSUS,
    INTERVALS,
    WELLNESS_CENSUS,
    Row,
    is_stub,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tap_intervals_icu.api.client import Client
    from tap_intervals_icu.archive.archive import Archive
    from tap_intervals_icu.changes.days import DayRanges, Scope
    from tap_intervals_icu.changes.detect import Progress

SAMPLES = "activity_streams/"
"""How the labels of the streams of samples begin, one for each layout."""


class WellnessFeed(Feed):
    """Wellness rows, one a day. Its ids are local dates."""

    name = "wellness"
    census_properties = WELLNESS_CENSUS
    days_a_request = 366

    @property
    def fitness(self) -> tuple[object, ...] | None:
        """Fitness and fatigue of the newest day that the look-back window shows; None where it shows none."""
        newest = max(self._window_rows.values(), key=lambda row: str(row["id"]), default=None)
        return (newest["id"], newest.get("ctl"), newest.get("atl")) if newest else None

    @override
    def listed(self, row: Row, *, whole: bool) -> Listed:
        return listed_wellness(row, whole=whole)

    @override
    def has_data(self, row: Row) -> bool:
        """Leave out projected days, should the server send more than it was asked for."""
        return str(row["id"]) <= self.ranges.span.last.isoformat()

    @override
    def chunks(self, ids: Sequence[str]) -> Iterator[Sequence[str]]:
        start = 0
        for end in range(1, len(ids) + 1):
            if end == len(ids) or days_between(ids[end], ids[start]) >= self.days_a_request:
                yield ids[start:end]
                start = end

    @override
    def request(self, ids: Sequence[str]) -> list[Any]:
        return self.between(Days(date.fromisoformat(ids[-1]), date.fromisoformat(ids[0])))


class ActivitiesFeed(Feed):
    """Activities; stubs of what came from Strava are counted and left out."""

    name = "activities"
    census_properties = ACTIVITY_CENSUS
    end_of_day = "T23:59:59"  # whether a bare date includes that day is not documented
    ids_a_request = 50
    stubs = 0
    with_intervals = False
    archive: Archive | None = None

    def __init__(self, client: Client, athlete_id: str, ranges: DayRanges, progress: Progress) -> None:
        super().__init__(client, athlete_id, ranges, progress)
        self._asked: set[str] = set()
        """Activities that were asked for because they were not listed, and answered."""
        self.to_ask: set[str] = set()
        """Activities whose samples have to be asked for, as far as the lists tell."""
        self._is_held = False

    def look_up(self, archive: Archive) -> None:
        """Find out for which of the activities that are due the archive holds the samples, once it is planned."""
        self.archive = archive
        progress = self.progress
        child = next((label for label in progress.streams if label.startswith(SAMPLES)), None)
        held = archive.plan(STREAMS, self.athlete_id, progress.finished.keys() | progress.pending.keys())
        listed = (self._seen.get(id_) or Listed(id_, progress.pending[id_], "") for id_ in self.due() if child)
        self.to_ask = {
            row.id
            for row in listed
            if progress.needs(str(child), row) and held.get(row.id, "none") != (row.detail or held.get(row.id))
        }
        self._is_held = bool(held and child)

    @override
    def listed(self, row: Row, *, whole: bool) -> Listed:
        return listed_activity(row, whole=whole)

    @override
    def known_changed(self, scope: Scope) -> Collection[str]:
        return scope.changed.get(self.athlete_id, ())

    @override
    def has_data(self, row: Row) -> bool:
        return not is_stub(row)

    @override
    def usable(self, rows: list[Row]) -> list[Row]:
        usable = super().usable(rows)
        self.stubs = max(self.stubs, len(rows) - len(usable))
        return usable

    @override
    def chunks(self, ids: Sequence[str]) -> Iterator[Sequence[str]]:
        recent = [id_ for id_ in ids if not self.is_backfill(self.progress.pending[id_])]
        for part in (recent, ids[len(recent) :]):  # when the quota lets no backfill pass, recent ones still do
            for start in range(0, len(part), self.ids_a_request):
                yield part[start : start + self.ids_a_request]

    @override
    def request(self, ids: Sequence[str]) -> list[Any]:
        params = {"intervals": "true"} if self.with_intervals else None
        path = f"/athlete/{self.athlete_id}/activities/{','.join(ids)}"
        # What the archive completes takes a few requests in all, and need not wait for the next day's quota.
        is_complete = self._is_held and self.to_ask.isdisjoint(ids)
        backfill = self.is_backfill(self.progress.pending[ids[0]]) and not is_complete
        rows: list[Any] = self.client.get(path, params, backfill=backfill)
        return rows

    @override
    def at_hand(self, id_: str) -> bool:
        """Use the intervals that were read with the row as it is now: lists come without them."""
        return super().at_hand(id_) and (not self.with_intervals or self._has_intervals(self._window_rows[id_]))

    def _has_intervals(self, row: Row) -> bool:
        """Tell whether a row of the window has its intervals; take them from the archive if it has not."""
        if not INTERVALS & row.keys() and self.archive and (body := self.archive.peek(self._entry(row))):
            with suppress(DecodeError):
                row.update(decode(body, dict[str, Any]))
        return bool(INTERVALS & row.keys())

    @override
    def _rows(self, ids: Sequence[str]) -> dict[str, Row]:
        asked = [id_ for id_ in ids if not self.at_hand(id_)] if self.with_intervals else []
        rows = super()._rows(ids)
        for id_ in asked:
            if id_ in rows:
                self._keep_intervals(rows[id_], self._window_rows.get(id_, rows[id_]))
        return rows

    def _keep_intervals(self, row: Row, listed: Row) -> None:
        """Keep the intervals with which an activity came, under the row as it was listed."""
        intervals = {name: row[name] for name in sorted(INTERVALS) if name in row}
        entry = self._entry(listed)
        if intervals and self.archive and self.archive.would_keep(entry):
            packed = gzip.compress(msgspec.json.encode(intervals), 6, mtime=0)
            self.archive.keep(entry, packed, self.client.server_time)

    def _entry(self, row: Row) -> Entry:
        """Label the intervals of a row: they hold while the whole row stays as it is, as not all edits move a stamp."""
        listed = self.listed(row, whole=True)
        return Entry.of(INTERVALS_KIND, self.athlete_id, row, replace(listed, detail=listed.digest))

    @override
    def confirm_deleted(self, missing: Sequence[str], days: Days, *, is_empty: bool) -> tuple[list[str], list[Listed]]:
        return find_deleted(self, missing, days, self._asked, is_empty=is_empty)


def days_between(first: str, last: str) -> int:
    """Return the days from one ISO date to another."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days
