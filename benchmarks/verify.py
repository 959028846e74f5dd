"""What it costs to verify an account of ten years, against a real InfluxDB 1.x."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil

from benchmarks import services
from benchmarks.measure import measure
from sandbox.databases import influxdb1
from sandbox.project import MELTANO, ROOT, copy_project, environment

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import AthleteParameters

KEY = "sandbox-key"


def main(folder: Path, athlete: AthleteParameters) -> None:
    """Sync an account, verify it, and print what that took, with Meltano; the CPU of the database apart."""
    print(f"\nVerify {athlete.days:,} days and {athlete.activities:,} activities of {athlete.seconds:,} samples")
    copy_project(folder / "project")
    with services.sandbox(athlete) as api, influxdb1() as server:
        settings = {
            "INTERVALS_API_KEY": KEY,
            "INTERVALS_API_URL": api.url,
            "INFLUXDB_URL": server.url,
            "INFLUXDB_BUCKET": "bucket",
            "TAP_INTERVALS_ICU_REQUESTS_PER_SECOND": "0",
            "TAP_INTERVALS_ICU_REQUESTS_PER_DAY": "0",
            "MELTANO_PROJECT_ROOT": str(folder / "project"),
            "SYNC_DIRECTORY": str(folder / "sync"),
            "SYNC_MELTANO": str(MELTANO),
            "PYTHONPATH": str(ROOT),
        }
        env = environment(**settings)
        command = [str(MELTANO), "run", "tap-intervals-icu", "target-influxdb"]
        subprocess.run(command, cwd=folder / "project", env=env, check=True, capture_output=True)
        api.count()
        before = _cpu_of(server.process.pid)
        cost = measure([sys.executable, "-m", "sync", "verify", "--json"], env=env, folder=folder)
        requests, served = api.count(), _cpu_of(server.process.pid) - before
        size = len(json.dumps(_state(folder, env)))
    print(f"{cost.wall:.1f} s, {cost.cpu:.1f} s of CPU (and {served:.1f} s of the database), {cost.memory:.0f} MiB, ")
    print(f"{requests} requests; the state has {size:,} bytes")


def _cpu_of(pid: int) -> float:
    """Seconds of CPU that a running process has taken."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _state(folder: Path, env: dict[str, str]) -> object:
    command = [str(MELTANO), "state", "get", "prod:tap-intervals-icu-to-target-influxdb"]
    found = subprocess.run(command, cwd=folder / "project", env=env, check=True, capture_output=True, text=True)
    return json.loads(found.stdout)
