"""A run in which some athletes fail, and an interval for which the day's requests do not last."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest

from sync import notify
from sync.interval import interval_that_fits
from sync.log import RunSummary, parse
from sync.status import Status
from tests.stack.conftest import QUICK, Stage, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

REFUSED = "Athlete i2 could not be read. Refused."
REJECTED = "The database refused 1 line(s): rejects/ has them, with the reasons."


def test_run_in_which_one_athlete_failed_counts_for_the_others_and_names_the_one(stage: Stage) -> None:
    stage.behave("outcomes", "without=i2")
    code, output = stage.run("run-once")
    assert code == 3, output
    assert "1 of 3 athletes failed: i2. The others are done." in output
    assert "Failed after" not in output
    now = stage.status
    assert (now.failures, now.error, now.athletes, now.reasons) == (0, "", {"i2": 1}, {"i2": REFUSED})
    assert now.last_success
    (run,) = stage.records
    assert (run["exit_code"], run["success"], run["success_value"], run["athletes_failed"]) == (1, True, 1, 1)
    assert run["message"].startswith(REFUSED)
    assert (run["requests"], run["requests_saved"]) == (9, 2)
    time, job = run["time"], run["job"]
    assert stage.written("sync_athletes") == [
        {
            "time": time,
            "job": job,
            "athlete_id": id_,
            "outcome": outcome,
            "success": outcome == "complete",
            "success_value": float(outcome == "complete"),
            "requests": 3,
            "records": 5,
            "message": message,
        }
        for id_, outcome, message in (
            ("i1", "complete", REJECTED),
            ("i2", "failed", f"{REFUSED} {REJECTED}"),
            ("i3", "complete", REJECTED),
        )
    ]


@pytest.mark.parametrize(
    "behaviour", [("without=i1", "without=i2", "without=i3"), ("without=i2", "full"), ("without=i2", "fail")]
)
def test_run_in_which_all_athletes_or_the_database_failed_is_a_failure(
    stage: Stage, behaviour: tuple[str, ...]
) -> None:
    stage.behave("outcomes", *behaviour)
    assert stage.run("run-once")[0] == 1
    assert (stage.status.failures, stage.status.athletes, stage.status.last_success) == (1, {}, 0)
    assert [run["success"] for run in stage.records] == [False]


def test_one_athletes_line_is_the_line_of_the_run(stage: Stage) -> None:
    summary = RunSummary()
    fields = {"athlete_id": "i1", "outcome": "paused", "records": 4, "reason": "The day is used up."}
    summary.add(
        parse(json.dumps({"event": "7 requests", "requests": 7, "requests_saved": 0, "quota_left": 0, **fields}))
    )
    assert (summary.requests, summary.athletes["i1"]["requests"], summary.cost) == (7, 7, None)
    assert stage.records == []


def test_athlete_who_fails_again_and_again_is_told_once_and_so_is_the_recovery() -> None:
    status, told = Status(), []
    for failing in (["i2"], ["i2"], ["i2"], ["i2", "i3"], ["i3"], [], ["i2"], []):
        status.athletes = {id_: status.athletes.get(id_, 0) + 1 for id_ in failing}
        status.reasons = dict.fromkeys(failing, "Refused.")
        news = dict(notify.other_messages(status, after=2, wanted=900))
        told.append(list(news.values()))
        for name in news:
            status.told = (
                [*status.told, name] if name not in status.told else [one for one in status.told if one != name]
            )
    assert told == [
        [],
        ["Athlete i2 failed in 2 run(s) in a row; the others are up to date. Refused."],
        [],
        [],
        ["Athlete i3 failed in 2 run(s) in a row; the others are up to date. Refused.", "Athlete i2 is synced again."],
        ["Athlete i3 is synced again."],
        [],
        [],
    ]


@pytest.mark.parametrize(
    ("costs", "a_day", "last", "minutes"),
    [
        ([3, 3], 5000, 0, 15),
        ([120], 5000, 0, 15),  # the first load tells nothing
        ([4000, 120], 5000, 0, 44),
        ([120, 120, 400, 120], 5000, 44 * 60, 44),
        ([130, 130], 5000, 44 * 60, 44),  # a little more
        ([240, 240], 5000, 44 * 60, 87),
        ([3, 3], 5000, 44 * 60, 15),
        ([600, 600], 0, 0, 15),  # a server of one's own
    ],
)
def test_interval_is_as_long_as_the_requests_of_a_day_last(
    costs: Sequence[float], a_day: float, last: float, minutes: float
) -> None:
    assert interval_that_fits(900, costs, a_day, last) == minutes * 60


@pytest.mark.parametrize("failing", [(), ("without=i2",)])
def test_service_lengthens_its_interval_says_so_once_and_goes_back_by_itself(
    stage: Stage, failing: tuple[str, ...]
) -> None:
    def run() -> str:
        code, output = stage.run("run-once", SYNC_INTERVAL_MINUTES="15")
        assert code == (3 if failing else 0), output
        return output

    stage.behave("outcomes", "requests=120", *failing)
    said = [run() for _ in range(4)]
    sentence = (
        "The requests that Intervals.icu allows in a day do not last for a sync every 15 minutes: "
        "syncing every 44 minutes."
    )
    assert [text.count(sentence) for text in said] == [0, 1, 0, 0]
    assert stage.status.interval == 44 * 60
    assert [one["interval_s"] for one in stage.records] == [900, 2640, 2640, 2640]
    stage.behave("outcomes", "requests=9", *failing)
    assert "Syncing every 15 minutes again." in run()
    assert stage.status.interval == 0


def test_service_waits_for_the_longer_interval(stage: Stage) -> None:
    stage.behave("outcomes", "requests=4000")
    service = stage.start(**QUICK)
    wait_until(lambda: stage.status.interval)
    runs: Any = stage.runs
    assert runs == 2
    wait_until(lambda: stage.status.running_since == 0 and not stage.status.pending)
    service.send_signal(signal.SIGTERM)
    output, _ = service.communicate(timeout=30)
    assert (service.returncode, stage.runs) == (0, 2), output
