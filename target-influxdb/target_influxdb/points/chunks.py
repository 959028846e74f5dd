"""Points of one stream as chunks of the size that a request may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_influxdb.lineprotocol.encode import encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from target_influxdb.config.settings import Settings
    from target_influxdb.lineprotocol.encode import Chunk
    from target_influxdb.lineprotocol.escape import Dialect
    from target_influxdb.lineprotocol.types import FieldTypes
    from target_influxdb.points.convert import Points
    from target_influxdb.points.mapping import Plan

CHUNK = 5_000
"""Points encoded at once: small enough for the processor's cache."""


class Chunker:
    """Encodes points by a stream's plan."""

    def __init__(self, plan: Plan, settings: Settings, types: FieldTypes, dialect: Dialect) -> None:
        self._plan = plan
        self._lines = min(CHUNK, settings.batch_lines)
        self._bytes = settings.batch_bytes
        self._types = types
        self._dialect = dialect

    def chunks(self, points: Points) -> Iterator[Chunk]:
        """The points, encoded."""
        for start in range(0, len(points.times), self._lines):
            yield from self._fitting(points.part(start, start + self._lines))

    def _fitting(self, part: Points) -> Iterator[Chunk]:
        chunk = encode(
            part.heads,
            part.columns,
            part.times,
            self._types,
            unit=part.unit,
            precision=self._plan.precision,
            dialect=self._dialect,
        )
        if len(chunk.body) <= self._bytes or len(part.times) <= 1:
            yield chunk
            return
        middle = len(part.times) // 2
        yield from self._fitting(part.part(0, middle))
        yield from self._fitting(part.part(middle, len(part.times)))
