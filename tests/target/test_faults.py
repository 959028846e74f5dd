"""Faults of servers: nothing is lost in silence, and no state gets ahead of the database."""

from __future__ import annotations

import email.utils
import io
import json
import math
import time
from typing import TYPE_CHECKING, Any

import pytest

from target_influxdb.delivery.retry import Retrier
from target_influxdb.errors import TargetError, UnreachableError
from target_influxdb.servers.http import Answer
from target_influxdb.target import TargetInfluxDB
from tests.target.loading import NUMBER, TEXT, execute, load, record, schema, singer, state
from tests.target.scripted import Reply, Scripted, scripted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECRET = "secret-5c1e77"
STREAM = schema("m", {"id": TEXT, "at": NUMBER, "x": NUMBER}, ["id"])
MAPPING = {"m": {"time": "at"}}
LINES = {b"m,id=%d x=%d %d" % (number, number, 1_700_000_000 + number) for number in range(40)}
RECORDS = [record("m", id=str(number), at=1_700_000_000 + number, x=number) for number in range(40)]


def config(server: Scripted, **more: Any) -> dict[str, Any]:
    same = {"url": server.url, "token": SECRET, "org": "o", "bucket": "b", "measurements": MAPPING}
    return {**same, "batch_lines": 10, "retry_timeout": 6, "timeout": 500, **more}


@pytest.fixture
def server() -> Iterator[Scripted]:
    """A scripted InfluxDB 2."""
    with scripted() as one:
        yield one


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


def assert_clean(log: bytes) -> None:
    """People see sentences, and no secret."""
    assert b"Traceback" not in log
    assert SECRET.encode() not in log


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


def test_line_too_large_alone_is_rejected(server: Scripted, tmp_path: Path) -> None:
    server.rule = lambda lines: Reply(413) if any(b"x=7 " in line for line in lines) else Reply()
    assert load(config(server, rejects_path=str(tmp_path)), STREAM, *RECORDS, state(1)) == [1]
    assert LINES - server.stored == {b"m,id=7 x=7 1700000007"}
    assert "too large" in (tmp_path / "rejected.s.lp").read_text()


def refuses_seven(lines: list[bytes]) -> Reply:
    """2.x: one bad line, and nothing is stored."""
    bad = [line.decode() for line in lines if b"id=7 " in line]
    message = "\n".join(f"unable to parse '{line}': missing field value" for line in bad)
    return Reply(400, json.dumps({"code": "invalid", "message": message})) if bad else Reply()


def test_one_bad_line_costs_only_itself(server: Scripted, tmp_path: Path) -> None:
    server.rule = refuses_seven
    assert load(config(server, rejects_path=str(tmp_path)), STREAM, *RECORDS, state(1)) == [1]
    bad = b"m,id=7 x=7 1700000007"
    assert server.stored == LINES - {bad}
    reason, line = (tmp_path / "rejected.s.lp").read_bytes().splitlines()
    assert line == bad
    assert reason.startswith(b"# unable to parse")


def test_bad_line_without_rejects_path_fails_after_the_good_ones_are_stored(server: Scripted, tmp_path: Path) -> None:
    server.rule = refuses_seven
    done = execute(config(server), tmp_path, STREAM, *RECORDS[:10], state(1))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"m,id=7 x=7 1700000007" in done.stderr
    assert len(server.stored) == 9
    assert_clean(done.stderr)


def test_partial_write_with_too_low_a_count_is_found_out(server: Scripted, tmp_path: Path) -> None:
    def rule(lines: list[bytes]) -> Reply:
        bad = [line for line in lines if line.split(b"=")[1].split()[0] in (b"3", b"5", b"8")]
        server.stored.update(set(lines) - set(bad))
        text = "partial write: max-series-per-database limit exceeded: (20) dropped=1"
        return Reply(422, json.dumps({"message": text})) if bad else Reply()

    server.rule = rule
    assert load(config(server, rejects_path=str(tmp_path)), STREAM, *RECORDS, state(1)) == [1]
    rejected = {line for line in (tmp_path / "rejected.s.lp").read_bytes().splitlines() if line[:1] != b"#"}
    assert {line.split()[0] for line in rejected} == {b"m,id=3", b"m,id=5", b"m,id=8"}
    assert server.stored == LINES - rejected


def test_replay_stores_rejected_lines_when_the_cause_is_gone(server: Scripted, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects"
    settings = config(server, rejects_path=str(rejects))
    server.rule = refuses_seven
    assert execute(settings, tmp_path, STREAM, *RECORDS).returncode == 0
    done = execute(settings, tmp_path, options=("--replay",))
    assert done.returncode == 1
    assert b"1 line(s) are still refused" in done.stderr
    server.rule = lambda _: Reply()
    done = execute(settings, tmp_path, options=("--replay",))
    assert done.returncode == 0, done.stderr
    assert server.stored == LINES
    assert list(rejects.iterdir()) == []


def test_replay_keeps_what_a_run_adds_meanwhile(server: Scripted, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects"
    settings = config(server, rejects_path=str(rejects))
    server.rule = refuses_seven
    assert execute(settings, tmp_path, STREAM, *RECORDS).returncode == 0
    added = b"# another reason\nm,id=99 x=99 1700000099\n"

    def rule(_: list[bytes]) -> Reply:
        with (rejects / "rejected.s.lp").open("ab") as file:
            file.write(added)
        return Reply()

    server.rule = rule
    assert execute(settings, tmp_path, options=("--replay",)).returncode == 0
    assert server.stored == LINES
    assert {file.name: file.read_bytes() for file in rejects.iterdir()} == {"rejected.s.lp": added}


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


def test_bad_record_is_named_in_one_sentence(server: Scripted, tmp_path: Path) -> None:
    done = execute(config(server), tmp_path, STREAM, record("m", id="a", at="soon", x=1), state(1))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"Stream 'm', record id='a': property 'at' gives no time: 'soon' is not a date or time." in done.stderr
    assert_clean(done.stderr)


def test_bad_record_goes_to_rejects_and_the_others_are_stored(server: Scripted, tmp_path: Path) -> None:
    messages = [*RECORDS[:5], record("m", id="a", at=None, x=1), *RECORDS[5:]]
    assert load(config(server, rejects_path=str(tmp_path)), STREAM, *messages, state(1)) == [1]
    assert server.stored == LINES
    (kept,) = (tmp_path / "records.jsonl").read_text().splitlines()
    assert json.loads(kept)["record"] == {"id": "a", "at": None, "x": 1}
