"""Which training happens when: seasons, rest weeks, weekly rhythm, travel, and the sessions themselves."""

from __future__ import annotations

import math
from bisect import bisect_left
from datetime import date, datetime, time, timedelta, timezone
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from sandbox.physiology import training_load
from sandbox.sports import CHANNELS, KINDS, SPORTS, Kind, Sport

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from sandbox.parameters import AthleteParameters

WEEK = (0.15, 1.0, 0.8, 1.0, 0.35, 1.6, 1.5)  # Monday to Sunday
BUILD = (0.85, 1.05, 1.25, 0.5)  # three weeks of building, one of rest
KIND_OF_DAY = ("Recovery", "Intervals", "Endurance", "Tempo", "Recovery", "Endurance", "Long")
HOURS = ((7, 17, 12), (9, 16, 12))  # first, second, third session of a working day and of a weekend day
TRAVEL = (
    (0.45, "America/Los_Angeles"),
    (0.72, "Pacific/Auckland"),
)  # a week each, from this part of the days


class Session(NamedTuple):
    """One planned activity, before it is turned into a record and a recording."""

    number: int
    start: datetime  # UTC
    timezone: str
    sport: Sport
    kind: Kind
    intensity: float
    samples: int
    pauses: tuple[tuple[int, int], ...]  # (index of the first sample after it, seconds)
    streams: tuple[str, ...]
    manual: bool

    @property
    def start_local(self) -> datetime:
        """Wall clock at the start, naive."""
        return self.start.astimezone(ZoneInfo(self.timezone)).replace(tzinfo=None)

    @property
    def moving(self) -> int:
        """Seconds without the pauses."""
        return self.samples * self.sport.step

    @property
    def elapsed(self) -> int:
        """Seconds from start to end."""
        return self.moving + sum(gap for _, gap in self.pauses)

    @property
    def load(self) -> int:
        """Training load in points."""
        return training_load(self.moving, self.intensity)


def first_day(parameters: AthleteParameters) -> date:
    """Date of the athlete's first wellness row."""
    return parameters.last_day - timedelta(days=max(parameters.days - 1, 0))


