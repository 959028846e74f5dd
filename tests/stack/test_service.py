from __future__ import annotations

import os
import re
import signal
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sync.service import serve
from tests.stack.conftest import QUICK, ROOT, Stage, wait_until

if TYPE_CHECKING:
    import pytest


def test_run_that_succeeds_is_told_counted_and_written_as_a_point(stage: Stage) -> None:
    before = time.time()
    code, output = stage.run("run-once")
    assert code == 0, output
    (record,) = stage.records
    seconds = record.pop("duration_s")
    assert 0 < seconds < 60
    assert [line.split("  ", 1)[1].strip() for line in output.splitlines()] == [
        "target-influxdb: The key is ***, says a careless plugin.",
        "meltano: a line that is no JSON",
        "tap-intervals-icu: activities: 3 left",
        "tap-intervals-icu: 9 requests in this run; 4,991 left.",
        "target-influxdb: 12 points stored, 1 lines rejected.",
        f"Done in {seconds:.0f} s: 12 points, 1 rejected.",
    ]
    assert record.pop("time").endswith("+00:00")
    assert record == {
        "job": "tap-intervals-icu-to-target-influxdb",
        "exit_code": 0,
        "success": True,
        "success_value": 1,
        "points": 12,
        "rejected": 1,
        "requests": 9,
        "activities_left": 3,
        "quota_left": 4991,
        "interval_s": 900,
        "message": "The database refused 1 line(s): rejects/ has them, with the reasons.",
    }
    assert stage.status.last_success >= before
    assert (stage.status.failures, stage.status.running_since, stage.status.pending) == (0, 0, [])


def test_run_that_fails_names_the_plugins_reason_and_its_exit_code(stage: Stage) -> None:
    stage.behave("fail")
    code, output = stage.run("run-once")
    assert code == 1
    assert re.search(r"Failed after \d+ s with exit code 1\. Intervals\.icu refused the key\.", output)
    assert [(one["success"], one["success_value"], one["exit_code"]) for one in stage.records] == [(False, 0, 1)]
    assert (stage.status.failures, stage.status.error) == (1, "Intervals.icu refused the key.")


def test_exception_of_a_plugin_stands_in_the_log_without_the_key(stage: Stage) -> None:
    stage.behave("crash", "fail")
    assert "A fault of the tap.\nKeyError: no *** here\n" in stage.run("run-once")[1]


def test_records_that_could_not_be_written_come_with_the_next_run(stage: Stage) -> None:
    stage.behave("fail", "unwritable")
    _, output = stage.run("run-once")
    assert "waits for the next one. Can't reach the database." in output
    assert stage.records == []
    stage.behave("succeed")
    stage.run("run-once")
    assert [one["success"] for one in stage.records] == [False, True]


def test_service_runs_at_once_and_again_at_every_interval(stage: Stage) -> None:
    service = stage.start(**QUICK)
    wait_until(lambda: stage.runs >= 3)
    service.send_signal(signal.SIGTERM)
    output, _ = service.communicate(timeout=30)
    assert service.returncode == 0, output
    assert stage.run("healthy", SYNC_INTERVAL_MINUTES="1") == (0, "Healthy.\n")


def test_run_whose_failure_can_not_even_be_told_is_logged_and_not_the_last(caplog: pytest.LogCaptureFixture) -> None:
    runs: list[int] = []

    def attempt_again() -> None:
        runs.append(1)
        if len(runs) == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        raise RuntimeError("the sender of messages broke")

    runner: Any = SimpleNamespace(attempt_again=attempt_again, note_start=list, stop=list, interval=0.01)
    settings: Any = SimpleNamespace(blocks=(), interval=60, jitter=0)
    assert serve(runner, settings) == 0
    assert len(runs) == 2
    assert "the sender of messages broke" in caplog.text


def test_clock_that_is_set_back_stops_no_sync(stage: Stage) -> None:
    clock = stage.folder / "clock"
    clock.write_text("86400")
    (stage.folder / "sitecustomize.py").write_text(
        f"""
import datetime, pathlib, time
def ahead(real=time.time, clock=pathlib.Path({str(clock)!r})):
    return real() + float(clock.read_text())
class Datetime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(ahead(), tz)
time.time, datetime.datetime = ahead, Datetime
"""
    )
    service = stage.start(**QUICK, PYTHONPATH=f"{stage.folder}:{ROOT}")
    wait_until(lambda: stage.status.last_success > time.time() + 80_000)
    clock.with_name("draft").write_text("0")
    clock.with_name("draft").replace(clock)
    wait_until(lambda: 0 < stage.status.last_success < time.time() + 1)
    before = stage.runs
    wait_until(lambda: stage.runs >= before + 2)
    assert stage.run("healthy", SYNC_INTERVAL_MINUTES="1")[0] == 0
    service.send_signal(signal.SIGTERM)
    output, _ = service.communicate(timeout=30)
    assert service.returncode == 0, output


