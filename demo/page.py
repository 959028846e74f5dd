"""The page that the demo ends with: the board *Today* in small, drawn from what the pipeline stored."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import jinja2

from demo.answers import FORM, NONE, Answer, Normal, answers, clock, daily, day, normals, week_means
from demo.charts import Chart, Label, Scale, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.charts import Values
    from demo.database import Database
    from demo.points import Point

SEASON, WEEKS = 182, 56
"""Days of the charts of fitness, and of sleep and HRV."""
LATEST = 6
"""Activities in the list."""
COLUMNS = 120
"""Values of a small curve in the list."""
TEMPLATE = Path(__file__).with_name("page.html")


class Row(NamedTuple):
    """An activity in the list; `curve` is its heart rate, second by second."""

    day: str
    name: str
    sport: str
    moving: str
    distance: str
    load: str
    heart: str
    curve: Shape


class Today(NamedTuple):
    """All that the page shows."""

    date: str
    answers: list[Answer]
    charts: list[Chart]
    rows: list[Row]


def today(database: Database) -> Today:
    """Read what the page shows."""
    wellness, activities = database.points("wellness"), database.points("activities")
    latest = activities[: -LATEST - 1 : -1]
    samples = database.points("activity_streams", [activity.tags["id"] for activity in latest])
    return Today(
        date=f"{day(wellness[-1]):%A, {day(wellness[-1]).day} %B %Y}",
        answers=answers(wellness, activities),
        charts=[_fitness(wellness), _form(wellness), _hrv(wellness), _sleep(wellness)],
        rows=[
            _row(activity, [point for point in samples if point.tags["activity_id"] == activity.tags["id"]])
            for activity in latest
        ],
    )


def render(shown: Today, *, points: int, database: str) -> str:
    """Return the page as HTML that needs no other file."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(**shown._asdict(), points=points, database=database)


def _fitness(wellness: Sequence[Point]) -> Chart:
    ctl, atl = (daily(wellness, field)[-SEASON:] for field in ("ctl", "atl"))
    scale = Scale.around(len(ctl), ctl, atl, zero=True)
    shapes = [scale.grid(), scale.area("fitness", [0] * len(ctl), ctl), scale.line("fitness", ctl)]
    return Chart(
        "Fitness and fatigue",
        [*shapes, scale.line("fatigue", atl)],
        _dates(wellness, len(ctl)),
        scale.labels(),
        (("line fitness", "fitness (CTL, 42 days)"), ("line fatigue", "fatigue (ATL, 7 days)")),
    )


def _form(wellness: Sequence[Point]) -> Chart:
    pairs = zip(daily(wellness, "ctl"), daily(wellness, "atl"), strict=True)
    values = [None if ctl is None or atl is None else ctl - atl for ctl, atl in pairs][-SEASON:]
    scale = Scale.around(len(values), values, [-12, 8])
    edges = [*(max(start, scale.low) for start, _, _ in FORM), scale.high]
    shown = [(band, low, high) for band, low, high in zip(FORM, edges, edges[1:], strict=False) if low < high]
    zones = [scale.strip(tone, low, high) for (_, tone, _), low, high in shown]
    return Chart(
        "Form",
        [*zones, scale.grid(), scale.line("form", values)],
        _dates(wellness, len(values)),
        scale.labels(),
        (
            ("line form", "fitness minus fatigue"),
            *((f"area {tone}", words.partition(":")[0].lower()) for (_, tone, words), _, _ in shown),
        ),
    )


def _hrv(wellness: Sequence[Point]) -> Chart:
    values = daily(wellness, "hrv")
    mean, usual, values = week_means(values)[-WEEKS:], normals(values)[-WEEKS:], values[-WEEKS:]
    lows, highs = _edges(usual)
    scale = Scale.around(len(values), values, lows, highs)
    return Chart(
        "HRV against your normal",
        [
            scale.area("normal", lows, highs),
            scale.grid(),
            scale.dots("hrv", values),
            scale.line("hrv", mean, through=True),
        ],
        _dates(wellness, len(values)),
        scale.labels(),
        (("line hrv", "7-day mean, ms"), ("dots hrv", "day"), ("area normal", "normal: 30 days ± 1 SD")),
    )


def _sleep(wellness: Sequence[Point]) -> Chart:
    values = [None if value is None else value / 3600 for value in daily(wellness, "sleepSecs")]
    usual, values = normals(values)[-WEEKS:], values[-WEEKS:]
    lows, highs = _edges(usual)
    scale = Scale.around(len(values), values, zero=True)
    return Chart(
        "Sleep against your normal",
        [scale.grid(), scale.bars("sleep", values), scale.area("normal", lows, highs)],
        _dates(wellness, len(values)),
        scale.labels(),
        (("bars sleep", "hours asleep"), ("area normal", "normal: 30 days ± 1 SD")),
    )


def _edges(usual: Sequence[Normal | None]) -> tuple[Values, Values]:
    return [band.low if band else None for band in usual], [band.high if band else None for band in usual]


def _dates(wellness: Sequence[Point], count: int) -> list[Label]:
    """Return a label where a month begins, or every second Monday of a shorter time, in the last `count` days."""
    last = day(wellness[-1])
    days = [last - timedelta(days=count - 1 - i) for i in range(count)]
    if count >= SEASON:
        return [Label(i / count * 100, f"{date:%b}") for i, date in enumerate(days) if date.day == 1]
    mondays = [(i, date) for i, date in enumerate(days) if date.weekday() == 0]
    return [Label(i / count * 100, f"{date.day} {date:%b}") for i, date in mondays[::2]]


def _row(activity: Point, samples: Sequence[Point]) -> Row:
    distance, moving = activity.number("distance"), activity.number("moving_time")
    heart, load = activity.number("average_heartrate"), activity.number("icu_training_load")
    return Row(
        day=f"{day(activity):%a {day(activity).day} %b}",
        name=activity.text("name"),
        sport=activity.tags["type"],
        moving=NONE if moving is None else clock(moving),
        distance=f"{distance / 1000:.1f} km" if distance else NONE,
        load=NONE if load is None else f"{load:.0f}",
        heart=NONE if heart is None else f"{heart:.0f} bpm",
        curve=_curve(samples),
    )


def _curve(samples: Sequence[Point]) -> Shape:
    """Return the heart rate of an activity; every n-th value is enough at this size."""
    values = [value for point in samples if (value := point.number("heartrate")) is not None]
    values = values[:: max(1, len(values) // COLUMNS)]
    return Scale.around(len(values) or 1, values).line("heart", values)
