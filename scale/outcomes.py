"""How a run went for each athlete, from Meltano's log; and who is missing. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.log import FAILED, PAUSED, RunSummary, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Outcome:
    """How it went for one athlete.

    Attributes:
        reason: What failed.
        is_unfinished: Whether there is more to read, which the next run does: the day's requests were used up.
    """

    athlete_id: str
    is_ok: bool
    reason: str = ""
    is_unfinished: bool = False


class Log:
    """Takes in the lines of a run.

    Attributes:
        failed: Exit codes of the plugins that failed, by their kind; None before Meltano said how it ended.
    """

    def __init__(self) -> None:
        self.failed: dict[str, int] | None = None
        self._summary = RunSummary()

    def add(self, raw: str) -> str:
        """Take in one line; return what people should read of it."""
        line = parse(raw)
        self._summary.add(line)
        if "exit_codes" in line.fields:
            self.failed = dict(line.fields["exit_codes"])
        return "" if line.is_noise else line.story

    def problem(self, code: int) -> str:
        """Return why a run failed as a whole; nothing if it did not, or only some athletes failed."""
        only_tap = self.failed is not None and set(self.failed) == {"extractors"}
        if code == 0 or (only_tap and self._summary.failed_athletes):
            return ""
        return self._summary.error or f"meltano ended with exit code {code}"

    def outcomes(self) -> dict[str, Outcome]:
        """Return how it went, by athlete, as far as it was said."""
        return {
            athlete: Outcome(
                athlete,
                is_ok=one["outcome"] != FAILED,
                reason=one["reason"] if one["outcome"] == FAILED else "",
                is_unfinished=one["outcome"] == PAUSED,
            )
            for athlete, one in self._summary.athletes.items()
        }


def missing(expected: Iterable[str], told: Mapping[str, Outcome]) -> dict[str, str]:
    """Return the athletes of whom nothing or a failure is known, with the reason."""
    found = {}
    for athlete_id in expected:
        outcome = told.get(athlete_id)
        if outcome is None:
            found[athlete_id] = "the run of the shard did not get to its end; see the task's log"
        elif not outcome.is_ok:
            found[athlete_id] = outcome.reason
    return found


def sentence(missing: Mapping[str, str], expected: int, since: Mapping[str, str]) -> str:
    """Return what a person has to know: how many, who, why, since when."""
    others = "; the others were" if len(missing) < expected else ""
    lines = [f"{len(missing)} of {expected} athletes were not synced{others}. The next run tries again."]
    lines += [
        f"- {athlete_id} (last synced {since.get(athlete_id, 'not in the last weeks')}): {reason}"
        for athlete_id, reason in sorted(missing.items())
    ]
    return "\n".join(lines)
