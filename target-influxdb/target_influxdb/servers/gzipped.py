"""Bodies as gzip, quickly. Pure."""

from __future__ import annotations

FORMAT = 31  # zlib's number for gzip
LEVEL = 1

try:
    from isal.isal_zlib import compress  # a quarter of the time, and a tenth fewer bytes
except ImportError:  # there is no package of it for this processor
    import gzip

    def compress(data: bytes, level: int, wbits: int) -> bytes:  # type: ignore[misc] # of the same use
        """Return data packed; `zlib.compress` knows formats from Python 3.11 on."""
        del wbits
        return gzip.compress(data, level, mtime=0)


def gzipped(body: bytes) -> bytes:
    """Return a body packed, the same for the same body."""
    return compress(body, LEVEL, FORMAT)
