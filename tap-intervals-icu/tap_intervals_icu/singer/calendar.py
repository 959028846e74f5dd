"""The base of the calendar: a list of days whose rows can be asked for one by one, so that a deletion is proven."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_intervals_icu.changes.calendar_state import UNDATED, CalendarState, Event, day_of
from tap_intervals_icu.changes.days import FIRST_PROVEN_DAY, HORIZON, Days, is_due
from tap_intervals_icu.changes.detect import digest
from tap_intervals_icu.errors import MissingError, WithheldError
from tap_intervals_icu.records.rows import Row, event_record
from tap_intervals_icu.singer.snapshots import SnapshotStream

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tap_intervals_icu.changes.athlete import Athlete

    Listed = list[tuple[Event, list[Row]]]


FITNESS_CATEGORIES = frozenset({"FITNESS_DAYS", "SET_FITNESS", "SET_EFTP"})


class EventStream(SnapshotStream):
    """A list of events, which can be asked for one by one, so that a deletion is proven."""

    @override
    def deleted(self, athlete: Athlete, group: str) -> list[Row] | None:
        try:
            event: Row = athlete.client.get(f"/athlete/{athlete.id}/events/{group}", shape=Row)
        except WithheldError:  # it may exist
            return None
        except MissingError:
            return [self.event_tombstone(athlete, group)]
        return self.unlisted(athlete, group, event)

    def event_tombstone(self, athlete: Athlete, group: str) -> Row:
        """Return the tombstone of an event."""
        id_ = int(group) if group.isdecimal() else group
        return {"athlete_id": athlete.id, "id": id_, "_sdc_deleted_at": self.run.server_time.isoformat()}

    def unlisted(self, athlete: Athlete, group: str, event: Row) -> list[Row] | None:
        """Return as `deleted` does what follows where an event exists, but is not listed any more."""
        del athlete, group, event
        return []  # it lies outside the range that is asked for


class FitnessEventStream(EventStream):
    """Events that set the fitness model."""

    @override
    def unlisted(self, athlete: Athlete, group: str, event: Row) -> list[Row] | None:
        is_of_the_model = event.get("category") in FITNESS_CATEGORIES
        return None if is_of_the_model else [self.event_tombstone(athlete, group)]


class CalendarStream(EventStream):
    """Events of all days up to a year ahead.

    Each run lists those that begin in the look-back window or later, and finds all that changed among them. Those of
    all years are listed once a census interval, and at once where the window shows that one came from or went to them.
    """

    @override
    def emit(self, athlete: Athlete, state: dict[str, Any]) -> Iterator[Row]:
        planned = CalendarState.load(state)
        scope, now = athlete.scope, self.run.server_time
        everything = Days(scope.start_date or FIRST_PROVEN_DAY, scope.end_date or athlete.today + HORIZON)
        window = Days(max(everything.first, athlete.today - timedelta(days=scope.lookback_days)), everything.last)
        wanted = f"{scope.start_date}/{scope.end_date}"
        looks_at_all = planned.scope != wanted or is_due(planned.looked, now, scope.census_interval)
        try:
            if not looks_at_all and window.first <= window.last:
                looks_at_all = yield from self._look_back(athlete, planned, window)
            if looks_at_all:
                yield from self._look_at_all(athlete, planned, everything, window.first.toordinal())
                planned.looked, planned.scope = now.isoformat(), wanted
        finally:
            state.update(planned.dump())

    def _look_back(self, athlete: Athlete, planned: CalendarState, window: Days) -> Generator[Row, None, bool]:
        """Yield what changed in the window; return whether all years have to be listed to know it."""
        listed = [(event, records) for event, records in self._list(athlete, window) if event.day in window]
        ids = {event.id for event, _ in listed}
        if any(event.id in planned.days and event.id not in planned.seen for event, _ in listed):
            return True  # it was in another year before
        yield from self._changed(planned, listed, set())
        for id_ in sorted(planned.seen.keys() - ids):
            if planned.days.get(id_, window.first.toordinal()) not in window:
                continue
            tombstones = self.deleted(athlete, id_)
            if tombstones == []:
                return True  # it is somewhere else now
            if tombstones:
                yield from tombstones
                planned.forget(id_)
        planned.forget_before(window.first.toordinal())
        return False

    def _look_at_all(self, athlete: Athlete, planned: CalendarState, days: Days, window_start: int) -> Iterator[Row]:
        """Yield what changed at all."""
        listed = self._list(athlete, days)
        events = [event for event, _ in listed]
        yield from self._changed(planned, listed, planned.unchanged_years(events))
        for id_ in sorted(planned.known - {event.id for event in events}):
            day = planned.days.get(id_, UNDATED.toordinal())
            is_asked_for = day in days or day == UNDATED.toordinal()
            tombstones = self.deleted(athlete, id_) if is_asked_for else None
            if tombstones is not None:
                yield from tombstones
                planned.forget(id_)
        planned.note_all(events, window_start)

    def _changed(self, planned: CalendarState, listed: Listed, unchanged_years: set[str]) -> Iterator[Row]:
        """Yield the records of events that may have changed; each counts as emitted once the next one is asked for."""
        for event, records in listed:
            if planned.is_new(event, unchanged_years):
                yield from records
                planned.put(event)

    def _list(self, athlete: Athlete, days: Days) -> Listed:
        """List the events of some days, with their records."""
        params = {"oldest": str(days.first), "newest": str(days.last)}
        groups = dict(self.listed(athlete, params))
        return [(Event(group, day_of(records[0]), digest(records)), records) for group, records in groups.items()]

    @override
    def record(self, row: Row) -> Row:
        return event_record(row)
