"""What the service knows about its runs, in a file that the healthcheck reads."""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

INTERVALS_UNTIL_STALE = 3
CLOCK_SLACK = 60.0
"""Seconds: what lies further ahead was noted by a clock that has been set back since."""
MOST_PENDING = 1000
MOST_PENDING_WITH_ATHLETES = 50


@dataclass
class Status:
    """Times are seconds since 1970, 0 for never.

    Attributes:
        started: When the service started.
        running_since: When the current run started; 0 between runs.
        progress: When the current run last said something.
        last_success: When the last successful run ended.
        failures: Runs that failed since then.
        error: Why the last one did.
        is_reported: Whether a message about these failures went out.
        reported: The error in the last of these messages.
        pending: Records of sync_runs that are not in the database yet.
        athletes: How many runs in a row failed for an athlete alone, by id; who works is not in it.
        reasons: Why, for those.
        costs: Requests of the last runs.
        interval: Seconds from run to run where the configured interval would cost too many requests; else 0.
        told: What messages went out about that is not over: ids of athletes, and the interval.
    """

    started: float = 0
    running_since: float = 0
    progress: float = 0
    last_success: float = 0
    failures: int = 0
    error: str = ""
    is_reported: bool = False
    reported: str = ""
    pending: list[dict[str, Any]] = field(default_factory=list)
    athletes: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    costs: list[float] = field(default_factory=list)
    interval: float = 0
    told: list[str] = field(default_factory=list)

    def problem(self, now: float, interval: float) -> str:
        """Return what is wrong, in a sentence, or nothing.

        A success may be three intervals old. The first run of an account takes hours: while no run has failed, what
        the current run says counts as well. A sign that lies in the future tells nothing about now.
        """
        latest = now + CLOCK_SLACK
        success = self.last_success if self.last_success <= latest else 0
        age = now - self._last_sign(latest)
        if age <= INTERVALS_UNTIL_STALE * max(interval, self.interval):
            return ""
        since = "No run has succeeded yet"
        if self.last_success:
            since = (
                f"The last success is {age / 60:.0f} minutes old" if success else "The last success lies in the future"
            )
        return f"{since}; {self.failures} run(s) failed since. {self.error}".strip()

    def _last_sign(self, latest: float = math.inf) -> float:
        """Return when the last sign came that all is well; signs after `latest` count as none."""
        started, success, progress = (
            sign if sign <= latest else 0 for sign in (self.started, self.last_success, self.progress)
        )
        if self.failures and success:
            return success
        return max(started, success, progress if self.running_since and not self.failures else 0)

    def save(self, path: Path, interval: float) -> None:
        """Write the file; readers see the old one or the new one, whole. `interval` is as for `problem`.

        It begins with the time in which `problem` will find nothing, in whole seconds, for `healthy.sh` to read.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        sign = self._last_sign()
        time = {
            "healthy_from": math.ceil(sign - CLOCK_SLACK),
            "healthy_until": math.floor(sign + INTERVALS_UNTIL_STALE * max(interval, self.interval)),
        }
        self.pending = self.pending[-MOST_PENDING:]
        for record in self.pending[:-MOST_PENDING_WITH_ATHLETES]:
            record.pop("athletes", None)
        draft = path.with_suffix(f".{os.getpid()}")
        try:
            draft.write_text(json.dumps(time | asdict(self)), encoding="utf-8")
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)  # a full disk leaves half of it


def load(path: Path) -> Status:
    """Read the file; a missing or broken one is an empty status."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Status(**{one.name: values[one.name] for one in fields(Status) if one.name in values})
    except (OSError, ValueError, TypeError):
        return Status()
