"""The programs that are measured: our tap and target, our `meltano run`, the tool they replace, and a bare copy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from benchmarks.measure import Cost, measure
from sandbox.project import MELTANO, ROOT, copy_project, environment

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sandbox-key"
PACE = 10
"""Requests a second that the API allows."""
PLUGINS = ROOT / ".meltano"
TAP = PLUGINS / "extractors/tap-intervals-icu/venv/bin/tap-intervals-icu"
TARGET = PLUGINS / "loaders/target-influxdb/venv/bin/target-influxdb"

OLD_TOOL = "intervalsicu-to-influxdb==0.2.43"
OLD_FOLDER = PLUGINS / "benchmarks"
OLD_RUN = """
import sys
from intervalsicu_to_influxdb.clients.intervals_client import Intervals
from intervalsicu_to_influxdb.extractor import IntervalsToInflux
Intervals.BASE_URL = sys.argv[1]
IntervalsToInflux(start_date=sys.argv[2], end_date=sys.argv[3], streams=True).all_data()
"""


@dataclass(frozen=True, slots=True)
class Floor:
    """The least that the samples can cost, see benchmarks/floor.py."""

    folder: Path
    api_url: str
    url: str

    def run(self) -> Cost:
        """Bring everything over."""
        command = [sys.executable, "-m", "benchmarks.floor", self.api_url, KEY, self.url]
        return measure(command, env=environment(PYTHONPATH=str(ROOT)), folder=self.folder)


@dataclass(frozen=True, slots=True)
class Pipe:
    """`tap | target` as two processes; the state lies in `folder` and is taken up by the next run."""

    folder: Path
    api_url: str
    url: str
    requests_per_second: float = 0
    archive: Path | None = None

    def run(self) -> Cost:
        """Sync what is new."""
        state, new_state = self.folder / "state.json", self.folder / "new-state.json"
        tap = self._config("tap.json", self._tap_settings())
        target = self._config("target.json", self._target_settings())
        known = f"--state {state}" if state.exists() else ""
        script = f"set -o pipefail; {TAP} --config {tap} {known} | {TARGET} --config {target} > {new_state}"
        cost = measure(["bash", "-c", script], env=environment(), folder=self.folder)
        if states := new_state.read_text().splitlines():
            state.write_text(states[-1])
        return cost

    def record(self, messages: Path) -> None:
        """Keep the tap's messages of samples in a file."""
        tap = self._config("tap.json", self._tap_settings())
        command = [str(TAP), "--config", str(tap)]
        with messages.open("wb") as file, (self.folder / "tap.log").open("wb") as log:
            with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=log) as process:
                assert process.stdout is not None
                file.writelines(line for line in process.stdout if b'"stream":"activity_streams"' in line)
            if process.returncode:
                raise RuntimeError(f"the tap ended with {process.returncode}: {self.folder / 'tap.log'}")

    def load(self, messages: Path) -> Cost:
        """Run the target alone, on messages that were kept."""
        target = self._config("target.json", self._target_settings())
        command = [str(TARGET), "--config", str(target), "--input", str(messages)]
        return measure(command, env=environment(), folder=self.folder)

    def _tap_settings(self) -> dict[str, Any]:
        return {
            "api_key": KEY,
            "api_url": self.api_url,
            "activity_streams_layout": "columns",
            "requests_per_second": self.requests_per_second,
            "archive_path": str(self.archive or "off"),
        }

    def _target_settings(self) -> dict[str, Any]:
        plugins = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]
        (target,) = (plugin for plugin in plugins["loaders"] if plugin["name"] == "target-influxdb")
        server = {"url": self.url, "bucket": "bucket", "org": "org", "token": "token"}
        server["state_check"] = "off"  # the sink forgets all
        return {"measurements": target["config"]["measurements"], **server}

    def _config(self, name: str, settings: dict[str, Any]) -> Path:
        path = self.folder / name
        path.write_text(json.dumps(settings))
        return path


