"""What the boards cost an InfluxDB 1.x that holds ten years: server CPU and bytes of each panel."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from http.client import HTTPConnection
from itertools import chain, islice
from math import cos, pi, sin
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from benchmarks import goals
from benchmarks.measure import cpu_of
from grafana.execution.macros import Range
from grafana.execution.pipeline import sync, write_runs
from grafana.execution.run import Database, choices, execute
from sandbox import AthleteParameters, databases

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grafana.execution.macros import Value
    from sandbox import Account

LAST_DAY = date(2026, 10, 31)
NOW = datetime(2026, 10, 31, 20, 30, tzinfo=timezone.utc)
ATHLETE, DATABASE = "i100001", "boards"
HOUR, INTERVALS = 3600, 11
LINES = 5000
PANEL_CPU, BOARD_CPU, PANEL_BYTES = 0.5, 2.0, 1_000_000
"""Seconds of server CPU and bytes of an answer that a small machine bears."""
WATCHED = ("intervals-map", "intervals-sync")
DASHBOARDS = Path(__file__).resolve().parents[1] / "grafana/dashboards"


@dataclass(frozen=True, slots=True)
class Cost:
    """One panel."""

    title: str
    cpu: float
    bytes: int


@dataclass(frozen=True, slots=True)
class Opened:
    """How a board is opened, and how often."""

    start: str
    chosen: dict[str, Value]
    rounds: int


@dataclass(frozen=True)
class Counting(Database):
    """A database that remembers how large its answers were."""

    sizes: list[int] = field(default_factory=list)

    @override
    def fetch(self, statement: str) -> bytes:
        body = super().fetch(statement)
        self.sizes.append(len(body))
        return body


def main(folder: Path, *, years: int, rounds: int = 3) -> None:
    """Fill a server with so many years of 200 hours, and open each board at its own range and at all time."""
    with databases.influxdb1(folder=folder) as server:
        account = fill(server.url, folder, years)
        count = len(account.activities)
        chosen: dict[str, Value] = {"athlete": ATHLETE, "activity": max(account.activities), "channel": "watts"}
        print(
            f"\nBoards on {years} years, {count:,} activities of {HOUR:,} samples: influxd 1.x, best of {rounds}\n"
            f"{'':<26}{'all CPU s':>10}{'panel CPU s':>12}{'panel kB':>10}  costliest panel"
        )
        dearest = 0.0, ""
        for path in sorted(DASHBOARDS.glob("*.json")):
            board = json.loads(path.read_text(encoding="utf-8"))
            for label, start in (("", board["time"]["from"]), (", all time", f"now-{years}y")):
                costs = measure(board, server.url, server.process.pid, Opened(start, chosen, rounds))
                print(line(board["title"] + label, costs), flush=True)
                if label and path.stem in WATCHED:
                    cpu = sum(one.cpu for one in costs)
                    goals.note(f"{board['title']} at all time, {years} years, CPU s of influxd 1.x", cpu, 0.5)
                dearest = max(dearest, (sum(one.cpu for one in costs), board["title"] + label))
        goals.note(f"Dearest board of {years} years, CPU s of influxd 1.x ({dearest[1]})", dearest[0], BOARD_CPU)


def line(label: str, costs: list[Cost], panel_cpu: float = PANEL_CPU) -> str:
    """Return a row of the table; what is over the limits is named."""
    dearest = max(costs, key=lambda one: one.cpu)
    largest = max(costs, key=lambda one: one.bytes)
    total = sum(one.cpu for one in costs)
    over = [one.title for one in costs if one.cpu > panel_cpu or one.bytes > PANEL_BYTES]
    over += ["the board"] * (total > BOARD_CPU)
    text = f"{label:<26}{total:>10.2f}{dearest.cpu:>12.2f}{largest.bytes / 1000:>10.0f}  {dearest.title}"
    return text + (f"  OVER: {', '.join(over)}" if over else "")


def measure(board: dict[str, Any], url: str, server: int, opened: Opened) -> list[Cost]:
    """CPU of the server (its process id) and bytes of each panel, the best of some rounds: other work only adds."""
    database = Counting(url, DATABASE, clock=NOW)
    span = Range.relative(opened.start, board["time"]["to"], NOW)
    values = choices(board, database, opened.chosen, span)
    found: dict[int, Cost] = {}
    for _ in range(opened.rounds):
        before = cpu_of(server)
        for answer in execute(board, database, values, span):
            cost = Cost(answer.panel["title"], cpu_of(server) - before, max(database.sizes, default=0))
            database.sizes.clear()
            best = found.get(answer.panel["id"], cost)
            found[answer.panel["id"]] = cost if cost.cpu <= best.cpu else best
            before = cpu_of(server)
    return list(found.values())


def fill(url: str, folder: Path, years: int) -> Account:
    """Write an athlete's years by tap and target; by hand, for activities of an hour, what depends on it."""
    days = 365 * years + years // 4
    athlete = AthleteParameters(
        athlete_id=ATHLETE, last_day=LAST_DAY, days=days, activities=200 * years, seconds=10, strava_stubs=0
    )
    (account,) = sync([athlete], url, DATABASE, folder, own_clock=True)
    write_runs(url, DATABASE, NOW, folder)
    write(url, chain(_bests(account), _intervals(account), _samples(account)))
    return account


