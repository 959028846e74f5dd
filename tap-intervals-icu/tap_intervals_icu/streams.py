"""Every stream of the tap. A stream says what it is; how changes are found is in `changes`.

The schema of a stream is the file in `schemas` with its name, and its list at the API has that name, too.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from tap_intervals_icu.changes import children
from tap_intervals_icu.changes.downloads import downloader, no_download, stream_downloads
from tap_intervals_icu.records import parts
from tap_intervals_icu.records.numbers import plain
from tap_intervals_icu.records.rows import (
    activity_record,
    tombstone,
    wellness_record,
)
from tap_intervals_icu.records.samples import surplus_rows, to_rows
from tap_intervals_icu.singer.base import schema_of
from tap_intervals_icu.singer.bests import BestsStream
from tap_intervals_icu.singer.calendar import CalendarStream, FitnessEventStream
from tap_intervals_icu.singer.forecast import ForecastStream
from tap_intervals_icu.singer.snapshots import CurveStream, ProfileStream, SnapshotStream
from tap_intervals_icu.singer.streams import ChildStream, IncrementalStream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from concurrent.futures import Executor

    from tap_intervals_icu.changes.athlete import Athlete
    from tap_intervals_icu.changes.feed import Feed, Item
    from tap_intervals_icu.records.custom import Properties
    from tap_intervals_icu.records.rows import Row
    from tap_intervals_icu.records.samples import Columns
    from tap_intervals_icu.singer.base import BookmarkedStream


class Wellness(IncrementalStream):
    """Days: fitness, sleep, HRV, weight and whatever else the athlete records. Projected days are left out."""

    name = "wellness"
    primary_keys = ("athlete_id", "id")
    replication_key = "updated"

    @override
    def feed(self, athlete: Athlete) -> Feed:
        return athlete.wellness

    @override
    def items(self, athlete: Athlete, pool: Executor) -> Iterator[tuple[Item, None]]:
        return ((item, None) for item in athlete.wellness.to_do(pool) if item.row is not None)

    @override
    def record(self, feed: Feed, item: Item, columns: Columns | None) -> Row:
        record = wellness_record(item.row or {}, feed.athlete_id)
        if sports := self.child(WellnessSportInfo.name):
            self.bring(sports.name, children.sport_infos(feed.progress, sports.name, record, self.run.server_time))
        return record


class WellnessSportInfo(ChildStream):
    """The rolling estimates of a day for each sport: eFTP, W' and Pmax, as rows instead of a nested list."""

    name = "wellness_sport_info"
    parent_stream_type = Wellness
    primary_keys = ("athlete_id", "id", "type")
    replication_key = "updated"
    selected_by_default = False


class Activities(IncrementalStream):
    """Activities with all their figures; parent of `activity_streams` and `activity_intervals`."""

    name = "activities"
    primary_keys = ("athlete_id", "id")
    replication_key = "updated"

    @override
    def feed(self, athlete: Athlete) -> Feed:
        athlete.activities.with_intervals = self.child(ActivityIntervals.name) is not None
        return athlete.activities

    @override
    def items(self, athlete: Athlete, pool: Executor) -> Iterator[tuple[Item, Columns | None]]:
        feed = athlete.activities
        samples = self.child(ActivityStreams.name)
        archive = self.run.archive
        download = downloader(athlete.client, archive, feed, samples.label) if samples else no_download
        # An activity comes with all that belongs to it, so a failed download leaves no record without its samples.
        return stream_downloads(feed, pool, download, self.config["workers"])

    @override
    def record(self, feed: Feed, item: Item, columns: Columns | None) -> Row:
        if item.row is None:
            record = tombstone(feed.athlete_id, item.listed.id, self.run.server_time)
            self.run.archive.remove(feed.athlete_id, item.listed.id)
        else:
            record = activity_record(item.row, feed.athlete_id)
        if intervals := self.child(ActivityIntervals.name):
            brought = children.intervals(feed.progress, intervals.name, item, record, self.run.server_time)
            self.bring(intervals.name, brought)
        tabular = ActivityStreams.name if self.is_tabular else None
        self.bring(ActivityStreams.name, children.samples(feed.progress, record, columns, tabular))
        return record


class ActivityStreams(ChildStream):
    """Samples of one activity after the other."""

    name = "activity_streams"
    parent_stream_type = Activities
    layout: ClassVar[str]

    @property
    @override
    def label(self) -> str:
        return f"{self.name}/{self.layout}"  # whoever changes the layout wants all samples anew


