"""`python -m benchmarks.scale`: what workers of Airflow bring, and what athletes cost there (10 minutes).

Shards are loaded for the first time by one worker, and as many others by four, on the same machine in one go. Each
athlete has a token, the server answers after a while and keeps no common limit. Each worker keeps to a pace of its own,
as if it had an internet address of its own: half of what an address may, so that four workers do not fill two cores.
Then all athletes are asked for what is new, which is nothing.
"""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg

from benchmarks import goals, services
from benchmarks.athletes import team
from sandbox import databases
from sandbox.airflow import Stack, stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.services import Service

WORKERS, SHARD, SHARDS, ACTIVITIES = 4, 25, 4, 4
LATENCY, PACE = 0.2, 5
IDLE_SECONDS = 30.0


@dataclass(frozen=True)
class Run:
    """A run of the DAG: seconds from its start to its end, CPU seconds of all parts, requests, answers with 429."""

    wall: float
    cpu: float
    requests: int
    refused: int


class Parts:
    """All that runs for a stack."""

    def __init__(self, found: Stack) -> None:
        self._root = psutil.Process(int((found.folder / "supervisord.pid").read_text()))

    def of(self, name: str = "") -> list[psutil.Process]:
        """Return the processes, or those of the parts whose command has a word."""
        parts = [one for one in self._root.children() if name in " ".join(one.cmdline())]
        below = [child for one in parts for child in one.children(recursive=True)]
        return [*parts, *below, *([] if name else [self._root])]

    def cpu(self) -> float:
        """Return the CPU seconds so far, those of processes that have ended included."""
        return sum(sum(one.cpu_times()[:4]) for one in self.of())

    def mib(self, name: str) -> float:
        """Return the memory of a part, shared pages counted by halves, thirds and so on, in MiB."""
        return sum(one.memory_full_info().pss for one in self.of(name)) / 2**20


def main() -> None:
    """Measure and print."""
    athletes = team(2 * SHARDS * SHARD, ACTIVITIES)
    with (
        tempfile.TemporaryDirectory(prefix="intervals-icu-scale-") as name,
        services.team(athletes, Path(name) / "tokens.json", latency=LATENCY) as api,
        databases.influxdb1() as database,
    ):
        settings = {
            "INTERVALS_API_URL": api.url,
            "INFLUXDB_URL": database.url,
            "INFLUXDB_BUCKET": "scale",
            "SCALE_SHARD_SIZE": str(SHARD),
            "SCALE_SCHEDULE": "off",
            "SCALE_BACKFILL_SCHEDULE": "off",
            "SCALE_LIMITER_URL": "",
            "TAP_INTERVALS_ICU_REQUESTS_PER_SECOND": str(PACE),
        }
        tokens = json.loads((Path(name) / "tokens.json").read_text())
        with stack(WORKERS, database.process.pid, **settings) as found:
            found.scale("load", say="".join(f"{one} {tokens[one]['access_token']}\n" for one in tokens))
            _begin_without_backfill(found)
            _report(found, api, [one.athlete_id for one in athletes], database.folder)
    print(goals.table())


def _begin_without_backfill(found: Stack) -> None:
    """Have the first load done by the DAG of all athletes, which knows no limit of its own."""
    with psycopg.connect(_database(found), autocommit=True) as connection:
        connection.execute("UPDATE scale.members SET status = 'active', is_backfilled = true")


def _database(found: Stack) -> str:
    password = json.loads((found.folder / "secrets.json").read_text())["postgres"]
    return f"postgresql://postgres:{password}@127.0.0.1:{found.environment['SCALE_POSTGRES_PORT']}/intervals_icu"


def _report(found: Stack, api: Service, athletes: Sequence[str], data: Path) -> None:
    parts, half = Parts(found), len(athletes) // 2
    print(
        f"Shards of {SHARD} athletes, {LATENCY * 1000:.0f} ms latency, {PACE} requests a second of each worker\n"
        f"{'':<44}{'wall s':>8}{'CPU s':>8}{'requests':>10}"
    )
    found.local("workers", "1")
    one = _measure(found, parts, api, f"first load of {half}, 1 worker", athletes[:half])
    found.local("workers", str(WORKERS))
    four = _measure(found, parts, api, f"first load of {half}, {WORKERS} workers", athletes[half:])
    polled = _measure(found, parts, api, f"nothing new of {len(athletes)}, {WORKERS} workers", ())
    before = parts.cpu()
    time.sleep(IDLE_SECONDS)
    idle = (parts.cpu() - before) / IDLE_SECONDS
    print(f"Airflow, PostgreSQL and Redis at rest, {WORKERS} workers: {idle:.3f} cores")
    print(
        f"Memory: a worker {parts.mib('celery worker') / WORKERS:.0f} MiB, "
        + ", ".join(
            f"{label} {parts.mib(word):.0f}"
            for label, word in (
                ("API server", "airflow api"),
                ("scheduler", "airflow scheduler"),
                ("DAG processor", "dag-processor"),
                ("PostgreSQL", "postgres"),
                ("Redis", "redis-server"),
                ("receiver", "scale.webhooks"),
            )
        )
    )
    _sizes(found, len(athletes), data)
    goals.note(f"Work of {WORKERS} workers, times that of one", one.wall / four.wall, 3, at_least=True)
    goals.note("Answers that it was too fast", one.refused + four.refused + polled.refused, 0)
    print(f"1,000 athletes every 15 minutes: {idle + polled.cpu / len(athletes) * 1000 / 900:.2f} cores (computed)")


def _measure(found: Stack, parts: Parts, api: Service, label: str, athletes: Sequence[str]) -> Run:
    """Run the DAG for some athletes, or for all."""
    api.count()
    before = parts.cpu()
    run = found.trigger(athletes=[*athletes])
    state = found.wait(run, seconds=1200)
    if state != "success":
        raise RuntimeError(found.log(run, "summary"))
    told = found.call("GET", f"/dags/intervals_icu/dagRuns/{run}")
    begin, end = (datetime.fromisoformat(told[name]) for name in ("start_date", "end_date"))
    requests, refused = api.count()
    result = Run((end - begin).total_seconds(), parts.cpu() - before, requests, refused)
    print(f"{label:<44}{result.wall:>8.1f}{result.cpu:>8.1f}{result.requests:>10,}", flush=True)
    return result


def _sizes(found: Stack, athletes: int, data: Path) -> None:
    """Print what the databases take."""
    with psycopg.connect(_database(found)) as connection:
        (ours, airflow, states) = connection.execute(
            "SELECT pg_database_size('intervals_icu'), pg_database_size('airflow'),"
            " (SELECT sum(length(completed_state::text)) FROM state)"
        ).fetchone() or (0, 0, 0)
    points = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
    print(
        f"Disk, {athletes} athletes: PostgreSQL {ours / 1e6:.0f} MB of ours (states {states / 1e3 / athletes:.1f} kB "
        f"an athlete) and {airflow / 1e6:.0f} MB of Airflow's, InfluxDB {points / 1e3 / athletes:.0f} kB an athlete of "
        f"{ACTIVITIES} short activities"
    )


if __name__ == "__main__":
    main()
