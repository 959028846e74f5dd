"""What it costs to verify an account of ten years, against a real InfluxDB 1.x."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks import services
from benchmarks.measure import cpu_of
from benchmarks.programs import MeltanoRun
from sandbox.databases import influxdb1

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import AthleteParameters


def main(folder: Path, athlete: AthleteParameters) -> None:
    """Sync an account, verify it, and print what that took, with Meltano; the CPU of the database apart."""
    print(f"\nVerify {athlete.days:,} days and {athlete.activities:,} activities of {athlete.seconds:,} samples")
    with services.sandbox(athlete) as api, influxdb1() as server:
        project = MeltanoRun(folder / "project", api.url, server.url, TAP_INTERVALS_ICU_REQUESTS_PER_DAY="0")
        project.run()
        api.count()
        before = cpu_of(server.process.pid)
        cost = project.verify()
        requests, served = api.count(), cpu_of(server.process.pid) - before
        size = len(json.dumps(project.state()))
    print(f"{cost.wall:.1f} s, {cost.cpu:.1f} s of CPU (and {served:.1f} s of the database), {cost.memory:.0f} MiB, ")
    print(f"{requests} requests; the state has {size:,} bytes")
