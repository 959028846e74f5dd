"""What goes wrong is said in one sentence, with a non-zero exit, and no secret is told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox import Sandbox
    from tests.pipeline.meltano import Project, Run

WRONG_KEY = "wrong-key-77aa01"


def assert_one_sentence(run: Run, names: str) -> None:
    """Insist on a failed run in which the plugins said one line as an error, with what it is about."""
    assert run.code != 0
    lines = [line for line in run.output.splitlines() if re.search(r"\] (tap|target)-", line)]
    assert [line for line in lines if "Traceback" in line] == []
    errors = [line for line in lines if "[error" in line and "Config validation failed" not in line]
    assert len(errors) == 1, run.output
    assert names in errors[0]


def test_a_wrong_key_is_one_sentence_and_stores_nothing(
    sandbox: Sandbox, make_project: Callable[..., Project], tmp_path: Path
) -> None:
    project = make_project(sandbox, INFLUXDB_URL=tmp_path.as_uri(), INTERVALS_API_KEY=WRONG_KEY)
    assert_one_sentence(project.run(), "INTERVALS_API_KEY")
    assert list(tmp_path.rglob("*.gz")) == []


def test_a_missing_key_is_one_sentence(sandbox: Sandbox, make_project: Callable[..., Project], tmp_path: Path) -> None:
    project = make_project(sandbox, INFLUXDB_URL=tmp_path.as_uri())
    assert_one_sentence(project.run(INTERVALS_API_KEY=""), "INTERVALS_API_KEY")


def test_an_unreachable_database_is_one_sentence(
    sandbox: Sandbox, make_project: Callable[..., Project], unused_url: str
) -> None:
    project = make_project(sandbox, INFLUXDB_URL=unused_url, INFLUXDB_BUCKET="b", TARGET_INFLUXDB_RETRY_TIMEOUT="2")
    assert_one_sentence(project.run(), unused_url)


def test_a_missing_bucket_is_one_sentence(
    sandbox: Sandbox, make_project: Callable[..., Project], unused_url: str
) -> None:
    project = make_project(sandbox, INFLUXDB_URL=unused_url)
    assert_one_sentence(project.run(), "bucket: missing")
