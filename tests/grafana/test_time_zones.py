"""*Today* shows the athlete's own day, 11 hours behind UTC and 14 hours ahead of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from statistics import fmean
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from grafana.execution.macros import Range
from grafana.execution.pipeline import sync
from grafana.execution.run import Answer, Database, choices, execute
from sandbox import Account, AthleteParameters
from tests.grafana.transformed import transformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.grafana.conftest import Board

Opened = Callable[[str, str, datetime], "Iterator[Answer]"]
ZONES = {"i200011": "Pacific/Pago_Pago", "i200014": "Pacific/Kiritimati"}
PANELS = {
    "intervals-today": ("Day", "Form", "Sleep", "How you feel"),
    "intervals-fitness": ("Fitness", "Form"),
    "intervals-wellness": ("HRV",),
    "intervals-sync": ("Newest day",),
}


@pytest.fixture(scope="module")
def accounts(influxdb: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Account]:
    """Athletes; the rows of the days after their today are projections, which must not be stored as days."""
    found = {}
    for athlete, zone in ZONES.items():
        today = datetime.now(ZoneInfo(zone)).date()
        parameters = AthleteParameters(
            athlete_id=athlete, timezone=zone, last_day=today, days=70, activities=40, seconds=60, future_days=5
        )
        (found[athlete],) = sync([parameters], influxdb, "zones", tmp_path_factory.mktemp(athlete))
    return found


@pytest.fixture(scope="module")
def days(accounts: dict[str, Account]) -> dict[str, date]:
    """Each athlete's today."""
    return {athlete: account.parameters.last_day for athlete, account in accounts.items()}


@pytest.fixture
def opened(boards: dict[str, Board], influxdb: str) -> Opened:
    """Open a board for an athlete at a time of theirs."""

    def answers(uid: str, athlete: str, now: datetime) -> Iterator[Answer]:
        database = Database(influxdb, "zones", clock=now)
        span = Range.relative(boards[uid]["time"]["from"], boards[uid]["time"]["to"], now)
        return execute(boards[uid], database, choices(boards[uid], database, {"athlete": athlete}, span), span)

    return answers


def at(day: date, hour: str, athlete: str) -> datetime:
    """Return an hour of a day where the athlete is."""
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZoneInfo(ZONES[athlete]))


@pytest.mark.parametrize("athlete", ZONES)
@pytest.mark.parametrize("hour", ["00:00:01", "12:00:00", "23:59:59"])
def test_the_athletes_day_is_shown_at_any_hour_of_it(
    athlete: str, hour: str, days: dict[str, date], opened: Opened
) -> None:
    now = at(days[athlete], hour, athlete)
    shown = {uid: _dates(opened(uid, athlete, now), titles) for uid, titles in PANELS.items()}
    assert shown == {uid: dict.fromkeys(titles, days[athlete]) for uid, titles in PANELS.items()}


@pytest.mark.parametrize("athlete", ZONES)
@pytest.mark.parametrize("hour", ["00:00:01", "06:30:00", "12:00:00", "18:30:00", "23:59:59"])
def test_seven_days_are_the_athletes_own_at_any_hour(
    athlete: str, hour: str, accounts: dict[str, Account], opened: Opened
) -> None:
    account = accounts[athlete]
    today, rows = account.parameters.last_day, account.wellness
    existing = sorted((day for day in rows if day <= today.isoformat()), reverse=True)
    loads: dict[str, float] = {}
    for one in account.activities.values():
        day = one["start_date_local"][:10]
        loads[day] = loads.get(day, 0) + (one.get("icu_training_load") or 0)
    week = {(today - timedelta(days=age)).isoformat() for age in range(7)}
    hrv = [value for day in week & set(rows) if (value := rows[day].get("hrv"))]
    fed = sum(rows[day].get("ctlLoad") or 0 for day in week & set(rows)) / 7
    expected = {
        "HRV": fmean(hrv),
        "Load a day, 7 days": fed,
        "Load, 7 days": sum(loads.get(day, 0) for day in existing[:7]),
        "Load, 28 days": sum(loads.get(day, 0) for day in existing[:28]),
    }
    shown: dict[str, float] = {}
    for uid in ("intervals-today", "intervals-fitness"):
        for answer in opened(uid, athlete, at(today, hour, athlete)):
            if (title := answer.panel["title"]) in expected:
                table = transformed(answer.panel, answer.frames)[-1]
                numbers = [value for value in list(table.values())[-1] if not isinstance(value, str)]
                shown[title] = sum(table["Load"]) if title.startswith("Load, ") else numbers[-1]
    assert shown == {title: pytest.approx(value) for title, value in expected.items()}


@pytest.mark.parametrize("athlete", ZONES)
@pytest.mark.parametrize("hour", ["00:00:01", "12:00:00", "23:59:59"])
def test_planned_is_from_the_athletes_today_on(
    athlete: str, hour: str, accounts: dict[str, Account], opened: Opened
) -> None:
    today = accounts[athlete].parameters.last_day
    planned = sorted(
        (event["start_date_local"][:10], event["name"])
        for event in accounts[athlete].calendar.events.values()
        if event["category"] in {"WORKOUT", "RACE_A", "RACE_B", "RACE_C"}
        and today.isoformat() <= event["start_date_local"][:10] <= (today + timedelta(days=5)).isoformat()
    )
    assert planned
    today_at = opened("intervals-today", athlete, at(today, hour, athlete))
    (answer,) = (one for one in today_at if one.panel["title"] == "Planned")
    (table,) = transformed(answer.panel, answer.frames)
    shown = [
        (datetime.fromtimestamp(at / 1000, timezone.utc).date().isoformat(), name)
        for at, name in zip(table["Time"], table["What"], strict=True)
    ]
    assert sorted(shown) == planned[:5]  # within a day by id


@pytest.mark.parametrize("athlete", ZONES)
def test_the_boards_reach_the_last_point_of_the_athletes_day(
    athlete: str, days: dict[str, date], boards: dict[str, Board]
) -> None:
    last = datetime.fromisoformat(f"{days[athlete]}T23:59:59")
    now = last.replace(tzinfo=ZoneInfo(ZONES[athlete]))
    written = round(last.replace(tzinfo=timezone.utc).timestamp() * 1000)  # wall clock as UTC
    ends = {uid: Range.relative(board["time"]["from"], board["time"]["to"], now).end for uid, board in boards.items()}
    assert [uid for uid, end in ends.items() if end < written] == []


def _dates(answers: Iterable[Answer], titles: tuple[str, ...]) -> dict[str, date | None]:
    """The date of the newest row behind each of some panels."""
    found: dict[str, date | None] = {}
    for answer in answers:
        if answer.panel["title"] in titles and answer.panel["title"] not in found:
            found[answer.panel["title"]] = _newest(answer.frames[0])
    return found


def _newest(frame: dict[str, Any]) -> date | None:
    times = frame["fields"][0]["values"]
    return (datetime(1970, 1, 1) + timedelta(milliseconds=times[-1])).date() if times else None  # noqa: DTZ001 - wall clock
