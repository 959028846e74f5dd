"""What the points say about today: each answer a figure, what is normal, and a sentence. Pure.

What form, and what is normal, means is defined by the boards (grafana/parts/normal_range.py). It stands here again, as
the boards need a package that the demo does without; a test holds both together.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from demo.charts import Values
    from demo.points import Point

NONE = "–"  # noqa: RUF001 - a dash
WEEK, MONTH = 7, 28
"""Days."""
CARRIED = {"restingHR": "tempRestingHR", "weight": "tempWeight"}
"""Flags of values that Intervals.icu repeats from the settings: they were not measured on that day."""
NORMAL_DAYS, LEAST_WEEK, LEAST_NORMAL, CHANGE = 60, 4, 20, 0.5
"""Days before the newest 7, how many of both must be measured, and half the width of what is normal in deviations."""
FORM = (
    (-math.inf, "bad", "High risk: much more tired than fit. Rest."),
    (-30, "good", "Optimal: you are building fitness."),
    (-10, "plain", "Grey zone: neither fresh nor building."),
    (5, "fresh", "Fresh: ready for a race or a hard day."),
    (20, "warn", "Transition: rested for long, fitness fades."),
)
"""From this form on, in % of fitness, its tone and its words."""
RAMP = (
    (-math.inf, "warn", "Fading"),
    (-2, "plain", "Falling slowly"),
    (-0.5, "plain", "Steady"),
    (0.5, "good", "Rising"),
    (5, "warn", "Rising fast"),
    (8, "bad", "Rising riskily fast"),
)
"""From this change of fitness in a week on, its tone and its words."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A figure and what it means; `tone` is good, fresh, plain, warn or bad."""

    title: str
    figure: str
    unit: str
    tone: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Unit:
    """How a value is written."""

    name: str
    write: Callable[[float], str] = "{:.0f}".format


class Week(NamedTuple):
    """The mean of 7 days and the edges of what is normal."""

    mean: float
    low: float
    high: float

    @property
    def side(self) -> int:
        """-1 below, 0 within, 1 above what is normal."""
        return (self.mean > self.high) - (self.mean < self.low)


@dataclass(frozen=True, slots=True)
class Measure:
    """A field of wellness that has a normal range; `worse` is the side that is no good sign, -1 or 1."""

    title: str
    field: str
    unit: Unit
    worse: int
    scale: float = 1
    logarithm: bool = False

    def values(self, wellness: Sequence[Point]) -> list[float | None]:
        """Return the measured value of each date, in the unit; none of these is ever 0."""
        return [value * self.scale if value else None for value in daily(wellness, self.field)]

    def weeks(self, values: Values) -> list[Week | None]:
        """Return for each day the week that ends with it; None where too little is measured."""
        forth, back = (math.log, math.exp) if self.logarithm else (float, float)
        moved = [None if value is None else forth(value) for value in values]
        result: list[Week | None] = []
        for end in range(1, len(moved) + 1):
            begin = max(0, end - WEEK)
            week = [value for value in moved[begin:end] if value is not None]
            usual = [value for value in moved[max(0, begin - NORMAL_DAYS) : begin] if value is not None]
            if len(week) < LEAST_WEEK or len(usual) < LEAST_NORMAL:
                result.append(None)
                continue
            middle, half = statistics.fmean(usual), CHANGE * statistics.stdev(usual)
            result.append(Week(back(statistics.fmean(week)), back(middle - half), back(middle + half)))
        return result

    def answer(self, wellness: Sequence[Point]) -> Answer:
        """Hold the newest 7 days against what is normal."""
        values = self.values(wellness)
        write, week = self.unit.write, self.weeks(values)[-1]
        newest = "not measured" if values[-1] is None else write(values[-1])
        if week is None:
            return Answer(self.title, newest.replace("not measured", NONE), self.unit.name, "plain", "Not enough data.")
        tone = "good" if not week.side else "warn" if week.side == self.worse else "fresh"
        words = {-1: "Below", 0: "Within", 1: "Above"}[week.side]
        sentence = f"{words} your normal {write(week.low)} to {write(week.high)}. Today: {newest}."
        return Answer(self.title, write(week.mean), self.unit.name, tone, sentence)


SLEEP = Measure("Sleep, 7 nights", "sleepSecs", Unit("h", lambda hours: clock(hours * 3600)), worse=-1, scale=1 / 3600)
HRV = Measure("HRV, 7 days", "hrv", Unit("ms"), worse=-1, logarithm=True)
RESTING = Measure("Resting heart rate, 7 days", "restingHR", Unit("bpm", "{:.1f}".format), worse=1)


def day(point: Point) -> date:
    """Return the athlete's local date."""
    return datetime.fromtimestamp(point.time, timezone.utc).date()


def daily(wellness: Sequence[Point], field: str) -> list[float | None]:
    """Return a field for each date from the first to the last day; None where it was not measured."""
    flag = CARRIED.get(field, "")
    known = {day(point): point.number(field) for point in wellness if not point.fields.get(flag, False)}
    first, last = day(wellness[0]), day(wellness[-1])
    return [known.get(first + timedelta(days=i)) for i in range((last - first).days + 1)]


def answers(wellness: Sequence[Point], activities: Sequence[Point]) -> list[Answer]:
    """Return the answers of the newest day."""
    today = wellness[-1]
    return [
        form(today.number("ctl"), today.number("atl")),
        fitness(today.number("ctl"), today.number("rampRate")),
        load(activities, day(today)),
        *(measure.answer(wellness) for measure in (SLEEP, HRV, RESTING)),
    ]


def form(ctl: float | None, atl: float | None) -> Answer:
    """Form is fitness minus fatigue; its words go by its share of fitness."""
    share = form_share(ctl, atl)
    if ctl is None or atl is None or share is None:
        return Answer("Form", NONE, "", "plain", "No fitness yet.")
    tone, words = next((tone, words) for start, tone, words in reversed(FORM) if share >= start)
    return Answer("Form", f"{ctl - atl:+.0f}", f"{share:+.0f} % of fitness", tone, words)


def form_share(ctl: float | None, atl: float | None) -> float | None:
    """Return form in % of fitness; None below a fitness of 1, to which nothing can be related."""
    return None if ctl is None or atl is None or ctl < 1 else (ctl - atl) / ctl * 100


def fitness(ctl: float | None, ramp: float | None) -> Answer:
    """Fitness and how fast it moves."""
    if ctl is None or ramp is None:
        return Answer("Fitness", NONE, "", "plain", "No fitness yet.")
    tone, words = next((tone, words) for start, tone, words in reversed(RAMP) if ramp >= start)
    return Answer("Fitness", f"{ctl:.0f}", "", tone, f"{words}: {ramp:+.1f} in a week.")


def load(activities: Sequence[Point], today: date) -> Answer:
    """Return the load of the last 7 days beside the weekly mean of the last 28."""
    week, month = (
        sum(
            activity.number("icu_training_load") or 0
            for activity in activities
            if timedelta(0) <= today - day(activity) < timedelta(days=span)
        )
        for span in (WEEK, MONTH)
    )
    usual = month * WEEK / MONTH
    steps = ((1.5, "warn", "Much more than"), (1.2, "plain", "More than"), (0.8, "good", "About"))
    ratio = week / usual if usual else 1.0
    tone, words = next(((tone, words) for limit, tone, words in steps if ratio >= limit), ("plain", "Less than"))
    return Answer("Load, 7 days", f"{week:.0f}", "", tone, f"{words} your four-week average of {usual:.0f} a week.")


def clock(seconds: float) -> str:
    """Write a duration as h:mm."""
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02}"
