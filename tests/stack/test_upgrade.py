"""An upgrade from 0.1: this version goes on with the state, the status and the points that 0.1 wrote.

The folder version_0_1 holds what 0.1 left of a small account: Meltano's database as SQL, the status, and its points;
and the account's lists as they were, whatever synthetic athletes look like today.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
import requests

from sandbox import Account, AthleteParameters, Sandbox
from sandbox.project import copy_project
from tests import oracle, readback, servers
from tests.stack.conftest import KEY
from tests.stack.real import Sync

LEFT = Path(__file__).with_name("version_0_1")
SELECT = (
    '["wellness.*","activities.*","!activities.skyline_chart_bytes","activity_streams.*","activity_intervals.*",'
    '"power_curves.*","hr_curves.*","pace_curves.*","events.*"]'
)


@pytest.fixture
def account() -> Account:
    """The account that 0.1 had read."""
    day = date(2026, 11, 20)
    account = Account(AthleteParameters(last_day=day, days=30, activities=4, seconds=60, strava_stubs=1, future_days=0))
    lists = json.loads(gzip.decompress((LEFT / "account.json.gz").read_bytes()))
    account.activities, account.wellness = lists["activities"], lists["wellness"]
    return account


def lay_out(folder: Path, url: str, database: str) -> dict[str, str]:
    """Make the volumes and the database as 0.1 left them; return the settings of a run on them."""
    (folder / "sync").mkdir()
    (folder / "sync" / "status.json").write_bytes((LEFT / "status.json").read_bytes())
    with closing(sqlite3.connect(folder / "meltano.db")) as connection:
        connection.executescript((LEFT / "meltano.sql").read_text())
    servers.influxql(url, f'CREATE DATABASE "{database}" WITH SHARD DURATION 52w')
    for precision in ("s", "ns"):
        lines = gzip.decompress((LEFT / f"lines.{precision}.lp.gz").read_bytes())
        answer = requests.post(f"{url}/write", params={"db": database, "precision": precision}, data=lines, timeout=30)
        answer.raise_for_status()
    return {
        "INFLUXDB_URL": url,
        "INFLUXDB_BUCKET": database,
        "MELTANO_DATABASE_URI": f"sqlite:///{folder}/meltano.db",
        "TAP_INTERVALS_ICU__SELECT": SELECT,
        "TAP_INTERVALS_ICU_CENSUS_INTERVAL": "0",  # look at the whole history, as is done once a day
    }


@pytest.mark.long
def test_state_and_points_of_0_1_are_gone_on_with_and_only_what_changed_is_read(
    account: Account, influxdb: str, tmp_path: Path
) -> None:
    settings = lay_out(tmp_path, influxdb, "from-0-1")
    before = readback.influxdb_points(influxdb, "from-0-1")
    renamed, deleted, *untouched = sorted(one for one in account.activities if one.startswith("i"))  # no stub
    account.rename(renamed, "Renamed after the upgrade", stamped=True)
    account.delete(deleted)
    added = account.add()
    with Sandbox(account, api_key=KEY) as sandbox:
        given = {"INTERVALS_API_URL": sandbox.url, "INTERVALS_API_KEY": KEY}
        sync = Sync(copy_project(tmp_path / "project"), given)
        code, output = sync("run-once", **settings)
        assert code == 0, output
        read = {request.path.split("/")[-2] for request in sandbox.requests if request.path.endswith("/streams")}
    assert added in read <= {added, renamed}
    after = readback.influxdb_points(influxdb, "from-0-1")
    # As to samples, those of activities that nothing has happened to are the ones that 0.1 stored.
    truth = {key: fields for key, fields in oracle.points(account).items() if not of(key, untouched)}
    truth |= {key: fields for key, fields in before.items() if of(key, untouched)}
    core = {key: fields for key, fields in after.items() if key[0] in {"wellness", "activities", "activity_streams"}}
    assert oracle.differences(truth, core) == []
    old_runs = {key: fields for key, fields in before.items() if key[0] == "sync_runs"}
    assert len(old_runs) == 1
    assert old_runs.items() <= after.items()
    status = json.loads((tmp_path / "sync" / "status.json").read_text())
    assert (status["failures"], status["pending"]) == (0, [])


def of(key: oracle.Key, activities: list[str]) -> bool:
    """Whether a point is a sample of one of these activities."""
    return key[0] == "activity_streams" and dict(key[1])["activity_id"] in activities
