"""The main job on a real InfluxDB 1.6: every stored point is compared with the account."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sandbox import Account
from tap_intervals_icu.singer import cached_catalog
from tests import oracle, readback
from tests.pipeline import without_meltano
from tests.pipeline.conftest import athlete

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Sandbox
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

    def bring(self, **settings: str) -> None:
        """Sync once more by the tap and the target alone."""
        self.sandbox.clear()
        without_meltano.sync(self.project, **settings)

    @property
    def requests(self) -> list[str]:
        return [request.path for request in self.sandbox.requests]

    @property
    def streams_asked_for(self) -> set[str]:
        return {path.split("/")[-2] for path in self.requests if path.endswith("/streams")}

    def assert_equal(self) -> None:
        """Insist that the database holds the account, no more and no less."""
        stored = oracle.without_mileage(readback.influxdb_points(self.url, self.database))
        assert oracle.differences(oracle.without_mileage(oracle.points(self.account)), stored) == []


@pytest.fixture(scope="module")
def account() -> Account:
    return Account(athlete(activities=36, seconds=150))


@pytest.fixture(scope="module")
def synced(account: Account, sandbox: Sandbox, make_project: Callable[..., Project], influxdb: str) -> Synced:
    project = make_project(sandbox, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET="edits")
    project.sync()
    return Synced(account, sandbox, project, influxdb, "edits")


def activities(account: Account, first: int, last: int) -> list[str]:
    """Return the activities with streams that lie so many days back."""
    days = {days_ago(account, days) for days in range(first, last + 1)}
    rows = account.activities.items()
    return [name for name, row in rows if row["start_date_local"][:10] in days and account.streams(name)]


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


def test_nothing_new_takes_three_requests_emits_no_record_and_says_little(synced: Synced) -> None:
    run = synced.sync()
    lines = run.output.splitlines()
    assert len(lines) <= 15, run.output  # eleven of them are Meltano's
    assert [line for line in lines if "METRIC" in line or "completed processing" in line] == []
    assert len(synced.requests) <= 3
    assert synced.streams_asked_for == set()
    assert synced.project.messages()["RECORD"] == 0
    synced.assert_equal()


def test_nothing_new_takes_five_requests_when_the_daily_census_is_due(synced: Synced) -> None:
    synced.bring(**CENSUS_DUE)
    assert len(synced.requests) <= 5
    assert synced.streams_asked_for == set()
    synced.assert_equal()


def test_recent_changes_of_activities_and_days_arrive_with_the_next_run(synced: Synced) -> None:
    account = synced.account
    renamed, rated, retyped, moved, trimmed, deleted, *_ = activities(account, 0, 12)
    account.add(seconds=120)
    account.rename(renamed, 'New "name", 1=1 \\ 🚴')
    account.rate(rated, 9)
    account.retype(retyped, "GravelRide")
    account.move(moved, hours=-1)
    account.trim(trimmed, 40)
    account.delete(deleted)
    account.edit_wellness(days_ago(account, 5), hrv=81.5, comments="late")
    account.edit_wellness(days_ago(account, 4), restingHR=None, weight=None, stamped=False)
    synced.bring()
    assert len(synced.streams_asked_for) == 4  # of the new one and those with another type, start or length
    synced.assert_equal()


def test_old_changes_of_activities_and_days_arrive_with_the_next_census(synced: Synced) -> None:
    account = synced.account
    renamed, retyped, deleted, *_ = activities(account, 20, 60)
    account.add(days_ago(account, 40), "Run", seconds=120)
    account.rename(renamed, "Renamed", stamped=True)
    account.retype(retyped, "GravelRide")
    account.delete(deleted)
    account.edit_wellness(days_ago(account, 45), weight=70.3)
    synced.bring(**CENSUS_DUE)
    assert len(synced.streams_asked_for) == 3  # of the back-dated one and those with a new stamp
    synced.assert_equal()


def test_another_load_of_an_old_activity_brings_the_fitness_of_all_later_days(synced: Synced) -> None:
    synced.account.set_load(activities(synced.account, 20, 60)[0], 250)
    synced.bring(**CENSUS_DUE)
    synced.assert_equal()


@pytest.mark.parametrize(
    "catalog",
    ["", pytest.param('{"streams": []}', marks=pytest.mark.long)],
    ids=["cut off", "of an older version"],
)
def test_the_catalog_that_an_earlier_run_left_makes_no_difference(synced: Synced, catalog: str) -> None:
    left = synced.project.folder / ".meltano/run/tap-intervals-icu/tap.properties.json"
    assert left.exists()
    left.write_text(catalog)
    synced.account.add(seconds=60)
    synced.sync()
    synced.assert_equal()


def test_the_catalog_that_the_tap_kept_is_used_and_what_is_selected_still_counts(synced: Synced) -> None:
    folder = synced.project.folder / ".meltano/run/tap-intervals-icu"
    kept = folder / cached_catalog.NAME
    head, _, catalog = kept.read_bytes().partition(b"\n")
    marked = catalog.replace(b'"description":"', b'"description":"Kept. ', 1)
    assert marked != catalog
    kept.write_bytes(json.dumps([json.loads(head)[0], zlib.crc32(marked)]).encode() + b"\n" + marked)
    synced.account.add(seconds=60)
    synced.sync()
    kept.unlink()
    synced.assert_equal()
    handed = (folder / "tap.properties.json").read_text()
    assert "Kept. " in handed
    selected = {
        stream["tap_stream_id"]: one["metadata"]["selected"]
        for stream in json.loads(handed)["streams"]
        for one in stream["metadata"]
        if one["breadcrumb"] == []
    }
    assert {name for name, chosen in selected.items() if chosen} == {"wellness", "activities", "activity_streams"}
    assert len(selected) > 10
