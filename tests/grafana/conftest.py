"""The boards, and an InfluxDB that the real tap and target have filled from synthetic athletes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest

import grafana.parts  # noqa: F401 - before the SDK, whose import warns
from grafana.execution.pipeline import sync, write_runs
from grafana.execution.run import Database
from sandbox import Account, AthleteParameters

DASHBOARDS = Path(__file__).resolve().parents[2] / "grafana/dashboards"
ATHLETE = "i100001"
LAST_DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 20, 30, tzinfo=timezone.utc)

Board = dict[str, Any]


def load() -> dict[str, Board]:
    """Return the committed boards by uid."""
    boards = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(DASHBOARDS.glob("*.json"))]
    return {board["uid"]: board for board in boards}


@pytest.fixture(scope="session")
def boards() -> dict[str, Board]:
    """The committed boards by uid."""
    return load()


@dataclass(frozen=True)
class Filled:
    """A database that holds an athlete's year, and the truth about it."""

    database: Database
    account: Account


@pytest.fixture(scope="session")
def filled(influxdb: str, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """An athlete's year up to LAST_DAY; the database's clock says NOW."""
    parameters = AthleteParameters(athlete_id=ATHLETE, last_day=LAST_DAY, days=365, activities=60, seconds=900)
    folder = tmp_path_factory.mktemp("boards")
    accounts = sync([parameters], influxdb, "boards", folder, end=LAST_DAY)
    write_runs(influxdb, "boards", NOW, folder)
    return Filled(Database(influxdb, "boards", clock=NOW), accounts[0])
