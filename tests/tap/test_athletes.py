"""Several athletes with a coach's key, and time zones in which today is another day."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING

import aiohttp.web_response
import pytest

from sandbox import Account, Sandbox
from tests.tap.conftest import athlete
from tests.tap.scene import LAST_DAY, NOTHING, UNCHANGED, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def team(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    accounts = [Account(athlete(athlete_id=id_, activities=6)) for id_ in ("i100001", "i100002", "2049151")]
    now = format_datetime(accounts[0].now, usegmt=True)
    monkeypatch.setattr(aiohttp.web_response, "rfc822_formatted_time", lambda: now)
    with Sandbox(accounts) as sandbox:
        yield Scene(sandbox, athlete_ids="0, i100002,2049151")


def test_each_athlete_is_brought_and_has_a_state_of_its_own(team: Scene) -> None:
    first = team.sync()
    assert team.stored() == team.truth()
    partitions = first.state["bookmarks"]["activities"]["partitions"]
    assert [entry["context"] for entry in partitions] == [{"athlete_id": account.id} for account in team.accounts]

    second = team.sync()
    assert second.emitted == NOTHING
    assert second.requests == Counter({name: 3 * times for name, times in UNCHANGED.items()})


@pytest.mark.parametrize("place", ["/athlete/i100002$", r"/athlete/i100002/activities\?", "/athlete/i100002/wellness"])
def test_athlete_who_may_not_be_read_costs_the_others_nothing(team: Scene, place: str) -> None:
    team.sandbox.fail(place, status=403)
    run = team.sync()

    assert run.error.startswith("Athlete i100002 could not be read. Intervals.icu answered 403 at /athlete/i100002")
    assert len(run.error.splitlines()) == 1
    others = {"i100001", "2049151"}
    truth = {name: {key: row for key, row in table.items() if key[0] in others} for name, table in team.truth().items()}
    assert team.stored() == truth

    team.sandbox.clear()
    assert team.sync().error == ""
    assert team.stored() == team.truth()


def test_athlete_named_twice_is_brought_once(team: Scene) -> None:
    run = team.sync(athlete_ids="i100001,0,i100001")

    assert len(run.records("activities")) == 6
    assert team.sync(athlete_ids="i100001,0,i100001").requests == UNCHANGED + Counter({"athlete": 1})  # whose 0 is


def test_api_that_is_down_is_not_asked_for_every_athlete(team: Scene) -> None:
    team.sandbox.fail("/athlete/", status=503)
    run = team.sync(athlete_ids="i100001,i100002,2049151,i100003,i100004")

    assert [line.split(" could")[0] for line in run.error.splitlines()] == [
        "Athlete i100001",
        "Athlete i100002",
        "Athlete 2049151",
        "Not tried after that: i100003, i100004.",
    ]
    team.sandbox.clear()
    assert team.sync().error == ""
    assert team.stored() == team.truth()


def test_backfill_of_days_takes_as_much_of_each_athlete(team: Scene) -> None:
    sampled = []
    for day in (9, 10, 11, 12):
        run = team.sync(requests_per_day=40, lookback_days=1)
        assert run.error == ""
        assert run.requests.total() <= 40
        sampled.append(Counter(record["athlete_id"] for record in run.records("activity_streams")))
        team.state["bookmarks"]["activities"]["requests"] = [f"2026-03-0{day - 8}", 40]
    assert max(sampled[0].values()) - min(sampled[0].values()) <= 1
    assert len(sampled[0]) == 3
    assert sum(sampled, Counter()) == Counter(
        {one.id: sum(bool(one.streams(id_)) for id_ in one.activities) for one in team.accounts}
    )
    assert team.stored() == team.truth()


def test_list_without_athletes_means_the_owner_of_the_key(team: Scene) -> None:
    run = team.sync(athlete_ids=" ")

    assert {record["athlete_id"] for record in run.records("activities")} == {"i100001"}


@pytest.mark.parametrize("hour", [2, 11, 23])
@pytest.mark.parametrize(("zone", "offset"), [("Pacific/Kiritimati", 14), ("Pacific/Pago_Pago", -11)])
def test_newest_day_is_the_athletes_own_today(
    monkeypatch: pytest.MonkeyPatch, zone: str, offset: int, hour: int
) -> None:
    now = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, hour, tzinfo=timezone.utc)
    monkeypatch.setattr(aiohttp.web_response, "rfc822_formatted_time", lambda: format_datetime(now, usegmt=True))
    account = Account(athlete(timezone=zone, last_day=LAST_DAY - timedelta(days=2), activities=2))
    with Sandbox(account) as sandbox:
        emitted = Scene(sandbox).sync().emitted["wellness"]

    assert emitted[-1] == str((now + timedelta(hours=offset)).date())
