from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sync.status import Status, load

if TYPE_CHECKING:
    from pathlib import Path

INTERVAL = 900.0
STARTED = 1_000_000.0
FINE = Status(started=STARTED, last_success=STARTED + 60)


@pytest.mark.parametrize(
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
def test_health(status: Status, age: float, *, is_healthy: bool) -> None:
    problem = status.problem(STARTED + age, INTERVAL)
    assert (problem == "") == is_healthy, problem


def test_problem_says_since_when_and_why() -> None:
    status = replace(FINE, failures=7, error="InfluxDB is down.")
    expected = "The last success is 99 minutes old; 7 run(s) failed since. InfluxDB is down."
    assert status.problem(STARTED + 6000, INTERVAL) == expected
    expected = "The last success lies in the future; 7 run(s) failed since. InfluxDB is down."
    assert status.problem(STARTED - 6000, INTERVAL) == expected


def test_status_that_can_not_be_written_leaves_no_draft(tmp_path: Path) -> None:
    (tmp_path / "status.json").mkdir()
    with pytest.raises(OSError, match=r"status\.json"):
        FINE.save(tmp_path / "status.json")
    assert [file.name for file in tmp_path.iterdir()] == ["status.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"unknown": 1}'])
def test_broken_file_is_an_empty_status(tmp_path: Path, text: str) -> None:
    (tmp_path / "status.json").write_text(text)
    assert load(tmp_path / "status.json") == load(tmp_path / "missing") == Status()


def test_status_survives_the_file_and_keeps_a_bounded_number_of_records(tmp_path: Path) -> None:
    status = replace(FINE, pending=[{"time": str(number)} for number in range(1200)])
    status.save(tmp_path / "folder" / "status.json")
    assert load(tmp_path / "folder" / "status.json").pending == [{"time": str(number)} for number in range(200, 1200)]
    assert [file.name for file in (tmp_path / "folder").iterdir()] == ["status.json"]
