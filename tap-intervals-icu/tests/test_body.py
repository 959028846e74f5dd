"""Gzip is unpacked, or refused, the same way whatever does it."""

from __future__ import annotations

import gzip
import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from tap_intervals_icu.api import body

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = b'[{"type":"watts","data":[1,2,3]}]' * 1_000
PACKED = gzip.compress(TEXT, mtime=0)


@pytest.fixture(params=["isal", "standard library"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param != "isal":
        monkeypatch.setitem(sys.modules, "isal.igzip_lib", None)
    importlib.reload(body)
    yield request.param
    monkeypatch.undo()
    importlib.reload(body)


@pytest.mark.parametrize(
    "packed", [PACKED, PACKED + b"\0\0\0", gzip.compress(TEXT[:99], mtime=0) + gzip.compress(TEXT[99:], mtime=0)]
)
def test_gzip_is_unpacked_also_with_padding_and_in_several_members(packed: bytes) -> None:
    assert body.unpack(packed) == TEXT


@pytest.mark.parametrize(
    "packed",
    [PACKED[:-1], PACKED[:-9], PACKED[:30], PACKED[:-5] + b"\1\2\3\4\5", PACKED + b"more", b"[1,2,3]", PACKED[:5]],
)
def test_gzip_that_is_cut_or_broken_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="gzip"):
        body.unpack(packed)
