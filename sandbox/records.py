"""What the parts of an account have in common: records, stamps, the athlete's condition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

Record = dict[str, Any]


def stamp(moment: datetime) -> str:
    """UTC with milliseconds, as the API writes its own stamps."""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class Condition:
    """The athlete on the day of an activity."""

    ctl: float
    atl: float
    weight: float
    gears: dict[str, Record]

    @property
    def ftp(self) -> int:
        """Threshold power in W, set in steps of 5."""
        return round((205 + self.ctl) / 5) * 5
