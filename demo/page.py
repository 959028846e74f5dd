"""The page that the demo ends with: the board *Today* in small, drawn from what the pipeline stored."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import jinja2

from demo.advice import advice, facts
from demo.answers import FORM, HRV, NONE, SLEEP, Answer, Measure, answers, clock, daily, day, form_share
from demo.charts import Chart, Label, Scale, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    advice: str
    tone: str
    answers: list[Answer]
    charts: list[Chart]
    rows: list[Row]


def today(database: Database) -> Today:
    """Read what the page shows."""
    wellness, activities = database.points("wellness"), database.points("activities")
    latest = activities[: -LATEST - 1 : -1]
    samples = database.points("activity_streams", [activity.tags["id"] for activity in latest])
    sentence, tone = advice(facts(wellness))
    return Today(
        advice=sentence,
        tone=tone,
        date=f"{day(wellness[-1]):%A, {day(wellness[-1]).day} %B %Y}",
        answers=answers(wellness, activities),
        charts=[
            _fitness(wellness),
            _form(wellness),
            _normal(wellness, "HRV against your normal", HRV, "hrv"),
            _normal(wellness, "Sleep against your normal", SLEEP, "sleep"),
        ],
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
    values = [form_share(*pair) for pair in zip(daily(wellness, "ctl"), daily(wellness, "atl"), strict=True)][-SEASON:]
    scale = Scale.around(len(values), values, [-12, 8])
    edges = [*(max(start, scale.low) for start, _, _ in FORM), scale.high]
    shown = [(band, low, high) for band, low, high in zip(FORM, edges, edges[1:], strict=False) if low < high]
    zones = [scale.strip(tone, low, high) for (_, tone, _), low, high in shown]
    return Chart(
        "Form, % of fitness",
        [*zones, scale.grid(), scale.line("form", values)],
        _dates(wellness, len(values)),
        scale.labels(),
        (
            ("line form", "fitness minus fatigue"),
            *((f"area {tone}", words.partition(":")[0].lower()) for (_, tone, words), _, _ in shown),
        ),
    )


def _normal(wellness: Sequence[Point], title: str, measure: Measure, kind: str) -> Chart:
    """Return a chart of the days, the mean of 7 days, and what is normal."""
    values = measure.values(wellness)
    weeks, values = measure.weeks(values)[-WEEKS:], values[-WEEKS:]
    means, lows, highs = ([week[i] if week else None for week in weeks] for i in range(3))
    scale = Scale.around(len(values), values, lows, highs)
    return Chart(
        title,
        [
            scale.area("normal", lows, highs),
            scale.grid(),
            scale.dots(kind, values),
            scale.line(kind, means, through=True),
        ],
        _dates(wellness, len(values)),
        scale.labels(),
        ((f"line {kind}", f"7 days, {measure.unit.name}"), (f"dots {kind}", "day"), ("area normal", "your normal")),
    )


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
