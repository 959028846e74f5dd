"""An account of twenty years with nothing new: bytes of a run, the state, and how Meltano's database grows."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from benchmarks import goals, services
from benchmarks.programs import MeltanoRun
from sandbox import AthleteParameters

if TYPE_CHECKING:
    from pathlib import Path

RUNS = 4
RUNS_A_YEAR = 365 * 24 * 4
SELECTED = ("wellness", "activities", "activity_streams", "activity_intervals", "events", "wellness_forecast")
"""As in the stack, without the curves, which a run with nothing new reads once a day."""


def main(folder: Path, years: int) -> None:
    """Sync years of short activities and of plans, then some times more, as cron does each quarter of an hour."""
    days = 365 * years
    athlete = AthleteParameters(
        last_day=datetime.now(timezone.utc).date(),
        days=days,
        activities=300 * years,
        seconds=10,
        channels=3,
        strava_stubs=0,
        planned_days=days,
    )
    with services.sandbox(athlete) as api, services.sink(2) as sink:
        project = MeltanoRun(
            folder / "project",
            api.url,
            sink.url,
            TAP_INTERVALS_ICU__SELECT=json.dumps([f"{name}.*" for name in SELECTED]),
            TAP_INTERVALS_ICU_REQUESTS_PER_DAY="0",
        )
        project.tidy()
        project.run()
        project.run()  # the first one after a backfill
        api.size()
        sizes = [project.database_size()]
        for _ in range(RUNS):
            project.run()
            sizes.append(project.database_size())
        bytes_a_run = api.size() / RUNS
        state = len(json.dumps(project.state()))
    growth = (sizes[-1] - sizes[0]) / RUNS * RUNS_A_YEAR + sizes[0]
    print(
        f"\n{years} years, {athlete.activities:,} activities, nothing new: {bytes_a_run / 1e3:.1f} kB a run, a state of"
        f" {state / 1e3:.1f} kB;\nMeltano's database: {', '.join(f'{size / 1e3:.0f}' for size in sizes)} kB",
        flush=True,
    )
    goals.note(f"{years} years: kB of a run with nothing new", bytes_a_run / 1e3, 20)
    goals.note(f"{years} years: kB of the state", state / 1e3, 20)
    goals.note(f"{years} years: MB of Meltano's database after a year of runs", growth / 1e6, 50)
