"""The files of BATCH messages."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, Any

from target_influxdb.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UNREADABLE = (OSError, EOFError, ImportError, ValueError, LookupError, TypeError, zlib.error)


def lines_of(message: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the records in a message's files, one JSON text each.

    Raises:
        TargetError: a file can't be read.
    """
    stream, encoding = message["stream"], message["encoding"]
    kind = (encoding.get("format"), encoding.get("compression")) if isinstance(encoding, dict) else (encoding, None)
    if kind not in {("jsonl", "gzip"), ("jsonl", "none"), ("jsonl", None)}:
        raise TargetError(f"BATCH of stream {stream!r}: files must be jsonl, plain or gzip, not {kind!r}.")
    for url in message["manifest"]:
        try:
            yield from _lines_of_file(url, is_packed=kind[1] == "gzip")
        except UNREADABLE as error:
            reason = getattr(error, "strerror", None) or error
            raise TargetError(f"BATCH of stream {stream!r}: can't read {url!r} ({reason}).") from None


def _lines_of_file(url: str, *, is_packed: bool) -> Iterator[bytes]:
    import fsspec  # type: ignore[import-untyped] # noqa: PLC0415 - not annotated; few need it, and it takes its time

    with fsspec.open(url, "rb") as file, gzip.open(file) if is_packed else file as lines:
        yield from filter(bytes.strip, lines)
