"""Real servers for the target, one per session, and a fresh database per test."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests import servers
from tests.target.scripted import Scripted, scripted
from tests.target.shim import influxdb2_shim

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBERS = itertools.count()


@dataclass
class Place:
    """Where a test loads to: settings of the target, and how to read it back by InfluxQL."""

    settings: dict[str, Any]
    url: str
    token: str = ""
    database: str = field(default_factory=lambda: f"test{next(_NUMBERS)}")

    @property
    def config(self) -> dict[str, Any]:
        return {"bucket": self.database, "retry_timeout": 5, **self.settings}

    def points(self, measurement: str) -> set[tuple[int, frozenset[Any], frozenset[Any]]]:
        return servers.points(self.url, self.database, measurement, self.token)

    def query(self, statement: str) -> list[dict[str, Any]]:
        return servers.influxql(self.url, statement, self.database, self.token)


@pytest.fixture(scope="session")
def shim(influxdb: str) -> Iterator[str]:
    """Address of an InfluxDB 2 that stores in InfluxDB 1.6.7."""
    with influxdb2_shim(influxdb) as url:
        yield url


@pytest.fixture(scope="session")
def influxdb2() -> Iterator[dict[str, str]]:
    """Settings of a real InfluxDB 2, where one is named."""
    with servers.influxdb2() as settings:
        yield settings


_KINDS = ["v1", "shim", *(["v2"] if {"INFLUXD2", "INFLUXDB2_URL"} & os.environ.keys() else [])]


@pytest.fixture(params=_KINDS)
def place(request: pytest.FixtureRequest) -> Place:
    """An InfluxDB of each kind, with a database that does not exist yet."""
    kind: str = request.param
    if kind == "v2":
        settings = request.getfixturevalue("influxdb2")
        return Place(settings, settings["url"], settings["token"])
    url = request.getfixturevalue("influxdb")
    if kind == "v1":
        return Place({"url": url}, url)
    return Place({"url": request.getfixturevalue("shim"), "token": "all", "org": "org"}, url)


@pytest.fixture
def v1(influxdb: str) -> Place:
    """InfluxDB 1.6.7, with a database that does not exist yet."""
    return Place({"url": influxdb}, influxdb)


@pytest.fixture
def server() -> Iterator[Scripted]:
    """A scripted InfluxDB 2."""
    with scripted() as one:
        yield one
