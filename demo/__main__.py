"""Sync a synthetic athlete with the real `meltano run`, show what arrived, and draw a page from it."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from demo import page
from demo.database import Arrived, choose
from sandbox import Account, AthleteParameters, Sandbox
from sandbox.project import MELTANO, copy_project, environment

if TYPE_CHECKING:
    from types import FrameType

TIME_ZONE = "Europe/Madrid"
PAGE = Path("build/demo.html")
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def main() -> int:
    """Return 0 when everything that the sandbox holds has arrived and is drawn."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write; by default %(default)s")
    parser.add_argument("--activities", type=int, default=150, help="by default %(default)s")
    parser.add_argument("--seconds", type=int, default=2400, help="of a typical activity; by default %(default)s")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _leave)
    today = datetime.now(ZoneInfo(TIME_ZONE)).date()
    size = {"days": 240, "activities": options.activities, "seconds": options.seconds}
    athlete = AthleteParameters(timezone=TIME_ZONE, last_day=today, seed=22, **size)
    account = Account(athlete)
    with tempfile.TemporaryDirectory(prefix="intervals-icu-demo-") as name, Sandbox(account) as sandbox:
        folder = Path(name)
        with choose(folder) as database:
            _say(f"Athlete: synthetic, {athlete.days} days, {athlete.activities} activities, at {sandbox.url}")
            _say(f"Target:  {database.name}")
            _say("$ meltano run tap-intervals-icu target-influxdb")
            source = {
                "INTERVALS_API_URL": sandbox.url,
                "INTERVALS_API_KEY": sandbox.api_key,
                "TAP_INTERVALS_ICU_REQUESTS_PER_SECOND": "0",  # the sandbox is no service to be polite to
            }
            start = time.monotonic()
            run = subprocess.run(  # noqa: S603 - our own command
                [MELTANO, "run", "tap-intervals-icu", "target-influxdb"],
                cwd=copy_project(folder / "project"),
                env=environment(**source, **database.settings),
                check=False,
            )
            if run.returncode:
                _say(f"The run failed with exit code {run.returncode}.")
                return run.returncode
            seconds = time.monotonic() - start
            arrived = database.arrived()
            _say(f"Synced in {seconds:.1f} s with {len(sandbox.requests)} requests. What arrived:\n")
            if not _complete(arrived, expected(account)):
                return 1
            points = sum(row.points for row in arrived.values())
            html = page.render(page.today(database), points=points, database=database.name)
    options.page.parent.mkdir(parents=True, exist_ok=True)
    options.page.write_text(html, encoding="utf-8")
    _say("\nYour own: put your key into .env (see .env.example), then `make sync`; or see docs/quick-start.md.")
    _say(f"Today's answers, drawn from these points, for your browser:\n{options.page.resolve().as_uri()}")
    return 0


def expected(account: Account) -> dict[str, int]:
    """Return the number of points per measurement that the account makes."""
    return {
        "wellness": sum(day <= account.today.isoformat() for day in account.wellness),  # later ones are forecasts
        "activities": len(account.activities),
        "activity_streams": sum(_samples(account, activity) for activity in account.activities),
    }


def _samples(account: Account, activity: str) -> int:
    """Return at how many different seconds of an activity something was measured."""
    arrays = {(stream["type"], key): stream[key] for stream in account.streams(activity) for key in ("data", "data2")}
    time = arrays.pop(("time", "data"), [])
    channels = [values for (name, _), values in arrays.items() if values and name != "time"]
    return len({second for second, *row in zip(time, *channels, strict=True) if row.count(None) < len(row)})


def _complete(arrived: dict[str, Arrived], expected: dict[str, int]) -> bool:
    """Show what arrived beside what was expected, and return whether it is the same."""
    _say(f"{'measurement':<18}{'points':>9}{'expected':>10}{'series':>8}  {'first':<17} last")
    for measurement, count in expected.items():
        row = arrived.get(measurement, Arrived())
        times = f"{_clock(row.first):<17} {_clock(row.last)}" if row.points else "-"
        _say(f"{measurement:<18}{row.points:>9,}{count:>10,}{len(row.series):>8}  {times}")
    counts = {measurement: row.points for measurement, row in arrived.items()}
    if counts != expected:
        _say("\nThat is not what the sandbox holds.")
        return False
    _say("\nEverything has arrived.")
    return True


def _clock(nanoseconds: int) -> str:
    return (EPOCH + timedelta(seconds=nanoseconds // 10**9)).strftime("%Y-%m-%d %H:%M")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(1)


if __name__ == "__main__":
    sys.exit(main())
