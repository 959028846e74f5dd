"""Sync synthetic athletes into an InfluxDB with the real tap, the real target and the project's own mapping."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from sandbox import Account, AthleteParameters, Sandbox
from sync.log import RunSummary
from sync.runs import message, messages, record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
DEFAULT = ("wellness", "activities", "activity_streams")
OPTIONAL = (
    "athlete",
    "activity_intervals",
    "power_curves",
    "hr_curves",
    "pace_curves",
    "activity_bests",
    "events",
    "wellness_forecast",
)
"""Streams that are not read by default and have panels."""
TIMEOUT = 300
HOURS = 7 * 24
REVOKED = 5
"""Hours since when the second athlete can't be read."""
Login: TypeAlias = "Mapping[str, str]"
"""`token` and `org` of an InfluxDB 2."""
NOBODY: Login = {}


class SyncError(Exception):
    """The tap or the target failed; the text is what they said last."""


def sync(  # noqa: PLR0913 - the last two go by name
    athletes: Sequence[AthleteParameters],
    url: str,
    database: str,
    folder: Path,
    *,
    own_clock: bool = False,
    login: Login = NOBODY,
) -> list[Account]:
    """Sync everything these athletes have, optional streams too, and return their accounts.

    With `own_clock` today is the last day of the athletes, not that of this machine.
    """
    accounts = [Account(parameters) for parameters in athletes]
    with Sandbox(accounts, own_clock=own_clock) as sandbox:
        source = {
            "api_key": sandbox.api_key,
            "api_url": sandbox.url,
            "athlete_ids": ",".join(account.id for account in accounts),
            "activity_streams_layout": "columns",
            "requests_per_second": 0,
        }
        sink = {"url": url, "bucket": database, "measurements": mapping(), **login}
        target: list[Path | str] = [BIN / "target-influxdb", "--config", _saved(folder / "target.json", sink)]
        _run(source, (*DEFAULT, *OPTIONAL), target, folder)
    return accounts


def _run(source: dict[str, Any], streams: Sequence[str], target: Sequence[Path | str], folder: Path) -> None:
    """Read these streams and store them."""
    tap: list[Path | str] = [BIN / "tap-intervals-icu", "--config", _saved(folder / "tap.json", source)]
    catalog = json.loads(subprocess.run([*tap, "--discover"], capture_output=True, check=True).stdout)  # noqa: S603 - ours
    for stream in catalog["streams"]:
        root = next(entry for entry in stream["metadata"] if not entry["breadcrumb"])
        root["metadata"]["selected"] = stream["tap_stream_id"] in streams
    _pipe([*tap, "--catalog", _saved(folder / "catalog.json", catalog)], target, folder)


def mapping() -> dict[str, Any]:
    """Return the measurements of meltano.yml."""
    project = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    loaders = {loader["name"]: loader for loader in project["plugins"]["loaders"]}
    measurements: dict[str, Any] = loaders["target-influxdb"]["config"]["measurements"]
    return measurements


def write_runs(url: str, database: str, newest: datetime, folder: Path, *, login: Login = NOBODY) -> None:
    """Write a week of runs as the sync service does: one an hour, two of them failed, after a backfill of 20 hours.

    A second athlete can't be read any more since some hours.
    """
    records = []
    for age in range(HOURS):
        backfill = age >= HOURS - 20
        reason = "Athlete i100009 could not be read: the token was revoked." if age < REVOKED else ""
        summary = RunSummary(
            points=900 + 137 * (age % 7) + 90_000 * backfill,
            rejected=3 * (age == 50),  # noqa: PLR2004 - any one
            requests=3 + age % 4 + 80 * backfill,
            quota_left=5_000 - 40 * (newest - timedelta(hours=age)).hour,
            left={("activities", "0"): max(0, age - HOURS + 20) * 40},
            athletes={
                "i100001": {"outcome": "complete", "requests": 2.0, "records": 14.0, "reason": ""},
                "i100009": {
                    "outcome": "failed" if reason else "complete",
                    "requests": 1.0,
                    "records": 0.0,
                    "reason": reason,
                },
            },
            has_tap_failed=bool(reason),
        )
        moment = (newest - timedelta(hours=age)).timestamp()
        failed = age in {30, 31}
        run = record("sync", moment, 6.5 + age % 5 + 40 * backfill, int(failed or bool(reason)), summary)
        records.append(run | message("InfluxDB can't be reached." if failed else "", summary))
    config = _saved(folder / "runs.json", {"url": url, "bucket": database, **login})
    command: list[Path | str] = [BIN / "target-influxdb", "--config", config]
    subprocess.run(command, input=messages(records).encode(), capture_output=True, check=True, timeout=TIMEOUT)  # noqa: S603 - ours


def _saved(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _pipe(tap: Sequence[Path | str], target: Sequence[Path | str], folder: Path) -> None:
    with (folder / "tap.log").open("wb") as said, (folder / "target.log").open("wb") as answered:
        source = subprocess.Popen(tap, stdout=subprocess.PIPE, stderr=said)  # noqa: S603 - ours
        sink = subprocess.run(  # noqa: S603 - ours
            target, stdin=source.stdout, stdout=subprocess.DEVNULL, stderr=answered, check=False, timeout=TIMEOUT
        )
        if source.stdout:
            source.stdout.close()
        codes = source.wait(TIMEOUT), sink.returncode
    if any(codes):
        logs = [(folder / name).read_text(encoding="utf-8")[-2000:] for name in ("tap.log", "target.log")]
        raise SyncError(f"tap and target ended with {codes}:\n" + "\n".join(logs))
