"""The base of the lists whose changes are found by census and look-back, and of what hangs on their records."""

from __future__ import annotations

import logging
from abc import abstractmethod
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from singer_sdk.exceptions import AbortedSyncFailedException, AbortedSyncPausedException
from typing_extensions import override

from tap_intervals_icu.errors import TapError
from tap_intervals_icu.reporting import Report
from tap_intervals_icu.singer.base import AthleteStream, BookmarkedStream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from tap_intervals_icu.changes.athlete import Athlete
    from tap_intervals_icu.changes.feed import Feed, Item
    from tap_intervals_icu.records.rows import Row
    from tap_intervals_icu.records.samples import Columns

logger = logging.getLogger("tap-intervals-icu")

CHECKPOINT_SECONDS = 3.0
"""Longest time between two STATE messages while records flow: what a killed run of the tap repeats, and no more."""


class IncrementalStream(AthleteStream):
    """A list whose changes are found by census and look-back; parent of what hangs on its records."""

    _checkpoint_at = 0.0
    _has_failed = False
    """Whether records of a child could not be made."""

    @override
    def note_plan(self) -> None:
        super().note_plan()
        for athlete in self.run.athletes.values():
            for feed in athlete.feeds:
                if feed.name == self.name:
                    self.get_context_state({"athlete_id": athlete.id}).update(feed.progress.dump())

    @abstractmethod
    def feed(self, athlete: Athlete) -> Feed:
        """Return the athlete's feed of this stream."""

    @abstractmethod
    def items(self, athlete: Athlete, pool: Executor) -> Iterator[tuple[Item, Columns | None]]:
        """Yield what is to do, with an activity's samples as columns."""

    @abstractmethod
    def record(self, feed: Feed, item: Item, columns: Columns | None) -> Row:
        """Return the record of an item, and bring what belongs to it to the children."""

    def records(self, athlete: Athlete, pool: Executor) -> Iterator[tuple[Item, Row]]:
        """Yield each record with the item it stands for; when the next is asked for, it is out.

        A row of which no record can be made costs itself alone, and is tried again by the next run.
        """
        feed = self.feed(athlete)
        for item, columns in self.items(athlete, pool):
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
        pool = ThreadPoolExecutor(self.config["workers"], thread_name_prefix=self.name)
        self.run.take_in_hand(state, feed.progress)
        try:
            for item, record in self.records(athlete, pool):
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
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            self.run.save()

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
