"""Faults of servers: nothing is lost in silence, and no state gets ahead of the database."""

from __future__ import annotations

import email.utils
import io
import json
import math
import time
from typing import TYPE_CHECKING

import pytest

from target_influxdb.delivery.retry import Retrier
from target_influxdb.errors import TargetError, UnreachableError
from target_influxdb.servers.http import Answer
from target_influxdb.target import TargetInfluxDB
from tests.target.forty import LINES, MAPPING, RECORDS, SECRET, STREAM, assert_clean, config
from tests.target.loading import execute, load, record, singer, state
from tests.target.scripted import Reply, Scripted, scripted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(params=["1.6.7", "v2.7.12"])
def any_server(request: pytest.FixtureRequest) -> Iterator[Scripted]:
    """A scripted InfluxDB of each way to write."""
    with scripted(version=request.param) as one:
        yield one


TROUBLES = {
    "429 with seconds": lambda: Reply(429, "slow down", {"Retry-After": "1"}),
    "503 with a date": lambda: Reply(503, headers={"Retry-After": email.utils.formatdate(time.time() + 2)}),
    "503 without": lambda: Reply(503),
    "500": lambda: Reply(500, '{"error":"timeout"}'),
    "502 with a page": lambda: Reply(502, "<html>Bad Gateway</html>"),
    "502 with a page that is not UTF-8": lambda: Reply(502, "Zeitüberschreitung", encoding="latin-1"),
    "520": lambda: Reply(520, "unknown error"),
    "cut before commit": lambda: Reply(reset=True, status=0),
    "cut after commit": lambda: Reply(reset=True, status=0, stores=True),
    "slower than the time limit": lambda: Reply(delay=0.8),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
def test_passing_trouble_is_waited_out(any_server: Scripted, trouble: Callable[[], Reply]) -> None:
    any_server.script = [trouble(), Reply(), trouble()]
    assert load(config(any_server), STREAM, *RECORDS, state(1)) == [1]
    assert any_server.stored == LINES


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [("2", 2, 2), (email.utils.formatdate(time.time() + 86_400, usegmt=True), 80_000, 86_400)],
    ids=["in seconds", "as a date"],
)
def test_retry_after_is_obeyed(
    server: Scripted, asked: str, least: float, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(Retrier, "_pause", lambda _, seconds: pauses.append(seconds))
    server.script = [Reply(429, headers={"Retry-After": asked})]
    assert load(config(server, batch_lines=100, retry_timeout=100_000), STREAM, *RECORDS, state(1)) == [1]
    (pause,) = pauses
    assert least <= pause <= most
    assert server.stored == LINES


def test_server_that_is_away_for_a_day_is_asked_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(Retrier, "_pause", lambda _, seconds: pauses.append(seconds))
    tries = iter([Answer(503)] * 3000 + [Answer(503, headers={"Retry-After": "nan"}), Answer(204)])

    class Never:
        deadline = math.inf

    retry = Retrier(86_400, Never())
    assert retry("Writing", lambda: next(tries)).stored
    assert len(pauses) == 3001
    assert 15 <= min(pauses[6:]) <= max(pauses) <= 30


def test_trouble_that_stays_ends_the_run_without_state(server: Scripted, tmp_path: Path) -> None:
    server.rule = lambda _: Reply(503, "no disk")
    done = execute(config(server, retry_timeout=1), tmp_path, STREAM, *RECORDS, state(1))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"503 no disk" in done.stderr
    assert b"comes again with the next run" in done.stderr
    assert_clean(done.stderr)


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (Reply(401, '{"code":"unauthorized"}'), b"check token"),
        (Reply(403, '{"code":"forbidden"}'), b"grant it write access"),
        (Reply(404, '{"code":"not found","message":"bucket \\"b\\" not found"}'), b"could not be created"),
        (Reply(200, "<!doctype html><title>InfluxDB</title>"), b"not an InfluxDB write endpoint"),
        (Reply(301, "", {"Location": "http://elsewhere.invalid/"}), b"not an InfluxDB write endpoint"),
        (Reply(400, '{"code":"invalid","message":"invalid precision"}'), b"check url, api, org and bucket"),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Reply) else "",
)
def test_lasting_refusal_ends_the_run_at_once_with_what_to_do(
    any_server: Scripted, reply: Reply, sentence: bytes, tmp_path: Path
) -> None:
    any_server.rule = lambda _: reply
    done = execute(config(any_server), tmp_path, STREAM, *RECORDS[:1], state(1))
    assert (done.returncode, done.stdout) == (1, b"")
    assert sentence in done.stderr
    assert b"trying again" not in done.stderr
    assert_clean(done.stderr)


