"""The API of InfluxDB 2 on a real server, with numbers only: VictoriaMetrics stores no texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox import Account
from tests import oracle, readback, servers
from tests.pipeline import without_meltano
from tests.pipeline.conftest import athlete

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox import Sandbox
    from tests.oracle import Tags
    from tests.pipeline.meltano import Project

Numbers = dict[tuple[str, "Tags", int], float]


@pytest.fixture(scope="module")
def victoria_metrics() -> Iterator[str]:
    """A server of its own: it knows no databases that would keep the points of other tests apart."""
    with servers.victoria_metrics() as server:
        yield server.url


@pytest.fixture(scope="module")
def account() -> Account:
    return Account(athlete())


@pytest.fixture(scope="module")
def project(sandbox: Sandbox, make_project: Callable[..., Project], victoria_metrics: str) -> Project:
    """A project after its first sync."""
    project = make_project(sandbox, INFLUXDB_URL=victoria_metrics, INFLUXDB_BUCKET="b", INFLUXDB_ORG="o")
    project.sync()
    return project


def expected(account: Account) -> Numbers:
    return oracle.numeric(oracle.without_mileage(oracle.points(account)))


def stored(url: str, account: Account) -> Numbers:
    """Return the numbers that are stored, without the mileage of gear and what came of numbers in texts."""
    kinds = oracle.types(oracle.points(account))
    left_out = {f"{measurement}_{field}" for (measurement, field), kind in kinds.items() if kind == {"string"}}
    left_out.add("activities_gear_distance")
    return {key: value for key, value in readback.victoria_metrics_numbers(url).items() if key[0] not in left_out}


def of_activities(numbers: Numbers) -> Numbers:
    return {key: value for key, value in numbers.items() if key[0].startswith("activit")}


def test_the_first_sync_stores_every_number_of_the_account(
    project: Project, account: Account, victoria_metrics: str
) -> None:
    del project
    assert stored(victoria_metrics, account) == expected(account)


def test_a_second_sync_adds_nothing(project: Project, account: Account, victoria_metrics: str) -> None:
    assert " 0 points stored, 0 lines rejected." in without_meltano.sync(project)
    assert stored(victoria_metrics, account) == expected(account)


def test_edited_values_are_replaced_and_the_series_of_a_deleted_activity_are_gone(
    project: Project, account: Account, victoria_metrics: str
) -> None:
    rated, trimmed, deleted, *_ = (name for name in account.activities if account.streams(name))
    account.rate(rated, 9, stamped=True)
    account.trim(trimmed, 40)
    account.delete(deleted)
    without_meltano.sync(project, TAP_INTERVALS_ICU_CENSUS_INTERVAL="0")
    # Not the days: of two values of the same moment VictoriaMetrics shows either.
    assert of_activities(stored(victoria_metrics, account)) == of_activities(expected(account))
    assert not any(deleted in dict(tags).values() for _, tags, _ in readback.victoria_metrics_numbers(victoria_metrics))
