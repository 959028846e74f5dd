"""Spent quotas are planned pauses: exit 0, state kept, and the next run goes on where it stood."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from sandbox import RateLimit, Sandbox
from tests.accounts import account_of
from tests.tap.conftest import athlete
from tests.tap.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def today() -> Iterator[Scene]:
    """An account that lives now: the quota's day is the server's."""
    now = datetime.now(timezone.utc)
    if now.hour == 23 and now.minute > 57:
        pytest.skip("the quota's day is about to end")
    with Sandbox(account_of(athlete(last_day=now.date(), timezone="UTC"))) as sandbox:
        yield Scene(sandbox)


@pytest.mark.parametrize("place", ["/athlete/0", r"/activities\?", r"/wellness\?oldest=2026-0[12]", "/streams"])
def test_long_retry_after_anywhere_ends_the_run_as_planned_and_the_next_one_finishes(scene: Scene, place: str) -> None:
    scene.sandbox.fail(place, status=429, retry_after=7200, after=10 if place == "/streams" else 0)
    first = scene.sync(workers=1)
    scene.sandbox.clear()
    second = scene.sync()

    assert (first.error, second.error) == ("", "")
    assert "planned pause" in first.log.lower()
    done = set(first.emitted.get("activity_streams", []))
    assert len(done) == (10 if place == "/streams" else 0)
    assert done.isdisjoint(second.emitted["activity_streams"])
    assert scene.stored() == scene.truth()


def test_pause_names_what_is_left_and_when_it_goes_on(scene: Scene) -> None:
    scene.sandbox.fail("/streams", status=429, retry_after=7200, after=10)
    run = scene.sync()

    done = len(run.records("activities"))
    left = len(scene.account.activities) - done
    assert f"{done} of {done + left} are done, {left} are left" in run.log
    assert "after 2026-03-10 22:30 UTC" in run.log  # two hours after the account's 20:30


def test_backfill_over_several_days_takes_what_each_day_allows_and_never_asks_twice(today: Scene) -> None:
    """Each day has 20 requests, of which a backfill leaves two for new data."""
    runs = []
    for _ in range(4):
        runs.append(today.sync(requests_per_day=20))
        again = today.sync(requests_per_day=20)  # on the same day
        assert (again.error, again.requests["streams"]) == ("", 0)
        yesterday = str(datetime.now(timezone.utc).date() - timedelta(days=1))
        today.state["bookmarks"]["activities"]["requests"] = [yesterday, 20]

    assert [run.error for run in runs] == [""] * 4
    assert all(run.requests.total() <= 20 for run in runs)
    sampled = [record["activity_id"] for run in runs for record in run.records("activity_streams")]
    assert sorted(sampled) == sorted(id_ for id_ in today.account.activities if today.account.streams(id_))
    assert today.stored() == today.truth()


@pytest.mark.parametrize("headers", [True, False])
def test_quota_that_others_spent_pauses_the_run(today: Scene, *, headers: bool) -> None:
    limit = RateLimit(per_second=0, per_day=30, headers=headers)
    with Sandbox(today.account, rate_limit=limit, used_today=10) as sandbox:
        scene = Scene(sandbox, quota_wait=0)  # a day may end in less time than the tap would wait by default
        first = scene.sync()
        assert sandbox.state.limiter
        refused = sum(1 for request in sandbox.requests if request.status == 429)
        sandbox.state.limiter.used_today = 0
        scene.state["bookmarks"]["activities"].pop("requests")
        second = scene.sync()

        assert (first.error, second.error) == ("", "")
        assert refused <= 6  # one for each worker, and none again
        assert set(first.emitted["activity_streams"]).isdisjoint(second.emitted["activity_streams"])


def test_new_activity_is_brought_while_a_backfill_waits_for_the_next_day(today: Scene) -> None:
    limit = 40
    today.sync(requests_per_day=20)
    today.state["bookmarks"]["activities"]["requests"][1] = 36 - 1
    new = today.account.add(seconds=30)
    run = today.sync(requests_per_day=limit)

    assert new in run.emitted["activities"]
    assert new in run.emitted["activity_streams"]
    assert run.requests.total() <= limit - 35
