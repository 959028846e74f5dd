"""The points of `sync_runs`, one a run, and `sync_athletes`, one an athlete and run, in true UTC.

They are Singer messages for the project's own target. With its defaults it makes tags of the key, and `time` the time.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from sync.log import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sync.log import RunSummary

RUNS, ATHLETES = "sync_runs", "sync_athletes"
COUNTS = ("points", "rejected", "requests", "requests_saved", "activities_left", "quota_left")
ALL_IS_WELL = "All is well."
"""The boards know these words."""
LONGEST_MESSAGE = 1000
"""Characters. A board shows a sentence or two, and InfluxDB takes no text of any length."""


def record(job: str, start: float, duration: float, exit_code: int, summary: RunSummary) -> dict[str, Any]:
    """Return the record of a run that started at `start` (seconds since 1970); `athletes` has one for each of them.

    A run that failed for some athletes alone is a success: the others' data are up to date.
    """
    success = exit_code == 0 or summary.is_partial
    return {
        "time": datetime.fromtimestamp(start, timezone.utc).isoformat(timespec="microseconds"),
        "job": job,
        "duration_s": round(duration, 3),
        "exit_code": float(exit_code),
        "success": success,
        "success_value": float(success),
        **({"athletes_failed": float(len(summary.failed_athletes))} if summary.athletes else {}),
        "athletes": [{"athlete_id": id_, **one} for id_, one in summary.athletes.items()],
        **{name: value for name in COUNTS if (value := getattr(summary, name)) is not None},
    }


def message(problem: str, summary: RunSummary) -> dict[str, Any]:
    """Return the field that tells on the boards what is wrong and what to do, or that all is well.

    `messages` has the same for each athlete: what failed for others is no news to them.
    """
    failed = {
        id_: why if _names(why, id_) else f"Athlete {id_} failed. {why}" for id_, why in summary.failed_athletes.items()
    }
    rejected = []
    if summary.rejected:
        rejected = [f"The database refused {summary.rejected:.0f} line(s): rejects/ has them, with the reasons."]
    said = [problem] if problem else [*failed.values()]
    return {
        "message": _said(*said, *summary.notices, *rejected),
        "messages": {
            id_: _said(problem or one["reason"], *_own(summary.notices, id_, summary.athletes), *rejected)
            for id_, one in summary.athletes.items()
        },
    }


def _own(notices: Iterable[str], id_: str, athletes: Iterable[str]) -> list[str]:
    """Return those that name this athlete, or nobody."""
    return [one for one in notices if _names(one, id_) or not any(_names(one, other) for other in athletes)]


def _names(sentence: str, id_: str) -> bool:
    """Tell whether a sentence has an id as a word of its own: i10000 is not i100001."""
    return re.search(rf"(?<!\w){re.escape(id_)}(?!\w)", sentence) is not None


def _said(*sentences: str) -> str:
    return _cut(" ".join(filter(None, sentences)) or ALL_IS_WELL)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE - 1]}…"


def messages(records: Sequence[dict[str, Any]]) -> str:
    """Return a Singer stream of runs and their athletes."""
    runs = [{name: value for name, value in one.items() if name not in ("athletes", "messages")} for one in records]
    athletes = [
        {
            "time": run["time"],
            "job": run["job"],
            "athlete_id": one["athlete_id"],
            "outcome": one["outcome"],
            "success": run["success"] and one["outcome"] != FAILED,
            "success_value": float(run["success"] and one["outcome"] != FAILED),
            "requests": one["requests"],
            "records": one["records"],
            "message": run["messages"][one["athlete_id"]],
        }
        for run in records
        for one in run.get("athletes", ())
    ]
    numbers = ("duration_s", "exit_code", "success_value", "athletes_failed", "interval_s", *COUNTS)
    lines = _stream(RUNS, runs, ("job", "time"), numbers, ("message",))
    of_athletes = ("success_value", "requests", "records")
    lines += _stream(ATHLETES, athletes, ("job", "athlete_id", "time"), of_athletes, ("outcome", "message"))
    return "".join(json.dumps(line) + "\n" for line in lines)


def _stream(
    name: str, records: list[dict[str, Any]], key: tuple[str, ...], numbers: tuple[str, ...], texts: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return a stream's messages, none without records."""
    properties: dict[str, Any] = {one: {"type": "string"} for one in (*key, *texts)}
    properties |= {one: {"type": ["number", "null"]} for one in numbers}
    properties |= {"time": {"type": "string", "format": "date-time"}, "success": {"type": "boolean"}}
    schema = {
        "type": "SCHEMA",
        "stream": name,
        "schema": {"type": "object", "properties": properties},
        "key_properties": list(key),
        "bookmark_properties": ["time"],
    }
    return [schema, *({"type": "RECORD", "stream": name, "record": one} for one in records)] if records else []
