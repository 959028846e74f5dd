"""Values that do not fit the type of their field cost nothing else: neither rows nor samples, on no server."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from target_influxdb.errors import RefusedError
from tests.target.loading import DATE, NUMBER, NUMBERS, TEXT, execute, load, record, schema, state
from tests.target.scripted import Reply, Scripted, scripted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.target.conftest import Place

STREAM = schema("m", {"id": TEXT, "at": NUMBER, "x": NUMBER, "y": NUMBER, "z": NUMBER}, ["id"])
MAPPING = {"m": {"time": "at"}}


def config(server: Scripted, **more: Any) -> dict[str, Any]:
    return {"url": server.url, "bucket": "b", "measurements": MAPPING, "retry_timeout": 1, **more}


def rec(second: int, **values: Any) -> dict[str, Any]:
    return record("m", id="a", at=1_700_000_000 + second, **values)


@pytest.fixture(params=["1.6.7", "v2.7.12"])
def server(request: pytest.FixtureRequest) -> Iterator[Scripted]:
    """A scripted InfluxDB of each way to write."""
    with scripted(version=request.param) as one:
        yield one


def test_value_of_another_type_than_the_runs_is_rejected_alone(server: Scripted, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="'x' is of type float, 'N/A' does not fit"):
        load(config(server), STREAM, rec(1, x="N/A", y=1), state(1))
    assert server.stored == set()
    rows = [rec(0, x="N/A"), rec(1, x="N/A", y=1), rec(2, x=2, y=2)]
    assert load(config(server, rejects_path=str(tmp_path)), STREAM, *rows, state(1)) == [1]
    assert server.stored == {b"m,id=a y=1 1700000001", b"m,id=a x=2,y=2 1700000002"}
    reason = b"# field 'x' is of type float, 'N/A' does not fit"
    lines = [b'm,id=a x="N/A" 1700000000', b'm,id=a x="N/A" 1700000001']
    assert (tmp_path / "rejected.s.lp").read_bytes().splitlines() == [reason, lines[0], reason, lines[1]]


def test_samples_that_do_not_fit_cost_only_themselves(server: Scripted, tmp_path: Path) -> None:
    shape = schema("m", {"id": TEXT, "at": NUMBER, "t": NUMBERS, "x": NUMBERS, "y": NUMBERS}, ["id"])
    samples = record("m", id="a", at=1_700_000_000, t=[0, 1, 2], x=[1, "N/A", "N/A"], y=[None, 5, None])
    mapping = {"m": {"time": "at", "time_offset": "t"}}
    settings = config(server, measurements=mapping, rejects_path=str(tmp_path))
    assert load(settings, shape, samples, state(1)) == [1]
    assert server.stored == {b"m,id=a x=1 1700000000", b"m,id=a y=5 1700000001"}
    rejected = (tmp_path / "rejected.s.lp").read_bytes().splitlines()
    assert rejected[1::2] == [b'm,id=a x="N/A" 1700000001', b'm,id=a x="N/A" 1700000002']


def of_types(kinds: dict[str, str], status: int) -> Callable[[list[bytes]], Reply]:
    """Answers of a server that has fields of these types, and stores nothing of a body with others."""

    def rule(lines: list[bytes]) -> Reply:
        for name, kind in kinds.items():
            wanted = re.compile(rb"\d+i" if kind == "integer" else b"true|false")
            cells = (re.search(rb"[ ,]%s=([^, ]+)" % name.encode(), line) for line in lines)
            if bad := [cell for cell in cells if cell and not wanted.fullmatch(cell[1])]:
                text = f'input field "{name}" on measurement "m" is type float, already exists as type {kind}'
                message = f"partial write: field type conflict: {text} dropped={len(bad)}"
                return Reply(status, json.dumps({"error" if status == 400 else "message": message}))
        return Reply()

    return rule


@pytest.mark.parametrize("status", [400, 422])
def test_fields_that_the_server_has_otherwise_cost_only_themselves(
    server: Scripted, status: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.rule = of_types({"x": "integer", "y": "boolean"}, status)
    odd: list[dict[str, Any]] = [
        {"x": 1.5, "y": 7, "z": 3},
        {"x": 2.5, "y": 1, "z": 4},
        {"x": 3, "y": 9},
        {"x": 4.5, "y": 8},
        {"x": 5, "y": 0},
    ]
    rows = [rec(number, **values) for number, values in enumerate(odd)]
    caplog.set_level(logging.INFO)
    assert load(config(server, rejects_path=str(tmp_path)), STREAM, *rows, state(1)) == [1]
    good = ["z=3 1700000000", "y=true,z=4 1700000001", "x=3i 1700000002", "x=5i,y=false 1700000004"]
    assert set(map(fields_of, server.stored)) == {fields_of(f"m,id=a {one}".encode()) for one in good}
    rejected = (tmp_path / "rejected.s.lp").read_bytes().splitlines()
    assert rejected[1::2] == [
        b"m,id=a x=1.5,y=7 1700000000",
        b"m,id=a x=2.5 1700000001",
        b"m,id=a y=9 1700000002",
        b"m,id=a x=4.5,y=8 1700000003",
    ]
    named = [{name for name in "xyz" if f'input field "{name}"'.encode() in reason} for reason in rejected[::2]]
    assert named == [{"x", "y"}, {"x"}, {"y"}, {"x", "y"}]
    assert "4 points stored, 4 lines rejected." in caplog.text


def test_fields_that_the_server_has_otherwise_fail_a_run_that_keeps_no_rejects(
    server: Scripted, tmp_path: Path
) -> None:
    server.rule = of_types({"x": "integer"}, 422)
    done = execute(config(server), tmp_path, STREAM, rec(0, x=1.5, y=2), state(1))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"1 line(s) were refused" in done.stderr
    assert b"the first is: m,id=a x=1.5 1700000000 -" in done.stderr
    assert server.stored == {b"m,id=a y=2 1700000000"}


def fields_of(line: bytes) -> tuple[bytes, frozenset[bytes], bytes]:
    """A line whose fields may stand in any order."""
    head, fields, time = line.split()
    return head, frozenset(fields.split(b",")), time


WELLNESS = schema("wellness", {"athlete": TEXT, "id": DATE, "ctl": NUMBER, "weight": NUMBER}, ["athlete", "id"])
#: `AwakeTime` is a custom field, which no schema names.
ATHLETES = [
    record("wellness", athlete=athlete, id="2026-05-04", ctl=ctl, hrv=hrv, weight=70, AwakeTime=told, note="fine")
    for athlete, ctl, hrv, told in [("i1", 50, 61, 9), ("i2", 60, 62, "about 10 min"), ("i3", 70, 63, 12.5)]
]
MIDNIGHT = 1_777_852_800


def test_field_that_one_athlete_uses_otherwise_costs_nothing_else(place: Place, tmp_path: Path) -> None:
    """Once by the type that the run has met first, once by what the database has from it, then replayed."""
    rejects = tmp_path / "rejects"
    mapping = {"wellness": {"time": "id", "tags": ["athlete"]}}
    config = {**place.config, "measurements": mapping, "rejects_path": str(rejects)}
    expected = set()
    for one in (row["record"] for row in ATHLETES):
        fields = {"ctl": one["ctl"], "hrv": one["hrv"], "weight": 70, "note": "fine"}
        fields |= {} if one["athlete"] == "i2" else {"AwakeTime": one["AwakeTime"]}
        expected.add((MIDNIGHT * 10**9, frozenset({("athlete", one["athlete"])}), frozenset(fields.items())))
    odd = f'wellness,athlete=i2 AwakeTime="about 10 min" {MIDNIGHT}'

    done = execute({**config, "batch_lines": 1}, tmp_path, WELLNESS, *ATHLETES, state(1))
    assert (done.returncode, done.stdout) == (0, b'{"at": 1}\n')
    assert b"3 points stored, 1 lines rejected." in done.stderr
    assert place.points("wellness") == expected
    why = "field 'AwakeTime' is of type float, 'about 10 min' does not fit"
    assert (rejects / "rejected.s.lp").read_text() == f"# {why}\n{odd}\n"

    done = execute(config, tmp_path, WELLNESS, *ATHLETES, state(2))
    assert (done.returncode, done.stdout) == (0, b'{"at": 2}\n')
    assert b"3 points stored, 1 lines rejected." in done.stderr
    assert place.points("wellness") == expected
    *_, reason, line = (rejects / "rejected.s.lp").read_text().splitlines()
    assert (line, "is type string, already exists as type float" in reason) == (odd, True)

    assert execute(config, tmp_path, options=("--replay",)).returncode == 1
    assert (rejects / "rejected.s.lp").read_text() == f"{reason.replace('=3', '=1')}\n{odd}\n"
    elsewhere = replace(place, database=f"{place.database}-new")  # where no field has a type yet
    assert execute({**config, "bucket": elsewhere.database}, tmp_path, options=("--replay",)).returncode == 0
    said = frozenset({("AwakeTime", "about 10 min")})
    assert elsewhere.points("wellness") == {(MIDNIGHT * 10**9, frozenset({("athlete", "i2")}), said)}
    assert list(rejects.iterdir()) == []
