"""Chunks that wait until what they replace is deleted, so that one request deletes for many of them.

To find what it deletes, InfluxDB looks through all that it holds in memory, in each request anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from target_influxdb.delivery.queue import Writer
    from target_influxdb.lineprotocol.encode import Chunk
    from target_influxdb.servers import Deletion

MOST_BYTES = 16_000_000


class GroupedDeletes:
    """Takes chunks in their order, and hands them to the writer after the deletions that they wait for."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._deletions: list[Deletion] = []
        self._chunks: list[Chunk] = []
        self._bytes = 0

    def add(self, deletions: list[Deletion], chunks: Iterable[Chunk], *, after_all: bool) -> None:
        """Take chunks, and what is to be deleted before them.

        Args:
            deletions: None of them concerns the chunks that wait, unless `after_all`.
            chunks: Those that replace it, and others; made as they are taken.
            after_all: Hand over first what came before.
        """
        if after_all:
            self.flush()
        if not deletions and not self._deletions:
            for chunk in chunks:
                self._writer.submit(chunk)
            return
        self._deletions += deletions
        for chunk in chunks:
            self._chunks.append(chunk)
            self._bytes += len(chunk.body)
        if self._bytes >= MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        """Delete, then hand over what waits."""
        deletions, chunks = self._deletions, self._chunks
        self._deletions, self._chunks, self._bytes = [], [], 0
        if deletions:
            self._writer.delete(deletions)
        for chunk in chunks:
            self._writer.submit(chunk)
