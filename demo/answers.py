"""What the points say about today: each answer a figure, what is normal, and a sentence. Pure.

Limits of form and the span of what is normal are those of the boards; they stand here again, as the boards need a
package that the demo does without (a test compares both).
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from demo.charts import Values
    from demo.points import Point

NONE = "–"  # noqa: RUF001 - a dash
WEEK, MONTH = 7, 28
CARRIED = {"restingHR": "tempRestingHR", "weight": "tempWeight"}
"""Flags of values that Intervals.icu repeats from the settings: they were not measured on that day."""
SPAN = 30
"""Values from which follows what is normal."""
FORM = (
    (-math.inf, "bad", "High risk: much more tired than fit. Rest."),
    (-30, "good", "Optimal: you are building fitness."),
    (-10, "plain", "Grey zone: neither fresh nor building."),
    (5, "fresh", "Fresh: ready for a race or a hard day."),
    (20, "warn", "Transition: rested for long, fitness fades."),
)
"""From this form on, its tone and its words."""
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
    """How a value is written: in steps of `step`."""

    name: str
    step: float = 1
    write: Callable[[float], str] = "{:.0f}".format


@dataclass(frozen=True, slots=True)
class Normal:
    """Mean and one standard deviation of the last values up to each day; None before there are enough."""

    mean: float
    deviation: float

    @property
    def low(self) -> float:
        """The lower edge of what is normal."""
        return self.mean - self.deviation

    @property
    def high(self) -> float:
        """The upper edge of what is normal."""
        return self.mean + self.deviation


HOURS = Unit("h", 1 / 60, lambda hours: clock(hours * 3600))


def day(point: Point) -> date:
    """Return the athlete's local date."""
    return datetime.fromtimestamp(point.time, timezone.utc).date()


def daily(wellness: Sequence[Point], field: str) -> list[float | None]:
    """Return a field for each date from the first to the last day; None where it was not measured."""
    flag = CARRIED.get(field, "")
    known = {day(point): point.number(field) for point in wellness if not point.fields.get(flag, False)}
    first, last = day(wellness[0]), day(wellness[-1])
    return [known.get(first + timedelta(days=i)) for i in range((last - first).days + 1)]


def week_means(values: Values) -> list[float | None]:
    """Return for each day the mean of the newest 7 values; None without a value on that day."""
    return [None if last is None else statistics.fmean(last) for last in _newest(values, WEEK)]


def normals(values: Values) -> list[Normal | None]:
    """Return for each day what is normal, from the newest 30 values."""
    found = _newest(values, SPAN)
    return [None if last is None else Normal(statistics.fmean(last), statistics.pstdev(last)) for last in found]


def _newest(values: Values, span: int) -> list[list[float] | None]:
    seen: list[float] = []
    result: list[list[float] | None] = []
    for value in values:
        if value is not None:
            seen.append(value)
        result.append(seen[-span:] if value is not None and len(seen) >= span else None)
    return result


def answers(wellness: Sequence[Point], activities: Sequence[Point]) -> list[Answer]:
    """Return the answers of the newest day."""
    today = wellness[-1]
    sleep = [None if value is None else value / 3600 for value in daily(wellness, "sleepSecs")]
    hrv, resting = daily(wellness, "hrv"), daily(wellness, "restingHR")
    return [
        form(today.number("ctl"), today.number("atl")),
        fitness(today.number("ctl"), today.number("rampRate")),
        against("Sleep", sleep[-1], normals(sleep)[-1], HOURS, low="warn", high="good"),
        against("HRV, 7-day mean", week_means(hrv)[-1], normals(hrv)[-1], Unit("ms"), low="bad", high="fresh"),
        against("Resting heart rate", resting[-1], normals(resting)[-1], Unit("bpm"), low="good", high="warn"),
        load(activities, day(today)),
    ]


def form(ctl: float | None, atl: float | None) -> Answer:
    """Form is fitness minus fatigue; its words are those of the boards' bands."""
    if ctl is None or atl is None:
        return Answer("Form", NONE, "", "plain", "No fitness yet.")
    value = ctl - atl
    tone, words = next((tone, words) for start, tone, words in reversed(FORM) if value >= start)
    return Answer("Form", f"{value:+.0f}", "", tone, words)


def fitness(ctl: float | None, ramp: float | None) -> Answer:
    """Fitness and how fast it moves."""
    if ctl is None or ramp is None:
        return Answer("Fitness", NONE, "", "plain", "No fitness yet.")
    tone, words = next((tone, words) for start, tone, words in reversed(RAMP) if ramp >= start)
    return Answer("Fitness", f"{ctl:.0f}", "", tone, f"{words}: {ramp:+.1f} in a week.")


def against(  # noqa: PLR0913 - what differs between the three
    title: str, value: float | None, normal: Normal | None, unit: Unit, *, low: str, high: str
) -> Answer:
    """Compare a value, as it is written, with what is normal; `low` and `high` are the tones outside of it."""
    if value is None:
        return Answer(title, NONE, "", "plain", "Not measured today.")
    figure, name = unit.write(value), f" {unit.name}"
    if normal is None:
        return Answer(title, figure, name, "plain", f"What is normal is known after {SPAN} values.")
    at, bottom, top = (round(number / unit.step) for number in (value, normal.low, normal.high))
    tone, word = (low, "Below") if at < bottom else (high, "Above") if at > top else ("good", "Within")
    return Answer(
        title, figure, name, tone, f"{word} your normal {unit.write(normal.low)} to {unit.write(normal.high)}{name}."
    )


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
