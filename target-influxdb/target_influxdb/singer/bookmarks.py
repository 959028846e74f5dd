"""The bookmarks in a state message, and a number that stands for the content of each. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from typing_extensions import override

from target_influxdb.lineprotocol.escape import storable

if TYPE_CHECKING:
    from collections.abc import Iterator

BYTES = 6  # so that a float holds the number exactly, in every database
POSITION = "replication_key_value"
MARKED = "marked"


@dataclass(frozen=True)
class Bookmark:
    """What a state says about a stream, or about one partition of it."""

    stream: str
    context: tuple[tuple[str, str], ...]
    """Names and values of the partition, () where the stream has none."""
    position: str
    """Up to where records are stored."""
    number: int
    """Stands for all of its content."""
    is_marked: bool
    """Whether the tap says that targets have marked it (`"marked": "yes"`)."""

    @property
    def partition(self) -> str:
        """The partition as one text."""
        return storable(",".join(f"{name}={value}" for name, value in self.context))

    @property
    def key(self) -> tuple[str, str]:
        """What tells bookmarks apart, as tags hold it."""
        return storable(self.stream), self.partition

    @override
    def __str__(self) -> str:
        return f"{self.stream} ({self.partition})" if self.context else self.stream


def bookmarks(state: Any) -> Iterator[Bookmark]:
    """Yield the bookmarks of a state in the SDK's form that say that records were stored.

    Others say nothing that a database could lack: an empty state, one of another form, or a stream without records.
    """
    streams = state.get("bookmarks") if isinstance(state, dict) else None
    for stream, content in streams.items() if isinstance(streams, dict) else ():
        if not isinstance(content, dict):
            continue
        partitions = content.get("partitions")
        for one in (content, *(partitions if isinstance(partitions, list) else ())):
            if isinstance(one, dict) and one.get(POSITION):
                yield _bookmark(str(stream), {key: value for key, value in one.items() if key != "partitions"})


def _bookmark(stream: str, content: dict[str, Any]) -> Bookmark:
    context = content.get("context")
    named = sorted((str(name), str(value)) for name, value in context.items()) if isinstance(context, dict) else []
    data = msgspec.json.encode(content, order="deterministic")
    number = int.from_bytes(hashlib.blake2b(data, digest_size=BYTES).digest(), "big")
    return Bookmark(stream, tuple(named), str(content[POSITION]), number, content.get(MARKED) == "yes")
