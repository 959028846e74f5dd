"""Measure this project beside the tool it replaces; `--quick` takes a tenth of the data."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from benchmarks import archive, athletes, boards, coach, encoder, goals, page, reload, server, services, slow, verify
from benchmarks import years as history
from benchmarks.programs import PACE, Floor, MeltanoRun, OldTool, Pipe, ServiceRun
from sandbox import AthleteParameters

if TYPE_CHECKING:
    from benchmarks.measure import Cost
    from benchmarks.sink import Received

LAST_DAY = date(2026, 10, 31)
HEADER = f"{'':<26}{'wall s':>8}{'CPU s':>8}{'MiB':>7}{'requests':>10}{'points':>12}{'MB sent':>9}"


class Program(Protocol):
    """Something that syncs."""

    def run(self) -> Cost:
        """Sync once."""


@dataclass(frozen=True, slots=True)
class MeasuredRun:
    """One measured run."""

    cost: Cost
    requests: int
    received: Received

    def line(self, label: str) -> str:
        """Return a row of the table."""
        cost, got = self.cost, self.received
        return (
            f"{label:<26}{cost.wall:>8.2f}{cost.cpu:>8.2f}{cost.memory:>7.0f}"
            f"{self.requests:>10,}{got.points:>12,}{got.bytes / 1e6:>9.1f}"
        )


def main() -> None:
    """Run all measurements and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--without-old-tool", action="store_true")
    parser.add_argument("--page", type=Path, nargs="?", const=page.PAGE, help="write docs/figures.md, or another file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="intervals-icu-benchmark-") as name, page.written(options.page):
        measure_all(Path(name), quick=options.quick, with_old_tool=not options.without_old_tool)
    print(goals.table())


def measure_all(folder: Path, *, quick: bool, with_old_tool: bool) -> None:
    """Run all measurements, the dearest of which is the old tool."""
    years = 1 if quick else 10
    account = AthleteParameters(
        last_day=LAST_DAY, days=365 * years, activities=300 * years, seconds=300, channels=10, strava_stubs=0
    )
    compare(folder, 20 if quick else 200, with_old_tool=with_old_tool)
    pace(folder, 30 if quick else 300)
    encoder.main(rounds=20)
    archive.main(_folder(folder, "archive"), _athlete(40 if quick else 400, 3600), rounds=2)
    athletes.main(_folder(folder, "athletes"), first=10 if quick else 40, polled=50 if quick else 200)
    slow.main(_folder(folder, "slow"), _athlete(60 if quick else 600, 3600))
    history.main(_folder(folder, "years"), 2 if quick else 20)
    if shutil.which("influxd") is None:
        print("\nLeft out, as there is no influxd on the PATH: all that is measured on a real database", flush=True)
        return
    server.main(_folder(folder, "server"), _athlete(60 if quick else 200, 3600), rounds=2 if quick else 4)
    verify.main(_folder(folder, "verify"), account)
    reload.main(_folder(folder, "reload"), _athlete(100 if quick else 400, 300))
    boards.main(_folder(folder, "boards"), years=years, rounds=2)
    coach.main(_folder(folder, "coach"), athletes=20 if quick else 200)


def compare(folder: Path, activities: int, *, with_old_tool: bool) -> None:
    """First syncs beside the old tool, then runs with nothing new."""
    print(f"First sync of {activities} activities, each of 3,600 samples in 10 channels, no rate limit\n{HEADER}")
    with services.sandbox(_athlete(activities, 3600)) as api, services.sink(2) as sink:
        pipe = Pipe(_folder(folder, "pipe"), api.url, sink.url)
        meltano = MeltanoRun(folder / "meltano", api.url, sink.url)
        least = _measure("floor: a bare copy", Floor(folder, api.url, sink.url), api, sink)
        ours = _measure("tap | target", pipe, api, sink)
        whole = _measure("meltano run", meltano, api, sink)
        if with_old_tool:
            first, last = LAST_DAY - timedelta(days=364), LAST_DAY
            old_folder = _folder(folder, "old")
            old_tool = OldTool(old_folder, api.url, sink.url, first.isoformat(), last.isoformat())
            old = _measure("intervalsicu-to-influxdb", old_tool, api, sink)
            ratios = (
                ("times the speed", old.cost.wall / ours.cost.wall),
                ("times less CPU", old.cost.cpu / ours.cost.cpu),
                ("times less memory", old.cost.memory / ours.cost.memory),
                ("times fewer bytes", old.received.bytes / ours.received.bytes),
            )
            print("tap | target has " + ", ".join(f"{ratio:.1f} {what}" for what, ratio in ratios))
        print(f"\nNothing new\n{HEADER}")
        _measure("tap | target", pipe, api, sink)
        _measure("meltano run", meltano, api, sink)
        service = _measure("python -m sync run-once", ServiceRun(meltano), api, sink)
        health = min(meltano.healthcheck().cpu for _ in range(5))
    label = f"First sync of {activities} activities"
    goals.note(f"{label}, tap | target, CPU s", ours.cost.cpu, 2.0)
    goals.note(f"{label}, tap | target, times the CPU of the floor", ours.cost.cpu / least.cost.cpu, 1.83)
    goals.note(f"{label}, meltano run, CPU s", whole.cost.cpu, 4.2)
    goals.note(f"{label}, meltano run, peak memory of the tree, MiB", whole.cost.memory, 220)
    goals.note("Service run with nothing new, CPU s", service.cost.cpu, 2.6)
    goals.note(
        "Service in a day, each 15 minutes, health checks included, CPU s", 96 * service.cost.cpu + 1440 * health, 300
    )


def pace(folder: Path, activities: int) -> None:
    """First sync at the pace that the API allows, with 100 ms of latency."""
    print(f"\nFirst sync of {activities} activities at {PACE} requests a second, 100 ms latency\n{HEADER}")
    with services.sandbox(_athlete(activities, 600), latency=0.1) as api, services.sink(2) as sink:
        program = Pipe(_folder(folder, "pace"), api.url, sink.url, requests_per_second=PACE)
        run = _measure("tap | target", program, api, sink)
    allowed = run.requests / PACE
    print(f"{run.cost.wall / allowed:.3f} times the {allowed:.1f} s that the limit takes by itself")
    goals.note("First sync at the API's pace, times what the limit takes", run.cost.wall / allowed, 1.02)


def _athlete(activities: int, seconds: int) -> AthleteParameters:
    return AthleteParameters(
        last_day=LAST_DAY, days=365, activities=activities, seconds=seconds, channels=10, strava_stubs=0
    )


def _measure(label: str, program: Program, api: services.Service, sink: services.Service) -> MeasuredRun:
    api.count()
    sink.count()
    run = MeasuredRun(program.run(), api.count(), sink.count())
    print(run.line(label), flush=True)
    return run


def _folder(parent: Path, name: str) -> Path:
    path = parent / name
    path.mkdir()
    return path


if __name__ == "__main__":
    main()
