"""What the stack reads beyond the three streams of meltano.yml: each row of the account is exactly one point."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from sandbox import curve_answers
from sandbox.profile import GROUPS
from tests import readback
from tests.pipeline import without_meltano

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Account, Sandbox
    from tests.pipeline.meltano import Project

ROOT = Path(__file__).resolve().parents[2]
NAME = "TAP_INTERVALS_ICU__SELECT"
PERIODS = "s0,s1,42d,1y,all"
IDENTITY = {
    "activity_intervals": ("athlete_id", "activity_id", "position"),
    "power_curves": ("athlete_id", "type", "id", "secs"),
    "hr_curves": ("athlete_id", "type", "id", "secs"),
    "pace_curves": ("athlete_id", "type", "id", "distance"),
    "activity_bests": ("athlete_id", "id", "type"),
    "events": ("athlete_id", "id", "category"),
    "wellness_forecast": ("athlete_id",),
}
FIELD = {
    "activity_intervals": "moving_time",
    "activity_bests": "weight",
    "events": "name",
    "wellness_forecast": "ctl",
} | dict.fromkeys(("power_curves", "hr_curves", "pace_curves"), "value")
"""One field each, to be compared."""

Rows = list[tuple[int, tuple[str, ...], Any]]


def stack_select() -> str:
    """Return what compose.yaml selects, and see that .env.example names the same."""
    setting = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["sync"]["environment"][NAME]
    select = str(setting).removeprefix(f"${{{NAME}:-").removesuffix("}")
    (shown,) = re.findall(rf"^#{NAME}='(.+)'$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert shown == select
    return select


def second(local: str) -> int:
    return int(datetime.fromisoformat(local).replace(tzinfo=timezone.utc).timestamp())


def bests(account: Account) -> Rows:
    """Return the same of the activities that have best values."""
    days = {"oldest": "2000-01-01", "newest": str(account.today)}
    power = days | {"type": "Ride", "secs": "5,60,300,1200,3600"}
    found = {sport: curve_answers.activity_pace_curves(account, days | {"type": sport}) for sport in ("Run", "Swim")}
    return [
        (second(one["start_date_local"]), (account.id, one["id"], sport), one["weight"])
        for sport, answer in (found | {"Ride": curve_answers.activity_power_curves(account, power)}).items()
        for one in answer["curves"]
    ]


def expected(account: Account) -> dict[str, Rows]:
    """Return time, identity and a field of each row that the account holds."""
    result: dict[str, Rows] = {name: [] for name in IDENTITY}
    for activity in account.activities.values():
        for position, interval in enumerate(account.intervals(activity["id"])["icu_intervals"]):
            begin = second(activity["start_date_local"]) + interval["start_time"]
            identity = (account.id, activity["id"], f"{position}")
            result["activity_intervals"].append((begin, identity, interval["moving_time"]))
    ask = {"power": curve_answers.power_curves, "hr": curve_answers.hr_curves, "pace": curve_answers.pace_curves}
    for kind, answer in ask.items():
        for sport, *_ in GROUPS.values():
            for curve in answer(account, {"type": sport, "curves": PERIODS})["list"]:
                end = second(curve["end_date_local"])
                for at, value in zip(curve["distance" if kind == "pace" else "secs"], curve["values"], strict=True):
                    result[f"{kind}_curves"].append((end, (account.id, sport, curve["id"], f"{at:g}"), value))
    result["activity_bests"] = bests(account)
    for event in account.calendar.events.values():
        identity = (account.id, str(event["id"]), event["category"])
        result["events"].append((second(event["start_date_local"]), identity, event["name"]))
    for day, row in account.wellness.items():
        if day > str(account.today):
            result["wellness_forecast"].append((second(day), (account.id,), row["ctl"]))
    return {name: sorted(rows) for name, rows in result.items()}


def stored(url: str, database: str) -> dict[str, Rows]:
    """Return the same of what the database holds."""
    result: dict[str, Rows] = {name: [] for name in IDENTITY}
    for (measurement, tags, moment), fields in readback.influxdb_points(url, database).items():
        if measurement in IDENTITY:
            *others, last = (dict(tags)[name] for name in IDENTITY[measurement])
            last = f"{float(last):g}" if "curves" in measurement else last
            result[measurement].append((moment, (*others, last), fields[FIELD[measurement]]))
    return {name: sorted(rows) for name, rows in result.items()}


def test_every_interval_curve_and_event_is_one_point_and_a_second_sync_adds_nothing(
    account: Account, sandbox: Sandbox, make_project: Callable[..., Project], influxdb: str
) -> None:
    project = make_project(
        sandbox, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET="optional", TAP_INTERVALS_ICU__SELECT=stack_select()
    )
    project.sync()
    rows = expected(account)
    assert all(rows.values())
    assert stored(influxdb, "optional") == rows
    sandbox.clear()
    assert " 0 points stored, 0 lines rejected." in without_meltano.sync(project)
    assert len(sandbox.requests) <= 3 + 1 + 3 * len(GROUPS)  # docs/faq.md counts on it
    assert stored(influxdb, "optional") == rows
