"""100 athletes with a token each on real Airflow, PostgreSQL, Redis and InfluxDB, four workers: `make scale-test`."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests import oracle, readback
from tests.scale.airflow import is_reading, kill
from tests.scale.conftest import ATHLETES, SECRET, SHARD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox import Account, Sandbox
    from tests.scale.airflow import Stack

pytestmark = [pytest.mark.timeout(1200)]
BACKFILL = "intervals_icu_backfill"


def truth(team: Iterable[Account]) -> oracle.Points:
    """All points of these athletes."""
    return {key: fields for one in team for key, fields in oracle.points(one).items()}


def of(points: oracle.Points, team: Iterable[Account]) -> oracle.Points:
    """The points of these athletes alone."""
    ids = {one.id for one in team}
    return {key: fields for key, fields in points.items() if dict(key[1])["athlete_id"] in ids}


def wait_for(what: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for an event."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def refused(sandbox: Sandbox) -> int:
    """How often a limit was exceeded."""
    return sum(one.status == 429 for one in sandbox.requests)


def send(airflow: Stack, *events: dict[str, Any], secret: str = SECRET) -> int:
    """Send a webhook as Intervals.icu does, and return the status of the answer."""
    url = f"http://127.0.0.1:{airflow.environment['SCALE_WEBHOOK_PORT']}/webhook"
    return requests.post(url, json={"secret": secret, "events": events}, timeout=30).status_code


def event(athlete: Account, kind: str, at: str = "2026-11-28T04:00:00.000+00:00") -> dict[str, Any]:
    """One event."""
    return {"athlete_id": athlete.id, "type": kind, "timestamp": at}


def runs(airflow: Stack) -> dict[str, dict[str, Any]]:
    """What events have started so far: the confs by run id."""
    found = airflow.call("GET", "/dags/intervals_icu/dagRuns?limit=100")["dag_runs"]
    return {one["dag_run_id"]: one["conf"] for one in found if one["dag_run_id"].startswith("event__")}


def test_new_athletes_are_read_and_go_over_to_their_shards(
    airflow: Stack, sandbox: Sandbox, team: list[Account], influxdb: str
) -> None:
    assert airflow.wait(airflow.trigger(BACKFILL), BACKFILL) == "success"
    assert oracle.differences(truth(team), readback.influxdb_points(influxdb, "team")) == []
    assert refused(sandbox) == 0
    rows = [line.split() for line in airflow.scale("list").splitlines()]
    assert Counter((row[1], row[2]) for row in rows) == {
        (str(number), "active"): SHARD for number in range(1, ATHLETES // SHARD + 1)
    }


def test_killed_worker_a_revoked_token_and_an_athlete_who_hangs_cost_the_others_nothing(
    airflow: Stack, sandbox: Sandbox, team: list[Account], influxdb: str
) -> None:
    for one in team:
        one.add(sport="Ride", seconds=60)
    revoked, hanging = team[3], team[40]
    sandbox.clear()
    sandbox.give_token(revoked.id, None)
    sandbox.fail(f"/athlete/{hanging.id}", kind="hang", seconds=3600)
    run = airflow.trigger()
    wait_for(lambda: len(sandbox.requests) > 40 and any(map(is_reading, airflow.workers())))
    kill(next(worker for worker in airflow.workers() if is_reading(worker)))
    assert airflow.wait(run) == "failed"
    said = airflow.log(run, "summary")
    assert f"2 of {ATHLETES} athletes were not synced" in said
    assert all(one.id in said for one in (revoked, hanging))
    well = [one for one in team if one not in (revoked, hanging)]
    assert oracle.differences(truth(well), of(readback.influxdb_points(influxdb, "team"), well)) == []
    assert refused(sandbox) == 0
    assert max(one["try_number"] for one in airflow.tasks(run)) == 2

    sandbox.clear()
    sandbox.give_token(revoked.id, "another-token")
    airflow.scale("rotate", revoked.id, say="another-token\n")
    assert airflow.wait(airflow.trigger()) == "success"
    assert oracle.differences(truth(team), readback.influxdb_points(influxdb, "team")) == []


def test_event_syncs_that_athlete_alone_and_twice_told_is_once_done(
    airflow: Stack, sandbox: Sandbox, team: list[Account], influxdb: str
) -> None:
    one, other = team[7], team[8]
    oldest = min(one.activities, key=lambda id_: one.activities[id_]["start_date_local"])
    one.delete(oldest)
    other.add(sport="Run", seconds=60)
    sandbox.clear()
    before = runs(airflow).keys()
    assert send(airflow, event(one, "ACTIVITY_DELETED"), secret="guessed") == 403
    deleted = event(one, "ACTIVITY_DELETED")
    older = event(one, "ACTIVITY_UPLOADED", at="2026-11-27T04:00:00.000+00:00")
    stranger = {**deleted, "athlete_id": "i999999"}
    assert {send(airflow, deleted, deleted, older, stranger), send(airflow, event(one, "WELLNESS_UPDATED"))} == {200}
    wait_for(lambda: runs(airflow).keys() > before)
    (run,) = runs(airflow).keys() - before
    assert airflow.wait(run) == "success"
    assert runs(airflow)[run]["athletes"] == [one.id]
    assert oracle.differences(truth([one]), of(readback.influxdb_points(influxdb, "team"), [one])) == []
    assert {request.path.split("/")[4] for request in sandbox.requests if "/athlete/" in request.path} == {one.id}
