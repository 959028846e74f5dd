"""What is remembered between runs of an athlete's calendar: pure bookkeeping, small for any number of years.

Events of the look-back window and after it are known one by one. Of the events of a year before, only a sum of digests
is known: where it differs from what is listed, all of that year come again, which changes nothing where it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_intervals_icu.changes.idset import pack, unpack
from tap_intervals_icu.changes.state import SavedState, fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from typing_extensions import Self

UNDATED = date(1, 1, 1)


@dataclass(frozen=True)
class Event:
    """An event as it is listed: the day it begins (ordinal), and a digest of all there is of it, in hexadecimal."""

    id: str
    day: int
    digest: str

    @property
    def year(self) -> str:
        """The year it begins in, four digits."""
        return f"{date.fromordinal(self.day):%Y}".zfill(4)


def day_of(row: Mapping[str, Any]) -> int:
    """Return the ordinal of the day on which an event begins; that of `UNDATED` where it says none."""
    try:
        return date.fromisoformat(str(row.get("start_date_local"))[:10]).toordinal()
    except ValueError:
        return UNDATED.toordinal()


@dataclass
class CalendarState(SavedState):
    """The calendar as it was emitted; also read from the digests of all events, which version 0.1 kept.

    Attributes:
        days: Ids of all events that were emitted, with the ordinal of their day.
        seen: Digests of those that are known one by one.
        years: For each year the exclusive-or of the digests of all its events.
        looked: When (server time) all years were listed last; empty if never.
        scope: The range of days that was asked for then.
    """

    days: dict[str, int] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    years: dict[str, str] = field(default_factory=dict)
    looked: str = ""
    scope: str = ""

    @override
    @classmethod
    def read(cls, state: Mapping[str, Any]) -> Self:
        return cls(
            days=unpack(state.get("days", "")),
            seen=dict(fields(state.get("seen", ()), 2)),
            years=dict(fields(state.get("years", ()), 2)),
            looked=state.get("looked", ""),
            scope=state.get("scope", ""),
        )

    @override
    def dump(self) -> dict[str, Any]:
        return {
            "days": pack(self.days),
            "seen": [" ".join(entry) for entry in sorted(self.seen.items())],
            "years": [" ".join(entry) for entry in sorted(self.years.items())],
            "looked": self.looked,
            "scope": self.scope,
        }

    @property
    def known(self) -> set[str]:
        """The ids of all events that were emitted."""
        return self.days.keys() | self.seen.keys()

    def is_new(self, event: Event, unchanged_years: Iterable[str] = ()) -> bool:
        """Tell whether an event may differ from what was emitted."""
        if event.id in self.seen:
            return self.seen[event.id] != event.digest
        return event.year not in unchanged_years or self.days.get(event.id) != event.day

    def put(self, event: Event) -> None:
        """Note an event that was emitted."""
        self.forget(event.id)
        self.days[event.id] = event.day
        self.seen[event.id] = event.digest
        self._toggle(event)

    def forget(self, id_: str) -> None:
        """Note that an event is gone."""
        day, digest = self.days.pop(id_, None), self.seen.pop(id_, None)
        if day is not None and digest is not None:
            self._toggle(Event(id_, day, digest))

    def unchanged_years(self, events: Iterable[Event]) -> set[str]:
        """Return the years whose events are all listed as they were emitted."""
        listed = sums(events)
        return {year for year in listed if listed[year] == self.years.get(year)}

    def note_all(self, events: Iterable[Event], first: int) -> None:
        """Note that all these events were emitted, and no others; those from day `first` on stay known one by one."""
        events = list(events)
        listed = {event.id for event in events}
        self.days |= {event.id: event.day for event in events}
        unproven = {id_: digest for id_, digest in self.seen.items() if id_ not in listed}
        self.seen = unproven | {event.id: event.digest for event in events if event.day >= first}
        self.years = sums(events)

    def forget_before(self, first: int) -> None:
        """Keep of the events before a day no more than their year's sum."""
        self.seen = {id_: digest for id_, digest in self.seen.items() if self.days.get(id_, first) >= first}

    def _toggle(self, event: Event) -> None:
        self.years[event.year] = _xor(self.years.get(event.year, ""), event.digest)


def sums(events: Iterable[Event]) -> dict[str, str]:
    """Return for each year the exclusive-or of its events' digests: it does not depend on their order."""
    years: dict[str, str] = {}
    for event in events:
        years[event.year] = _xor(years.get(event.year, ""), event.digest)
    return years


def _xor(one: str, other: str) -> str:
    return f"{int(one or '0', 16) ^ int(other, 16):016x}"
