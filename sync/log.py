"""Meltano's JSON log: lines for people, and the summary of a run."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterable

NOISE = (  # what the Singer SDK and Meltano say in every run, or after every signal
    "METRIC",
    "Added '",
    "Beginning ",
    "Reader '",
    "Skipping deselected stream",
    "Skipping parse of env var",
    "Starting incremental sync of",
    "The process was terminated",
)
ALREADY_RUNNING = "already running"
MELTANO = "meltano"
TAP_FAILED = "Extractor failed"
"""Meltano's last word where the tap alone failed: the target has stored what came, and the state is saved."""
FAILED, PAUSED = "failed", "paused"
"""What the tap says of an athlete; `complete` or `skipped` else."""


@dataclass(frozen=True)
class Line:
    """One line of the log; `fields` is what stood beside its text."""

    text: str
    source: str = MELTANO
    level: int = logging.INFO
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def is_noise(self) -> bool:
        """Whether no person needs to see it: Meltano's own steps, and what is the same in every run."""
        if not self.text or self.text.startswith(NOISE):
            return True
        from_meltano = self.source == MELTANO and (bool(self.fields) or "[info " in self.text)
        return from_meltano and self.level <= logging.INFO

    @property
    def story(self) -> str:
        """The text, and after it the exception that a plugin sent along, with a line for each frame."""
        lines, error = [self.text], self.fields.get("plugin_exception") or self.fields.get("exception")
        while isinstance(error, dict):
            lines.append(f"{error.get('type')}: {error.get('message')}")
            for frame in error.get("traceback") or ():
                where = f"{frame.get('filename')}:{frame.get('lineno')} in {frame.get('function')}"
                lines.append(f"  {where}: {str(frame.get('line')).strip()}")
            error = error.get("cause")
        return "\n".join(lines)


def parse(raw: str) -> Line:
    """Read a line of Meltano's output; what is no JSON object is taken as it stands."""
    try:
        fields = json.loads(raw)
    except ValueError:
        fields = None
    if not isinstance(fields, dict) or "event" not in fields:
        return Line(raw.rstrip())
    level = logging.getLevelName(str(fields.get("level", "info")).upper())
    return Line(
        text=str(fields["event"]).rstrip(),
        source=str(fields.get("name") or MELTANO),
        level=level if isinstance(level, int) else logging.INFO,
        fields=fields,
    )


@dataclass
class RunSummary:
    """What the log told about a run; None or nothing where it did not.

    Attributes:
        error: The last error that a plugin, else Meltano, named.
        notices: What the athlete should know even of a run that succeeds.
        left: Rows still to come, by stream and athlete.
        athletes: What became of each athlete: `outcome`, `requests`, `records` and `reason`, by id.
        has_tap_failed: Whether Meltano ended the run for the tap alone.
    """

    points: float | None = None
    rejected: float | None = None
    requests: float | None = None
    quota_left: float | None = None
    requests_saved: float | None = None
    error: str = ""
    notices: list[str] = field(default_factory=list)
    is_already_running: bool = False
    left: dict[tuple[str, str], float] = field(default_factory=dict)
    athletes: dict[str, dict[str, Any]] = field(default_factory=dict)
    has_tap_failed: bool = False

    def add(self, line: Line) -> None:
        """Take in one line."""
        of_all = line.fields
        if "outcome" in of_all:
            self._add_athlete(line.fields)
            if "requests_saved" not in of_all:  # of several athletes each has a line; of a single one all is in one
                of_all = {}
        for name in ("points", "rejected", "requests", "requests_saved", "quota_left"):
            if name in of_all:
                setattr(self, name, float(of_all[name]))
        if "left" in line.fields:
            whose = str(line.fields.get("stream")), str(line.fields.get("athlete_id"))
            self.left[whose] = float(line.fields["left"])
        if line.fields.get("notice") and line.text not in self.notices:
            self.notices.append(line.text)
        if line.level >= logging.ERROR and (line.source != MELTANO or not self.error):
            self.error = line.text
        if line.source == MELTANO and ALREADY_RUNNING in line.text:
            self.is_already_running = True
        if line.source == MELTANO and line.level >= logging.ERROR:
            self.has_tap_failed |= line.text.endswith(TAP_FAILED)

    def _add_athlete(self, fields: dict[str, Any]) -> None:
        self.athletes[str(fields.get("athlete_id"))] = {
            "outcome": str(fields["outcome"]),
            "requests": float(fields.get("requests") or 0),
            "records": float(fields.get("records") or 0),
            "reason": str(fields.get("reason") or ""),
        }

    @property
    def failed_athletes(self) -> dict[str, str]:
        """Who failed, with the reason."""
        return {id_: one["reason"] for id_, one in self.athletes.items() if one["outcome"] == FAILED}

    @property
    def is_partial(self) -> bool:
        """Whether a run that failed did so for some athletes alone: the others are as up to date as if it had not."""
        return self.has_tap_failed and 0 < len(self.failed_athletes) < len(self.athletes)

    @property
    def cost(self) -> float | None:
        """Requests of the run, if they tell what one costs: no backfill is on, and the day's quota let all pass."""
        is_cut = any(one["outcome"] == PAUSED for one in self.athletes.values()) or self.quota_left == 0
        return None if is_cut or self.activities_left else self.requests

    @property
    def activities_left(self) -> float | None:
        """Activities that later runs still have to bring."""
        counts = [count for (stream, _), count in self.left.items() if stream == "activities"]
        return sum(counts) if counts else None


def reason(said: str) -> str:
    """Return why a command failed, from what it said: the last error, else the last line."""
    summary, last = RunSummary(), ""
    for raw in said.splitlines():
        summary.add(parse(raw))
        last = raw.strip() or last
    return summary.error or last


class Redactor(logging.Formatter):
    """Formats lines with UTC times and hides secrets, wherever they stand: in texts, arguments or tracebacks."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%SZ")
        self.converter = time.gmtime
        self._secrets = sorted(secrets, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """Return the text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    @override
    def format(self, record: logging.LogRecord) -> str:
        return self.clean(super().format(record))
