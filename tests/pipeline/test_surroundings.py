"""What surrounds a run makes no difference: where its settings come from, which time zone the machine has."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from sandbox import Account, Sandbox
from tap_intervals_icu.records.parts import VALUES_IN_A_PART, in_parts
from tests import oracle, readback
from tests.pipeline.conftest import KEY, athlete

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pipeline.meltano import Project


def test_the_env_file_of_the_old_script_works_as_it_is(
    account: Account, sandbox: Sandbox, make_project: Callable[..., Project], influxdb: str
) -> None:
    project = make_project(sandbox)
    project.settings.clear()
    (project.folder / ".env").write_text(
        "INFLUXDB_TOKEN=token-0e4c92d7b1\n"
        "INFLUXDB_ORG=home\n"
        f"INFLUXDB_URL={influxdb}\n"
        "INFLUXDB_BUCKET=old-script\n"
        "INFLUXDB_TIMEOUT=10000\n"
        f"INTERVALS_ATHLETE_ID={account.id}\n"
        f"INTERVALS_API_KEY={KEY}\n"
    )
    point_to(sandbox, project)
    project.sync()
    stored = readback.influxdb_points(influxdb, "old-script")
    assert oracle.differences(oracle.points(account), stored) == []


def point_to(sandbox: Sandbox, project: Project) -> None:
    """Let the tap's own default be the sandbox, as no old file names a server."""
    file = project.folder / "meltano.yml"
    text = file.read_text()
    assert text.count("${INTERVALS_API_URL}") == 1
    file.write_text(text.replace("${INTERVALS_API_URL}", sandbox.url))


@pytest.mark.long
def test_the_time_zone_of_the_machine_changes_nothing(
    account: Account, sandbox: Sandbox, make_project: Callable[..., Project], influxdb: str
) -> None:
    stored = []
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):  # 26 hours apart
        database = f"machine-in-{zone.rpartition('/')[2]}"
        make_project(sandbox, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET=database, TZ=zone).sync()
        stored.append(readback.influxdb_points(influxdb, database))
    assert stored[0] == stored[1]
    assert oracle.differences(oracle.points(account), stored[0]) == []


def test_an_activity_larger_than_a_message_may_be_passes(make_project: Callable[..., Project], influxdb: str) -> None:
    account = Account(athlete(days=20, activities=1, seconds=60_000, sports=("Ride",), strava_stubs=0))
    with Sandbox(account, api_key=KEY) as sandbox:
        settings = {"INFLUXDB_URL": influxdb, "INFLUXDB_BUCKET": "long"}
        project = make_project(sandbox, **settings)
        project.sync()
        project.sync("--full-refresh")  # replaces all of it
    expected, stored = oracle.points(account), readback.influxdb_points(influxdb, "long")
    samples = [
        {key: one for key, one in points.items() if key[0] == "activity_streams"} for points in (expected, stored)
    ]
    assert sum(map(len, samples[0].values())) > 2 * VALUES_IN_A_PART
    assert oracle.differences(*samples) == []


def test_no_part_of_an_activity_is_larger_than_a_message_may_be() -> None:
    settings = yaml.safe_load((Path(__file__).parents[2] / "meltano.yml").read_text())
    longest = [-179.12345678901235] * VALUES_IN_A_PART
    activity = {"athlete_id": "i1", "activity_id": "i2", "note": "x" * 100_000, "time": longest, "latitude": longest}
    parts = list(in_parts(activity, 0, datetime.now(timezone.utc)))
    assert len(parts) == 2
    assert max(len(json.dumps(part, separators=(",", ":"))) for part in parts) < settings["elt"]["buffer_size"] // 2
