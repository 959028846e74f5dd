"""What surrounds the activities: planned events, gear, fitness-model events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.physiology import significant
from sandbox.records import Record, stamp
from sandbox.season import first_day
from sandbox.sports import SPORTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.parameters import AthleteParameters

GROUP_OF = {name: sport.group for name, sport in SPORTS.items()}
GEAR = (
    ("b1", "Bike", "Road bike"),
    ("b2", "Bike", "Gravel bike"),
    ("b3", "Trainer", "Trainer bike"),
    ("s1", "Shoes", "Daily trainers"),
    ("s2", "Shoes", "Trail shoes"),
)


class Calendar:
    """Events by id and gear by id; gear gains distance with each activity that uses it."""

    def __init__(self, parameters: AthleteParameters, now: datetime) -> None:
        self.parameters = parameters
        self.events: dict[int, Record] = {}
        # One object per gear, shared by all activities, as the service shows today's distance on old ones too.
        self.gears: dict[str, Record] = {
            code: {"id": f"{code}{parameters.number}", "name": name, "distance": 0.0, "primary": code == "b1"}
            for code, _, name in GEAR
        }
        self.uses: dict[str, int] = {}
        self._plan(now)

    def wear(self, record: Record, sign: int = 1) -> None:
        """Count an activity's distance (with sign -1: take it back) on its gear."""
        gear = record.get("gear")
        if gear:
            gear["distance"] = round(gear["distance"] + sign * record.get("distance", 0.0), 1)
            self.uses[gear["id"]] = self.uses.get(gear["id"], 0) + sign

    def gear(self) -> list[Record]:
        """Return the gear list."""
        return [
            {
                "id": item["id"],
                "athlete_id": self.parameters.athlete_id,
                "type": kind,
                "name": item["name"],
                "purchased": "2023-03-11",
                "notes": None,
                "distance": item["distance"],
                "time": round(item["distance"] / 7, 1),
                "activities": self.uses.get(item["id"], 0),
                "use_elapsed_time": False,
                "retired": None,
                "component_ids": [],
                "reminders": [],
                "activity_filters": None,
                "component": False,
            }
            for (_, kind, _), item in zip(GEAR, self.gears.values(), strict=True)
        ]

    def planned_loads(self, after: str) -> dict[str, float]:
        """Load of planned workouts by date, for days later than `after`."""
        loads: dict[str, float] = {}
        for event in self.events.values():
            day = event["start_date_local"][:10]
            if day > after and event.get("icu_training_load"):
                loads[day] = loads.get(day, 0.0) + event["icu_training_load"]
        return loads

    def pair(self, activities: Iterable[Record]) -> None:
        """Pair each planned workout of the past with an activity of its day and sport, and say how far it was done."""
        free = {(record["start_date_local"][:10], GROUP_OF.get(record["type"])): record for record in activities}
        for event in self.events.values():
            done = free.pop((event["start_date_local"][:10], event.get("type")), None)
            if event["category"] == "WORKOUT" and done:
                event["paired_activity_id"] = done["id"]
                share = done["icu_training_load"] / event["icu_training_load"]
                done |= {"paired_event_id": event["id"], "compliance": significant(share * 100, 4)}

    def add(self, now: datetime, **event: Any) -> int:
        """Store an event; returns its id."""
        number = max(self.events, default=self.parameters.number * 1_000_000) + 1
        base = {"id": number, "uid": f"sandbox-{number}", "athlete_id": self.parameters.athlete_id}
        self.events[number] = base | {"updated": stamp(now)} | event
        return number

    def _plan(self, now: datetime) -> None:
        last, start = self.parameters.last_day, first_day(self.parameters)
        if not self.parameters.days:
            return
        before = now - timedelta(days=3)
        for offset in range(-self.parameters.planned_days, self.parameters.future_days + 1):
            day = last + timedelta(days=offset)
            if day >= start and day.weekday() in {1, 3, 5}:
                self.add(before, **workout(day.isoformat(), offset))
        race = last + timedelta(days=max(1, self.parameters.future_days))
        home = start + timedelta(days=5)
        for category, name, day, more in (
            ("RACE_A", "Gran Fondo", race, {"type": "Ride"}),
            ("HOLIDAY", "Holiday, no bike", start, {"end_date_local": f"{home}T00:00:00"}),
            ("NOTE", "Note", last, {"description": "New saddle"}),
            ("SET_FITNESS", "Start", start - timedelta(days=1), {}),
            ("SET_EFTP", "Ramp test", start, {"icu_ftp": 245, "type": "Ride"}),
        ):
            self.add(before, category=category, name=name, start_date_local=f"{day}T00:00:00", **more)


def workout(day: str, seed: int) -> Record:
    """Return a planned workout of an hour with structured steps."""
    steps = [
        {"text": "Warm-up", "power": {"start": 50, "end": 75, "units": "%ftp"}, "duration": 720},
        {
            "reps": 3,
            "text": "3x",
            "steps": [{"power": {"value": 92, "units": "%ftp"}, "duration": 720}],
            "duration": 2160,
        },
    ]
    return {
        "category": "WORKOUT",
        "type": "Ride",
        "name": f"Sweet spot {seed % 3 + 1}x12",
        "start_date_local": f"{day}T00:00:00",
        "end_date_local": f"{day}T00:00:00",
        "moving_time": 3600,
        "icu_training_load": 55 + seed % 4 * 5,
        "indoor": False,
        "workout_doc": {"steps": steps, "locales": [], "options": {}, "distance": 0, "duration": 2880},
    }