def _weights(parameters: AthleteParameters) -> list[float]:
    """Readiness to train on each day: the season, the weekly rhythm, illness and a break in autumn."""
    rng = parameters.random("season")
    day, weights = first_day(parameters), []
    ill_until = day
    for _ in range(parameters.days):
        season = 0.75 + 0.4 * math.sin((day.timetuple().tm_yday - 90) * math.tau / 365)
        weight = season * BUILD[day.toordinal() // 7 % 4] * WEEK[day.weekday()]
        if rng.random() < 0.005:
            ill_until = day + timedelta(days=rng.randint(4, 9))
        if day < ill_until or (day.month == 10 and 12 <= day.day <= 26):
            weight *= 0.05
        weights.append(weight)
        day += timedelta(days=1)
    return weights


def _days(parameters: AthleteParameters) -> list[int]:
    """Day number of each session, ascending; the last one is on the last day."""
    total = list(accumulate(_weights(parameters)))
    rng = parameters.random("days")
    count = parameters.activities
    marks = ((number + 0.5 + rng.uniform(-0.45, 0.45)) / count * total[-1] for number in range(count))
    days = sorted(min(bisect_left(total, mark), parameters.days - 1) for mark in marks)
    return [*days[:-1], parameters.days - 1] if days else []


def _zone(parameters: AthleteParameters, day: int) -> str:
    if parameters.days >= 90:
        for share, name in TRAVEL:
            if 0 <= day - int(parameters.days * share) < 7:
                return name
    return parameters.timezone


def _sport(parameters: AthleteParameters, rng: Random, day: date) -> Sport:
    warmth = math.sin((day.timetuple().tm_yday - 105) * math.tau / 365)
    sports = [SPORTS[name] for name in parameters.sports]
    return rng.choices(sports, [sport.share * (1 + sport.summer * warmth) for sport in sports])[0]


def _pauses(rng: Random, sport: Sport, samples: int) -> tuple[tuple[int, int], ...]:
    """Places where the device was stopped; every pause is longer than the 30 s that recording time keeps."""
    if not sport.outdoor or samples < 60:
        return ()
    places = sorted({rng.randrange(samples // 10, samples) for _ in range(rng.randint(0, 4))})
    long = 900 if sport.group == "Ride" else 95
    return tuple((place, rng.choice((34, 62, rng.randint(31, long)))) for place in places)


def _streams(parameters: AthleteParameters, rng: Random, sport: Sport) -> tuple[str, ...]:
    if parameters.channels is not None:
        return ("time", *CHANNELS[: parameters.channels], "latlng")
    streams = sport.streams
    if sport.group == "Run" and rng.random() < 0.25:
        streams += ("hrv", "dfa_a1")
    if sport.group == "Ride" and rng.random() < 0.2:
        streams += ("FuelRate",)
    if sport.power and rng.random() < 0.08:  # a battery was empty
        streams = tuple(name for name in streams if name not in {"watts", "torque", "left_right_balance"})
    if sport.type == "WeightTraining" and rng.random() < 0.4:
        streams = ()
    return streams


def plan(  # noqa: PLR0913 - a session has that many choices
    parameters: AthleteParameters, number: int, day: date, sport: Sport, kind: Kind, *, manual: bool = True
) -> Session:
    """One session; `number` seeds its details, so that an added one does not disturb the others.

    A few are entered by hand, without a recording, if `manual` ones are allowed.
    """
    rng = parameters.random("session", number)
    exact = parameters.channels is not None
    length = 1.0 if exact else kind.length * sport.length * rng.uniform(0.85, 1.15)
    step = 1 if exact else sport.step
    streams = _streams(parameters, rng, sport)
    manual = rng.random() < 0.03 and manual and not exact
    hour = 19 if manual else HOURS[day.weekday() >= 5][0 if rng.random() < 0.6 else 1]
    start = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)))
    samples = max(10, round(parameters.seconds * length / step))
    name = _zone(parameters, (day - first_day(parameters)).days)
    return Session(
        number=number,
        start=start.replace(tzinfo=ZoneInfo(name)).astimezone(timezone.utc),
        timezone=name,
        sport=sport._replace(step=step),
        kind=kind,
        intensity=kind.intensity * rng.uniform(0.94, 1.05),
        samples=samples,
        pauses=() if manual else _pauses(rng, sport, samples),
        streams=() if manual else streams,
        manual=manual,
    )


def _apart(sessions: Sequence[Session]) -> list[Session]:
    """Move a session back when the one before it has not ended."""
    result: list[Session] = []
    for session in sessions:
        if result and session.start < (end := result[-1].start + timedelta(seconds=result[-1].elapsed + 600)):
            session = session._replace(start=end)  # noqa: PLW2901 - the moved session takes its place
        result.append(session)
    return result


def sessions(parameters: AthleteParameters) -> list[Session]:
    """All sessions of the athlete in the order of their start."""
    start, planned = first_day(parameters), []
    days = _days(parameters)
    for number, offset in enumerate(days):
        day = start + timedelta(days=offset)
        rng = parameters.random("choice", number)
        race = day.weekday() == 6 and 4 <= day.month <= 9 and rng.random() < 0.15
        kind = "Race" if race else KIND_OF_DAY[day.weekday()]
        planned.append(plan(parameters, number, day, _sport(parameters, rng, day), KINDS[kind]))
    if len(planned) >= 10:  # one goes on past midnight
        late = planned[len(planned) // 2]
        midnight = datetime.combine(late.start_local.date(), time(23, 59), ZoneInfo(late.timezone))
        begin = midnight.astimezone(timezone.utc) - timedelta(seconds=late.elapsed // 2)
        planned[len(planned) // 2] = late._replace(start=begin)
    return _apart(sorted(planned, key=lambda session: session.start))
