"""One stream on its way: records → points → chunks → writer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from singer_sdk.sinks import BatchSink
from typing_extensions import override

from target_influxdb import encode, points
from target_influxdb.errors import BadRecordError
from target_influxdb.mapping import make_plan
from target_influxdb.replacing import DELETED, Replacer
from target_influxdb.series import Series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from singer_sdk.sinks import BaseJSONSchemaValidator

    from target_influxdb.target import TargetInfluxDB

#: Points encoded at once: small enough for the processor's cache.
_CHUNK = 5_000


class InfluxDBSink(BatchSink):
    """Hands its records to the writer as soon as they fill a chunk."""

    def __init__(
        self,
        target: TargetInfluxDB,
        stream_name: str,
        schema: dict[str, Any],
        key_properties: Sequence[str] | None,
    ) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        self._writer = target.writer
        self._settings = target.settings
        mapping = target.settings.mapping_of(stream_name)
        self._plan = make_plan(stream_name, self.schema, self.key_properties, target.bookmarks, mapping)
        if self._plan.time is None:
            self.logger.warning(
                "Stream %r has no time: points get the time at which they arrive, so a repeated record becomes"
                " a second point. Name its time with measurements.%s.time.",
                stream_name, stream_name,
            )  # fmt: skip
        self._types = target.types_of(self._plan)
        self._replacer = Replacer(self._plan, self._writer, target.memories[stream_name], self.logger)
        self._series = Series(self._plan, self._settings.max_series, target.series)
        self._waiting = 0
        self._said: set[str] = set()

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
        self._waiting += points.size(self._plan, record)
        if self._waiting >= self._settings.batch_lines:
            self._store(context["records"])
            context["records"] = []

    @override
    def process_batch(self, context: dict[str, Any]) -> None:
        # A missing key means that a signal handler drains a second time (meltano/sdk #3775): let it raise.
        self._store(context["records"])

    def _store(self, records: Sequence[Mapping[str, Any]]) -> None:
        self._waiting = 0
        for deletions, kept in self._replacer.segments(records):
            if deletions:
                self._writer.delete(deletions)
            rows: list[Mapping[str, Any]] = []
            for record in kept:
                if points.is_columnar(self._plan, record):
                    self._store_rows(rows)
                    rows = []
                    self._store_columns(record)
                else:
                    rows.append(record)
            self._store_rows(rows)

    def _store_rows(self, records: list[Mapping[str, Any]]) -> None:
        while records:
            try:
                made = points.from_rows(self._plan, records, self._series, time.time_ns())
            except BadRecordError:
                records = self._without_bad(records)
            else:
                self._encode(made)
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

    def _store_columns(self, record: Mapping[str, Any]) -> None:
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
        self._encode(made)

    def _encode(self, made: points.Points) -> None:
        step = min(_CHUNK, self._settings.batch_lines)
        for start in range(0, len(made.times), step):
            self._encode_part(made.part(start, start + step))

    def _encode_part(self, part: points.Points) -> None:
        chunk = encode.encode(
            part.heads,
            part.columns,
            part.times,
            self._types,
            unit=part.unit,
            precision=self._plan.precision,
            strings=self._writer.server.strings,
        )
        if len(chunk.body) > self._settings.batch_bytes and len(part.times) > 1:
            middle = len(part.times) // 2
            self._encode_part(part.part(0, middle))
            self._encode_part(part.part(middle, len(part.times)))
            return
        if chunk.empty:
            self._say("Some points have no value at all: they are left out.")
        self._writer.submit(chunk)

    def _say(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self.logger.info("%s", sentence)
