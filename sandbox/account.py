"""An account that can be edited, as athletes, devices and the service itself edit theirs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sandbox.activity import LATE_KEYS, activity_id
from sandbox.edits import ActivityEdits
from sandbox.records import stamp
from sandbox.season import first_day, plan
from sandbox.sports import KINDS, SPORTS


class Account(ActivityEdits):
    """The whole account of one synthetic athlete, to read and to edit.

    Each edit moves `now` by about a second, so that stamps differ; nothing else but `advance` moves it.
    """

    def add(
        self,
        day: date | str | None = None,
        sport: str = "Ride",
        kind: str = "Endurance",
        *,
        seconds: int | None = None,
        fresh: bool = False,
    ) -> str:
        """Upload an activity that took place today or on `day`; returns its id.

        A `fresh` one still lacks what the service computes a minute later; `settle` adds that.
        """
        with self._editing():
            day = date.fromisoformat(day) if isinstance(day, str) else day or self.today
            number, self.next_number = self.next_number, self.next_number + 1
            session = plan(self.parameters, number, day, SPORTS[sport], KINDS[kind], manual=False)
            if seconds is not None:
                session = session._replace(samples=max(10, seconds // session.sport.step), pauses=())
            name = self._store(session, self._condition(day, self.fitness()), self.now, self.now)
            record = self.activities[name]
            if fresh:
                self.waiting[name] = {key: record.pop(key) for key in LATE_KEYS if key in record}
            self.refit(record["start_date_local"][:10])
            return name

    def delete(self, activity: str) -> None:
        """Delete an activity."""
        with self._editing():
            record = self.activities.pop(activity)
            self.calendar.wear(record, -1)
            del self.recordings[activity]
            self.blocks.pop(activity, None)
            self.replaced_streams.pop(activity, None)
            self.refit(record["start_date_local"][:10])

    def reupload(self, activity: str) -> str:
        """Delete an activity and upload its file again; returns the new id."""
        with self._editing():
            number, self.next_number = self.next_number, self.next_number + 1
            name, now = activity_id(self.parameters, number), stamp(self.now)
            record = self.activities.pop(activity) | {"id": name, "created": now}
            self.activities[name] = record | {"icu_sync_date": now, "analyzed": now}
            self.recordings[name] = self.recordings.pop(activity)
            if activity in self.replaced_streams:
                self.replaced_streams[name] = self.replaced_streams.pop(activity)
            self.blocks.pop(activity, None)
            return name

    def edit_wellness(self, day: str, *, stamped: bool = True, **values: Any) -> None:
        """Enter, correct or (None) clear values of a day, also of one that had no record."""
        with self._editing():
            missing = day not in self.wellness
            self._row(day).update(values)
            if missing:
                self.refit(day, moved=False)
            if stamped:
                self.wellness[day]["updated"] = stamp(self.now)

    def replace_weight(self, day: str, weight: float) -> None:
        """Put a measured weight in the place of one carried over."""
        self.edit_wellness(day, weight=weight, tempWeight=False)

    def add_event(self, **fields: Any) -> int:
        """Add an event to the calendar; returns its id."""
        with self._editing():
            number = self.calendar.add(self.now, **fields)
            self.refit(self.today.isoformat())
            return number

    def edit_event(self, event: int, **fields: Any) -> None:
        """Change an event of the calendar; its `updated` moves."""
        with self._editing():
            self.calendar.events[event] |= {**fields, "updated": stamp(self.now)}
            self.refit(self.today.isoformat())

    def delete_event(self, event: int) -> None:
        """Delete an event of the calendar."""
        with self._editing():
            del self.calendar.events[event]
            self.refit(self.today.isoformat())

    def advance(self, **by: float) -> None:
        """Move the clock on by a timedelta, such as days=1; wellness rows reach at least to today."""
        with self._editing():
            self.now += timedelta(**by)
            day = self.parameters.last_day + timedelta(days=1)
            while day <= self.last_row and self.parameters.days:
                self._row(day.isoformat())
                day += timedelta(days=1)
            self.refit(first_day(self.parameters).isoformat())
