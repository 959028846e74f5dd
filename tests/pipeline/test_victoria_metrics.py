"""The API of InfluxDB 2 on a real server, with numbers only: VictoriaMetrics stores no texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests import oracle, readback

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Account, Sandbox
    from tests.pipeline.meltano import Project


def test_the_first_sync_stores_every_number_of_the_account(
    account: Account, sandbox: Sandbox, make_project: Callable[..., Project], victoria_metrics: str
) -> None:
    settings = {"INFLUXDB_URL": victoria_metrics, "INFLUXDB_BUCKET": "b", "INFLUXDB_ORG": "o", "INFLUXDB_TOKEN": "t"}
    make_project(sandbox, **settings).sync()
    points = oracle.points(account)
    texts = {
        f"{measurement}_{field}" for (measurement, field), kinds in oracle.types(points).items() if kinds == {"string"}
    }
    stored = readback.victoria_metrics_numbers(victoria_metrics)
    assert {key: value for key, value in stored.items() if key[0] not in texts} == oracle.numeric(points)
