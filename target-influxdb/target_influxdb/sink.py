"""One stream on its way: records → points → chunks → writer."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from singer_sdk.sinks import BatchSink
from typing_extensions import override

from target_influxdb.delivery.holding import Holding
from target_influxdb.delivery.replacing import DELETED, Replacer
from target_influxdb.errors import BadRecordError
from target_influxdb.points import convert as points
from target_influxdb.points.chunks import Chunker
from target_influxdb.points.mapping import make_plan, missing_in
from target_influxdb.points.names import Names
from target_influxdb.points.series import Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from singer_sdk.sinks import BaseJSONSchemaValidator

    from target_influxdb.lineprotocol.encode import Chunk
    from target_influxdb.run import RunningTarget


class InfluxDBSink(BatchSink):
    """Hands its records to the writer as soon as they fill a chunk."""

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
        self._said = run.memories[stream_name].said
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
        self._replacer = Replacer(self._plan, self._writer, run.memories[name], self.logger)
        self._series = Series(self._plan, settings.max_series, run.series, dialect)
        self._holding = Holding(self._writer)
        self._is_ready = True

    @override
    def get_validator(self) -> BaseJSONSchemaValidator | None:
        """None: what matters is checked where it is used, 15 times faster."""
        return None

    @override
    def _validate_and_parse(self, record: dict[str, Any]) -> dict[str, Any]:
        """Leave times as they came; they are read once, when they are written."""
        return record

    @override
    def _remove_sdc_metadata_from_record(self, record: dict[str, Any]) -> None:
        """Keep the mark of tombstones, which the SDK removes."""
        deleted = record.get(DELETED)
        super()._remove_sdc_metadata_from_record(record)
        if deleted:
            record[DELETED] = deleted

    @property
    @override
    def is_full(self) -> bool:
        """Never: `process_record` hands over by points, not by records."""
        return False

    @override
    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        super().process_record(record, context)
        self._points_waiting += points.size(self._plan, record)
        self._bytes_waiting += self._reader.size
        if self._points_waiting >= self._most_points or self._bytes_waiting >= self._most_bytes:
            self._store(context["records"])
            context["records"] = []

    @override
    def process_batch(self, context: dict[str, Any]) -> None:
        # A missing key means that a signal handler drains a second time (meltano/sdk #3775): let it raise.
        self._store(context["records"])
        self._holding.flush()

    def _store(self, records: list[dict[str, Any]]) -> None:
        self._points_waiting = self._bytes_waiting = 0
        if not self._is_ready:
            self._make_ready()
        good = self._usable(records) if self._plan.replace or self._plan.replace_time else records
        for segment in self._replacer.segments(good):
            chunks: Iterable[Chunk] = self._chunks(segment.records)
            deletions = segment.deletions
            if deletions:
                chunks = list(chunks)  # what can't be stored is known before anything is deleted, and fields have names
                names, others = self._plan.names, self._other_measurements()
                deletions = [
                    replace(one, fields=names.given, beginnings=names.beginnings, others=others) for one in deletions
                ]
            self._holding.add(deletions, chunks, after_all=segment.after_all)

    def _other_measurements(self) -> frozenset[str]:
        """All that are known by the settings or by this run."""
        return frozenset({*self._run.types, *self._run.settings.measurement_names} - {self._plan.measurement})

    def _usable(self, records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """The records that can become points, and tombstones: the others replace nothing."""
        good = []
        for record in records:
            try:
                if not record.get(DELETED):
                    points.check(self._plan, record)
                good.append(record)
            except BadRecordError as error:
                self._writer.rejecting.record(self.stream_name, record, error)
        return good

    def _chunks(self, records: Iterable[Mapping[str, Any]]) -> Iterator[Chunk]:
        for made in self._points(records):
            for chunk in self._chunker.chunks(made):
                if chunk.empty:
                    self._say("Some points have no value at all: they are left out.")
                yield self._writer.storable(chunk)

    def _points(self, records: Iterable[Mapping[str, Any]]) -> Iterator[points.Points]:
        rows: list[Mapping[str, Any]] = []
        for record in records:
            if points.is_columnar(self._plan, record):
                yield from self._of_rows(rows)
                rows = []
                yield from self._of_columns(record)
            else:
                rows.append(record)
        yield from self._of_rows(rows)

    def _of_rows(self, records: list[Mapping[str, Any]]) -> Iterator[points.Points]:
        while records:
            try:
                made = points.from_rows(self._plan, records, self._series, time.time_ns())
            except BadRecordError:
                records = self._without_bad(records)
            else:
                yield made
                return

    def _without_bad(self, records: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        good = []
        for record in records:
            try:
                points.from_rows(self._plan, [record], self._series, 0)
                good.append(record)
            except BadRecordError as error:
                self._writer.rejecting.record(self.stream_name, record, error)
        return good

    def _of_columns(self, record: Mapping[str, Any]) -> Iterator[points.Points]:
        try:
            made, left_out = points.from_columns(self._plan, record, self._series.of(record))
        except BadRecordError as error:
            self._writer.rejecting.record(self.stream_name, record, error)
            return
        if left_out:
            self._say(
                f"Not stored, because they are no arrays: {', '.join(left_out)} (name them in `fields` to repeat"
                " them in every point)."
            )
        yield made

    def _say(self, sentence: str, level: int = logging.INFO) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self.logger.log(level, "%s", sentence)
