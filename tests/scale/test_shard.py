"""One `meltano run` of a shard: how it is ended when it takes too long, and told when it fails as a whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.fernet import Fernet

from scale import shard
from scale.outcomes import Outcome
from scale.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

JOB = shard.Job("shard-1", {"i1": '{"access_token": "secret"}', "i2": '{"access_token": "secret"}'})


def line(**fields: Any) -> str:
    """A line of Meltano's log."""
    return json.dumps({"name": "tap-intervals-icu", "level": "info", **fields})


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings in which `meltano` is a program of the test."""
    monkeypatch.setattr(Settings, "meltano", str(tmp_path / "meltano"))
    monkeypatch.setattr(shard, "STOP_SECONDS", 0.2)
    return Settings("postgresql://", Fernet.generate_key().decode(), "", tmp_path, tmp_path / "runs", time_limit=1)


def meltano(settings: Settings, script: str) -> None:
    """Write what `meltano` does."""
    program = settings.project / "meltano"
    program.write_text(f"#!/bin/bash\n{script}\n")
    program.chmod(0o755)


def test_run_that_takes_too_long_is_ended_in_order_and_keeps_what_it_told(settings: Settings) -> None:
    told = line(event="Athlete i1: complete", athlete_id="i1", outcome="complete", reason="", requests=2, records=0)
    (settings.project / "told").write_text(f"{told}\n")
    meltano(settings, f"trap 'cat {settings.project}/told; kill %1; exit 143' TERM; sleep 600 & wait")
    result = shard.run(settings, JOB, print)
    assert (result.is_cut, result.outcomes) == (True, {"i1": Outcome("i1", is_ok=True)})
    assert list(settings.runs.iterdir()) == []


def test_run_that_fails_as_a_whole_says_why_and_leaves_no_token_behind(settings: Settings) -> None:
    meltano(settings, f"echo '{line(event='InfluxDB is away.', level='error')}'; exit 1")
    with pytest.raises(shard.RunError, match=r"^InfluxDB is away\.$"):
        shard.run(settings, JOB, print)
    assert list(settings.runs.iterdir()) == []
