"""Bodies are packed the same way whatever does it."""

from __future__ import annotations

import gzip
import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from target_influxdb.servers import gzipped

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["isal", "standard library"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param != "isal":
        monkeypatch.setitem(sys.modules, "isal.isal_zlib", None)
    importlib.reload(gzipped)
    yield request.param
    monkeypatch.undo()
    importlib.reload(gzipped)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("body", [b"", b"cpu value=1 1\n", b"cpu value=1 1\n" * 100_000])
def test_packed_body_is_gzip_of_it_and_always_the_same(body: bytes) -> None:
    packed = gzipped.gzipped(body)
    assert gzip.decompress(packed) == body
    assert packed == gzipped.gzipped(body)
    assert len(packed) < len(body) / 20 + 50
