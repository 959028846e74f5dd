"""What the coach's board costs an InfluxDB 1.x that holds many athletes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from random import Random
from typing import TYPE_CHECKING

from benchmarks.boards import BOARD_CPU, DASHBOARDS, DATABASE, LAST_DAY, Opened, line, measure, write
from grafana.execution.run import Database
from sandbox import databases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

YEARS, ACTIVITIES, EVENTS = 3, 200, 200
"""Years of days; activities of each of them; events from ten months ago to two months ahead."""


def main(folder: Path, *, athletes: int, rounds: int = 3) -> None:
    """Fill a server with so many athletes, and open the board."""
    with databases.influxdb1(folder=folder) as server:
        Database(server.url, "").ask(f'CREATE DATABASE "{DATABASE}" WITH SHARD DURATION 52w')
        write(server.url, _lines(athletes))
        count = athletes * ACTIVITIES * YEARS
        print(
            f"\n{athletes} athletes of {YEARS} years, {count:,} activities: influxd 1.x, best of {rounds}\n"
            f"{'':<26}{'all CPU s':>10}{'panel CPU s':>12}{'panel kB':>10}  costliest panel"
        )
        board = json.loads((DASHBOARDS / "intervals-coach.json").read_text(encoding="utf-8"))
        opened = Opened(board["time"]["from"], {}, rounds)
        costs = measure(board, server.url, server.process.pid, opened)
        print(line("Coach, a single panel", costs, BOARD_CPU), flush=True)  # which is the board


def _lines(athletes: int) -> Iterator[str]:
    random, today = Random(1), datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, tzinfo=timezone.utc)
    midnight = round(today.timestamp())
    for number in range(athletes):
        who = f"athlete_id=i{number}"
        yield f'athlete,{who},id=i{number} name="Athlete {number}",timezone="UTC" {midnight}'
        for age in range(365 * YEARS):
            fitness = random.gauss(60, 5)
            yield (
                f'wellness,{who} updated="{today.isoformat()}",ctl={fitness:.1f},atl={random.gauss(fitness, 8):.1f},'
                f"rampRate={random.gauss(1, 3):.1f},ctlLoad={random.choice((0, 40, 80))},hrv={random.gauss(60, 6):.1f},"
                f"restingHR={random.gauss(50, 2):.0f},tempRestingHR=false {midnight - 86400 * age}"
            )
        for count in range(ACTIVITIES * YEARS):
            start = midnight - random.randrange(86400 * 365 * YEARS)
            yield (
                f'activities,{who},id=i{number}x{count},type=Ride updated="{today.isoformat()}",'
                f"compliance={random.randint(50, 130)},icu_training_load={random.randint(20, 150)} {start}"
            )
        for count in range(EVENTS):
            day = today + timedelta(days=random.randint(-300, 60))
            yield (
                f"events,{who},id={number * EVENTS + count},category=WORKOUT "
                f"icu_training_load={random.randint(20, 150)} {round(day.timestamp())}"
            )
