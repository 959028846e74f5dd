"""Which days a run is about: pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date


@dataclass(frozen=True)
class Days:
    """Local dates, both inclusive."""

    first: date
    last: date

    def halves(self) -> tuple[Days, Days]:
        """Return the later and the earlier half."""
        middle = self.first + (self.last - self.first) / 2
        return Days(middle + timedelta(days=1), self.last), Days(self.first, middle)

    def __contains__(self, ordinal: int) -> bool:
        return self.first.toordinal() <= ordinal <= self.last.toordinal()


@dataclass(frozen=True)
class Calendar:
    """Which days there are, and which of them matter.

    Attributes:
        span: All days that there can be. The census lists them all, so that no edit is missed because other days were
            wanted for a while.
        wanted: Days whose rows are emitted.
        window_start: First day of the look-back window.
    """

    span: Days
    wanted: Days
    window_start: date

    @property
    def window(self) -> Days:
        """The look-back window: wanted days whose rows are compared by content in every run."""
        return Days(max(self.wanted.first, self.window_start), self.wanted.last)


@dataclass(frozen=True)
class Scope:
    """What the user asks for: local dates, how often to look at what, and which streams are made of each list.

    `streams` names, by list, the selected ones of the list's own stream and its children.
    """

    start_date: date | None = None
    end_date: date | None = None
    lookback_days: int = 14
    census_interval: float = 86_400
    streams: Mapping[str, Iterable[str]] = field(default_factory=dict)
