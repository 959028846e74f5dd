"""A stand-in for Meltano, and the real service around it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Account, AthleteParameters, Sandbox
from sandbox.project import copy_project, environment
from sync.status import Status, load
from tests.stack.real import Sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
KEY = "key-9b1f0c7a55"
QUICK = {"SYNC_INTERVAL_MINUTES": "0.01", "SYNC_JITTER_SECONDS": "0"}  # every 0.6 s
FAKE = Path(__file__).with_name("fake_meltano.py")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """The server of a small account."""
    with Sandbox(Account(AthleteParameters(days=40, activities=6, seconds=60, strava_stubs=0)), api_key=KEY) as server:
        yield server


@pytest.fixture
def sync(tmp_path: Path, sandbox: Sandbox, empty_database: Path) -> Sync:
    """The service around real runs that read that account."""
    folder = copy_project(tmp_path / "project")
    shutil.copy(empty_database, folder / ".meltano")
    return Sync(folder, {"INTERVALS_API_URL": sandbox.url, "INTERVALS_API_KEY": KEY})


@dataclass
class Stage:
    """A folder with a fake Meltano, and what the service left in it."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    services: list[subprocess.Popen[str]] = field(default_factory=list)

    def behave(self, *words: str) -> None:
        """Tell the fake how its next runs go."""
        (self.folder / "behaviour").write_text(" ".join(words))

    def start(self, *command: str, **settings: str) -> subprocess.Popen[str]:
        """Start `python -m sync ...`."""
        given = {"SYNC_MELTANO": str(self.folder / "meltano"), "SYNC_DIRECTORY": str(self.folder / "sync")}
        given |= {"MELTANO_PROJECT_ROOT": str(self.folder), "INTERVALS_API_KEY": KEY, "PYTHONPATH": str(ROOT)}
        env = environment() | given | self.settings | settings
        service = subprocess.Popen(
            [sys.executable, "-m", "sync", *command],
            env={name: value for name, value in env.items() if value},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.services.append(service)
        return service

    def run(self, *command: str, **settings: str) -> tuple[int, str]:
        """Run it to its end; return exit code and output."""
        service = self.start(*command, **settings)
        output, _ = service.communicate(timeout=30)
        return service.returncode, output

    @property
    def status(self) -> Status:
        """The status file."""
        return load(self.folder / "sync" / "status.json")

    @property
    def calls(self) -> list[dict[str, Any]]:
        """What the fake was asked for."""
        path = self.folder / "calls"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def runs(self) -> int:
        """How many runs were started."""
        return sum(call["arguments"][0] == "run" for call in self.calls)

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records of sync_runs that were written."""
        return self.written("sync_runs")

    def written(self, stream: str) -> list[dict[str, Any]]:
        """The records of a stream that were written."""
        path = self.folder / "written"
        messages = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [one["record"] for one in messages if one["type"] == "RECORD" and one["stream"] == stream]


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A fake Meltano that succeeds, until told otherwise."""
    program = tmp_path / "meltano"
    program.write_text(f"#!{sys.executable}\n{FAKE.read_text()}")
    program.chmod(0o755)
    (tmp_path / ".meltano").mkdir()
    (tmp_path / ".meltano" / "meltano.db").touch()  # so that nothing but runs is asked of it
    result = Stage(tmp_path)
    result.behave("succeed")
    yield result
    for service in result.services:
        if service.poll() is None:
            service.kill()
            service.communicate()
