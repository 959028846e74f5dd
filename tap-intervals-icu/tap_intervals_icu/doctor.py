"""`tap-intervals-icu-doctor`: look at key, athletes, quota and data, and say in plain words what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from singer_sdk.exceptions import ConfigValidationError

from tap_intervals_icu.errors import TapError
from tap_intervals_icu.formatting import counted
from tap_intervals_icu.records.rows import is_stub
from tap_intervals_icu.tap import TapIntervalsIcu

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intervals_icu.changes.athlete import Athlete

STRAVA_ADVICE = (
    "Strava does not let Intervals.icu pass its activities on. Connect your watch's own service (Garmin, Wahoo, "
    "Polar, Suunto, Coros, ...) at https://intervals.icu/settings, and upload Strava's export for the past."
)


@dataclass(frozen=True)
class Finding:
    """One line of the report; `advice` says what to do where something is wrong, `is_fatal` that no sync can work."""

    text: str
    advice: str = ""
    is_fatal: bool = False


def examine(tap: TapIntervalsIcu) -> Iterator[Finding]:
    """Yield findings, from the key to the data; four requests an athlete at most."""
    for name in tap.athlete_names:
        try:
            athlete = tap.find_athlete(name)
            yield Finding(f"Athlete {athlete.id} can be read; today is {athlete.today} there.")
            yield from examine_data(athlete)
        except TapError as error:
            yield Finding(f"Athlete {name} can not be read.", error.message, is_fatal=True)
    yield quota_finding(tap)
    archive = tap.archive.describe()
    tap.archive.close(tap.clients.transport.server_time)
    if archive:
        yield Finding(archive)


def examine_data(athlete: Athlete) -> Iterator[Finding]:
    """Yield what the athlete's lists hold."""
    activities = athlete.activities_feed({}).all_rows()
    stubs = sum(map(is_stub, activities))
    usable = len(activities) - stubs
    if not activities:
        yield Finding("There are no activities yet.", "Connect a device or upload a file at https://intervals.icu.")
    else:
        yield Finding(f"{usable:,} of {len(activities):,} activities can be read.")
    if stubs:
        come = "comes" if stubs == 1 else "come"
        share = f"{stubs / len(activities):.0%}"
        yield Finding(f"{counted(stubs, 'activity', 'activities')} ({share}) {come} from Strava.", STRAVA_ADVICE)
    days = athlete.wellness_feed({}).all_rows()
    if days:
        yield Finding(f"{counted(len(days), 'day')} of wellness, from {min(d['id'] for d in days)} on.")
    else:
        yield Finding("There is no wellness yet.", "It begins with the first activity or the first entry of a day.")


def quota_finding(tap: TapIntervalsIcu) -> Finding:
    """Return how much of the day's requests is used, as far as the server tells."""
    quota = min(tap.clients.quotas, key=lambda quota: quota.left())
    if not quota.limit:
        return Finding("No limit of requests a day is set.")
    text = f"{quota.a_day - quota.left():,} of today's {quota.a_day:,} requests are used, as far as is known."
    return Finding(text, "" if quota.left(backfill=True) else "A backfill goes on after 00:00 UTC.")


@click.command()
@click.option("--config", type=click.Path(exists=True, dir_okay=False), help="Config file; else the environment.")
def main(config: str | None) -> None:
    """Check the key, the athletes, the quota and the data, and say what to do."""
    try:
        tap = TapIntervalsIcu(config=config, parse_env_config=config is None)
    except ConfigValidationError as error:
        raise click.ClickException(" ".join(error.errors)) from error
    findings = list(examine(tap))
    for finding in findings:
        click.echo(("!  " if finding.advice else "ok ") + finding.text)
        if finding.advice:
            click.echo(f"   {finding.advice}")
    if any(finding.is_fatal for finding in findings):
        raise SystemExit(1)
