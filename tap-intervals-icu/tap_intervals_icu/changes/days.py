"""Which days a run is about: pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""What is asked for. Devices write 1904, 1969 and 1989 when they have lost their clock, 2044 when their GPS has counted
its weeks wrongly, and 2126 for a time that is not set."""

FIRST_PROVEN_DAY = date(2000, 1, 1)
"""From here on the API is known to list."""

HORIZON = timedelta(days=366)
"""How far ahead plans and projections are read."""

CLOCK_SLACK = timedelta(days=366)
"""How far ahead every run looks: a device's clock may be ahead of the day."""


def is_due(last: str, now: datetime, seconds: float) -> bool:
    """Tell whether something is due again so many seconds after it was done last (ISO, "" for never).

    What was done in the future is due as well once it lies that far ahead: a clock was wrong.
    """
    return not last or abs(now - datetime.fromisoformat(last)) >= timedelta(seconds=seconds)


@dataclass(frozen=True)
class Days:
    """Local dates, both inclusive."""

    first: date
    last: date

    def halves(self) -> tuple[Days, Days]:
        """Return the later and the earlier half."""
        middle = self.first + (self.last - self.first) / 2
        return Days(middle + timedelta(days=1), self.last), Days(self.first, middle)

    def outside(self, other: Days) -> Iterator[Days]:
        """Yield what of these days lies before and after some others."""
        day = timedelta(days=1)
        if self.first < other.first:
            yield Days(self.first, min(self.last, other.first - day))
        if self.last > other.last:
            yield Days(max(self.first, other.last + day), self.last)

    def inside(self, other: Days) -> Days | None:
        """Return those of these days that are among some others, None without any."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Days(first, last) if first <= last else None

    def __contains__(self, ordinal: int) -> bool:
        return self.first.toordinal() <= ordinal <= self.last.toordinal()

    @override
    def __str__(self) -> str:
        return f"from {self.first} to {self.last}" if self.first < self.last else f"of {self.first}"


@dataclass(frozen=True)
class DayRanges:
    """Which days there are, and which of them matter.

    Attributes:
        span: All days that there can be. The census lists them all, so that no edit is missed because other days were
            wanted for a while.
        wanted: Days whose rows are emitted.
        window_start: First day of the look-back window.
        today: The athlete's local date.
    """

    span: Days
    wanted: Days
    window_start: date
    today: date

    @property
    def window(self) -> Days:
        """The look-back window: wanted days whose rows are compared by content in every run."""
        return Days(max(self.wanted.first, self.window_start), min(self.wanted.last, self.proven.last))

    @property
    def proven(self) -> Days:
        """The days that the API is known to list; whether it takes the others is tried."""
        return Days(FIRST_PROVEN_DAY, self.today + CLOCK_SLACK)


@dataclass(frozen=True)
class Scope:
    """What the user asks for: local dates, how often to look at what, and which streams are made of each list.

    `read_again` are days whose rows are to be emitted once more, whatever is known of them. `full_look_interval` are
    the seconds for which an athlete need not be looked at who shows no change in the team's summary; None: no such.
    `changed` are activities by athlete id that are known to have changed, whatever their stamps say.
    `streams` names, by list, the selected ones of the list's own stream and its children.
    """

    start_date: date | None = None
    end_date: date | None = None
    lookback_days: int = 14
    census_interval: float = 86_400
    read_again: Days | None = None
    full_look_interval: float | None = None
    changed: Mapping[str, Collection[str]] = field(default_factory=dict)
    streams: Mapping[str, Iterable[str]] = field(default_factory=dict)