def test_server_that_is_away_ends_the_run_without_state(unused_url: str, tmp_path: Path) -> None:
    settings = {"url": unused_url, "bucket": "b", "token": SECRET, "retry_timeout": 1, "measurements": MAPPING}
    done = execute(settings, tmp_path, STREAM, *RECORDS, state(1))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"Connection refused" in done.stderr
    assert_clean(done.stderr)


def test_run_without_records_needs_no_server(unused_url: str, caplog: pytest.LogCaptureFixture) -> None:
    assert load({"url": unused_url, "bucket": "b"}, STREAM, state(1)) == [1]
    assert "Nothing had to be stored, and the server does not answer" in caplog.text


def test_too_large_bodies_are_split(server: Scripted) -> None:
    server.rule = lambda lines: Reply(413, "too large") if len(lines) > 3 else Reply()
    assert load(config(server), STREAM, *RECORDS, state(1)) == [1]
    assert server.stored == LINES


def test_state_leaves_only_after_everything_before_it_is_stored(
    server: Scripted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("target_influxdb.target.TargetInfluxDB._MAX_RECORD_AGE_IN_MINUTES", 0)
    server.rule = lambda lines: Reply(401 if b"m,id=25 x=25 1700000025" in lines else 204)
    messages = [one for number, row in enumerate(RECORDS) for one in (row, state(number))]
    target = TargetInfluxDB(config=config(server))
    with pytest.raises(TargetError, match="check token"):
        target.listen(io.BytesIO(singer((STREAM, *messages))))  # type: ignore[arg-type] # the target reads bytes
    target.writer.close()
    states = [json.loads(line)["at"] for line in capsys.readouterr().out.splitlines()]
    assert sorted(set(states)) == list(range(24))  # the 24th would have left with the 25th record
    assert server.stored == {line for line in LINES if int(line.split()[2]) < 1_700_000_025}


def test_checkpoints_let_earlier_states_out(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("target_influxdb.target.TargetInfluxDB._MAX_RECORD_AGE_IN_MINUTES", 0)
    assert load(config(server), STREAM, state(0), *RECORDS[:3], state(1), RECORDS[3]) == [0, 1]
    assert len(server.stored) == 4


def test_order_of_writes_to_one_point_is_kept(server: Scripted) -> None:
    """Bodies with the same series and times never travel side by side."""
    bodies: list[list[bytes]] = []

    def rule(lines: list[bytes]) -> Reply:
        bodies.append(lines)
        return Reply(delay=0.05 if len(bodies) % 2 else 0)

    server.rule = rule
    same = [record("m", id="a", at=1_700_000_000, x=number) for number in range(60)]
    load(config(server), STREAM, *same)
    assert [line for body in bodies for line in body] == [b"m,id=a x=%d 1700000000" % number for number in range(60)]
    assert all(second - first >= 0.04 for first, second in zip(server.writes[::2], server.writes[1::2], strict=True))


def test_one_body_is_on_its_way_at_a_time(server: Scripted) -> None:
    """InfluxDB 2 may acknowledge two that are the first in a shard, and lose one."""
    begun: list[bytes] = []
    early: list[bytes] = []

    def rule(lines: list[bytes]) -> Reply:
        if not server.stored.issuperset(begun):
            early.extend(lines)
        begun.extend(lines)
        return Reply(delay=0.02)

    server.rule = rule
    load(config(server, batch_lines=5), STREAM, *RECORDS)
    assert (set(begun), early) == (LINES, [])


def test_order_is_kept_where_a_precision_lets_times_fall_together(server: Scripted) -> None:
    server.rule = lambda lines: Reply(delay=0.3 if b" x=0 " in lines[0] else 0)
    parts = [record("m", id="a", at=1_700_000_000 + number / 10, x=number) for number in range(3)]
    mapping = {"m": {"time": "at", "precision": "s"}}
    load(config(server, measurements=mapping, batch_lines=1), STREAM, *parts)
    bodies = [body for path, _, body in server.requests if "write" in path]
    assert bodies == [b"m,id=a x=%d 1700000000\n" % number for number in range(3)]
    assert server.writes[1] - server.writes[0] > 0.25


def test_retries_end_with_the_time_limit(server: Scripted) -> None:
    server.rule = lambda _: Reply(429, headers={"Retry-After": "3600"})
    with pytest.raises(UnreachableError, match="429"):
        load(config(server), STREAM, *RECORDS)  # an hour would be longer than a test may take
