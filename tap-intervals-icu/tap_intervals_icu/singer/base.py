"""The base of all streams: how they take part in a run, and how they use the SDK's state."""

from __future__ import annotations

import logging
import sys
from abc import abstractmethod
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk import StreamSchema
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.schema.source import SchemaDirectory
from singer_sdk.singerlib import Metadata
from typing_extensions import override

from tap_intervals_icu import schemas
from tap_intervals_icu.errors import QuotaPauseError, TapError
from tap_intervals_icu.records.tables import column_types, columns_of, custom_columns, known_columns, tabular
from tap_intervals_icu.singer.private import OpenStream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk.singerlib import MetadataMapping

    from tap_intervals_icu.changes.athlete import Athlete
    from tap_intervals_icu.records.custom import Properties
    from tap_intervals_icu.records.rows import Row
    from tap_intervals_icu.records.tables import Column
    from tap_intervals_icu.run import Run

logger = logging.getLogger("tap-intervals-icu")


SCHEMAS = SchemaDirectory(schemas)

TIMES = ("start_date_local", "end_date_local", "start_time", "time", "as_of")
"""Properties that say when a record is. A target can't place what lacks them, so they are always there, as keys are."""


def schema_of(name: str | None = None) -> StreamSchema[str]:
    """Return the schema in the file `name`.json; by default the name is the stream's."""
    return StreamSchema(SCHEMAS, key=name)


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

    schema = schema_of()

    run: Run
    """What this run shares: set before the first stream is read."""

    def join(self, run: Run) -> None:
        """Take part in a run."""
        self.run = run
        self._columns_before = known_columns(self.stream_state)

    def note_plan(self) -> None:
        """Note in the state what the run is going to do, before anything is emitted.

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
        """Name under which the state keeps what was emitted of this stream."""
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

    @property
    @override
    def metadata(self) -> MetadataMapping:
        found = super().metadata
        for name in TIMES:
            if entry := found.get(("properties", name)):
                entry.inclusion = Metadata.InclusionType.AUTOMATIC
        return found

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
        self.run.count_record(record, context)
        now = self.run.server_time.isoformat()
        raise_bookmark(self.get_context_state(context), str(self.replication_key), record, now)

    @override
    def get_replication_key_signpost(self, context: Mapping[str, Any] | None = None) -> None:
        """Have none: bookmarks are the server's values, whatever the local clock says."""


class AthleteStream(BookmarkedStream):
    """A stream that is read for each athlete; one state partition an athlete."""

    @abstractmethod
    def emit(self, athlete: Athlete, state: dict[str, Any]) -> Iterator[Row]:
        """Yield the athlete's new and changed records; note in the state what was emitted."""

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
            resume = self.run.server_time + timedelta(seconds=pause.seconds)
            logger.warning(
                "%s of athlete %s: planned pause. %s The first run after %s goes on.",
                self.name,
                athlete.id,
                pause.message,
                resume.strftime("%Y-%m-%d %H:%M UTC"),
                extra={"notice": True},
            )
            self.run.pause(athlete.id, pause.message)
        except TapError as error:
            self.run.fail(athlete.id, f"{self.name} of athlete {athlete.id} are incomplete. {error.message}")
        except Exception:
            logger.exception("%s of athlete %s: please report this.", self.name, athlete.id)
            self.run.fail(
                athlete.id, f"{self.name} of athlete {athlete.id} are incomplete, by a fault of the tap: see above."
            )
        finally:
            self.run.note_requests()
