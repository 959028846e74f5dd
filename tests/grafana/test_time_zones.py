"""*Today* shows the athlete's own day, 11 hours behind UTC and 14 hours ahead of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from grafana.execution.macros import Range
from grafana.execution.pipeline import sync
from grafana.execution.run import Database, choices, execute
from sandbox import AthleteParameters

if TYPE_CHECKING:
    from tests.grafana.conftest import Board

ZONES = {"i200011": "Pacific/Pago_Pago", "i200014": "Pacific/Kiritimati"}
PANELS = {
    "intervals-today": ("Day", "Form", "Sleep", "How you feel"),
    "intervals-fitness": ("Fitness", "Form"),
    "intervals-wellness": ("HRV",),
    "intervals-sync": ("Newest day",),
}


@pytest.fixture(scope="module")
def days(influxdb: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, date]:
    """Each athlete's today; the rows of the days after it are projections, which must not be stored."""
    found = {}
    for athlete, zone in ZONES.items():
        today = datetime.now(ZoneInfo(zone)).date()
        parameters = AthleteParameters(
            athlete_id=athlete, timezone=zone, last_day=today, days=70, activities=4, seconds=60, future_days=5
        )
        sync([parameters], influxdb, "zones", tmp_path_factory.mktemp(athlete))
        found[athlete] = today
    return found


@pytest.mark.parametrize("athlete", ZONES)
@pytest.mark.parametrize("hour", ["00:00:01", "12:00:00", "23:59:59"])
def test_the_athletes_day_is_shown_at_any_hour_of_it(
    athlete: str, hour: str, days: dict[str, date], boards: dict[str, Board], influxdb: str
) -> None:
    now = datetime.fromisoformat(f"{days[athlete]}T{hour}").replace(tzinfo=ZoneInfo(ZONES[athlete]))
    database = Database(influxdb, "zones", clock=now)
    shown = {uid: _dates(boards[uid], database, athlete, now, titles) for uid, titles in PANELS.items()}
    assert shown == {uid: dict.fromkeys(titles, days[athlete]) for uid, titles in PANELS.items()}


@pytest.mark.parametrize("athlete", ZONES)
def test_the_boards_reach_the_last_point_of_the_athletes_day(
    athlete: str, days: dict[str, date], boards: dict[str, Board]
) -> None:
    last = datetime.fromisoformat(f"{days[athlete]}T23:59:59")
    now = last.replace(tzinfo=ZoneInfo(ZONES[athlete]))
    written = round(last.replace(tzinfo=timezone.utc).timestamp() * 1000)  # wall clock as UTC
    ends = {uid: Range.relative(board["time"]["from"], board["time"]["to"], now).end for uid, board in boards.items()}
    assert [uid for uid, end in ends.items() if end < written] == []


def _dates(
    board: Board, database: Database, athlete: str, now: datetime, titles: tuple[str, ...]
) -> dict[str, date | None]:
    """The date of the newest row behind each of some panels."""
    span = Range.relative(board["time"]["from"], board["time"]["to"], now)
    values = choices(board, database, {"athlete": athlete}, span)
    found: dict[str, date | None] = {}
    for answer in execute(board, database, values, span):
        if answer.panel["title"] in titles and answer.panel["title"] not in found:
            found[answer.panel["title"]] = _newest(answer.frames[0])
    return found


def _newest(frame: dict[str, Any]) -> date | None:
    times = frame["fields"][0]["values"]
    return (datetime(1970, 1, 1) + timedelta(milliseconds=times[-1])).date() if times else None  # noqa: DTZ001 - wall clock
