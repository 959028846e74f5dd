"""`file://`: what is loaded in the order of the files' names ends as what was written."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

from target_influxdb.target import TargetInfluxDB
from tests.target.loading import MOMENT, NUMBER, TEXT, load, record, schema, state

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SHAPE = schema("m", {"id": TEXT, "at": MOMENT, "x": NUMBER}, ["id"])


def rec(time: str, x: float) -> dict[str, Any]:
    return record("m", id="a", at=f"2026-05-04T12:00:{time}Z", x=x)


def test_files_follow_each_other_where_the_precision_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TargetInfluxDB, "_MAX_RECORD_AGE_IN_MINUTES", 60)  # no checkpoint before the end
    config = {"url": f"file://{tmp_path}/a%20b", "measurements": {"m": {"time": "at"}}, "batch_lines": 1}
    assert load(config, SHAPE, rec("01", 1), rec("01", 2), rec("01.5", 3), rec("01", 4), state(1)) == [1]
    files = sorted((tmp_path / "a b").iterdir())
    assert [(path.name.partition(".")[2], gzip.decompress(path.read_bytes())) for path in files] == [
        ("s.lp.gz", b"m,id=a x=1 1777896001\nm,id=a x=2 1777896001\n"),
        ("ms.lp.gz", b"m,id=a x=3 1777896001500\n"),
        ("s.lp.gz", b"m,id=a x=4 1777896001\n"),
    ]
