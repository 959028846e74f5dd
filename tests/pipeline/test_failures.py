"""What goes wrong is said in one sentence, with a non-zero exit, and no secret is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox import Sandbox
    from tests.pipeline.meltano import Project


def said_by(plugin: str, output: str) -> list[str]:
    """Return what a plugin said above the level of information, each as one text."""
    lines = (line.split(plugin, 1)[1].strip() for line in output.splitlines() if f"] {plugin}" in line)
    levels = {line: line for line in lines}
    return list(levels)


def test_a_wrong_key_is_one_sentence_and_stores_nothing(
    sandbox: Sandbox, make_project: Callable[..., Project], tmp_path: Path
) -> None:
    project = make_project(sandbox, INFLUXDB_URL=tmp_path.as_uri(), INTERVALS_API_KEY="wrong-key-77aa01")
    run = project.run()
    assert run.code != 0
    assert "Traceback" not in run.output
    errors = [line for line in run.output.splitlines() if "[error" in line and " meltano " not in line]
    assert len(errors) == 1
    assert "INTERVALS_API_KEY" in errors[0]
    assert list(tmp_path.rglob("*.gz")) == []


def test_a_missing_key_is_one_sentence(sandbox: Sandbox, make_project: Callable[..., Project], tmp_path: Path) -> None:
    project = make_project(sandbox, INFLUXDB_URL=tmp_path.as_uri())
    run = project.run(INTERVALS_API_KEY="")
    assert run.code != 0
    assert "Traceback" not in run.output
    assert "INTERVALS_API_KEY" in run.output


def test_an_unreachable_database_is_one_sentence(
    sandbox: Sandbox, make_project: Callable[..., Project], unused_url: str
) -> None:
    project = make_project(sandbox, INFLUXDB_URL=unused_url)
    run = project.run()
    assert run.code != 0
    assert "Traceback" not in run.output
    assert unused_url in run.output
