"""What became of each athlete in a run, for programs: fixed fields beside the text of a log line."""

from __future__ import annotations

from dataclasses import dataclass

COMPLETE, SKIPPED, PAUSED, FAILED = "complete", "skipped", "paused", "failed"


@dataclass
class Outcome:
    """One athlete's run.

    Attributes:
        athlete_id: The athlete's own id; as configured where the API did not tell it.
        outcome: `complete`: all that was new was emitted. `skipped`: nothing seemed to be new, so nothing was read.
            `paused`: the quota is spent, the next run goes on. `failed`: something is missing that the run tried.
        requests: Sent for this athlete.
        records: Written, those of child streams and tombstones included.
        reason: Why it is not complete: what the log says as well; "" for nothing.
    """

    athlete_id: str
    outcome: str = COMPLETE
    requests: int = 0
    records: int = 0
    reason: str = ""

    def skip(self, reason: str) -> None:
        """Note that the athlete is not looked at."""
        self.outcome, self.reason = SKIPPED, reason

    def pause(self, reason: str) -> None:
        """Note that the quota is spent."""
        if self.outcome != FAILED:
            self.outcome, self.reason = PAUSED, self.reason or reason

    def fail(self, reason: str) -> None:
        """Note that something is missing."""
        if self.outcome == FAILED:
            reason = f"{self.reason} {reason}"
        self.outcome, self.reason = FAILED, reason
