"""One key, several athletes; and a range of dates."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sandbox import Account, Sandbox
from tests import oracle, readback
from tests.pipeline.conftest import KEY, athlete

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pipeline.meltano import Project


def test_all_named_athletes_are_stored_side_by_side(make_project: Callable[..., Project], influxdb: str) -> None:
    coach = Account(athlete(activities=4))
    other = Account(athlete(athlete_id="i100002", timezone="Pacific/Auckland", activities=4, seed=2))
    with Sandbox([coach, other], api_key=KEY) as sandbox:
        settings = {"INFLUXDB_URL": influxdb, "INFLUXDB_BUCKET": "team", "INTERVALS_ATHLETE_ID": "0, i100002"}
        make_project(sandbox, **settings).sync()
    stored = readback.influxdb_points(influxdb, "team")
    assert oracle.differences(oracle.points(coach) | oracle.points(other), stored) == []


@pytest.mark.long
def test_only_the_asked_range_of_dates_is_stored_and_widening_it_adds_the_rest(
    account: Account, sandbox: Sandbox, make_project: Callable[..., Project], influxdb: str
) -> None:
    first, last = ((account.today - timedelta(days=days)).isoformat() for days in (40, 20))
    project = make_project(sandbox, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET="dates")
    project.sync(INTERVALS_START_DATE=first, INTERVALS_END_DATE=last)
    stored = readback.influxdb_points(influxdb, "dates")
    assert oracle.differences(oracle.points(account, first, last), stored) == []
    project.sync()
    assert oracle.differences(oracle.points(account), readback.influxdb_points(influxdb, "dates")) == []
