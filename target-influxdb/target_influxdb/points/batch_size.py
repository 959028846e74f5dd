"""Points of one stream cut to the batch size: the lines and bytes that one request may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_influxdb.lineprotocol.encode import blocks_of, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from target_influxdb.config.settings import Settings
    from target_influxdb.lineprotocol.encode import Chunk
    from target_influxdb.lineprotocol.escape import Dialect
    from target_influxdb.lineprotocol.refused import Refused
    from target_influxdb.lineprotocol.types import FieldTypes
    from target_influxdb.points.plan import Plan
    from target_influxdb.points.points import Points

CHUNK = 5_000
"""Points encoded at once: small enough for the processor's cache."""


class Chunker:
    """Encodes points by a stream's plan."""

    def __init__(self, plan: Plan, settings: Settings, types: FieldTypes, dialect: Dialect) -> None:
        self._precision = plan.precision
        self._lines = min(CHUNK, settings.batch_lines)
        self._bytes = settings.batch_bytes
        self._types = types
        self._dialect = dialect

    def parts(self, points: Points) -> Iterator[Points]:
        """Yield so many points as a chunk may have, with times as they will be written; those of rows by time."""
        for part in (points if isinstance(points.heads, bytes) else points.in_order()).parts(self._lines):
            yield part.stamped(self._precision)

    def chunks(self, part: Points) -> Iterator[Chunk]:
        """Yield a part encoded, in halves where it is too large for a request."""
        if not part.times:
            return
        options = {"unit": part.unit, "precision": part.unit}
        chunk = encode(part.heads, part.columns, part.times, self._types, dialect=self._dialect, **options)
        if len(chunk.body) <= self._bytes or len(part.times) == 1:
            yield chunk
            return
        middle = len(part.times) // 2
        yield from self.chunks(part.part(0, middle))
        yield from self.chunks(part.part(middle, len(part.times)))

    def lines(self, part: Points) -> tuple[list[bytes], list[Refused]]:
        """Return a line for each point of a part that has a value, and what does not fit."""
        blocks = list(blocks_of(part.heads, part.columns, part.times, self._types, self._dialect))
        lines = [line for block in blocks for line in block.lines if line]
        return lines, [one for block in blocks for one in block.misfits]
