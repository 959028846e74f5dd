"""The tap as its user starts it: exit code, one sentence, no secret, little memory."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import termios
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sandbox import Account, Sandbox
from tests.tap.conftest import athlete
from tests.tap.process import messages, start
from tests.tap.scene import Run, Scene, leaked

DEBUG = {"TAP_INTERVALS_ICU_LOGLEVEL": "DEBUG", "LOGLEVEL": "DEBUG"}

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "wrong key": ({"api_key": "wrong-key-never-log"}, "The API key is not valid"),
    "wrong token": ({"api_key": "", "access_token": "wrong-token-never-log"}, "has no right"),
    "no key": ({"api_key": ""}, "No API key: set INTERVALS_API_KEY"),
    "token with a line break": ({"api_key": "", "access_token": "wrong-token\nnever-log"}, "access_token"),
    "key that is no plain text": ({"api_key": "wrong-kéy…never-log"}, "api_key"),
    "key that is no text": ({"api_key": ["never-log"]}, "api_key: must be text, in quotes."),
    "athlete that is a number": ({"athlete_ids": 100001}, "athlete_ids: must be text, in quotes."),
    "bad date": ({"start_date": "last week"}, "start_date 'last week' is not a date: write it as YYYY-MM-DD."),
    "foreign athlete": ({"athlete_ids": "i999"}, "Athlete i999 could not be read. Intervals.icu answered 403"),
    "address without scheme": ({"api_url": "intervals.icu"}, "api_url"),
    "no workers": ({"workers": 0}, "workers"),
    "no time for an answer": ({"request_timeout": 0}, "request_timeout"),
    "pace below zero": ({"requests_per_second": -1}, "requests_per_second"),
    "unknown layout": ({"activity_streams_layout": "cells"}, "activity_streams_layout"),
}


@pytest.mark.parametrize(("settings", "sentence"), REFUSED.values(), ids=REFUSED)
def test_bad_settings_end_with_one_sentence_and_exit_code_1(
    scene: Scene, tmp_path: Path, settings: dict[str, Any], sentence: str
) -> None:
    process = start(scene, tmp_path, environment=DEBUG, **settings)
    code = process.wait(timeout=20)
    log = (tmp_path / "log").read_text()

    assert code == 1, log
    errors = [line for line in log.splitlines() if re.search(r"\| (ERROR|CRITICAL) ", line)]
    told = [line for line in errors if not line.endswith("| Config validation failed")]
    assert len(told) == 1, log
    assert sentence in told[0]
    assert "Traceback" not in log
    assert "never-log" not in log
    assert not [message for message in messages((tmp_path / "output").read_bytes()) if message["type"] == "RECORD"]


@pytest.mark.parametrize("value", ["", "ten"])
def test_variable_that_is_no_number_is_named_in_one_sentence(scene: Scene, value: str) -> None:
    variables = {"TAP_INTERVALS_ICU_API_URL": scene.sandbox.url, "TAP_INTERVALS_ICU_LOOKBACK_DAYS": value}
    answer = subprocess.run(
        [sys.executable, "-m", "tap_intervals_icu", "--config=ENV"],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )

    assert (answer.returncode, answer.stdout) == (1, "")
    assert "These must be whole numbers: TAP_INTERVALS_ICU_LOOKBACK_DAYS." in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(("key", "code"), [("", 0), ("wrong-key-never-log", 1)])
def test_connection_test_fails_with_a_wrong_key_alone(scene: Scene, tmp_path: Path, key: str, code: int) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps(scene.settings | ({"api_key": key} if key else {})))
    command = [sys.executable, "-m", "tap_intervals_icu", "--config", str(config), "--test"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)

    assert answer.returncode == code, answer.stderr
    assert leaked(scene.sandbox, answer.stdout + answer.stderr) == []
    assert ("The API key is not valid" in answer.stderr) == bool(code)


def test_signal_ends_the_tap_at_once_though_a_request_hangs(scene: Scene, tmp_path: Path) -> None:
    scene.sandbox.fail("/streams", kind="hang", seconds=200, after=6)
    process = start(scene, tmp_path, checkpoint=0.0, workers=2)
    while sum(request.path.endswith("/streams") for request in scene.sandbox.requests) < 8:
        assert process.poll() is None
        time.sleep(0.02)
    kinds: list[str] = []
    while kinds.count("activity_streams") < 6 or kinds[-1] != "STATE":  # six are out, and noted
        assert process.poll() is None
        time.sleep(0.1)
        said = messages((tmp_path / "output").read_bytes())
        kinds = [one["stream"] if one["type"] == "RECORD" else one["type"] for one in said]
    process.terminate()

    assert process.wait(timeout=100) == 128 + signal.SIGTERM  # long before the answer
    assert "Stopped by signal 15: the next run goes on from here." in (tmp_path / "log").read_text()
    scene.store(Run(messages((tmp_path / "output").read_bytes()), Counter(), "", ""))
    scene.sandbox.clear()
    run = scene.sync()
    asked = {request.path for request in scene.sandbox.requests if request.path.endswith("/streams")}
    assert len(asked) == sum(1 for id_ in scene.account.activities if scene.account.streams(id_)) - 6
    assert run.error == ""
    assert scene.stored() == scene.truth()


def test_signal_cuts_no_line_though_nobody_reads(tmp_path: Path) -> None:
    with Sandbox(Account(athlete(activities=8, seconds=7200, sports=("Ride",)))) as sandbox:
        process = start(Scene(sandbox), tmp_path, checkpoint=60, output=subprocess.PIPE)
        assert process.stdout
        waiting = [-1, 0]
        while waiting[-1] != waiting[-2] or not waiting[-1]:  # until the pipe is full
            time.sleep(0.5)
            waiting.append(int.from_bytes(fcntl.ioctl(process.stdout, termios.FIONREAD, bytes(4)), sys.byteorder))
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=20)

    types = [json.loads(line)["type"] for line in output.splitlines()]
    assert process.returncode == 128 + signal.SIGTERM
    assert (output[-1:], types[-1]) == (b"\n", "STATE")
    assert types[-2] != "STATE"


def test_no_secret_is_told_even_while_debugging_faults(scene: Scene, tmp_path: Path) -> None:
    for place, kind in ((r"/wellness\?oldest=2026-0[12]", "reset"), ("/activities/i", "html"), ("/streams", "status")):
        scene.sandbox.fail(place, kind=kind, times=2)
    scene.sandbox.fail(f"/activity/{scene.activities(inside=True)[0]}/streams", kind="redirect")
    process = start(scene, tmp_path, environment=DEBUG)

    assert process.wait(timeout=20) == 1
    output, log = (tmp_path / "output").read_text(), (tmp_path / "log").read_text()
    assert "redirects to http://127.0.0.1:9" in log
    assert '"activity_streams"' in output
    assert leaked(scene.sandbox, output + log) == []


@pytest.mark.parametrize(
    ("layout", "parameters", "mebibytes"),
    [
        pytest.param("columns", {"activities": 3, "seconds": 86_400, "sports": ("Ride",)}, 300, id="a day each"),
        pytest.param(
            "rows",
            {"activities": 3, "seconds": 86_400, "sports": ("Ride",)},
            300,
            id="a day each, as rows",
            marks=pytest.mark.long,
        ),
        pytest.param(
            "columns",
            {"activities": 12_000, "days": 7_300, "seconds": 10, "sports": ("Run",)},
            150,
            id="20 years",
            marks=pytest.mark.long,
        ),
    ],
)
def test_memory_stays_small(tmp_path: Path, layout: str, parameters: dict[str, Any], mebibytes: int) -> None:
    account = Account(athlete(**parameters))
    with Sandbox(account) as sandbox:
        scene = Scene(sandbox, activity_streams_layout=layout, requests_per_day=0)
        process = start(scene, tmp_path)
        peak = 0
        while process.poll() is None:  # rusage would tell of this process, too: the tap is its child
            peak = peak_memory(process.pid) or peak
            time.sleep(0.02)

    log = (tmp_path / "log").read_text()
    assert process.returncode == 0, log
    assert f"{len(account.activities):,} done" in log
    assert 0 < peak / 1024 < mebibytes


def peak_memory(pid: int) -> int:
    """The highest resident memory of a process so far, KiB; 0 if it has just ended."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) if found else 0
