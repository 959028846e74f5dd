"""100 athletes with a token each on real Airflow, PostgreSQL, Redis and InfluxDB, four workers: `make scale-test`."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests import oracle, readback
from tests.scale.airflow import is_reading, kill
from tests.scale.conftest import ATHLETES, SECRET, SHARD, token

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from sandbox import Account, Sandbox
    from sandbox.airflow import Stack
    from tests.servers import Process

pytestmark = [pytest.mark.timeout(1200)]
BACKFILL = "intervals_icu_backfill"
VETERAN = 7
"""The athlete of the team who has activities from before the look-back window."""


def truth(team: Iterable[Account]) -> oracle.Points:
    """All points of these athletes."""
    return {key: fields for one in team for key, fields in oracle.points(one).items()}


def differences(team: Collection[Account], database: Process) -> list[str]:
    """What is stored of these athletes beside their accounts; nothing where both are equal as sets."""
    ids = {one.id for one in team}
    stored = readback.influxdb_points(database.url, "team")
    theirs = {key: fields for key, fields in stored.items() if dict(key[1])["athlete_id"] in ids}
    return oracle.differences(*map(oracle.without_mileage, (truth(team), theirs)))


def wait_for(what: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for an event."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def refused(sandbox: Sandbox) -> int:
    """How often a limit was exceeded."""
    return sum(one.status == 429 for one in sandbox.requests)


def asked(sandbox: Sandbox) -> set[str]:
    """The athletes who were looked at."""
    return {request.path.split("/")[4] for request in sandbox.requests if "/athlete/" in request.path}


def send(airflow: Stack, *events: dict[str, Any], secret: str = SECRET) -> int:
    """Send a webhook as Intervals.icu does, and return the status of the answer."""
    url = f"http://127.0.0.1:{airflow.environment['SCALE_WEBHOOK_PORT']}/webhook"
    return requests.post(url, json={"secret": secret, "events": events}, timeout=30).status_code


def event(athlete: Account, kind: str, activity: str = "", at: str = "2026-11-28T04:00:00.000+00:00") -> dict[str, Any]:
    """One event."""
    more = {"activity": {"id": activity}} if activity else {}
    return {"athlete_id": athlete.id, "type": kind, "timestamp": at, **more}


def runs(airflow: Stack) -> dict[str, dict[str, Any]]:
    """What events have started so far: the confs by run id."""
    found = airflow.call("GET", "/dags/intervals_icu/dagRuns?limit=100")["dag_runs"]
    return {one["dag_run_id"]: one["conf"] for one in found if one["dag_run_id"].startswith("event__")}


def test_new_athletes_are_read_and_go_over_to_their_shards(
    airflow: Stack, sandbox: Sandbox, team: list[Account], database: Process
) -> None:
    for days in (40, 60):
        team[VETERAN].add(team[VETERAN].today - timedelta(days=days), seconds=60)
    assert airflow.wait(airflow.trigger(BACKFILL), BACKFILL) == "success"
    assert differences(team, database) == []
    assert refused(sandbox) == 0
    rows = [line.split() for line in airflow.scale("list").splitlines()]
    assert Counter((row[1], row[2]) for row in rows) == {
        (str(number), "active"): SHARD for number in range(1, ATHLETES // SHARD + 1)
    }


def test_killed_worker_a_revoked_token_and_an_athlete_who_hangs_cost_the_others_nothing(
    airflow: Stack, sandbox: Sandbox, team: list[Account], database: Process
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
    assert differences(well, database) == []
    assert refused(sandbox) == 0
    assert max(one["try_number"] for one in airflow.tasks(run)) == 2

    sandbox.clear()
    sandbox.give_token(revoked.id, "another-token")
    airflow.scale("rotate", revoked.id, say="another-token\n")
    assert airflow.wait(airflow.trigger()) == "success"
    assert differences(team, database) == []


def test_athletes_who_are_paused_or_removed_are_left_out_and_come_back_with_what_they_missed(
    airflow: Stack, sandbox: Sandbox, team: list[Account], database: Process
) -> None:
    paused, removed, other = some = team[60:63]
    airflow.scale("pause", paused.id)
    airflow.scale("remove", removed.id)
    for one in some:
        one.add(sport="Run", seconds=60)
    sandbox.clear()
    ids = [one.id for one in some]
    assert airflow.wait(airflow.trigger(athletes=ids)) == "success"
    assert asked(sandbox) == {other.id}

    airflow.scale("resume", paused.id)
    airflow.scale("add", removed.id, say=token(removed))
    assert airflow.wait(airflow.trigger(athletes=ids)) == "success"
    assert differences(some, database) == []


def test_event_syncs_that_athlete_alone_however_old_the_edit_and_twice_told_is_once_done(
    airflow: Stack, sandbox: Sandbox, team: list[Account], database: Process
) -> None:
    one, other = team[VETERAN], team[8]
    renamed, deleted = sorted(one.activities, key=lambda id_: one.activities[id_]["start_date_local"])[:2]
    one.rename(renamed, "Old, renamed, without a stamp")
    one.delete(deleted)
    other.add(sport="Run", seconds=60)  # nobody tells, so nobody looks
    sandbox.clear()
    before = runs(airflow).keys()
    told = [event(one, "ACTIVITY_UPDATED", renamed), event(one, "ACTIVITY_DELETED", deleted)]
    older = event(one, "ACTIVITY_UPLOADED", deleted, at="2026-11-27T04:00:00.000+00:00")
    stranger = {**told[0], "athlete_id": "i999999"}
    assert send(airflow, *told, secret="guessed") == 403
    assert {send(airflow, *told, *told, older, stranger), send(airflow, event(one, "WELLNESS_UPDATED"))} == {200}
    wait_for(lambda: runs(airflow).keys() > before)
    (run,) = runs(airflow).keys() - before
    assert airflow.wait(run) == "success"
    assert runs(airflow)[run] == {"athletes": [one.id], "whole": False, "event": True}
    assert differences([one], database) == []
    assert asked(sandbox) == {one.id}
    assert refused(sandbox) == 0
