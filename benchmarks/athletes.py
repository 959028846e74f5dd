"""What many athletes with a token each cost: the pace of a first load, and a run with nothing new."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from benchmarks import goals, services
from benchmarks.measure import measure
from benchmarks.programs import PACE, TAP, MeltanoRun
from sandbox import AthleteParameters
from sandbox.project import environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LATENCY = 0.15


def main(folder: Path, *, first: int, polled: int) -> None:
    """Load `first` athletes at the pace of the API, then poll `polled` of them; print what that took."""
    load(folder, team(first, 10))
    poll(folder, team(polled, 10))


def team(count: int, activities: int) -> list[AthleteParameters]:
    """Athletes whose activities' ids are apart, and whose today is today."""
    apart: dict[int, AthleteParameters] = {}
    number = 200_001
    today = datetime.now(timezone.utc).date()
    while len(apart) < count:
        athlete = AthleteParameters(
            athlete_id=f"i{number}", timezone="UTC", last_day=today, days=60, activities=activities, seconds=60
        )
        apart.setdefault(athlete.number, athlete)
        number += 1
    return [*apart.values()]


def load(folder: Path, athletes: Sequence[AthleteParameters]) -> None:
    """Measure the tap alone, at 10 requests a second that the server insists on."""
    credentials = folder / "first.json"
    with services.team(athletes, credentials, latency=LATENCY, per_second=PACE) as api:
        settings = {"api_url": api.url, "credentials_path": str(credentials), "activity_streams_layout": "columns"}
        config = folder / "config.json"
        config.write_text(json.dumps(settings))
        cost = measure(["bash", "-c", f"{TAP} --config {config} > /dev/null"], env=environment(), folder=folder)
        requests, refused = api.count()
    print(f"\nFirst load of {len(athletes)} athletes with a token each, {LATENCY * 1000:.0f} ms latency, the tap alone")
    rate = requests / cost.wall
    goals.note(f"{len(athletes)} athletes' first load at 150 ms latency, requests a second", rate, 9, at_least=True)
    goals.note("The same, answers that it was too fast", refused, 0)
    print(f"{cost.wall:.1f} s, {cost.cpu:.1f} s of CPU, {requests:,} requests, {rate:.1f} a second, {refused} x 429")


def poll(folder: Path, athletes: Sequence[AthleteParameters]) -> None:
    """Measure `meltano run` with nothing new, at no pace."""
    credentials = folder / "polled.json"
    with services.team(athletes, credentials, latency=0) as api, services.sink(2) as sink:
        settings = {"INTERVALS_API_KEY": "", "INTERVALS_CREDENTIALS_PATH": str(credentials)}
        program = MeltanoRun(folder / "meltano", api.url, sink.url, **settings)
        program.run()
        first, _ = api.count()
        cost = program.run()
        requests, _ = api.count()
    print(
        f"\nNothing new of {len(athletes)} athletes with a token each, meltano run (the first took {first:,} requests)"
    )
    goals.note(f"{len(athletes)} athletes with nothing new, CPU s", cost.cpu, 6)
    goals.note(f"{len(athletes)} athletes with nothing new, requests", requests, 2 * len(athletes))
    print(f"{cost.wall:.1f} s, {cost.cpu:.1f} s of CPU, {cost.memory:.0f} MiB, {requests:,} requests")
