"""A long backfill into a database that takes its time: how much waits in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import goals, services
from benchmarks.programs import MeltanoRun

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import AthleteParameters

SECONDS = 0.2


def main(folder: Path, athlete: AthleteParameters) -> None:
    """Sync by Meltano into a sink whose writes take `SECONDS` each."""
    with services.sandbox(athlete) as api, services.sink(2, latency=SECONDS) as sink:
        cost = MeltanoRun(folder / "project", api.url, sink.url).run()
        received = sink.count()
    print(
        f"\nA database at {1000 * SECONDS:.0f} ms a write, {athlete.activities:,} activities of {athlete.seconds:,} "
        f"samples: {received.writes:,} writes in {cost.wall:.0f} s, {cost.memory:.0f} MiB",
        flush=True,
    )
    goals.note("Peak memory of the tree, database at 200 ms a write, MiB", cost.memory, 280)
