"""Forty records, what they are as lines, and settings that lead the target to a scripted server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.target.loading import NUMBER, TEXT, record, schema

if TYPE_CHECKING:
    from tests.target.scripted import Scripted

SECRET = "secret-5c1e77"
STREAM = schema("m", {"id": TEXT, "at": NUMBER, "x": NUMBER}, ["id"])
MAPPING = {"m": {"time": "at"}}
LINES = {b"m,id=%d x=%d %d" % (number, number, 1_700_000_000 + number) for number in range(40)}
RECORDS = [record("m", id=str(number), at=1_700_000_000 + number, x=number) for number in range(40)]


def config(server: Scripted, **more: Any) -> dict[str, Any]:
    same = {"url": server.url, "token": SECRET, "org": "o", "bucket": "b", "measurements": MAPPING}
    return {**same, "batch_lines": 10, "retry_timeout": 6, "timeout": 500, **more}


def assert_clean(log: bytes) -> None:
    """People see sentences, and no secret."""
    assert b"Traceback" not in log
    assert SECRET.encode() not in log
