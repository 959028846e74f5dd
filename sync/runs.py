"""The points of `sync_runs`: one a run, in true UTC, as Singer messages for the project's own target."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync.log import Figures

STREAM = "sync_runs"
FIGURES = ("points", "rejected", "requests", "activities_left", "quota_left")
ALL_IS_WELL = "All is well."
"""The boards know these words."""
LONGEST_MESSAGE = 1000
"""Characters. A board shows a sentence or two, and InfluxDB takes no text of any length."""


def record(job: str, start: float, duration: float, exit_code: int, figures: Figures) -> dict[str, Any]:
    """Return the record of a run that started at `start` (seconds since 1970)."""
    return {
        "time": datetime.fromtimestamp(start, timezone.utc).isoformat(timespec="microseconds"),
        "job": job,
        "duration_s": round(duration, 3),
        "exit_code": float(exit_code),
        "success": exit_code == 0,
        "success_value": float(exit_code == 0),
        **{name: value for name in FIGURES if (value := getattr(figures, name)) is not None},
    }


def message(problem: str, figures: Figures) -> dict[str, str]:
    """Return the field that tells on the boards what is wrong and what to do, or that all is well."""
    said = [problem, *figures.notices] if problem else [*figures.notices]
    if figures.rejected:
        said.append(f"The database refused {figures.rejected:.0f} line(s): rejects/ has them, with the reasons.")
    text = " ".join(said) or ALL_IS_WELL
    return {"message": text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE - 1]}…"}


def messages(records: Sequence[dict[str, Any]]) -> str:
    """Return a Singer stream; with its defaults the target makes `job` a tag and `time` the time."""
    numbers = {name: {"type": ["number", "null"]} for name in ("duration_s", "exit_code", "success_value", *FIGURES)}
    properties = {
        "time": {"type": "string", "format": "date-time"},
        "job": {"type": "string"},
        "success": {"type": "boolean"},
        "message": {"type": "string"},
        **numbers,
    }
    schema = {
        "type": "SCHEMA",
        "stream": STREAM,
        "schema": {"type": "object", "properties": properties},
        "key_properties": ["job", "time"],
        "bookmark_properties": ["time"],
    }
    lines = [schema, *({"type": "RECORD", "stream": STREAM, "record": one} for one in records)]
    return "".join(json.dumps(line) + "\n" for line in lines)
