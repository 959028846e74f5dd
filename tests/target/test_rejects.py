"""Lines and records that can't be stored: each costs itself alone, is kept with the reason, and can be sent again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.target.forty import LINES, RECORDS, STREAM, assert_clean, config
from tests.target.loading import execute, load, record, state
from tests.target.scripted import Reply

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target.scripted import Scripted


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
