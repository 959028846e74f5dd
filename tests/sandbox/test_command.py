"""`python -m sandbox`: one line when ready, control from another process, a clean end."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def served(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "sandbox", "--days", "30", "--activities", "4", "--seconds", "60", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_stops_cleanly(number: signal.Signals) -> None:
    with served("--athletes", "2", "--warm", "--api-key", "k") as (process, line):
        ready = re.fullmatch(r"Sandbox ready: (http://127\.0\.0\.1:\d+)  athlete i100001,i100002  key k\n", line)
        assert ready
        answer = requests.get(f"{ready[1]}/api/v1/athlete/i100002/wellness", auth=("API_KEY", "k"), timeout=10)
        assert answer.status_code == 200
        assert requests.get(f"{ready[1]}/sandbox/requests", timeout=10).status_code == 404  # not asked for
        process.send_signal(number)
        assert process.wait(timeout=10) == 0


def test_each_athlete_gets_a_token_that_is_written_for_nobody_else_to_read(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    with served("--athletes", "2", "--credentials", str(path)) as (_, line):
        known = json.loads(path.read_text())
        assert path.stat().st_mode & 0o777 == 0o600
        assert [*known] == ["i100001", "i100002"]
        for athlete, entry in known.items():
            headers = {"Authorization": f"Bearer {entry['access_token']}"}
            answer = requests.get(f"{line.split()[2]}/api/v1/athlete/0", headers=headers, timeout=10)
            assert answer.json()["id"] == athlete


def test_another_process_can_edit_spoil_and_watch() -> None:
    with served("--control") as (_, line):
        root = line.split()[2]
        auth = ("API_KEY", "sandbox-key")
        added = requests.post(f"{root}/sandbox/edit", json={"edit": "add", "sport": "Run"}, timeout=10).json()["result"]
        assert requests.get(f"{root}/api/v1/activity/{added}", auth=auth, timeout=10).json()["type"] == "Run"
        edit = {"edit": "rename", "activity": added, "name": "By hand"}
        assert requests.post(f"{root}/sandbox/edit", json=edit, timeout=10).status_code == 200
        fault = {"pattern": "activity/", "status": 502, "times": 1}
        assert requests.post(f"{root}/sandbox/faults", json=fault, timeout=10).json() == {"faults": 1}
        answers = [requests.get(f"{root}/api/v1/activity/{added}", auth=auth, timeout=10) for _ in range(2)]
        assert answers[0].status_code == 502
        assert answers[1].json()["name"] == "By hand"
        seen = requests.get(f"{root}/sandbox/requests", timeout=10).json()
        assert [request["status"] for request in seen] == [200, 502, 200]
        wrongs: list[object] = [{"edit": "__init__"}, {"edit": "delete", "activity": "i0"}, {"edit": "trim"}, []]
        for wrong in wrongs:
            answer = requests.post(f"{root}/sandbox/edit", json=wrong, timeout=10)
            assert answer.status_code == 400
            assert answer.text
        assert requests.post(f"{root}/sandbox/faults", json={"kind": "x"}, timeout=10).status_code == 400


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--seconds", "1"], "Sandbox cannot start: seconds must be at least 10."),
        (["--timezone", "Nowhere"], "Sandbox cannot start: Unknown time zone 'Nowhere'."),
        (["--athlete-id", "x"], "Sandbox cannot start: An athlete id is digits, mostly after an i, not 'x'."),
    ],
)
def test_bad_input_ends_with_one_sentence(options: list[str], message: str) -> None:
    with served(*options) as (process, line):
        assert line == ""
        assert process.wait(timeout=10) == 1
        assert process.stderr
        text = process.stderr.read()
        assert text.startswith(message)
        assert text.count("\n") == 1
