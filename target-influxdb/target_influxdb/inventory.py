"""What the database holds of some streams, as JSON lines: for a program that compares it with the source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_influxdb.errors import TargetError
from target_influxdb.lineprotocol.escape import storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from target_influxdb.delivery.queue import Writer

Line = dict[str, Any]


def inventory(writer: Writer, streams: Iterable[str]) -> Iterator[Line]:
    """Yield a line for the server, one for each stream and how it is mapped, and one for each tag set.

    Points of a stream that has a `time_offset` are counted (how many values has the fullest field); of others, which
    have one point for each record, time (nanoseconds) and the values of fields are named, as far as the server can.

    Args:
        writer: Knows the database.
        streams: Names, with the fields whose values are wanted: `STREAM:FIELD+FIELD`.

    Raises:
        TargetError: the database can't be read.
    """
    server = writer.server
    names = writer.ask("Looking at the database", lambda one: one.measurements())
    if names is None:
        raise TargetError(
            f"{server.name} at {writer.settings.url} can't be read back: there is nothing to compare with."
            " This needs a database, and an account that may read it."
        )
    yield {"server": server.name, "cannot_delete": server.cannot_delete, "times": server.cannot_delete_times}
    for stream in streams:
        name, _, fields = stream.partition(":")
        yield from _of_stream(writer, name, tuple(fields.split("+")) if fields else ())


def _of_stream(writer: Writer, stream: str, fields: tuple[str, ...]) -> Iterator[Line]:
    mapping = writer.settings.mapping_of(stream)
    measurement = storable(mapping.name or stream)
    tags: tuple[str, ...] = writer.ask("Reading tags", lambda server: server.tag_keys(measurement))
    yield {
        "stream": stream,
        "time": mapping.time,
        "tags": list(tags),
        "values": list(fields),
        "mapped_tags": None if mapping.tags is None else list(mapping.tags),
        "fields": None if mapping.fields is None else list(mapping.fields),
        "exclude": list(mapping.exclude),
    }
    if mapping.time_offset is None:
        held = writer.ask("Reading points", lambda server: server.rows(measurement, tags, fields))
        what = "rows"
    else:
        held = writer.ask("Counting points", lambda server: server.counts(measurement, tags))
        what = "count"
    for values, found in sorted(held.items()):
        named = {tag: value for tag, value in zip(tags, values, strict=True) if value}
        yield {"stream": stream, "of": named, what: found}
