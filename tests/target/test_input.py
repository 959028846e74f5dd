"""Input that is not a Singer message ends the run with a sentence; what is odd but right is taken."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.target.loading import MOMENT, NUMBER, TEXT, command, execute, record, schema, singer, state

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target.conftest import Place

OTHER = b'{"type": "RECORD", "stream": "m", "record": {"id": "b", "at": "2026-05-04T12:00:00Z", %s}}'
AT = "2026-05-04T12:00:00Z"
SHAPE = schema("m", {"id": TEXT, "at": MOMENT, "x": NUMBER, "list": {}}, ["id", "at"])


def run(place: Place, folder: Path, line: bytes) -> tuple[int, bytes, str]:
    """Exit code, states and log of a run with this line between others."""
    before, after = singer((SHAPE, record("m", id="a", at=AT, x=1))), singer((state(1),))
    words = command(place.config, folder)
    done = subprocess.run(words, input=before + line + b"\n" + after, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b'{"type": "LOG"}', "unknown type 'LOG'"),
        (b'{"type": ["RECORD"]}', "unknown type"),
        (b'{"type": "RECORD", "stream": "m", "record": [1]}', "A record of stream 'm' is not an object."),
        (b'{"type": "RECORD", "stream": "m", "record": null}', "A record of stream 'm' is not an object."),
        (b'{"type": "RECORD", "stream": "m", "record": {"id": "\xff"}}', "not a Singer message"),
        (b"[" * 100_000, "not a Singer message"),
        (b"[]", "not a Singer message"),
        (b'{"type": "SCHEMA", "stream": "n", "schema": null, "key_properties": []}', "stream 'n' has no properties"),
        (
            b'{"type": "SCHEMA", "stream": "n", "schema": {"properties": null}, "key_properties": []}',
            "stream 'n' has no properties",
        ),
        (b'{"type": "RECORD", "stream": "n", "record": {}}', "before a corresponding schema"),
    ],
)
def test_line_that_can_t_be_understood_ends_the_run_with_a_sentence(
    v1: Place, line: bytes, sentence: str, tmp_path: Path
) -> None:
    code, states, log = run(v1, tmp_path, line)
    assert (code, states) == (1, b"")
    assert sentence in log
    assert "Traceback" not in log


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b'{"type": "ACTIVATE_VERSION", "stream": "other", "version": 1}', [{"x": 1}]),
        (OTHER % b'"list": [["\\ud800"]]', [{"list": '[["?"]]'}, {"x": 1}]),
        (OTHER % b'"x": 1e999, "y": 2', [{"x": 1}, {"y": 2}]),
    ],
    ids=["version of no stream", "half a character", "infinity"],
)
def test_odd_line_is_taken(v1: Place, line: bytes, found: list[object], tmp_path: Path) -> None:
    code, states, log = run(v1, tmp_path, line)
    assert (code, states) == (0, b'{"at": 1}\n'), log
    assert sorted((dict(fields) for _, _, fields in v1.points("m")), key=str) == found


def test_log_of_a_load_has_no_line_of_the_sdk(tmp_path: Path) -> None:
    messages = (SHAPE, record("m", id="a", at=AT, x=1), state(1))
    done = execute({"url": f"file://{tmp_path}/points"}, tmp_path, *messages)
    said = [line.rpartition(" | ")[2] for line in done.stderr.decode().splitlines()]
    folder = f"{tmp_path}/points"
    assert said == [f"Writing to folder {folder} at file://{folder}.", "1 points stored, 0 lines rejected."]


def test_missing_bucket_is_one_sentence(tmp_path: Path) -> None:
    done = execute({"url": "http://127.0.0.1:9"}, tmp_path, SHAPE, record("m", id="a", at=AT, x=1), state(1))
    log = done.stderr.decode()
    assert (done.returncode, done.stdout, log.count("bucket: missing")) == (1, b"", 1)
    assert "Traceback" not in log
