"""A coach's list of athletes, and the team's summary that tells who has to be looked at."""

from __future__ import annotations

import logging
from collections import Counter
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import aiohttp.web_response
import pytest

from sandbox import Sandbox
from tests.accounts import account_of
from tests.tap.conftest import athlete
from tests.tap.scene import NOTHING, UNCHANGED, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

IDS = ("i100001", "i100002", "2049151")


@pytest.fixture
def team(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    accounts = [account_of(athlete(athlete_id=id_, activities=6)) for id_ in IDS]
    now = lambda: format_datetime(max(one.now for one in accounts), usegmt=True)  # noqa: E731 - one line
    monkeypatch.setattr(aiohttp.web_response, "rfc822_formatted_time", now)
    with Sandbox(accounts) as sandbox:
        yield Scene(sandbox, athlete_ids="all")


def lists(times: int) -> Counter[str]:
    return Counter({"activities": times, "wellness": times})


def outcomes(caplog: pytest.LogCaptureFixture) -> dict[str, str]:
    records: list[Any] = caplog.records
    return {record.athlete_id: record.outcome for record in records if hasattr(record, "outcome")}


def test_everybody_in_the_list_is_synced_for_one_request_more(team: Scene) -> None:
    assert team.sync().error == ""
    assert team.stored() == team.truth()
    second = team.sync()
    assert (second.emitted, second.requests) == (NOTHING, lists(3) + Counter({"athletes": 1}))


def test_new_athletes_are_taken_up_and_those_who_left_are_told(team: Scene) -> None:
    newcomer = team.sandbox.accounts.pop("2049151")
    team.accounts.pop()
    assert team.sync().error == ""
    assert team.stored() == team.truth()
    left = team.sandbox.accounts.pop("i100002")
    team.sandbox.accounts[newcomer.id] = newcomer
    team.accounts.append(newcomer)
    run = team.sync()

    assert run.error == ""
    assert "New in the list of athletes: 2049151." in run.log
    told = "Synced before, but not in the list of athletes any more: i100002. What is stored of them stays as it is."
    assert told in run.log
    assert team.stored() == team.truth()
    team.sandbox.accounts[left.id] = left
    assert "New in" not in team.sync().log


def test_listed_athlete_who_may_not_be_read_is_no_failure_before_the_first_sync_and_one_after_it(
    team: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    team.sandbox.fail("/athlete/i100002", status=403)
    with caplog.at_level(logging.INFO, "tap-intervals-icu"):
        run = team.sync()
    assert run.error == ""
    assert "Athlete i100002 is listed, but may not be read, and is left out." in run.log
    assert outcomes(caplog) == {"i100001": "complete", "i100002": "skipped", "2049151": "complete"}
    team.sandbox.clear()
    assert team.sync().error == ""
    assert team.stored() == team.truth()
    team.sandbox.fail("/athlete/i100002", status=403)
    assert team.sync().error.startswith("Athlete i100002 could not be read. ")


def test_list_that_cannot_be_read_costs_nobody_known_their_data(team: Scene) -> None:
    team.sandbox.fail("/athletes$", status=500)
    assert team.sync().error.startswith("Intervals.icu answered 500 at /athletes.")
    team.sandbox.clear()
    team.sync()
    for account in team.accounts:
        account.add(seconds=30)
    team.sandbox.fail("/athletes$", status=500)
    run = team.sync()
    assert run.error.startswith("The list of athletes could not be read: those known before are synced. ")
    assert team.stored() == team.truth()


def test_list_is_not_read_with_a_token(team: Scene) -> None:
    run = team.sync(api_key="", access_token=team.sandbox.state.access_token)
    assert run.error == (
        "`athlete_ids` is all: the list of athletes is read with an API key, not with a token. Set `api_key`."
    )


def test_athletes_without_change_in_the_summary_are_not_looked_at(
    team: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    team.sync(change_hint=True)
    assert team.stored() == team.truth()
    asked = Counter({"athletes": 1, "athlete-summary": 1})
    assert team.sync(change_hint=True).requests == asked

    team.accounts[1].add(seconds=30)
    with caplog.at_level(logging.INFO, "tap-intervals-icu"):
        run = team.sync(change_hint=True)
    assert outcomes(caplog) == {"i100001": "skipped", "i100002": "complete", "2049151": "skipped"}
    assert run.requests["wellness"] == run.requests["activities"] == 1
    assert team.stored() == team.truth()
    assert "Synced before" not in run.log
    assert team.sync(change_hint=True).requests == asked


def test_what_the_summary_does_not_show_is_found_by_the_next_full_look(team: Scene) -> None:
    team.sync(change_hint=True)
    team.accounts[2].edit_wellness(str(team.account.today), hrv=99)
    assert team.sync(change_hint=True).emitted == NOTHING
    for account in team.accounts:
        account.advance(minutes=30)
    assert team.sync(change_hint=True, full_look_interval=7200).emitted == NOTHING
    run = team.sync(change_hint=True, full_look_interval=1800)
    assert run.emitted == {"wellness": [str(team.account.today)]}
    assert team.stored() == team.truth()


def test_athlete_who_is_not_complete_is_looked_at_again_though_nothing_changed(team: Scene) -> None:
    team.sandbox.fail(r"/activity/.*/streams", status=500)
    assert team.sync(change_hint=True).error
    team.sandbox.clear()
    assert team.sync(change_hint=True).error == ""
    assert team.stored() == team.truth()


def test_summary_that_cannot_be_read_means_a_look_at_everybody(team: Scene) -> None:
    team.sync(change_hint=True)
    team.sandbox.fail("/athlete-summary", status=403)
    team.accounts[0].add(seconds=30)
    run = team.sync(change_hint=True)
    assert run.error == ""
    assert "The summary of the team could not be read: all athletes are looked at." in run.log
    assert team.stored() == team.truth()


def test_single_athlete_is_looked_at_each_time(team: Scene) -> None:
    team.sync(change_hint=True, athlete_ids="0")
    assert team.sync(change_hint=True, athlete_ids="0").requests == UNCHANGED


def test_new_day_is_seen_though_nobody_did_anything(team: Scene) -> None:
    team.sync(change_hint=True)
    for account in team.accounts:
        account.advance(hours=6)
    day = team.account.today
    assert day > team.account.parameters.last_day
    run = team.sync(change_hint=True, full_look_interval=10**6)
    assert str(day) in run.emitted["wellness"]
    assert team.stored() == team.truth()
