"""BATCH messages are like the records in their files, one after the other."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.exceptions import MissingKeyPropertiesError

from target_influxdb.errors import TargetError
from tests.target.loading import MOMENT, NUMBER, execute, load, record, schema, state

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target.conftest import Place

SHAPE = schema("rows", {"id": NUMBER, "at": MOMENT, "x": NUMBER}, ["id"], ["at"])
AT = "2026-05-04T12:00:00Z"
POINT = 1_777_896_000_000_000_000, frozenset({("id", "1")})


def batch(path: Path, text: bytes, compression: str | None = "gzip") -> dict[str, Any]:
    path.write_bytes(gzip.compress(text) if compression == "gzip" else text)
    encoding = {"format": "jsonl", "compression": compression}
    return {"type": "BATCH", "stream": "rows", "encoding": encoding, "manifest": [path.as_uri()]}


def row(**values: Any) -> bytes:
    return json.dumps({"id": 1.0, "at": AT, **values}).encode() + b"\n"


@pytest.mark.parametrize("compression", ["gzip", "none", None])
def test_record_before_a_batch_is_written_before_it_and_to_the_same_series(
    v1: Place, compression: str | None, tmp_path: Path
) -> None:
    message = batch(tmp_path / "rows", row(x=2), compression)
    assert load(v1.config, SHAPE, record("rows", id=1.0, at=AT, x=1), message, state(1)) == [1]
    assert v1.points("rows") == {(*POINT, frozenset({("x", 2)}))}
    load(v1.config, SHAPE, message, record("rows", id=1.0, at=AT, x=3))
    assert v1.points("rows") == {(*POINT, frozenset({("x", 3)}))}


def test_blank_lines_are_no_records(v1: Place, tmp_path: Path) -> None:
    load(v1.config, SHAPE, batch(tmp_path / "rows", b"\n" + row(x=1) + b"\n\n"))
    assert v1.points("rows") == {(*POINT, frozenset({("x", 1)}))}


def test_record_of_a_batch_needs_its_key(v1: Place, tmp_path: Path) -> None:
    with pytest.raises(MissingKeyPropertiesError):
        load(v1.config, SHAPE, batch(tmp_path / "rows", b'{"at": "2026-05-04T12:00:00Z", "x": 1}'))


def test_maps_apply_to_batches(v1: Place, tmp_path: Path) -> None:
    config = {**v1.config, "stream_maps": {"rows": {"double": "float(x * 2)"}}}
    load(config, SHAPE, batch(tmp_path / "rows", row(x=1)))
    assert v1.points("rows") == {(*POINT, frozenset({("x", 1), ("double", 2)}))}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"manifest": ["file:///no/such/rows.gz"]}, "can't read 'file:///no/such/rows.gz'"),
        ({"manifest": ["nosuch://a/b"]}, "can't read 'nosuch://a/b'"),
        ({"encoding": {"format": "parquet"}}, "files must be jsonl, plain or gzip"),
        ({"encoding": {"format": "jsonl", "compression": "none"}}, "not a Singer message"),
        ({"stream": "others"}, "before a corresponding schema"),
    ],
)
def test_batch_that_can_t_be_taken_ends_the_run_with_a_sentence(
    v1: Place, change: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    message = {**batch(tmp_path / "rows.gz", row(x=1)), **change}
    done = execute(v1.config, tmp_path, SHAPE, message, state(1))
    assert (done.returncode, done.stdout) == (1, b"")
    assert sentence in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_file_that_is_cut_ends_the_run_with_a_sentence(v1: Place, tmp_path: Path) -> None:
    message = batch(tmp_path / "rows.gz", row(x=1) * 100)
    (tmp_path / "rows.gz").write_bytes((tmp_path / "rows.gz").read_bytes()[:-20])
    with pytest.raises(TargetError, match="BATCH of stream 'rows': can't read"):
        load(v1.config, SHAPE, message)
