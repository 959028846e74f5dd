"""Signals, kills and servers that go away in the middle."""

from __future__ import annotations

import fcntl
import random
import signal
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests import servers
from tests.target.loading import (
    NUMBER,
    NUMBERS,
    TEXT,
    command,
    execute,
    load,
    record,
    schema,
    singer,
    state,
)
from tests.target.scripted import Reply, scripted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.target.conftest import Place

STREAM = schema("m", {"id": TEXT, "at": NUMBER, "x": NUMBER}, ["id"])
MAPPING = {"m": {"time": "at"}}
RECORDS = [record("m", id=str(number % 7), at=1_700_000_000 + number, x=number) for number in range(200)]


def started(config: dict[str, Any], folder: Path) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen(command(config, folder), stdin=pipe, stdout=pipe, stderr=pipe)


def send(process: subprocess.Popen[bytes], *messages: dict[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write(singer(messages))
    process.stdin.flush()


def has_read_all(process: subprocess.Popen[bytes]) -> bool:
    """Whether nothing that was sent is left in the pipe."""
    assert process.stdin is not None
    return fcntl.ioctl(process.stdin, termios.FIONREAD, bytes(4)) == bytes(4)


def wait_to_hear(process: subprocess.Popen[bytes], words: bytes) -> None:
    """Read the log up to a line that holds these words."""
    assert process.stderr is not None
    assert any(words in line for line in process.stderr), words


def wait_for(condition: Any) -> None:
    for _ in range(1500):
        if condition():
            return
        time.sleep(0.02)
    pytest.fail("it did not happen")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_while_waiting_for_input_stores_what_was_read_and_its_state(number: int, tmp_path: Path) -> None:
    with scripted() as server:
        config = {"url": server.url, "org": "o", "bucket": "b", "measurements": MAPPING, "batch_lines": 50}
        process = started(config, tmp_path)
        send(process, STREAM, *RECORDS[:60], state(1))
        wait_for(lambda: server.writes)  # the first 50 lines are out
        wait_for(lambda: has_read_all(process))
        process.send_signal(number)
        out, log = process.communicate(timeout=30)
        assert (process.returncode, out) == (128 + number, b'{"at": 1}\n'), log
        assert len(server.stored) == 60
        assert b"Traceback" not in log


def test_signal_during_a_drain_waits_for_it_and_never_enters_it_again(tmp_path: Path) -> None:
    with scripted(rule=lambda _: Reply(delay=1)) as server:
        config = {"url": server.url, "org": "o", "bucket": "b", "measurements": MAPPING, "batch_lines": 500}
        process = started(config, tmp_path)
        send(process, STREAM, *RECORDS, state(1))
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        wait_for(lambda: server.writes)
        for _ in range(3):
            process.send_signal(signal.SIGTERM)
            time.sleep(0.05)
        out, log = process.communicate(timeout=30)
        assert len(server.writes) == 1
        assert (process.returncode, out, len(server.stored)) == (0, b'{"at": 1}\n', 200), log


def test_signal_while_the_server_is_away_ends_soon_and_without_state(tmp_path: Path) -> None:
    with scripted(rule=lambda _: Reply(503)) as server:
        config = {"url": server.url, "org": "o", "bucket": "b", "measurements": MAPPING, "batch_lines": 50}
        process = started(config, tmp_path)
        send(process, STREAM, *RECORDS, state(1))
        wait_for(lambda: len(server.writes) > 1)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)  # twice means now, not after the minutes that retries may take
        out, log = process.communicate(timeout=20)
        assert (process.returncode, out) == (1, b""), log
        assert b"comes again with the next run" in log


UNSEEN = """
import signal
from target_influxdb.target import TargetInfluxDB
listen = TargetInfluxDB.listen
def listen_elsewhere(self, *arguments):  # as if the signal came just before the main thread began to wait
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    listen(self, *arguments)
TargetInfluxDB.listen = listen_elsewhere
TargetInfluxDB.cli()
"""


def test_signal_that_does_not_interrupt_the_wait_for_input_is_seen_all_the_same(tmp_path: Path) -> None:
    with scripted() as server:
        config = {"url": server.url, "org": "o", "bucket": "b", "measurements": MAPPING, "batch_lines": 50}
        words = [sys.executable, "-c", UNSEEN, *command(config, tmp_path)[-2:]]
        pipe = subprocess.PIPE
        with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe) as process:
            send(process, STREAM, *RECORDS[:60], state(1))
            wait_for(lambda: server.writes)
            wait_for(lambda: has_read_all(process))
            process.send_signal(signal.SIGTERM)
            try:
                code = process.wait(timeout=30)  # its input stays open
            finally:
                process.kill()
            assert (code, process.communicate()[0]) == (143, b'{"at": 1}\n')
        assert len(server.stored) == 60


HURRY = (
    "import target_influxdb.target as t; t.SECONDS_TO_LEAVE /= 12; t.SECONDS_TO_ANSWER /= 12; t.TargetInfluxDB.cli()"
)


