"""One stream on its way: records → points → chunks → writer."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from target_influxdb.delivery.grouped_deletes import GroupedDeletes
from target_influxdb.delivery.replacing import Replacer
from target_influxdb.lineprotocol.refused import Refused
from target_influxdb.points.batch_size import Chunker
from target_influxdb.points.mapper import Mapped, Mapper, Tombstone, Unusable
from target_influxdb.points.names import Names
from target_influxdb.points.plan import make_plan, missing_in
from target_influxdb.points.series import Series
from target_influxdb.points.tags_and_times import DELETED, size
from target_influxdb.singer.private import OpenSink

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from singer_sdk.sinks import BaseJSONSchemaValidator

    from target_influxdb.lineprotocol.encode import Chunk
    from target_influxdb.points.points import Points
    from target_influxdb.run import RunningTarget


class InfluxDBSink(OpenSink):
    """Hands its records to the writer as soon as they fill a chunk."""

    kept_metadata = frozenset({DELETED})

    def __init__(
        self,
        target: RunningTarget,
        stream_name: str,
        schema: dict[str, Any],
        key_properties: Sequence[str] | None,
    ) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        self._run = run = target.run
        self._writer = run.writer
        self._reader = target.message_reader
        settings = run.settings
        self._most_points, self._most_bytes = settings.batch_lines, settings.batch_bytes
        mapping = settings.mapping_of(stream_name)
        self._make_plan = partial(make_plan, stream_name, self.schema, self.key_properties, run.bookmarks, mapping)
        self._plan = self._make_plan()  # tells mistakes at once; what points are called waits for the server
        self._types = run.types[self._plan.measurement]
        self._is_ready = False
        self._points_waiting = self._bytes_waiting = 0
        self._said = run.known_points[stream_name].said
        if advice := missing_in(mapping, self._plan):
            self._say(advice, logging.WARNING)

    def _make_ready(self) -> None:
        """Name fields and tags as the server can store them."""
        run, name, dialect = self._run, self.stream_name, self._writer.server.dialect
        settings = run.settings
        names = run.names.setdefault(name, Names(name, settings.mapping_of(name), dialect))
        self._plan = self._make_plan(names)
        self._types.declare(self._plan.kinds, names.listed)
        self._chunker = Chunker(self._plan, settings, self._types, dialect)
        self._replacer = Replacer(self._plan, self._writer, run.known_points[name])
        self._conversion = Mapper(self._plan, Series(self._plan, settings.max_series, run.series, dialect))
        self._deletes = GroupedDeletes(self._writer)
        self._is_ready = True

    @override
    def get_validator(self) -> BaseJSONSchemaValidator | None:
        """Return none: what matters is checked where it is used, 15 times faster."""
        return None

    @property
    @override
    def is_full(self) -> bool:
        """Never: `process_record` hands over by points, not by records."""
        return False

    @override
    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        super().process_record(record, context)
        self._points_waiting += size(self._plan, record)
        self._bytes_waiting += self._reader.size
        if self._points_waiting >= self._most_points or self._bytes_waiting >= self._most_bytes:
            self._store(context["records"])
            context["records"] = []

    @override
    def process_batch(self, context: dict[str, Any]) -> None:
        # A missing key means that a signal handler drains a second time (meltano/sdk #3775): let it raise.
        self._store(context["records"])
        self._deletes.flush()

    def _store(self, records: list[dict[str, Any]]) -> None:
        self._points_waiting = self._bytes_waiting = 0
        if not self._is_ready:
            self._make_ready()
        for segment in self._replacer.segments(list(self._usable(records))):
            chunks = (chunk for points in segment.points for chunk in self._chunks(points))
            if not segment.deletions:
                self._deletes.add([], chunks, after_all=segment.after_all)
                continue
            ready = list(chunks)  # what can't be stored is known before anything is deleted
            names, others = self._plan.names, self._other_measurements()
            deletions = [
                replace(one, fields=names.given, beginnings=names.beginnings, others=others)
                for one in segment.deletions
            ]
            self._deletes.add(deletions, ready, after_all=segment.after_all)

    def _other_measurements(self) -> frozenset[str]:
        """Return all that are known by the settings or by this run."""
        return frozenset({*self._run.types, *self._run.settings.measurement_names} - {self._plan.measurement})

    def _usable(self, records: Sequence[Mapping[str, Any]]) -> Iterator[Mapped | Tombstone]:
        """Yield what becomes of records; those that can't become points replace nothing."""
        for one in self._conversion.mapped(records, time.time_ns()):
            if isinstance(one, Unusable):
                self._writer.rejecting.record(self.stream_name, one.record, one.error)
                continue
            if isinstance(one, Mapped) and one.left_out:
                self._say(
                    f"Not stored, because they are not arrays: {', '.join(one.left_out)} (name them in `fields` to"
                    " repeat them in every point)."
                )
            yield one

    def _chunks(self, points: Points) -> Iterator[Chunk]:
        """Yield points as lines, without those that the server would drop."""
        for part in self._chunker.parts(points):
            inside, outside = self._writer.retention.split(part)
            for reason, some in outside.items():
                lines, misfits = self._chunker.lines(some)
                self._writer.rejecting.lines(misfits, some.unit)
                self._writer.rejecting.lines([Refused(line, reason) for line in lines], some.unit, told=True)
            for chunk in self._chunker.chunks(inside):
                if chunk.empty:
                    self._say("Some points have no value at all: they are left out.")
                self._writer.rejecting.lines(chunk.misfits, chunk.precision)
                yield chunk

    def _say(self, sentence: str, level: int = logging.INFO) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self.logger.log(level, "%s", sentence)
