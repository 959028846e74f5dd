"""An athlete's data, a clock that only moves when told, and what one can look up in them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from threading import RLock
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sandbox import physiology, streams, wellness
from sandbox.activity import record_of
from sandbox.build import evening, level, stubs_of, uploads
from sandbox.calendar import Calendar
from sandbox.intervals import intervals
from sandbox.keys import WELLNESS_KEYS, with_nulls
from sandbox.records import Condition, Record, stamp
from sandbox.season import Session, first_day, sessions
from sandbox.sports import Block, structure

if TYPE_CHECKING:
    from sandbox.motion import Recording
    from sandbox.parameters import AthleteParameters

PROJECTED = ("ctl", "atl", "rampRate", "ctlLoad", "atlLoad", "sportInfo")


class Store:
    """The whole account of one synthetic athlete, to read.

    `wellness` (by date, every key present), `activities` (by id, without nulls; the server adds them),
    `stubs` (what the API gives for Strava activities, by id) and `calendar` are the truth that the
    server tells. `now` is the account's clock, aware UTC.
    """

    def __init__(self, parameters: AthleteParameters) -> None:
        self.parameters = parameters
        self.lock = RLock()
        self.activities: dict[str, Record] = {}
        self.recordings: dict[str, Recording] = {}
        self.blocks: dict[str, list[Block]] = {}  # intervals that were edited
        self.replaced_streams: dict[str, list[Record]] = {}
        self.waiting: dict[str, Record] = {}  # what a fresh activity lacks
        planned = sessions(parameters)
        self.next_number = len(planned)
        self.now = evening(parameters, planned)
        self.calendar = Calendar(parameters, self.now)
        self.stubs, self.hidden_loads = stubs_of(parameters)
        self.initial = level(parameters, planned)
        fitness = self._fitness_of(planned)
        for session, uploaded, analysed in uploads(parameters, planned, self.now):
            self._store(session, self._condition(session.start_local.date(), fitness), uploaded, analysed)
        self._tell_fitness()
        self.calendar.pair(self.activities.values())
        self.wellness = wellness.rows(parameters, self.fitness(), self.now)
        self.refit(first_day(parameters).isoformat(), moved=False)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy has, by pickle or `copy`: all but the lock."""
        return {name: value for name, value in self.__dict__.items() if name != "lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, lock=RLock())

    @property
    def id(self) -> str:
        """The athlete's id."""
        return self.parameters.athlete_id

    @property
    def zone(self) -> ZoneInfo:
        """The athlete's time zone at home."""
        return ZoneInfo(self.parameters.timezone)

    @property
    def today(self) -> date:
        """The athlete's local date."""
        return self.now.astimezone(self.zone).date()

    def streams(self, activity_id: str, types: tuple[str, ...] | None = None) -> list[Record]:
        """Return the streams of an activity (of these `types` only) in the API's envelope."""
        if activity_id in self.replaced_streams:
            found = self.replaced_streams[activity_id]
            return [stream for stream in found if types is None or stream["type"] in types]
        return streams.generate(self.recordings[activity_id], types)

    def intervals(self, activity_id: str) -> Record:
        """`icu_intervals` and `icu_groups` of an activity; empty without a recording."""
        recording = self.recordings[activity_id]
        if not recording.streams:
            return {"icu_intervals": [], "icu_groups": []}
        blocks = self.blocks.get(activity_id) or structure(recording.kind, recording.samples)
        return intervals(activity_id, recording, blocks)

    def loads(self) -> dict[str, float]:
        """Training load by local date: done, and planned after today."""
        result = self.calendar.planned_loads(after=self.today.isoformat())
        for day, load in self.hidden_loads.items():
            result[day] = result.get(day, 0.0) + load
        for record in self.activities.values():
            day = record["start_date_local"][:10]
            result[day] = result.get(day, 0.0) + (record.get("icu_training_load") or 0)
        return result

    @property
    def last_row(self) -> date:
        """Date of the last projected wellness row."""
        return max(self.parameters.last_day + timedelta(days=self.parameters.future_days), self.today)

    def fitness(self) -> list[tuple[float, float]]:
        """(CTL, ATL) of every day from the first to the last projected one."""
        return self._fit(self.loads())

    def refit(self, since: str, *, moved: bool = True) -> None:
        """Recompute fitness from the date `since` on; rows that change get a new `updated` if `moved`."""
        start, loads = first_day(self.parameters), self.loads()
        fitness = self._fit(loads)
        trained = min(loads, default="9999")
        for offset, (ctl, atl) in enumerate(fitness):
            day = start + timedelta(days=offset)
            row = self.wellness.get(day.isoformat())
            if row is None or row["id"] < since:
                continue
            before = fitness[offset - 7][0] if offset >= 7 else self.initial
            load = loads.get(row["id"], 0.0)
            values = (
                physiology.significant(ctl),
                physiology.significant(atl),
                physiology.significant(ctl - before),
                load,
                load,
                wellness.sport_info(day, ctl) if row["id"] >= trained else None,
            )
            if any(row[key] != value for key, value in zip(PROJECTED, values, strict=True)):
                row.update(zip(PROJECTED, values, strict=True))
                if moved:
                    row["updated"] = stamp(self.now)

    def _fit(self, loads: dict[str, float]) -> list[tuple[float, float]]:
        start = first_day(self.parameters)
        days = (self.last_row - start).days + 1 if self.parameters.days else 0
        daily = (loads.get((start + timedelta(days=offset)).isoformat(), 0.0) for offset in range(days))
        return physiology.fitness(daily, self.initial, self.initial)

    def _fitness_of(self, planned: list[Session]) -> list[tuple[float, float]]:
        loads = dict(self.hidden_loads)
        for session in planned:
            day = session.start_local.date().isoformat()
            loads[day] = loads.get(day, 0.0) + session.load
        return self._fit(loads)

    def _condition(self, day: date, fitness: list[tuple[float, float]]) -> Condition:
        offset = min(max(0, (day - first_day(self.parameters)).days), len(fitness) - 1)
        ctl, atl = fitness[offset] if fitness else (0.0, 0.0)
        return Condition(ctl, atl, 71.0 + day.month % 4 / 2, self.calendar.gears)

    def _tell_fitness(self) -> None:
        """Give the activities the fitness that their loads lead to; the planned loads were a guess."""
        fitness = self.fitness()
        for record in self.activities.values():
            now = self._condition(date.fromisoformat(record["start_date_local"][:10]), fitness)
            record |= {"icu_atl": physiology.significant(now.atl), "icu_ctl": physiology.significant(now.ctl)}

    def _store(self, session: Session, condition: Condition, uploaded: datetime, analysed: datetime) -> str:
        record, recording = record_of(self.parameters, session, condition, uploaded, analysed)
        self.activities[record["id"]] = record
        self.recordings[record["id"]] = recording
        self.calendar.wear(record)
        return str(record["id"])

    def _row(self, day: str) -> dict[str, Any]:
        """Return the wellness row of a date, a new one if there is none."""
        if day not in self.wellness:
            self.wellness[day] = with_nulls({"id": day, "updated": stamp(self.now)}, WELLNESS_KEYS)
        return self.wellness[day]