class MeltanoRun:
    """`meltano run tap-intervals-icu target-influxdb` in a project of its own."""

    def __init__(self, folder: Path, api_url: str, url: str, **settings: str) -> None:
        """Make the project; `settings` are further environment variables, or others."""
        self.folder = copy_project(folder)
        known = {
            "PYTHONPATH": str(ROOT),
            "MELTANO_PROJECT_ROOT": str(folder),
            "INTERVALS_API_KEY": KEY,
            "INTERVALS_API_URL": api_url,
            "INFLUXDB_URL": url,
            "INFLUXDB_BUCKET": "bucket",
            "INFLUXDB_ORG": "org",
            "INFLUXDB_TOKEN": "token",
            "TAP_INTERVALS_ICU_REQUESTS_PER_SECOND": "0",
            "TARGET_INFLUXDB_STATE_CHECK": "off",  # the sink forgets all
        }
        self._environment = environment(**known | settings)

    def run(self) -> Cost:
        """Sync what is new."""
        return self._measure([str(MELTANO), "run", "tap-intervals-icu", "target-influxdb"])

    def run_by_service(self) -> Cost:
        """Sync what is new as the service does: with lock, status and a point of the run."""
        return self._measure([sys.executable, "-m", "sync", "run-once"])

    def verify(self) -> Cost:
        """Compare the database with the account."""
        return self._measure([sys.executable, "-m", "sync", "verify", "--json"])

    def tidy(self) -> None:
        """Have Meltano's database stay small, as `make install` does."""
        self._measure([sys.executable, "-m", "sync", "tidy"])

    def healthcheck(self) -> Cost:
        """Check the health as a container does."""
        return self._measure(["sh", str(ROOT / "sync/healthy.sh")])

    def state(self) -> Any:
        """Return the state as Meltano keeps it."""
        command = [str(MELTANO), "state", "get", "prod:tap-intervals-icu-to-target-influxdb"]
        found = subprocess.run(command, cwd=self.folder, env=self._environment, check=True, capture_output=True)
        return json.loads(found.stdout)

    def database_size(self) -> int:
        """Return the bytes of Meltano's database."""
        return sum(file.stat().st_size for file in (self.folder / ".meltano").glob("meltano.db*"))

    def _measure(self, command: list[str]) -> Cost:
        settings = {"SYNC_DIRECTORY": str(self.folder / "sync"), "SYNC_MELTANO": str(MELTANO)}
        return measure(command, env=self._environment | settings, folder=self.folder)


@dataclass(frozen=True, slots=True)
class ServiceRun:
    """A run of the service in the project of a `MeltanoRun`, with lock, status and the point of the run."""

    project: MeltanoRun

    def run(self) -> Cost:
        """Sync what is new."""
        return self.project.run_by_service()


@dataclass(frozen=True, slots=True)
class OldTool:
    """intervalsicu-to-influxdb with its base URL set from outside; it reads a range of dates, always anew."""

    folder: Path
    api_url: str
    url: str
    first: str
    last: str

    def run(self) -> Cost:
        """Sync everything."""
        settings = {
            "INTERVALS_API_KEY": KEY,
            "INTERVALS_ATHLETE_ID": "0",
            "INFLUXDB_URL": self.url,
            "INFLUXDB_BUCKET": "bucket",
            "INFLUXDB_ORG": "org",
            "INFLUXDB_TOKEN": "token",
        }
        command = [str(_old_python()), "-c", OLD_RUN, self.api_url, self.first, self.last]
        return measure(command, env=environment(**settings), folder=self.folder)


def _old_python() -> Path:
    """Return the interpreter of the old tool's own environment, made at the first use."""
    python = OLD_FOLDER / "bin/python"
    if not (OLD_FOLDER / "ready").exists():
        uv = os.fspath(MELTANO.with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, OLD_FOLDER], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, OLD_TOOL], check=True)
        (OLD_FOLDER / "ready").touch()
    return python