class ActivityStreamsColumns(ActivityStreams):
    """An activity as a record, each channel an array, or as several if it is long: for target-influxdb and its like."""

    layout = "columns"
    primary_keys = ("athlete_id", "activity_id", parts.PART)
    replication_key = "start_date"
    schema = schema_of("activity_streams_columns")

    @override
    def get_records(self, context: Mapping[str, Any] | None) -> Iterator[Row]:
        for activity in super().get_records(context):
            previous = activity.pop(children.PREVIOUS)
            for record in parts.in_parts(activity, previous, self.run.server_time):
                yield plain(record) if self._is_changed else record

    @cached_property
    def _is_changed(self) -> bool:
        """Whether the SDK changes the records: it and its expressions want lists."""
        return bool(self.config.get("stream_maps") or self.config.get("flattening_enabled"))

    @property
    @override
    def custom(self) -> Properties:
        samples = super().custom
        return {name: samples[name] | {"type": ["array", "null"], "items": samples[name]} for name in samples}


class ActivityStreamsRows(ActivityStreams):
    """One record a sample: for SQL and CSV."""

    layout = "rows"
    primary_keys = ("athlete_id", "activity_id", "time")
    replication_key = "timestamp"
    schema = schema_of("activity_streams_rows")

    @override
    def get_records(self, context: Mapping[str, Any] | None) -> Iterator[Row]:
        for activity in super().get_records(context):
            previous = activity.pop(children.PREVIOUS)
            yield from to_rows(activity, self.columns)
            yield from surplus_rows(activity, previous, self.run.server_time)

    @override
    def post_process(self, row: Row, context: Mapping[str, Any] | None = None) -> Row:
        return row  # tabular already, a column at a time


class ActivityIntervals(ChildStream):
    """Work and recovery intervals, detected or made by hand, by their position: their own ids do not last."""

    name = "activity_intervals"
    parent_stream_type = Activities
    primary_keys = ("athlete_id", "activity_id", "position")
    replication_key = "start_date"
    selected_by_default = False


class AthleteProfile(ProfileStream):
    """The athlete: name and harmless properties of an answer that also holds the API key, e-mail and date of birth."""

    name = "athlete"
    primary_keys = ("id",)
    endpoint = ""
    has_date = False


class SportSettings(SnapshotStream):
    """FTP, thresholds and zones of each group of sports."""

    name = "sport_settings"
    replication_key = "updated"


class Gear(SnapshotStream):
    """Bikes, shoes and their components, with mileage and reminders."""

    name = "gear"
    has_date = False


class Events(CalendarStream):
    """The calendar: planned workouts, races, notes, holidays; a year ahead."""

    name = "events"
    replication_key = "updated"


class FitnessModelEvents(FitnessEventStream):
    """What explains jumps of fitness: time constants, fitness and eFTP set by hand."""

    name = "fitness_model_events"
    replication_key = "updated"


class PowerCurves(CurveStream):
    """Best power for each duration."""

    name = "power_curves"
    primary_keys = ("athlete_id", "type", "id", "secs")


class HRCurves(CurveStream):
    """Highest heart rate held for each duration."""

    name = "hr_curves"
    primary_keys = ("athlete_id", "type", "id", "secs")


class PaceCurves(CurveStream):
    """Shortest time for each distance."""

    name = "pace_curves"
    primary_keys = ("athlete_id", "type", "id", "distance")
    axis = "distance"


class ActivityBests(BestsStream):
    """Best power of each ride and best times of each run and swim: the history of records."""

    name = "activity_bests"
    primary_keys = ("athlete_id", "id")


class WellnessForecast(ForecastStream):
    """Projected fitness, fatigue and load of the days after today, up to a year ahead."""

    name = "wellness_forecast"
    replication_key = "updated"
    endpoint = "wellness"
    plan = Events.name


LAYOUTS: dict[str, type[ActivityStreams]] = {
    stream.layout: stream for stream in (ActivityStreamsRows, ActivityStreamsColumns)
}


def streams_in(layout: str) -> list[type[BookmarkedStream]]:
    """Return all streams, with the samples in one of the two layouts; parents before their children."""
    return [
        Wellness,
        WellnessSportInfo,
        Activities,
        LAYOUTS[layout],
        ActivityIntervals,
        AthleteProfile,
        SportSettings,
        Gear,
        Events,
        FitnessModelEvents,
        PowerCurves,
        HRCurves,
        PaceCurves,
        ActivityBests,
        WellnessForecast,
    ]
