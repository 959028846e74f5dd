"""The tap's streams. A stream says what it is; how changes are found is in `feeds` and `progress`."""

from __future__ import annotations

import sys
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Stream, StreamSchema
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.schema.source import SchemaDirectory
from typing_extensions import override

from tap_intervals_icu import schemas
from tap_intervals_icu.base import IncrementalStream, quiet, raise_bookmark
from tap_intervals_icu.downloads import downloader, no_download, stream_downloads
from tap_intervals_icu.records import activity_record, tombstone, wellness_record
from tap_intervals_icu.samples import to_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from concurrent.futures import Executor

    from singer_sdk.metrics import Counter, Timer

    from tap_intervals_icu.athlete import Athlete
    from tap_intervals_icu.feeds import Feed, Item
    from tap_intervals_icu.records import Row
    from tap_intervals_icu.samples import Columns

SCHEMAS = SchemaDirectory(schemas)


class Wellness(IncrementalStream):
    """Days: fitness, sleep, HRV, weight and whatever else the athlete records. Projected days are left out."""

    name = "wellness"
    primary_keys = ("athlete_id", "id")
    replication_key = "updated"
    schema = StreamSchema(SCHEMAS)

    @override
    def feed(self, athlete: Athlete) -> Feed:
        return athlete.wellness

    @override
    def records(self, athlete: Athlete, pool: Executor) -> Iterator[tuple[Item, Row]]:
        for item in athlete.wellness.to_do(pool):
            if item.row is not None:
                yield item, wellness_record(item.row, athlete.id)


class Activities(IncrementalStream):
    """Activities with all their figures; parent of `activity_streams`."""

    name = "activities"
    primary_keys = ("athlete_id", "id")
    replication_key = "updated"
    schema = StreamSchema(SCHEMAS)

    _columns: Columns | None = None
    """The current activity's streams, resolved before its record is yielded: the SDK swallows what a child raises."""

    @override
    def feed(self, athlete: Athlete) -> Feed:
        return athlete.activities

    @override
    def records(self, athlete: Athlete, pool: Executor) -> Iterator[tuple[Item, Row]]:
        feed = athlete.activities
        download = downloader(self.client, feed) if any(child.selected for child in self.child_streams) else no_download
        for item, columns in stream_downloads(feed, pool, download, self.config["workers"]):
            self._columns = columns
            if item.row is None:
                yield item, tombstone(athlete.id, item.listed.id, self.client.server_time)
            else:
                yield item, activity_record(item.row, athlete.id)

    @override
    def generate_child_contexts(self, record: Row, context: Mapping[str, Any] | None) -> Iterable[dict[str, Any]]:
        if self._columns is None:
            return
        shared = ("type", "start_date", "start_date_local", "_sdc_deleted_at")
        yield {
            "athlete_id": record["athlete_id"],
            "activity_id": record["id"],
            **{name: record[name] for name in shared if name in record},
            "columns": self._columns,
        }


class ActivityStreams(Stream):
    """Per-second samples of one activity after the other; the parent brings them along in the context."""

    name = "activity_streams"
    parent_stream_type = Activities
    state_partitioning_keys = ()  # one bookmark for all: a partition for each activity makes the state quadratic
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE  # made of numbers here, and there are millions
    STATE_MSG_FREQUENCY = sys.maxsize

    layout: ClassVar[str]
    columns: Columns
    _has_schema_out = False

    @override
    def preprocess_context(self, context: dict[str, Any]) -> dict[str, Any]:  # type: ignore[override] # frozen later
        self.columns = context.pop("columns")
        return context

    @abstractmethod
    @override
    def get_records(self, context: Mapping[str, Any] | None) -> Iterator[Row]: ...

    @override
    def _increment_stream_state(self, latest_record: Row, *, context: Mapping[str, Any] | None = None) -> None:
        raise_bookmark(self.stream_state, str(self.replication_key), latest_record)

    # A child is synced once an activity: what the SDK then says and writes is said once, by the parent.

    @override
    def log(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing."""

    @override
    def get_record_counter(self, **kwargs: Any) -> Counter:
        return quiet(super().get_record_counter(**kwargs))

    @override
    def get_sync_timer(self) -> Timer:
        return quiet(super().get_sync_timer())

    @override
    def _write_schema_message(self) -> None:
        if not self._has_schema_out:
            super()._write_schema_message()
            self._has_schema_out = True

    @override
    def _write_starting_replication_value(self, context: Mapping[str, Any] | None) -> None:
        """Keep the bookmark as it is: the parent decides what is read."""

    @override
    def _write_state_message(self) -> None:
        """Leave it to the parent, which knows when an activity is complete."""

    @override
    def get_replication_key_signpost(self, context: Mapping[str, Any] | None = None) -> None:
        """Have none: bookmarks are the server's values, whatever the local clock says."""


class ActivityStreamsColumns(ActivityStreams):
    """One record an activity, each channel an array: for targets that know columns, such as target-influxdb."""

    layout = "columns"
    primary_keys = ("athlete_id", "activity_id")
    replication_key = "start_date"
    schema = StreamSchema(SCHEMAS, key="activity_streams_columns")

    @override
    def get_records(self, context: Mapping[str, Any] | None) -> Iterator[Row]:
        yield {**(context or {}), **self.columns}


class ActivityStreamsRows(ActivityStreams):
    """One record a sample: for SQL and CSV."""

    layout = "rows"
    primary_keys = ("athlete_id", "activity_id", "time")
    replication_key = "timestamp"
    schema = StreamSchema(SCHEMAS, key="activity_streams_rows")

    @override
    def get_records(self, context: Mapping[str, Any] | None) -> Iterator[Row]:
        activity = dict(context or {})
        start, local = activity.get("start_date"), activity.get("start_date_local")
        for row in to_rows(self.columns, start, local, self.schema["properties"]):
            yield activity | row


LAYOUTS: dict[str, type[ActivityStreams]] = {
    stream.layout: stream for stream in (ActivityStreamsRows, ActivityStreamsColumns)
}
