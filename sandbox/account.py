"""An athlete's account: the data, a clock that only moves when told, and what one can look up in it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from threading import RLock
from zoneinfo import ZoneInfo

from sandbox import physiology, streams, wellness
from sandbox.activity import BULK, Condition, Record, record_of, stamp
from sandbox.calendar import Calendar
from sandbox.intervals import intervals
from sandbox.motion import Recording
from sandbox.parameters import AthleteParameters
from sandbox.season import Session, first_day, sessions
from sandbox.sports import Block, structure

PROJECTED = ("ctl", "atl", "rampRate", "ctlLoad", "atlLoad", "sportInfo")


class Account:
    """The whole account of one synthetic athlete.

    `wellness` (by date, every key present), `activities` (by id, without nulls; the server adds them),
    `stubs` (what the API gives for Strava activities, by id) and `calendar` are the truth that the
    server tells. `now` is the account's clock: aware UTC, moved by `advance` and a second by each edit.
    """

    def __init__(self, parameters: AthleteParameters) -> None:
        self.parameters = parameters
        self.lock = RLock()
        self.activities: dict[str, Record] = {}
        self.recordings: dict[str, Recording] = {}
        self.stubs: dict[str, Record] = {}
        self.blocks: dict[str, list[Block]] = {}  # intervals that were edited
        self.replaced_streams: dict[str, list[Record]] = {}
        self.hidden_loads: dict[str, int] = {}  # of Strava activities, by date
        planned = sessions(parameters)
        self.now = self._evening(planned)
        self.calendar = Calendar(parameters, self.now)
        total = sum(physiology.training_load(session.moving, session.intensity) for session in planned)
        level = 0.75 * total / max(1, parameters.days)
        self.initial = (level, level)  # CTL and ATL before the first day
        self._add_stubs()
        self._add(planned)
        self.next_number = len(planned)
        fitness = self.fitness()
        self.wellness = wellness.rows(parameters, fitness, self.now)
        self.refit(first_day(parameters).isoformat(), moved=False)

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
        """The streams of an activity (of these `types` only) in the API's envelope."""
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
        """Training load by date: done until today, planned after it."""
        result = self.calendar.planned_loads(after=self.today.isoformat())
        for day, load in self.hidden_loads.items():
            result[day] = result.get(day, 0) + load
        for record in self.activities.values():
            day = record["start_date_local"][:10]
            result[day] = result.get(day, 0) + (record.get("icu_training_load") or 0)
        return result

    def fitness(self) -> list[tuple[float, float]]:
        """(CTL, ATL) of every day from the first to the last projected one."""
        start, loads = first_day(self.parameters), self.loads()
        days = (self.last_row - start).days + 1 if self.parameters.days else 0
        daily = (loads.get((start + timedelta(days=offset)).isoformat(), 0.0) for offset in range(days))
        return physiology.fitness(daily, *self.initial)

    @property
    def last_row(self) -> date:
        """Date of the last projected wellness row."""
        return max(self.parameters.last_day + timedelta(days=self.parameters.future_days), self.today)

    def refit(self, since: str, *, moved: bool = True) -> None:
        """Recompute fitness from the date `since` on; rows that change get a new `updated` if `moved`."""
        start, loads, fitness = first_day(self.parameters), self.loads(), self.fitness()
        trained = min(loads, default="9999")
        for offset, (ctl, atl) in enumerate(fitness):
            day = start + timedelta(days=offset)
            row = self.wellness.get(day.isoformat())
            if row is None or row["id"] < since:
                continue
            before = fitness[offset - 7][0] if offset >= 7 else self.initial[0]
            load = loads.get(row["id"], 0.0)
            values = (
                physiology.significant(ctl),
                physiology.significant(atl),
                physiology.significant(ctl - before),
                load,
                load,
                wellness.sport_info(day, ctl, trained=row["id"] >= trained),
            )
            if any(row[key] != value for key, value in zip(PROJECTED, values, strict=True)):
                row.update(zip(PROJECTED, values, strict=True))
                if moved:
                    row["updated"] = stamp(self.now)

    def condition(self, day: date, fitness: list[tuple[float, float]] | None = None) -> Condition:
        """The athlete at the end of a day."""
        fitness = fitness or self.fitness()
        offset = min(max(0, (day - first_day(self.parameters)).days), len(fitness) - 1)
        ctl, atl = fitness[offset]
        return Condition(ctl, atl, 71.0 + day.month % 4 / 2, self.calendar.gears)

    def add_session(self, session: Session, condition: Condition, uploaded: datetime) -> str:
        """Store a session as an activity; returns its id."""
        record, recording = record_of(self.parameters, session, condition, uploaded)
        self.activities[record["id"]] = record
        self.recordings[record["id"]] = recording
        self.calendar.wear(record)
        return str(record["id"])

    def _evening(self, planned: list[Session]) -> datetime:
        evening = datetime.combine(self.parameters.last_day, time(21, 30), self.zone)
        ends = (session.start + timedelta(seconds=session.elapsed + 600) for session in planned)
        return max([evening.astimezone(timezone.utc), *ends])

    def _add(self, planned: list[Session]) -> None:
        loads: dict[str, float] = dict(self.hidden_loads)
        for session in planned:
            day = session.start_local.date().isoformat()
            loads[day] = loads.get(day, 0) + physiology.training_load(session.moving, session.intensity)
        start = first_day(self.parameters)
        daily = [loads.get((start + timedelta(days=n)).isoformat(), 0.0) for n in range(self.parameters.days)]
        fitness = physiology.fitness(daily, *self.initial)
        rng = self.parameters.random("uploads")
        bulk = [s.start + timedelta(seconds=s.elapsed + 3600) for s in planned if s.number < BULK]
        for session in planned:
            uploaded = session.start + timedelta(seconds=session.elapsed + rng.randint(40, 500))
            if session.number < BULK:
                uploaded = max(bulk)
            condition = self.condition(session.start_local.date(), fitness)
            self.add_session(session, condition, min(uploaded, self.now))

    def _add_stubs(self) -> None:
        rng = self.parameters.random("stubs")
        for number in range(self.parameters.strava_stubs if self.parameters.days else 0):
            day = first_day(self.parameters) + timedelta(days=rng.randrange(self.parameters.days))
            stub: Record = {
                "id": str(16_000_000_000 + self.parameters.number * 10_000 + number),
                "icu_athlete_id": self.id,
                "start_date_local": f"{day.isoformat()}T{rng.randint(6, 19):02}:00:00",
            }
            if number % 3 == 2:  # came through another service: nothing but nulls
                nothing = dict.fromkeys(("name", "type", "distance", "moving_time"))
                stub |= {"external_id": f"wahoo-{number}", **nothing}
            else:
                stub |= {"source": "STRAVA", "_note": "STRAVA activities are not available via the API"}
            self.stubs[stub["id"]] = stub
            self.hidden_loads[day.isoformat()] = self.hidden_loads.get(day.isoformat(), 0) + 40