def write(url: str, points: Iterator[str]) -> None:
    """Write lines of line protocol, times in seconds."""
    connection = HTTPConnection(url.removeprefix("http://"))
    while lines := list(islice(points, LINES)):
        connection.request("POST", f"/write?db={DATABASE}&precision=s", "\n".join(lines).encode())
        with connection.getresponse() as answer:
            if answer.status != 204:
                raise RuntimeError(f"{answer.status}: {answer.read()!r}")


def _bests(account: Account) -> Iterator[str]:
    """Lines of the best power of each ride and the best times of all others."""
    random = Random(1)
    power = {"power_5s": 900, "power_1m": 500, "power_5m": 330, "power_20m": 280, "power_60m": 240}
    times = {"time_400m": 80, "time_1km": 220, "time_5km": 1250, "time_10km": 2700}
    for one in account.activities.values():
        best = power if "Ride" in one["type"] else times
        fields = ",".join(f"{name}={value * random.uniform(0.8, 1.2):.1f}" for name, value in best.items())
        tags = f"activity_bests,athlete_id={ATHLETE},id={one['id']},type={one['type']}"
        yield f"{tags} {fields},weight=70 {_start(one)}"


def _start(activity: Mapping[str, Any]) -> int:
    return round(datetime.fromisoformat(activity["start_date_local"]).replace(tzinfo=timezone.utc).timestamp())


def _samples(account: Account) -> Iterator[str]:
    """Lines of an hour of each activity: ten channels that move, along a loop of its own size and place."""
    random = Random(1)
    moving = [
        f"heartrate={120 + 30 * sin(at / 300):.0f},watts={200 + random.gauss(0, 40):.0f},temp=18,"
        f"cadence={88 + random.gauss(0, 3):.0f},velocity_smooth={8 + sin(at / 120):.3f},distance={8 * at:.1f},"
        f"altitude={300 + 100 * sin(at / 700):.1f},grade_smooth={3 * cos(at / 700):.1f},"
        for at in range(HOUR)
    ]
    turns = [(sin(2 * pi * at / HOUR), cos(2 * pi * at / HOUR)) for at in range(HOUR)]
    for one in account.activities.values():
        tags = f"activity_streams,activity_id={one['id']},athlete_id={ATHLETE},type={one['type']}"
        start = _start(one)
        north, east, size = random.uniform(41.9, 42.1), random.uniform(2.7, 2.9), random.uniform(0.01, 0.1)
        for at, (channels, (up, right)) in enumerate(zip(moving, turns, strict=True)):
            place = f"latitude={north + size * up:.5f},longitude={east + size * right:.5f}"
            yield f"{tags} {channels}{place} {start + at}"


def _intervals(account: Account) -> Iterator[str]:
    """Lines of eleven intervals of each activity, beside the short ones that the tap has read."""
    random = Random(3)
    for one in account.activities.values():
        for number in range(INTERVALS):
            kind = "RECOVERY" if number % 2 else "WORK"
            yield (
                f"activity_intervals,activity_id={one['id']},athlete_id={ATHLETE},position={100 + number} "
                f'activity_type="{one["type"]}",type="{kind}",moving_time={random.randint(30, 1200)},'
                f"average_watts={random.gauss(250, 40):.0f},average_heartrate={random.gauss(150, 10):.0f} "
                f"{_start(one) + number * HOUR // INTERVALS}"
            )
