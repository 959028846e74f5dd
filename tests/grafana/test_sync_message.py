"""What Today says of the sync: of the chosen athlete, and of a run that stored nothing of anybody."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sync.log import RunSummary
from sync.runs import message, messages, record
from tests.grafana.conftest import NOW, day
from tests.grafana.transformed import rows, transformed

if TYPE_CHECKING:
    from grafana.execution.run import Answer
    from tests.grafana.conftest import Look

OTHERS = "Athlete i2 could not be read. The token is not valid."
STRAVA = "Activities of athlete i1: 5 come from Strava."


def outcome(kind: str = "complete", reason: str = "") -> dict[str, Any]:
    """What became of an athlete."""
    return {"outcome": kind, "requests": 1.0, "records": 0.0, "reason": reason}


def lines(age: float, summary: RunSummary, *, problem: str = "", code: int = 0) -> list[str]:
    """The points of a run so many hours ago, as the target writes them."""
    start = (NOW - timedelta(hours=age)).timestamp()
    run = record("sync", start, 5.0, code, summary) | message(problem, summary)
    found = []
    for one in map(json.loads, messages([run]).splitlines()):
        if one["type"] == "RECORD":
            values = one["record"]
            tags = ",".join(f"{name}={values[name]}" for name in ("athlete_id", "job") if name in values)
            fields = ",".join(
                f"{name}={json.dumps(value)}"
                for name, value in values.items()
                if name not in {"athlete_id", "job", "time"} and value is not None
            )
            found.append(f"{one['stream']},{tags} {fields} {round(start)}")
    return found


def drawn(answer: Answer) -> list[dict[str, Any]]:
    """The rows that the panel draws."""
    tables = transformed(answer.panel, answer.frames)
    return rows(tables[0]) if tables else []


CASES: dict[str, tuple[dict[str, dict[str, Any]], dict[str, Any], str]] = {
    "all well": ({"i1": outcome(), "i2": outcome()}, {}, "All is well."),
    "another athlete failed": ({"i1": outcome(), "i2": outcome("failed", OTHERS)}, {"code": 1}, "All is well."),
    "this athlete failed": ({"i1": outcome("failed", "Refused."), "i2": outcome()}, {"code": 1}, "Refused."),
    "database down": (
        {"i1": outcome(), "i2": outcome()},
        {"code": 1, "problem": "InfluxDB can't be reached."},
        "InfluxDB can't be reached.",
    ),
    "not looked at": ({"i1": outcome("skipped", "No change."), "i2": outcome()}, {}, "All is well."),
    "not in this run": ({"i2": outcome("failed", OTHERS), "i3": outcome()}, {"code": 1}, OTHERS),
}


@pytest.mark.parametrize("case", CASES)
def test_today_says_what_the_newest_run_means_for_the_chosen_athlete(open_board: Look, case: str) -> None:
    athletes, how, said = CASES[case]
    summary = RunSummary(points=1, athletes=athletes, has_tap_failed="failed" in str(athletes))
    before = lines(1, RunSummary(points=1, athletes={"i3": outcome()}))
    today = open_board("intervals-today", [day(0, "ctl=1"), *before, *lines(0.5, summary, **how)], athlete="i1")
    assert [row["message"] for row in drawn(today["Sync"])] == [said]


def test_notice_of_an_athlete_is_told_to_that_athlete_alone(open_board: Look) -> None:
    summary = RunSummary(points=1, athletes={"i1": outcome(), "i2": outcome()}, notices=[STRAVA])
    points = [day(0, "ctl=1"), *lines(0.5, summary)]
    for athlete, said in (("i1", STRAVA), ("i2", "All is well.")):
        today = open_board("intervals-today", points, athlete=athlete)
        assert [row["message"] for row in drawn(today["Sync"])] == [said]


def test_last_successful_sync_is_that_of_the_chosen_athlete(open_board: Look) -> None:
    fine, broken = (
        RunSummary(points=1, athletes={"i1": outcome(), "i2": outcome()}),
        RunSummary(points=1, has_tap_failed=True),
    )
    broken.athletes = {"i1": outcome("failed", "Refused."), "i2": outcome()}
    down = lines(0.2, fine, problem="InfluxDB can't be reached.", code=1)
    points = [day(0, "ctl=1"), *lines(30, fine), *lines(2, broken, code=1), *down]
    for athlete, hours in (("i1", 30), ("i2", 2)):
        (row,) = drawn(open_board("intervals-today", points, athlete=athlete)["Last successful sync"])
        assert row["Time"] == (NOW - timedelta(hours=hours)).timestamp() * 1000
