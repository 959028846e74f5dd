"""A second load of everything into a real InfluxDB 1.x: what the server needs to replace what it holds."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import goals, services
from benchmarks.programs import Pipe
from sandbox import databases

if TYPE_CHECKING:
    from sandbox import AthleteParameters


def main(folder: Path, athlete: AthleteParameters) -> None:
    """Sync an athlete twice without a state, and print the CPU seconds of influxd for each."""
    if shutil.which("influxd") is None:
        return
    with services.sandbox(athlete) as api, databases.influxdb1() as server:
        pipe = Pipe(folder, api.url, server.url)
        seconds = [0.0]
        for _ in range(2):
            (folder / "state.json").unlink(missing_ok=True)
            pipe.run()
            seconds.append(_cpu(server.process.pid))
    first, second = seconds[1], seconds[2] - seconds[1]
    print(
        f"\nCPU of influxd for {athlete.activities} activities: first load {first:.2f} s, second load {second:.2f} s,"
        f" {second / first:.1f} times the first",
        flush=True,
    )
    goals.note("CPU of influxd 1.x, second load against the first", second / first, 3)


def _cpu(pid: int) -> float:
    """Return the CPU seconds that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
