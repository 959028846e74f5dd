"""The main job on a real InfluxDB 1.6: every stored point is compared with the account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests import oracle, readback

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Account, Sandbox
    from tests.pipeline.meltano import Project, Run

CENSUS_DUE = {"TAP_INTERVALS_ICU_CENSUS_INTERVAL": "0"}


@dataclass
class Synced:
    """A project after its first sync, with both ends of it."""

    account: Account
    sandbox: Sandbox
    project: Project
    url: str
    database: str

    def sync(self, **settings: str) -> Run:
        """Sync once more; `requests` then has the requests of this run alone."""
        self.sandbox.clear()
        return self.project.sync(**settings)

    @property
    def requests(self) -> list[str]:
        return [request.path for request in self.sandbox.requests]

    @property
    def streams_asked_for(self) -> set[str]:
        return {path.split("/")[-2] for path in self.requests if path.endswith("/streams")}

    def assert_equal(self) -> None:
        """Insist that the database holds the account, no more and no less, but for the mileage of gear.

        That moves in all activities with each new one; it is stored as it was when the activity last changed.
        """
        stored = readback.influxdb_points(self.url, self.database)
        expected = oracle.points(self.account)
        for fields in (*stored.values(), *expected.values()):
            fields.pop("gear_distance", None)
        assert oracle.differences(expected, stored) == []


@pytest.fixture(scope="module")
def synced(account: Account, sandbox: Sandbox, make_project: Callable[..., Project], influxdb: str) -> Synced:
    project = make_project(sandbox, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET="edits")
    project.sync()
    return Synced(account, sandbox, project, influxdb, "edits")


def recent(account: Account) -> str:
    """Return an activity with streams inside the look-back window."""
    since = (account.today - timedelta(days=12)).isoformat()
    return next(i for i, row in account.activities.items() if row["start_date_local"] > since and account.streams(i))


def old(account: Account) -> str:
    """Return an activity with streams from before the look-back window."""
    until = (account.today - timedelta(days=20)).isoformat()
    return next(i for i, row in account.activities.items() if row["start_date_local"] < until and account.streams(i))


def days_ago(account: Account, days: int) -> str:
    return (account.today - timedelta(days=days)).isoformat()


def test_the_first_sync_stores_the_whole_account_with_stable_types(synced: Synced) -> None:
    expected = oracle.points(synced.account)
    assert oracle.differences(expected, readback.influxdb_points(synced.url, synced.database)) == []
    assert readback.influxdb_types(synced.url, synced.database) == oracle.types(expected)
    (shard,) = {
        row[2]
        for series in readback.influxql(synced.url, synced.database, "SHOW RETENTION POLICIES")
        for row in series["values"]
    }
    assert shard == "8736h0m0s"  # 52 weeks


def test_nothing_new_takes_three_requests_and_emits_no_record(synced: Synced) -> None:
    synced.sync()
    assert len(synced.requests) <= 3
    assert synced.streams_asked_for == set()
    assert synced.project.messages()["RECORD"] == 0
    synced.assert_equal()


def test_nothing_new_takes_five_requests_when_the_daily_census_is_due(synced: Synced) -> None:
    synced.sync(**CENSUS_DUE)
    assert len(synced.requests) <= 5
    assert synced.streams_asked_for == set()
    synced.assert_equal()


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda a: a.add(seconds=120), id="a new activity"),
        pytest.param(lambda a: a.rename(recent(a), 'New "name", 1=1 \\ 🚴'), id="renamed, without a stamp"),
        pytest.param(lambda a: a.rate(recent(a), 9), id="another exertion, without a stamp"),
        pytest.param(lambda a: a.retype(recent(a), "GravelRide"), id="another type"),
        pytest.param(lambda a: a.move(recent(a), hours=-1), id="another start"),
        pytest.param(lambda a: a.trim(recent(a), 40), id="trimmed"),
        pytest.param(lambda a: a.delete(recent(a)), id="deleted"),
        pytest.param(lambda a: a.edit_wellness(days_ago(a, 5), hrv=81.5, comments="late"), id="a late wellness edit"),
        pytest.param(lambda a: a.edit_wellness(days_ago(a, 4), restingHR=None), id="a wellness value cleared"),
    ],
)
def test_a_recent_change_arrives_with_the_next_run(synced: Synced, edit: Callable[[Account], object]) -> None:
    edit(synced.account)
    synced.sync()
    assert len(synced.streams_asked_for) <= 1
    synced.assert_equal()


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda a: a.add(days_ago(a, 40), "Run", seconds=120), id="back-dated"),
        pytest.param(lambda a: a.rename(old(a), "Renamed", stamped=True), id="renamed"),
        pytest.param(lambda a: a.retype(old(a), "GravelRide"), id="another type"),
        pytest.param(lambda a: a.set_load(old(a), 250), id="another load, which moves the fitness of later days"),
        pytest.param(lambda a: a.delete(old(a)), id="deleted"),
        pytest.param(lambda a: a.edit_wellness(days_ago(a, 45), weight=70.3), id="an old wellness edit"),
    ],
)
def test_an_old_change_arrives_with_the_next_census(synced: Synced, edit: Callable[[Account], object]) -> None:
    edit(synced.account)
    synced.sync(**CENSUS_DUE)
    assert len(synced.streams_asked_for) <= 1
    synced.assert_equal()
