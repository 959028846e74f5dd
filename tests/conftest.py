"""Servers for the tests, each started once a session."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override
from xdist.scheduler import LoadFileScheduling

from sandbox.project import MELTANO, copy_project, environment
from tests import postgres as postgresql
from tests import servers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from xdist.remote import Producer

if sys.version_info < (3, 11):  # what the boards are written with does not run there
    collect_ignore = ["grafana"]


# For the programs that tests start, as pyproject.toml says it for the tests themselves: the SDK's advice to leave an
# old Python comes with the calendar.
os.environ.setdefault("PYTHONWARNINGS", "ignore:Python 3:FutureWarning")


class Scheduling(LoadFileScheduling):
    """Each file on one process, and all tests of the boards: they share a database that takes eight seconds to fill."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        return "tests/grafana" if nodeid.startswith("tests/grafana/") else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Share the tests out as above, whatever `--dist` says."""
    return Scheduling(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what is not tested at all."""
    if sys.version_info < (3, 11):
        terminalreporter.write_line("NOT TESTED: the boards (tests/grafana); they need Python 3.11 or newer")


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Meltano's database as `make install` leaves it: a kill must not hit Meltano while it makes its tables.

    It is made once for all processes of a test run.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "meltano"
    with (folder.with_suffix(".lock")).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            copy_project(folder)
            subprocess.run([MELTANO, "job", "list"], cwd=folder, env=environment(), capture_output=True, check=True)
            (folder / "made").touch()
    return folder / ".meltano" / "meltano.db"


@pytest.fixture(scope="session")
def influxdb() -> Iterator[str]:
    """The URL of an InfluxDB 1.x; each test takes a database of its own."""
    with servers.folder_in_memory() as folder, servers.influxdb1(folder=folder) as server:
        yield server.url


@pytest.fixture(scope="session")
def victoria_metrics() -> Iterator[str]:
    """The URL of a VictoriaMetrics."""
    with servers.victoria_metrics() as server:
        yield server.url


@pytest.fixture(scope="session")
def postgres() -> Iterator[dict[str, str]]:
    """How to connect to a PostgreSQL: host, port, user, dbname."""
    with postgresql.postgres() as connection:
        yield connection


@pytest.fixture
def unused_url() -> str:
    """The URL of a port on which nothing listens."""
    return f"http://127.0.0.1:{servers.free_port()}"
