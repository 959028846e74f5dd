"""A second database, or a full refresh, out of the archive, beside the same from the API; and what keeping costs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks import services
from benchmarks.programs import PACE, Pipe

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.measure import Cost
    from sandbox import AthleteParameters

HEADER = f"{'':<34}{'wall s':>8}{'CPU s':>8}{'requests':>10}{'points':>12}"


def main(folder: Path, athlete: AthleteParameters, rounds: int) -> None:
    """Load an athlete into new databases: at first, then with all samples in the archive."""
    print(
        f"\nAnother database for {athlete.activities} activities, each of {athlete.seconds:,} samples in "
        f"{athlete.channels} channels; best of {rounds} rounds\n{HEADER}"
    )
    with services.sandbox(athlete) as api, services.sink(2) as sink:
        bare = Pipe(folder, api.url, sink.url)
        keeping = replace(bare, archive=folder / "archive")

        def load(pipe: Pipe) -> tuple[Cost, int, int]:
            (folder / "state.json").unlink(missing_ok=True)
            api.count()
            sink.count()
            return pipe.run(), api.count(), sink.count().points

        def forget() -> None:
            for file in (folder / "archive").glob("*"):
                file.unlink()

        ways = {
            "no archive, no limit": bare,
            "first load into the archive": keeping,
            "from the archive, no limit": keeping,
            f"from the archive, {PACE} a second": replace(keeping, requests_per_second=PACE),
        }
        found: dict[str, list[tuple[Cost, int, int]]] = {label: [] for label in ways}
        for _ in range(rounds):
            forget()
            for label, pipe in ways.items():
                found[label].append(load(pipe))
        for label, runs in found.items():
            wall, cpu = min(cost.wall for cost, _, _ in runs), min(cost.cpu for cost, _, _ in runs)
            print(f"{label:<34}{wall:>8.2f}{cpu:>8.2f}{runs[0][1]:>10,}{runs[0][2]:>12,}", flush=True)
        _tell(folder / "archive" / "archive.db", found)


def _tell(archive: Path, found: dict[str, list[tuple[Cost, int, int]]]) -> None:
    """Print the ratios that matter, and fail where a database lacks points."""
    plain, first, _, paced = found.values()
    if len({points for runs in found.values() for _, _, points in runs}) != 1:
        raise RuntimeError("the databases hold different numbers of points")
    with closing(sqlite3.connect(archive)) as database:
        (answers,) = database.execute("SELECT sum(length(body)) FROM answers").fetchone()
    size = archive.stat().st_size
    cpu = min(cost.cpu for cost, _, _ in first) / min(cost.cpu for cost, _, _ in plain)
    wall = min(cost.wall for cost, _, _ in paced) / min(cost.wall for cost, _, _ in plain)
    print(
        f"The archive takes {size / 1e6:.1f} MB, {size / answers:.3f} times the gzipped answers; the first load "
        f"{cpu:.3f} times the CPU of one without it.\nAt the pace of the API another database takes {wall:.2f} times "
        "as long as from the API without any limit."
    )