def test_sigterm_ends_the_tap_alone_so_that_the_run_can_finish_and_ends_with_0(stage: Stage) -> None:
    stage.behave("hang")
    service = stage.start()
    wait_until((stage.folder / "hanging").exists)
    wait_until(lambda: stage.status.running_since)
    service.send_signal(signal.SIGTERM)
    output, _ = service.communicate(timeout=30)
    assert service.returncode == 0, output
    assert (stage.folder / "finished").exists()
    assert "Finished the batch in hand." in output
    assert "Extractor failed" not in output
    assert (stage.status.failures, stage.status.running_since, stage.records) == (0, 0, [])


def test_run_that_ignores_sigterm_is_killed_after_a_while(stage: Stage) -> None:
    stage.behave("hang", "stubborn")
    service = stage.start(SYNC_STOP_SECONDS="0.5")
    wait_until((stage.folder / "hanging").exists)
    service.send_signal(signal.SIGTERM)
    output, _ = service.communicate(timeout=30)
    assert service.returncode == 0, output


def test_manual_run_ends_cleanly_on_a_signal_with_143(stage: Stage) -> None:
    stage.behave("hang")
    run = stage.start("run-once")
    wait_until((stage.folder / "hanging").exists)
    run.send_signal(signal.SIGINT)
    output, _ = run.communicate(timeout=30)
    assert run.returncode == 143, output
    assert (stage.folder / "finished").exists()


def test_two_runs_never_overlap(stage: Stage) -> None:
    stage.behave("hang")
    service = stage.start(**QUICK)
    wait_until(lambda: stage.runs)
    code, output = stage.run("run-once")
    assert (code, stage.runs) == (75, 1)
    assert "Another sync is running: this one is skipped." in output
    time.sleep(1.5)  # two more intervals
    service.send_signal(signal.SIGTERM)
    output, _ = service.communicate(timeout=30)
    assert stage.runs == 1


def test_run_that_meltano_refuses_because_another_is_on_is_no_failure(stage: Stage) -> None:
    stage.behave("busy")
    code, output = stage.run("run-once")
    assert code == 75
    assert "trying again later" in output
    assert (stage.status.failures, stage.records) == (0, [])


def test_service_that_meltano_refuses_for_more_than_three_intervals_fails_until_it_does_not(stage: Stage) -> None:
    stage.behave("busy")
    service = stage.start(**QUICK)
    wait_until(lambda: stage.status.failures >= 2)
    assert "is already running which started at" in stage.status.error
    stage.behave("succeed")
    wait_until(lambda: stage.status.last_success)
    stage.behave("busy")
    wait_until(lambda: stage.status.failures)
    service.send_signal(signal.SIGTERM)
    output, _ = service.communicate(timeout=30)
    told = re.findall("trying again later|Failed after|Done in", output)
    told = [what for what, before in zip(told, ["", *told], strict=False) if what != before]
    assert told == ["trying again later", "Failed after", "Done in", "trying again later", "Failed after"]


def test_meltanos_database_is_made_under_another_name_before_the_first_run(stage: Stage) -> None:
    folder = stage.folder / "data"
    for _ in range(2):
        code, output = stage.run("run-once", MELTANO_DATABASE_URI=f"sqlite:///{folder}/meltano.db")
        assert code == 0, output
    assert {file.name: file.read_text() for file in folder.iterdir()} == {"meltano.db": "whole"}
    assert [call["arguments"][0] for call in stage.calls] == ["job", "run", "invoke", "run", "invoke"]
    uris = [call["environment"]["MELTANO_DATABASE_URI"].removeprefix(f"sqlite:///{folder}/") for call in stage.calls]
    assert uris[0].startswith("meltano.db.new-")
    assert set(uris[1:]) == {"meltano.db"}


def test_database_that_can_not_be_made_is_one_sentence_and_left_out(stage: Stage) -> None:
    stage.behave("unmakeable")
    code, output = stage.run("run-once", MELTANO_DATABASE_URI="sqlite:///other.db")
    assert (code, stage.runs, list(stage.folder.glob("other.db*"))) == (1, 0, [])
    said = rf"Error: Meltano could not make its database {stage.folder}/other.db \(exit code 1\). The disk is full.\n"
    assert re.search(f"{said}$", output)
    assert "Traceback" not in output


def test_database_on_a_server_is_meltanos_own_business(stage: Stage) -> None:
    code, output = stage.run("run-once", MELTANO_DATABASE_URI="postgresql://me@localhost/meltano")
    assert code == 0, output
    assert [call["arguments"][0] for call in stage.calls] == ["run", "invoke"]


def test_healthcheck_follows_success_and_failure(stage: Stage) -> None:
    stage.behave("fail")
    service = stage.start(**QUICK)
    wait_until(lambda: stage.status.failures >= 4)
    code, output = stage.run("healthy", **QUICK)
    assert code == 1
    assert "No run has succeeded yet" in output
    assert "Intervals.icu refused the key." in output
    stage.behave("succeed")
    wait_until(lambda: stage.status.failures == 0)
    assert stage.run("healthy", SYNC_INTERVAL_MINUTES="0.1")[0] == 0
    service.send_signal(signal.SIGTERM)
    service.communicate(timeout=30)
    wait_until(lambda: time.time() - stage.status.last_success > 3 * 0.6)  # three intervals
    assert stage.run("healthy", **QUICK)[0] == 1
