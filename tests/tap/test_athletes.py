"""Several athletes with a coach's key, and time zones in which today is another day."""

from __future__ import annotations

import logging
import re
from collections import Counter
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import aiohttp.web_response
import pytest

from sandbox import Sandbox
from tap_intervals_icu.api import transport
from tap_intervals_icu.api.client import RetryPolicy
from tap_intervals_icu.changes import plan_athlete
from tap_intervals_icu.singer import streams
from tests.accounts import account_of
from tests.tap.conftest import athlete
from tests.tap.scene import LAST_DAY, NOTHING, UNCHANGED, Scene
from tests.tap.tables import STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterator


IDS = [f"i1000{number:02}" for number in range(1, 15)]


@pytest.fixture
def team(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    accounts = [account_of(athlete(athlete_id=id_, activities=6)) for id_ in ("i100001", "i100002", "2049151")]
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
    assert second.requests == Counter({"athlete": 1, "activities": 3, "wellness": 3})  # who the owner of the key is


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
    assert team.sync(athlete_ids="i100001,0,i100001").requests == UNCHANGED


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


def test_profiles_of_several_athletes_are_read_once_a_day_by_the_servers_clock(team: Scene) -> None:
    """This machine's clock is months ahead of the server's: what is planned by it is planned again."""
    names = "i100001,i100002,2049151"
    assert team.sync(athlete_ids=names).requests["athlete"] == 3
    for account in team.accounts:
        account.add(seconds=30)
    second = team.sync(athlete_ids=names)
    assert second.requests["athlete"] == 1
    assert team.stored() == team.truth()
    team.state["bookmarks"]["activities"]["profiles"] = [
        line.replace("2026-03-10T", "2026-03-09T") for line in team.state["bookmarks"]["activities"]["profiles"]
    ]
    assert team.sync(athlete_ids=names).requests["athlete"] == 3


@pytest.mark.parametrize("is_own_time", [True, False])
def test_nothing_new_costs_two_requests_an_athlete(
    team: Scene, monkeypatch: pytest.MonkeyPatch, *, is_own_time: bool
) -> None:
    names = "i100001,i100002,2049151"
    team.sync(athlete_ids=names)
    now = team.account.now if is_own_time else team.account.now + timedelta(hours=7)
    monkeypatch.setattr(transport, "datetime", type("Stopped", (datetime,), {"now": staticmethod(lambda _: now)}))
    run = team.sync(athlete_ids=names)

    assert run.emitted == NOTHING
    lists = 3 if is_own_time else 4  # the first athlete's again
    assert run.requests == Counter({"activities": lists, "wellness": lists})


HANGS = RetryPolicy(tries=2, timeout=0.3, answer=0.3, failing=0.5)


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("/athlete/i100002$", {"kind": "hang", "seconds": 60}),
        ("/athlete/i100002/wellness", {"kind": "hang", "seconds": 60}),
        ("/athlete/i100002/", {"status": 500}),
        ("/athlete/i100001", {"kind": "hang", "seconds": 60}),
    ],
)
def test_athlete_who_gets_no_answer_is_left_after_a_while_and_named(
    team: Scene, monkeypatch: pytest.MonkeyPatch, place: str, fault: dict[str, Any]
) -> None:
    monkeypatch.setattr(plan_athlete, "PLANNING", HANGS)
    team.sandbox.fail(place, **fault)
    name = re.sub(r".*(i10000\d).*", r"\1", place)
    run = team.sync(athlete_ids="i100001,i100002,2049151")

    assert run.error.startswith(f"Athlete {name} could not be read. ")
    assert len(run.error.splitlines()) == 1
    asked = [request.path for request in team.sandbox.requests if name in request.path]
    assert len(asked) <= (5 if fault.get("kind") == "hang" else 40)
    others = {account.id for account in team.accounts} - {name}
    truth = {n: {key: row for key, row in table.items() if key[0] in others} for n, table in team.truth().items()}
    assert team.stored() == truth


def test_many_athletes_who_get_no_answer_are_not_the_whole_api(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_athlete, "PLANNING", RetryPolicy(tries=1))
    accounts = [account_of(athlete(athlete_id=id_, activities=0, days=3)) for id_ in IDS]
    with Sandbox(accounts) as sandbox:
        scene = Scene(sandbox, athlete_ids=",".join(IDS), workers=4)
        for id_ in IDS[1:10]:
            sandbox.fail(f"/athlete/{id_}", status=500)
        run = scene.sync()

        assert [line.split(" could")[0] for line in run.error.splitlines()] == [f"Athlete {id_}" for id_ in IDS[1:10]]
        assert {row["athlete_id"] for row in run.records("wellness")} == {IDS[0], *IDS[10:]}


def test_outcome_of_each_athlete_stands_in_a_log_record(team: Scene, caplog: pytest.LogCaptureFixture) -> None:
    names = "i100001,i100002,2049151,i999"
    team.sandbox.fail("/athlete/i100002/activities", status=403)
    with caplog.at_level(logging.INFO, "tap-intervals-icu"):
        run = team.sync(athlete_ids=names)
    records: list[Any] = caplog.records
    told = {record.athlete_id: record for record in records if hasattr(record, "outcome")}

    assert list(told) == names.split(",")
    assert {id_: record.outcome for id_, record in told.items()} == {
        "i100001": "complete",
        "i100002": "failed",
        "2049151": "complete",
        "i999": "failed",
    }
    written = Counter(record["athlete_id"] for stream in STREAMS for record in run.records(stream))
    assert {id_: record.records for id_, record in told.items()} == {id_: written[id_] for id_ in told}
    sent = Counter(request.path.split("/")[4] for request in team.sandbox.requests if "/athlete/" in request.path)
    assert (told["i100002"].requests, told["i999"].requests) == (sent["i100002"], sent["i999"])
    assert sum(record.requests for record in told.values()) == len(team.sandbox.requests)
    reasons = "\n".join(record.reason for record in told.values() if record.reason)
    assert reasons == run.error


def test_outcome_of_a_single_athlete_stands_beside_the_last_line(team: Scene, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "tap-intervals-icu"):
        team.sync(athlete_ids="0", quota_wait=0)
        team.sandbox.fail("/wellness", status=429, retry_after=7200)
        team.sync(athlete_ids="0", quota_wait=0)
    told: list[Any] = [record for record in caplog.records if hasattr(record, "outcome")]

    assert [(record.athlete_id, record.outcome) for record in told] == [("i100001", "complete"), ("0", "paused")]
    assert all("requests in this run" in record.getMessage() for record in told)
    assert "answered 429" in told[1].reason


@pytest.mark.parametrize("part", [0.1, 0.35, 0.6, 0.85])
def test_killed_run_of_several_athletes_is_gone_on_with_though_the_next_ones_were_fetched_ahead(
    team: Scene, monkeypatch: pytest.MonkeyPatch, part: float
) -> None:
    monkeypatch.setattr(streams, "CHECKPOINT_SECONDS", 0.0)
    first = team.sync(killed=part)
    done = len(first.records("activities"))
    assert team.stored() != team.truth()
    second = team.sync()
    assert second.error == ""
    assert team.stored() == team.truth()
    assert len(second.records("activities")) <= 3 * 6 - done + 1


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
    account = account_of(athlete(timezone=zone, last_day=LAST_DAY - timedelta(days=2), activities=2))
    with Sandbox(account) as sandbox:
        emitted = Scene(sandbox).sync().emitted["wellness"]

    assert emitted[-1] == str((now + timedelta(hours=offset)).date())
