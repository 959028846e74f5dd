"""A second load of everything into a real InfluxDB 1.x: what the server needs to replace what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import goals, services
from benchmarks.measure import cpu_of
from benchmarks.programs import Pipe
from sandbox import databases

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import AthleteParameters


def main(folder: Path, athlete: AthleteParameters) -> None:
    """Sync an athlete twice without a state, and print the CPU seconds of influxd for each."""
    with services.sandbox(athlete) as api, databases.influxdb1() as server:
        pipe = Pipe(folder, api.url, server.url)
        seconds = [0.0]
        for _ in range(2):
            (folder / "state.json").unlink(missing_ok=True)
            pipe.run()
            seconds.append(cpu_of(server.process.pid))
    first, second = seconds[1], seconds[2] - seconds[1]
    print(
        f"\nCPU of influxd for {athlete.activities} activities: first load {first:.2f} s, second load {second:.2f} s,"
        f" {second / first:.1f} times the first",
        flush=True,
    )
    goals.note("CPU of influxd 1.x, second load against the first", second / first, 3)
