"""What goes wrong is said in one sentence, with a non-zero exit; no secret is told, see conftest.py."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sandbox import Account, Sandbox
from tests import oracle, readback, servers
from tests.pipeline.conftest import KEY, athlete
from tests.pipeline.meltano import wait_for_streams

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


@pytest.mark.long  # every day the tap alone: tests/tap/test_process.py
def test_a_missing_key_is_one_sentence(sandbox: Sandbox, make_project: Callable[..., Project], tmp_path: Path) -> None:
    project = make_project(sandbox, INFLUXDB_URL=tmp_path.as_uri())
    assert_one_sentence(project.run(INTERVALS_API_KEY=""), "INTERVALS_API_KEY")


def test_an_unreachable_database_is_one_sentence(
    sandbox: Sandbox, make_project: Callable[..., Project], unused_url: str
) -> None:
    project = make_project(sandbox, INFLUXDB_URL=unused_url, INFLUXDB_BUCKET="b", TARGET_INFLUXDB_RETRY_TIMEOUT="2")
    assert_one_sentence(project.run(), unused_url)


@pytest.mark.long  # every day the target alone: tests/target/test_input.py
def test_a_missing_bucket_is_one_sentence(
    sandbox: Sandbox, make_project: Callable[..., Project], unused_url: str
) -> None:
    project = make_project(sandbox, INFLUXDB_URL=unused_url)
    assert_one_sentence(project.run(), "bucket: missing")


@pytest.mark.long  # every day the target alone: tests/target/test_influxdb1.py
def test_a_refused_login_is_one_sentence(sandbox: Sandbox, make_project: Callable[..., Project]) -> None:
    login = {"INFLUXDB_TOKEN": "", "INFLUXDB_USERNAME": "me", "INFLUXDB_PASSWORD": "password-61d0e5"}
    with servers.influxdb1(http="auth-enabled = true") as server:
        servers.influxql(server.url, "CREATE USER admin WITH PASSWORD 'other' WITH ALL PRIVILEGES")
        project = make_project(sandbox, INFLUXDB_URL=server.url, INFLUXDB_BUCKET="b", **login)
        assert_one_sentence(project.run(), "authorization failed")


def test_a_second_run_at_the_same_time_says_so_and_changes_nothing(
    make_project: Callable[..., Project], influxdb: str, unused_url: str
) -> None:
    account = Account(athlete())
    with Sandbox(account, api_key=KEY, latency=0.3) as sandbox:
        project = make_project(sandbox, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET="twice")
        with project.start() as process:
            wait_for_streams(sandbox, 1, process)
            sandbox.state.latency = 8  # longer than the second run takes
            second = project.run(INTERVALS_API_URL=unused_url, INFLUXDB_URL=unused_url)
            assert process.poll() is None
            sandbox.state.latency = 0
            output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output
        assert second.code == 1
        assert "Another 'prod:tap-intervals-icu-to-target-influxdb' pipeline is already running" in second.output
        assert unused_url not in second.output  # it asked for nothing
        assert oracle.differences(oracle.points(account), readback.influxdb_points(influxdb, "twice")) == []
        assert project.messages()["RECORD"] == 0


def test_full_refresh_that_fails_leaves_no_state_that_calls_everything_finished(
    make_project: Callable[..., Project], influxdb: str, unused_url: str
) -> None:
    account = Account(athlete())
    with Sandbox(account, api_key=KEY) as sandbox:
        project = make_project(sandbox, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET="before-refresh")
        project.sync()
        failed = project.run("--full-refresh", INFLUXDB_URL=unused_url, TARGET_INFLUXDB_RETRY_TIMEOUT="1")
        assert failed.code != 0
        project.sync("--force", INFLUXDB_BUCKET="refreshed")
    assert oracle.differences(oracle.points(account), readback.influxdb_points(influxdb, "refreshed")) == []
