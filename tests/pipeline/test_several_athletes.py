"""One key, several athletes; and a range of dates."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sandbox import Account, Sandbox
from tests import oracle, readback
from tests.pipeline.conftest import KEY, athlete

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
def test_athletes_with_a_token_each_are_stored_and_one_who_is_refused_is_named_in_a_log_record(
    make_project: Callable[..., Project], influxdb: str, tmp_path: Path
) -> None:
    one = Account(athlete(activities=4))
    other = Account(athlete(athlete_id="i100002", activities=4, seed=2))
    tokens = {one.id: "token-of-one-71c0", other.id: "token-of-the-other-9b2e"}
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps({id_: {"access_token": token} for id_, token in tokens.items()}))
    path.chmod(0o600)
    with Sandbox([one, other], tokens=tokens) as sandbox:
        settings = {"INFLUXDB_URL": influxdb, "INFLUXDB_BUCKET": "tokens", "INTERVALS_CREDENTIALS_PATH": str(path)}
        project = make_project(sandbox, **settings, INTERVALS_API_KEY="")
        project.secrets |= {*tokens.values()}
        project.sync()
        assert (
            oracle.differences(oracle.points(one) | oracle.points(other), readback.influxdb_points(influxdb, "tokens"))
            == []
        )

        sandbox.give_token(other.id, None)
        one.add(seconds=60)
        run = project.run(MELTANO_CLI_LOG_FORMAT="json")
    lines = [json.loads(line) for line in run.output.splitlines() if line.startswith("{")]
    told = {line["athlete_id"]: line for line in lines if "outcome" in line}
    assert {id_: line["outcome"] for id_, line in told.items()} == {one.id: "complete", other.id: "failed"}
    assert told[other.id]["reason"].startswith(f"Athlete {other.id} could not be read. Intervals.icu answered 401 ")
    assert told[one.id]["records"] >= 2
    assert run.code == 1
    stored = readback.influxdb_points(influxdb, "tokens")
    assert oracle.differences(oracle.points(one) | oracle.points(other), stored) == []  # nothing new of the other's


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
