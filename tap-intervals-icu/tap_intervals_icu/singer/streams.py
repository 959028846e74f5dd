"""The base of the lists whose changes are found by census and look-back, and of what hangs on their records."""

from __future__ import annotations

import logging
from abc import abstractmethod
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from singer_sdk.exceptions import AbortedSyncFailedException, AbortedSyncPausedException
from typing_extensions import override

from tap_intervals_icu.changes.feeds import ActivitiesFeed
from tap_intervals_icu.errors import TapError
from tap_intervals_icu.reporting import Report
from tap_intervals_icu.singer.base import AthleteStream, BookmarkedStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from tap_intervals_icu.changes.athlete import Athlete
    from tap_intervals_icu.changes.feed import Feed, Item
    from tap_intervals_icu.records.rows import Row
    from tap_intervals_icu.records.samples import Columns
    from tap_intervals_icu.run import Run

logger = logging.getLogger("tap-intervals-icu")

CHECKPOINT_SECONDS = 3.0
"""Longest time between two STATE messages while records flow: what a killed run of the tap repeats, and no more."""


ATHLETES_AHEAD = 2
"""For so many athletes the beginning is fetched while another one is emitted."""


class Opened(NamedTuple):
    """What is to do for an athlete, and the threads that fetch it."""

    pool: ThreadPoolExecutor
    items: Iterator[tuple[Item, Columns | None]]

    def begun(self) -> Opened:
        """Return the same, fetching the first item, and what is fetched with it, from now on."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        first = thread.submit(next, self.items, None)
        thread.shutdown(wait=False)

        def resumed() -> Iterator[tuple[Item, Columns | None]]:
            if (item := first.result()) is not None:
                yield item
                yield from self.items

        return Opened(self.pool, resumed())


class IncrementalStream(AthleteStream):
    """A list whose changes are found by census and look-back; parent of what hangs on its records."""

    _checkpoint_at = 0.0
    _opened: dict[str, Opened]
    """What is fetched ahead, by athlete."""
    _has_failed = False
    """Whether records of a child could not be made."""

    @override
    def note_plan(self) -> None:
        super().note_plan()
        for athlete in self.run.athletes.values():
            for feed in athlete.feeds:
                if feed.name == self.name:
                    self.get_context_state({"athlete_id": athlete.id}).update(feed.progress.dump())

    @override
    def join(self, run: Run) -> None:
        super().join(run)
        self._opened = {}

    @abstractmethod
    def feed(self, athlete: Athlete) -> Feed:
        """Return the athlete's feed of this stream."""

    @abstractmethod
    def items(self, athlete: Athlete, pool: Executor) -> Iterator[tuple[Item, Columns | None]]:
        """Yield what is to do, with an activity's samples as columns."""

    @abstractmethod
    def record(self, feed: Feed, item: Item, columns: Columns | None) -> Row:
        """Return the record of an item, and bring what belongs to it to the children."""

    def records(self, feed: Feed, items: Iterable[tuple[Item, Columns | None]]) -> Iterator[tuple[Item, Row]]:
        """Yield each record with the item it stands for; asking for the next one means that this one was written.

        A row of which no record can be made costs itself alone, and is tried again by the next run.
        """
        for item, columns in items:
            try:
                record = self.record(feed, item, columns)
            except Exception:
                logger.exception("%s %s is left out: please report this.", self.name, item.listed.id)
                feed.progress.drop_extents()
            else:
                yield item, record

    @override
    def emit(self, athlete: Athlete, state: dict[str, Any]) -> Iterator[Row]:
        feed = self.feed(athlete)
        # The SDK takes the athletes one after the other: without shares the first ones would take whole days.
        sharing = [one for one in self.run.athletes_from(athlete.id) if one.client.quota is athlete.client.quota]
        athlete.client.quota.share_out(sum(self.feed(one).total > 0 for one in sharing))
        report = Report(feed, athlete.client)
        opened = self._opened.pop(athlete.id, None) or self._open(athlete)
        self._open_next(athlete)
        self.run.set_current(state, feed.progress)
        try:
            for item, record in self.records(feed, opened.items):
                self._has_failed = False
                yield record
                # Asked for the next one: the SDK has written the record, and those of its children before it.
                if self._has_failed:
                    feed.progress.drop_extents()
                    continue
                if item.row is None:
                    feed.progress.forget(item.listed.id)
                else:
                    feed.progress.finish(item.listed)
                report.count()
                self._checkpoint()
            report.end()
        except TapError:
            report.stop()
            raise
        except BaseException:
            self.run.stop()  # no worker may keep a dying process waiting
            for one in self._opened.values():
                one.pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            opened.pool.shutdown(wait=False, cancel_futures=True)
            self.run.save()

    def _open(self, athlete: Athlete) -> Opened:
        """Prepare what is to do for an athlete; no request yet."""
        pool = ThreadPoolExecutor(self.config["workers"], thread_name_prefix=self.name)
        return Opened(pool, self.items(athlete, pool))

    def _open_next(self, athlete: Athlete) -> None:
        """Fetch the beginning for the athletes that come next: no pause between two of them."""
        following = (one for one in self.run.athletes_from(athlete.id)[1:] if self.feed(one).total)
        for one in islice(following, ATHLETES_AHEAD):
            if one.id not in self._opened and not self._is_short(one):
                self._opened[one.id] = self._open(one).begun()

    def _is_short(self, athlete: Athlete) -> bool:
        """Tell whether the day's requests have to be shared out: then each athlete waits for their turn."""
        quota = athlete.client.quota
        sharing = (one for one in self.run.athletes.values() if one.client.quota is quota)
        feeds = (feed for one in sharing for feed in one.feeds if isinstance(feed, ActivitiesFeed))
        return quota.is_short(sum(len(feed.to_ask) for feed in feeds))

    def _checkpoint(self) -> None:
        """Write a STATE message if the last one is some seconds old."""
        if monotonic() - self._checkpoint_at >= CHECKPOINT_SECONDS:
            self.run.save()
            self.write_state()
            self._checkpoint_at = monotonic()

    @property
    def children(self) -> list[ChildStream]:
        """The child streams that are to be synced."""
        return [cast("ChildStream", child) for child in self.child_streams if child.selected]

    def child(self, name: str) -> ChildStream | None:
        """Return the child stream of that name, if it is to be synced."""
        return next((child for child in self.children if child.name == name), None)

    def bring(self, child_name: str, records: Sequence[Row]) -> None:
        """Hand a child the records that belong to the next record of this stream, to be emitted before it."""
        if child := self.child(child_name):
            child.brought = records

    @override
    def sync_children(self, context: Mapping[str, Any] | None) -> None:
        for child in self.children:
            if child.brought:
                try:
                    child.sync(context)
                except (AbortedSyncFailedException, AbortedSyncPausedException):  # the limit of `--test`
                    pass
                except OSError:  # nobody reads any more
                    raise
                except Exception:
                    self._has_failed = True
                    logger.exception("%s of %s: please report this.", child.name, dict(context or {}))


class ChildStream(BookmarkedStream):
    """What hangs on a record of the parent, which brings it along and syncs the child once a record.

    So what the SDK says and writes for each sync of a stream is left to the parent, and said once.
    """

    state_partitioning_keys = ()  # one bookmark for all: a partition for each activity makes the state quadratic

    brought: Sequence[Row] = ()
    _has_schema_out = False

    @override
    def get_records(self, context: Mapping[str, Any] | None) -> Iterator[Row]:
        records, self.brought = self.brought, ()
        yield from records

    @override
    def note_plan(self) -> None:
        super().note_plan()
        self.stream_state.setdefault("replication_key_value", "")

    @override
    def has_to_write_schema(self) -> bool:
        is_due, self._has_schema_out = not self._has_schema_out, True
        return is_due

    @override
    def may_write_state(self) -> bool:
        """Leave it to the parent, which knows when an activity is complete."""
        return False