@pytest.mark.parametrize("signals", [1, 2])
@pytest.mark.parametrize("version", ["1.6.7", "v2.7.12"])
def test_server_that_never_answers_holds_nobody_who_was_told_to_leave(
    version: str, signals: int, tmp_path: Path
) -> None:
    with scripted(version=version, rule=lambda _: Reply(delay=25)) as server:
        config = {"url": server.url, "org": "o", "bucket": "b", "measurements": MAPPING, "batch_lines": 50}
        words = [sys.executable, "-c", HURRY, *command(config, tmp_path)[-2:]]
        pipe = subprocess.PIPE
        process = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe)
        send(process, STREAM, *RECORDS, state(1))
        wait_for(lambda: server.writes)
        for _ in range(signals):
            process.send_signal(signal.SIGTERM)
            time.sleep(0.05)
        out, log = process.communicate(timeout=20)  # sooner than the server answers
        assert (process.returncode, out) == (143, b""), log
        assert b"comes again with the next run" in log


def test_large_records_do_not_wait_for_their_number(tmp_path: Path) -> None:
    with scripted() as server:
        config = {"url": server.url, "org": "o", "bucket": "b", "measurements": MAPPING, "batch_bytes": 1_000_000}
        process = started(config, tmp_path)
        send(process, STREAM, *(record("m", id="a", at=1_700_000_000 + one, note="x" * 300_000) for one in range(4)))
        wait_for(lambda: len(server.stored) == 4)
        process.communicate(timeout=30)


def expected(messages: Iterable[dict[str, Any]]) -> set[Any]:
    points = ((one["record"]["at"], one["record"]["id"], one["record"]["x"]) for one in messages)
    return {(at * 10**9, frozenset({("id", key)}), frozenset({("x", x)})) for at, key, x in points}


def test_server_that_starts_late_and_restarts_in_the_middle(tmp_path: Path) -> None:
    servers.executable("influxd")  # skipped before anything is started
    port, folder = servers.free_port(), tmp_path / "server"
    folder.mkdir()
    config = {"url": f"http://127.0.0.1:{port}", "bucket": "b", "measurements": MAPPING, "batch_lines": 20}
    process = started(config, tmp_path)
    send(process, STREAM, *RECORDS[:100], state(1))
    wait_to_hear(process, b"trying again in")
    with servers.influxdb1(port=port, folder=folder) as server:
        wait_for(lambda: stored(server.url) >= 20)
    send(process, *RECORDS[100:], state(2))
    wait_to_hear(process, b"trying again in")
    with servers.influxdb1(port=port, folder=folder) as server:
        out, log = process.communicate(timeout=30)
        assert process.returncode == 0, log
        assert out.splitlines()[-1] == b'{"at": 2}'
        assert servers.points(server.url, "b", "m") == expected(RECORDS)


def stored(url: str) -> int:
    try:
        counts = servers.influxql(url, "SELECT count(x) FROM m", "b")
    except RuntimeError:
        return 0
    return sum(row[1] for series in counts for row in series["values"])


COLUMNS = schema("s", {"id": TEXT, "start": TEXT, "time": NUMBERS, "x": NUMBERS}, ["id"])
REPLACING = {"s": {"time": "start", "time_offset": "time", "tags": ["id"], "replace": ["id"]}}


@pytest.mark.long
def test_killed_at_twenty_moments_the_rerun_ends_like_a_run_that_never_failed(v1: Place, tmp_path: Path) -> None:
    def activities(size: int) -> list[dict[str, Any]]:
        messages = []
        for number in range(60):
            start = f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}T08:00:00"
            values = [float(number + second) for second in range(size - number)]
            arrays = {"time": list(range(len(values))), "x": values}
            messages += [record("s", id=f"a{number}", start=start, **arrays), state(number)]
        return messages

    config = {**v1.config, "measurements": REPLACING}
    clean = {**config, "bucket": f"{v1.database}clean"}
    load(clean, COLUMNS, *activities(700))
    truth = servers.points(v1.url, clean["bucket"], "s")
    load(config, COLUMNS, *activities(900))  # longer ones, to be replaced
    messages = tmp_path / "messages"
    messages.write_bytes(singer((COLUMNS, *activities(700))))
    config_file = command(config, tmp_path)[-1]
    often = "from target_influxdb.target import TargetInfluxDB as T; T._MAX_RECORD_AGE_IN_MINUTES = 0; T.cli()"
    words = [sys.executable, "-c", often, "--config", config_file]
    states = []
    moments = random.Random(3)
    for states_to_see in moments.sample(range(55), 20):  # by progress, not by time: machines differ
        with messages.open() as file, (tmp_path / "states").open("w+") as out:
            process = subprocess.Popen(words, stdin=file, stdout=out, stderr=subprocess.DEVNULL)
            while process.poll() is None and (tmp_path / "states").read_text().count("\n") < states_to_see:
                time.sleep(0.001)
            time.sleep(moments.uniform(0, 0.01))
            process.kill()
            process.wait()
            out.seek(0)
            states.append(max((int(line.split()[1].rstrip("}")) for line in out), default=-1))
        ready = {f"a{number}" for number in range(states[-1] + 1)}
        found = servers.points(v1.url, v1.database, "s")
        assert of_activities(truth, ready) == of_activities(found, ready)
    assert len(set(states)) > 5  # the kills came at different moments
    assert execute(config, tmp_path, COLUMNS, *activities(700)).returncode == 0
    assert servers.points(v1.url, v1.database, "s") == truth


def of_activities(points: set[Any], names: set[str]) -> set[Any]:
    return {point for point in points if dict(point[1])["id"] in names}
