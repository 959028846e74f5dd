"""The base of the streams that find changes themselves, and how they use the SDK's state."""

from __future__ import annotations

import logging
import sys
from abc import abstractmethod
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from singer_sdk.exceptions import AbortedSyncFailedException, AbortedSyncPausedException
from singer_sdk.helpers.conform import TypeConformanceLevel
from typing_extensions import override

from tap_intervals_icu.errors import QuotaPauseError, TapError
from tap_intervals_icu.records.tables import column_types, columns_of, custom_columns, known_columns, tabular
from tap_intervals_icu.reporting import Report
from tap_intervals_icu.singer.private import OpenStream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from tap_intervals_icu.api.client import Client
    from tap_intervals_icu.changes.athlete import Athlete
    from tap_intervals_icu.changes.feed import Feed, Item
    from tap_intervals_icu.records.custom import Properties
    from tap_intervals_icu.records.rows import Row
    from tap_intervals_icu.records.samples import Columns
    from tap_intervals_icu.records.tables import Column
    from tap_intervals_icu.run import Run

logger = logging.getLogger("tap-intervals-icu")

CHECKPOINT_SECONDS = 3.0
"""Longest time between two STATE messages while records flow: what a killed run of the tap repeats, and no more."""


def raise_bookmark(state: dict[str, Any], key: str, record: Row, now: str) -> None:
    """Raise the SDK's bookmark to a record's replication key; never lower it, nor beyond the server's time `now`.

    The SDK's own rule, "the bookmark follows the last record", would run backwards: the newest rows come first, and
    rows of the look-back window come again. The bookmark informs; `progress` decides what is read.
    """
    value = str(record.get(key) or "")
    if now >= value > state.get("replication_key_value", ""):
        state["replication_key"] = key
        state["replication_key_value"] = value


class BookmarkedStream(OpenStream):
    """A stream whose bookmark informs people and other tools; what is read is decided elsewhere."""

    STATE_MSG_FREQUENCY = sys.maxsize  # by time instead, see IncrementalStream
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE  # values come from JSON; the SDK would make any text a boolean

    run: Run
    """What this run shares: set before the first stream is read."""

    def join(self, run: Run) -> None:
        """Take part in a run."""
        self.run = run
        self._columns_before = known_columns(self.stream_state)

    def note_plan(self) -> None:
        """Note in the state what the run is going to do, before anything is out.

        A run that begins everything anew (Meltano's --full-refresh) and fails must not leave the state of the runs
        before it, which would call everything finished. Meltano merges the two: what is not named here would stay.

        The types of custom columns stay for good, whatever becomes of the custom fields.
        """
        if self.is_tabular and self.selected:
            self.stream_state["columns"] = list(column_types(self.custom))
        elif self.is_tabular and self._columns_before == {}:
            self.stream_state["columns"] = []

    @property
    def label(self) -> str:
        """Name under which the state keeps what of this stream is out."""
        return self.name

    @property
    def is_tabular(self) -> bool:
        """Whether records are made for tables, whose columns come from the schema."""
        return bool(self.config["activity_streams_layout"] == "rows")

    @cached_property
    def custom(self) -> Properties:
        """The schema of the custom properties that the athletes defined; for tables, of those with a column."""
        custom = self.run.custom_properties(self.name)
        if not self.is_tabular:
            return custom
        return custom_columns(custom, self.schema["properties"], self._columns_before)

    @cached_property
    def columns(self) -> dict[str, Column]:
        """The columns of the stream's table."""
        return columns_of({**self.custom, **self.schema["properties"]})

    @override
    def whole_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {**schema, "properties": {**self.custom, **schema["properties"]}}

    @override
    def post_process(self, row: Row, context: Mapping[str, Any] | None = None) -> Row:
        return tabular(row, self.columns) if self.is_tabular else row

    @override
    def log(self, message: str, *args: Any, level: int = logging.INFO, **kwargs: Any) -> None:
        """Tell what the SDK does in every run to those alone who look for a fault."""
        super().log(message, *args, level=logging.DEBUG if level == logging.INFO else level, **kwargs)

    @override
    def note_bookmark(self, record: Row, context: Mapping[str, Any] | None) -> None:
        now = self.run.client.server_time.isoformat()
        raise_bookmark(self.get_context_state(context), str(self.replication_key), record, now)

    @override
    def get_replication_key_signpost(self, context: Mapping[str, Any] | None = None) -> None:
        """Have none: bookmarks are the server's values, whatever the local clock says."""


class AthleteStream(BookmarkedStream):
    """A stream that is read for each athlete; one state partition an athlete."""

    @abstractmethod
    def emit(self, athlete: Athlete, state: dict[str, Any]) -> Iterator[Row]:
        """Yield the athlete's new and changed records; note in the state what is out."""

    @property
    def client(self) -> Client:
        """The API client."""
        return self.run.client

    @property
    @override
    def partitions(self) -> list[dict[str, Any]]:
        return [{"athlete_id": id_} for id_ in self.run.athletes]

    @override
    def note_plan(self) -> None:
        super().note_plan()
        if self.selected:
            for context in self.partitions:
                self.get_context_state(context)

    @override
    def get_records(self, context: Mapping[str, Any] | None) -> Iterator[Row]:
        if context is not None:  # else no athlete could be read
            yield from self._records_of(self.run.athletes[context["athlete_id"]], self.get_context_state(context))

    def _records_of(self, athlete: Athlete, state: dict[str, Any]) -> Iterator[Row]:
        """Yield an athlete's records; what goes wrong is noted, and costs no other athlete or stream its records."""
        try:
            yield from self.emit(athlete, state)
        except QuotaPauseError as pause:
            resume = self.client.server_time + timedelta(seconds=pause.seconds)
            logger.warning(
                "%s of athlete %s: planned pause. %s The first run after %s goes on.",
                self.name,
                athlete.id,
                pause.message,
                resume.strftime("%Y-%m-%d %H:%M UTC"),
                extra={"notice": True},
            )
        except TapError as error:
            self.run.failures.append(f"{self.name} of athlete {athlete.id} are incomplete. {error.message}")
        except Exception:
            logger.exception("%s of athlete %s: please report this.", self.name, athlete.id)
            self.run.failures.append(
                f"{self.name} of athlete {athlete.id} are incomplete, by a fault of the tap: see above."
            )
        finally:
            self.run.note_requests()


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
        self.client.quota.share_out(sum(self.feed(one).total > 0 for one in self.run.athletes_from(athlete.id)))
        report = Report(feed, self.client)
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
            self.client.stop()  # no worker may keep a dying process waiting
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
