from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sync.status import Status, load

if TYPE_CHECKING:
    from collections.abc import Callable

INTERVAL = 900.0
STARTED = 1_000_000.0
FINE = Status(started=STARTED, last_success=STARTED + 60)


SCRIPT = Path(__file__).parents[2] / "sync" / "healthy.sh"
HEALTH = pytest.mark.parametrize(
    ("status", "age", "is_healthy"),
    [
        pytest.param(FINE, 3 * INTERVAL, True, id="the last success is three intervals old"),
        pytest.param(FINE, 3 * INTERVAL + 61, False, id="the last success is older"),
        pytest.param(replace(FINE, failures=1), 2 * INTERVAL, True, id="one failure since a recent success"),
        pytest.param(replace(FINE, failures=4), 4 * INTERVAL, False, id="failures for more than three intervals"),
        pytest.param(Status(started=STARTED), 60, True, id="just started"),
        pytest.param(Status(started=STARTED), 4 * INTERVAL, False, id="started long ago, never succeeded"),
        pytest.param(
            replace(FINE, started=STARTED + 9e5, failures=1), 9e5 + 1, False, id="restarted, and still failing"
        ),
        pytest.param(replace(FINE, started=STARTED + 9e5), 9e5 + 1, True, id="restarted after the host was off"),
        pytest.param(
            Status(STARTED, running_since=STARTED, progress=STARTED + 9 * INTERVAL),
            10 * INTERVAL,
            True,
            id="the first run takes hours and makes progress",
        ),
        pytest.param(
            Status(STARTED, running_since=STARTED, progress=STARTED + 60), 4 * INTERVAL, False, id="a run that hangs"
        ),
        pytest.param(
            Status(STARTED, running_since=STARTED, progress=STARTED + 9 * INTERVAL, failures=5),
            10 * INTERVAL,
            False,
            id="another try after failures",
        ),
        pytest.param(Status(), STARTED, False, id="there never was a service"),
        pytest.param(FINE, -INTERVAL, False, id="the clock was set back since"),
        pytest.param(replace(FINE, last_success=STARTED + 9e5), 60, True, id="started after the clock was set back"),
        pytest.param(
            Status(STARTED, running_since=STARTED, progress=STARTED), -INTERVAL, False, id="a run of the future"
        ),
        pytest.param(FINE, 30, True, id="a clock that is corrected by seconds"),
    ],
)


@HEALTH
def test_health(status: Status, age: float, *, is_healthy: bool) -> None:
    problem = status.problem(STARTED + age, INTERVAL)
    assert (problem == "") == is_healthy, problem


@pytest.fixture
def check(tmp_path: Path) -> Callable[[float], str]:
    """The containers' healthcheck at a given time; where it starts Python, that only says so."""

    def run(now: float) -> str:
        for name, line in (("date", f"echo {now:.0f}"), ("python", 'echo "$@"')):
            program = tmp_path / name
            program.write_text(f"#!/bin/sh\n{line}\n")
            program.chmod(0o755)
        env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SYNC_DIRECTORY": str(tmp_path / "sync")}
        done = subprocess.run(["/bin/sh", SCRIPT], env=env, capture_output=True, text=True, check=True)
        assert done.stderr == ""
        return done.stdout.strip()

    return run


ASKED = "-m sync healthy"


@HEALTH
def test_healthcheck_starts_python_only_where_something_may_be_wrong(
    status: Status, age: float, tmp_path: Path, check: Callable[[float], str], *, is_healthy: bool
) -> None:
    status.save(tmp_path / "sync" / "status.json", INTERVAL)
    is_of_the_future = max(status.started, status.last_success) > STARTED + age + 60
    assert check(STARTED + age) == ("Healthy." if is_healthy and not is_of_the_future else ASKED)


def test_healthcheck_asks_python_about_a_status_that_is_missing_broken_or_old(
    tmp_path: Path, check: Callable[[float], str]
) -> None:
    assert check(STARTED) == ASKED
    file = tmp_path / "sync" / "status.json"
    file.parent.mkdir()
    for text in ("", "{", '{"started": 1.5, "running_since": 9e9}', '{"healthy_from": x, "healthy_until": y}'):
        file.write_text(text)
        assert check(STARTED) == ASKED


def test_healthcheck_looks_at_the_status_of_the_service_that_runs(
    tmp_path: Path, check: Callable[[float], str]
) -> None:
    mine, demo = tmp_path / "sync" / "status.json", tmp_path / "sync" / "demo" / "status.json"
    FINE.save(mine, INTERVAL)
    Status(STARTED - 9e5).save(demo, INTERVAL)
    for newer, older, expected in ((demo, mine, ASKED), (mine, demo, "Healthy.")):
        os.utime(older, (1, 1))
        os.utime(newer, (2, 2))
        assert check(STARTED) == expected


def test_problem_says_since_when_and_why() -> None:
    status = replace(FINE, failures=7, error="InfluxDB is down.")
    expected = "The last success is 99 minutes old; 7 run(s) failed since. InfluxDB is down."
    assert status.problem(STARTED + 6000, INTERVAL) == expected
    expected = "The last success lies in the future; 7 run(s) failed since. InfluxDB is down."
    assert status.problem(STARTED - 6000, INTERVAL) == expected


def test_status_that_can_not_be_written_leaves_no_draft(tmp_path: Path) -> None:
    (tmp_path / "status.json").mkdir()
    with pytest.raises(OSError, match=r"status\.json"):
        FINE.save(tmp_path / "status.json", INTERVAL)
    assert [file.name for file in tmp_path.iterdir()] == ["status.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"unknown": 1}'])
def test_broken_file_is_an_empty_status(tmp_path: Path, text: str) -> None:
    (tmp_path / "status.json").write_text(text)
    assert load(tmp_path / "status.json") == load(tmp_path / "missing") == Status()


def test_status_survives_the_file_and_keeps_a_bounded_number_of_records(tmp_path: Path) -> None:
    status = replace(FINE, pending=[{"time": str(number)} for number in range(1200)])
    status.save(tmp_path / "folder" / "status.json", INTERVAL)
    assert load(tmp_path / "folder" / "status.json").pending == [{"time": str(number)} for number in range(200, 1200)]
    assert [file.name for file in (tmp_path / "folder").iterdir()] == ["status.json"]
