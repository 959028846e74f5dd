"""The body of an answer: read and unpacked."""

from __future__ import annotations

import gzip
from time import monotonic
from typing import TYPE_CHECKING

import urllib3

try:
    from isal.igzip_lib import IsalError as BrokenError
    from isal.isal_zlib import decompressobj  # two fifths of the time of zlib's
except ImportError:  # there is no package of it for this processor
    from zlib import decompressobj  # type: ignore[assignment]
    from zlib import error as BrokenError  # type: ignore[assignment] # noqa: N812 - a class like the other one

if TYPE_CHECKING:
    import requests

PIECE = 1_000_000
"""Bytes that are read at once, if they are there."""
GZIP = 31  # zlib's window size, and that there are gzip's header and checksum


def read_body(response: requests.Response, seconds: float, *, packed: bool = False) -> tuple[bytes, bytes]:
    """Return the body, decompressed, and where it is wanted `packed` (or came so) also as gzip.

    The library's own time-out starts anew with each byte, this one does not.

    Raises:
        urllib3.exceptions.HTTPError: The body is cut, broken, or not complete after `seconds`.
    """
    came_packed = response.headers.get("Content-Encoding", "").strip().lower() == "gzip"
    end = monotonic() + seconds
    parts = []
    while part := response.raw.read1(PIECE if came_packed else None, decode_content=not came_packed):
        parts.append(part)
        if monotonic() > end:
            raise urllib3.exceptions.TimeoutError(f"the answer is not complete after {seconds:.0f} s")
    body = b"".join(parts)
    if came_packed:
        try:
            return unpack(body), body
        except ValueError as error:
            raise urllib3.exceptions.DecodeError(str(error)) from error
    return body, gzip.compress(body, 6, mtime=0) if packed else b""


def unpack(packed: bytes) -> bytes:
    """Return what gzip packed, checked against gzip's own checksum.

    Raises:
        ValueError: It is cut or broken.
    """
    parts = []
    while packed:  # it may come in several members, one after the other
        member = decompressobj(GZIP)
        try:
            parts.append(member.decompress(packed))
        except BrokenError as error:  # type: ignore[misc] # its stub calls it an instance
            raise ValueError(f"broken gzip: {error}") from error
        if not member.eof:
            raise ValueError("gzip that is cut")
        packed = member.unused_data.lstrip(b"\0")  # padding
    return b"".join(parts)
