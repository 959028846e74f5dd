"""Many athletes, each with a token, behind a server with the API's limits."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from sandbox import Account, RateLimit, Sandbox
from tests.pipeline.conftest import athlete
from tests.scale.airflow import stack
from tests.servers import influxdb1

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.airflow import Stack
    from tests.servers import Process

ATHLETES, SHARD, WORKERS = 100, 25, 4
LIMITS = RateLimit(per_second=10, burst=10, per_window=2500, per_day=5000)
"""10 a second for all from one address; the others for each token."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what starts Airflow unless asked for: see `make scale-test`."""
    if os.environ.get("SCALE_TESTS") == "1":
        return
    for item in items:
        if "airflow" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip(reason="starts Airflow: `make scale-test`"))


def accounts(count: int) -> list[Account]:
    """Small accounts whose activities have different ids."""
    apart: dict[int, Account] = {}
    number = 100001
    while len(apart) < count:
        parameters = athlete(athlete_id=f"i{number}", days=20, activities=2, seconds=60, seed=number)
        if parameters.number not in apart:
            apart[parameters.number] = Account(parameters)
        number += 1
    return list(apart.values())


@pytest.fixture(scope="module")
def team() -> list[Account]:
    """The accounts of all athletes."""
    return accounts(ATHLETES)


@pytest.fixture(scope="module")
def sandbox(team: list[Account]) -> Iterator[Sandbox]:
    """Their server. It stands for one on machines of its own, so it goes before all that runs here where it may: once
    it is held up, it counts the requests of seconds as those of one."""
    server = Sandbox(team, tokens={one.id: token(one) for one in team}, rate_limit=LIMITS)
    server.warm()
    with server:
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, server.thread_id, -10)
        yield server


@pytest.fixture(scope="module")
def database() -> Iterator[Process]:
    """An InfluxDB of the module's own, which is stopped with Airflow."""
    with influxdb1() as server:
        yield server


@pytest.fixture(scope="module")
def airflow(sandbox: Sandbox, database: Process) -> Iterator[Stack]:
    """All parts on this machine, every athlete in the roster."""
    settings = {
        "INTERVALS_API_URL": sandbox.url,
        "INFLUXDB_URL": database.url,
        "INFLUXDB_BUCKET": "team",
        "SCALE_SHARD_SIZE": str(SHARD),
        "SCALE_SCHEDULE": "off",
        "SCALE_BACKFILL_SCHEDULE": "off",
        "SCALE_HEARTBEAT_TIMEOUT": "20",
        "SCALE_WEBHOOK_SECRET": SECRET,
    }
    with stack(WORKERS, database.process.pid, **settings) as found:
        first, *others = sandbox.accounts.values()
        found.scale("add", first.id, say=token(first))
        found.scale("load", say="".join(f"{one.id} {token(one)}\n" for one in others))
        yield found


SECRET = "secret-of-the-app"


def token(account: Account) -> str:
    """The first token of an athlete."""
    return f"token-of-{account.id}"
