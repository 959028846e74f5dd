"""The boards, and an InfluxDB that the real tap and target have filled from synthetic athletes."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import grafana.parts  # noqa: F401 - before the SDK, whose import warns
from grafana.execution.macros import Range, Value
from grafana.execution.pipeline import sync, write_runs
from grafana.execution.run import Answer, Database, choices, execute
from sandbox import Account, AthleteParameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DASHBOARDS = Path(__file__).resolve().parents[2] / "grafana/dashboards"
ATHLETE = "i100001"
LAST_DAY = date(2026, 11, 20)
START = date(2026, 5, 1)
"""First day of the board Training at NOW."""
NOW = datetime(2026, 11, 20, 20, 30, tzinfo=timezone.utc)
TODAY = datetime(NOW.year, NOW.month, NOW.day, tzinfo=timezone.utc)

Board = dict[str, Any]
Look = Callable[..., dict[str, Answer]]


def load() -> dict[str, Board]:
    """Return the committed boards by uid."""
    boards = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(DASHBOARDS.glob("*.json"))]
    return {board["uid"]: board for board in boards}


@pytest.fixture(scope="session")
def boards() -> dict[str, Board]:
    """The committed boards by uid."""
    return load()


@dataclass(frozen=True)
class Filled:
    """A database that holds an athlete's year, and the truth about it."""

    database: Database
    account: Account


@pytest.fixture(scope="session")
def filled(influxdb: str, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """An athlete's year up to LAST_DAY; the database's clock says NOW."""
    return fill(influxdb, tmp_path_factory.mktemp("boards"), {})


def fill(url: str, folder: Path, login: Mapping[str, str]) -> Filled:
    """Write the athlete's year into the database `boards` of a server."""
    parameters = AthleteParameters(athlete_id=ATHLETE, last_day=LAST_DAY, days=365, activities=60, seconds=900)
    accounts = sync([parameters], url, "boards", folder, own_clock=True, login=login)
    write_runs(url, "boards", NOW, folder, login=login)
    return Filled(Database(url, "boards", clock=NOW, token=login.get("token", "")), accounts[0])


def newest(filled: Filled, *streams: str) -> dict[str, Any]:
    """The newest activity that has these streams."""
    activities = sorted(filled.account.activities.values(), key=lambda one: str(one["start_date_local"]))
    return next(one for one in reversed(activities) if {*streams} <= set(one.get("stream_types") or ()))


def monday(day: date) -> date:
    """First day of the week."""
    return day - timedelta(days=day.weekday())


def wall_clock(text: str) -> datetime:
    """A time on the athlete's clock, as it is written."""
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def look(board: Board, filled: Filled, *streams: str, **chosen: Value) -> list[Answer]:
    """Open a board as its links do: the activity board with an activity and its range."""
    span = Range.relative(board["time"]["from"], board["time"]["to"], NOW)
    goals: dict[str, Value] = {"km": "5000", "hours": "300", "load": "10000"} if board["title"] == "Progress" else {}
    values: dict[str, Value] = {"athlete": ATHLETE, **goals, **chosen}
    if board["title"] == "Activity":
        one = newest(filled, *(streams or ("watts", "latlng", "temp")))
        start = round(wall_clock(one["start_date_local"]).timestamp() * 1000)
        span = Range(start, start + one["elapsed_time"] * 1000)
        values |= {"activity": one["id"], "channel": "torque"}
    if board["title"] == "Wellness":
        values |= {"field": "RespRate"}
    return list(execute(board, filled.database, choices(board, filled.database, values, span), span))


@pytest.fixture(scope="session")
def answers(boards: dict[str, Board], filled: Filled) -> dict[str, list[Answer]]:
    """All answers, by uid of the board."""
    return {uid: look(board, filled) for uid, board in boards.items()}


def panel_of(answers: list[Answer], title: str) -> Answer:
    """The answer of the panel with this title."""
    return next(answer for answer in answers if answer.panel["title"] == title)


def point(measurement: str, tags: str, fields: str, when: datetime) -> str:
    """A line of athlete `i1`."""
    return f"{measurement},athlete_id=i1,{tags} {fields} {round(when.timestamp())}".replace(", ", " ")


def day(age: int, fields: str) -> str:
    """The line of a day of wellness, so many before TODAY."""
    return point("wellness", "", f'updated="",{fields}', TODAY - timedelta(days=age))


@pytest.fixture
def open_board(influxdb: str, boards: dict[str, Board], request: pytest.FixtureRequest) -> Look:
    """Write points into a database of the test's own and open a board on them; answers by title of the panel."""
    name = urllib.parse.quote(request.node.name)
    Database(influxdb, "").ask(f'CREATE DATABASE "{request.node.name}" WITH SHARD DURATION 52w')

    def opened(uid: str, lines: Iterable[str], span: Range | None = None, **chosen: Value) -> dict[str, Answer]:
        body = "\n".join(lines).encode()
        urllib.request.urlopen(f"{influxdb}/write?db={name}&precision=s", body).close()
        board, database = boards[uid], Database(influxdb, request.node.name, clock=NOW)
        span = span or Range.relative(board["time"]["from"], board["time"]["to"], NOW)
        values = choices(board, database, chosen, span)
        return {answer.panel["title"]: answer for answer in execute(board, database, values, span)}

    return opened
