"""Two runs with state ids of their own, at the same time in one Meltano project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import Account, Sandbox
from tests import oracle, readback
from tests.pipeline.conftest import KEY, athlete
from tests.pipeline.meltano import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pipeline.meltano import Project

IDS = ("i100001", "i100002")


def test_runs_that_start_at_the_same_time_never_take_each_others_state(
    make_project: Callable[..., Project], influxdb: str
) -> None:
    accounts = {id_: Account(athlete(athlete_id=id_, activities=3, seconds=60, seed=len(id_))) for id_ in IDS}
    own = {id_: {"INTERVALS_ATHLETE_ID": id_, "INFLUXDB_BUCKET": f"beside-{id_}"} for id_ in IDS}
    with Sandbox(list(accounts.values()), api_key=KEY) as sandbox:
        project = make_project(sandbox, INFLUXDB_URL=influxdb)
        for id_ in IDS:
            project.sync(f"--state-id-suffix={id_}", **own[id_])
        runs = [project.start(f"--state-id-suffix={id_}", **own[id_]) for id_ in IDS]
        project.seen += (run.communicate(timeout=TIMEOUT)[0] for run in runs)
        held = {id_: {other for other in IDS if other in str(project.state(id_))} for id_ in IDS}
        assert held == {id_: {id_} for id_ in IDS}, project.seen
        for id_ in IDS:
            accounts[id_].add(seconds=60)
            project.sync(f"--state-id-suffix={id_}", **own[id_])
            stored = oracle.without_mileage(readback.influxdb_points(influxdb, f"beside-{id_}"))
            assert oracle.differences(oracle.without_mileage(oracle.points(accounts[id_])), stored) == []
