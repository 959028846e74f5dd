"""Riding, running and swimming by week; months over the years."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.charts import RIGHT, bars
from grafana.parts.figures import columns
from grafana.parts.panels import Look, override
from grafana.parts.query import EVER, WEEK, WHOLE_WEEKS, Query, activities, select
from grafana.parts.tables import by_year

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

NONE = "No activity in this range"
PACE: dict[str, object] = {"unit": style.PACE, "color": style.SPEED}


def _sport(title: str, types: str, speed: str, label: str, look: dict[str, object]) -> Panel:
    """Distance, speed or pace, and heart rate of each week of the sports whose names match."""
    text = select(
        "activities",
        f'sum("icu_distance") / 1000 AS "Distance", {speed} AS "{label}", mean("average_heartrate") AS "Heart rate"',
        f'"type" =~ /{types}/',
        '"icu_distance" > 0',
        WHOLE_WEEKS,
        tail=f"GROUP BY {WEEK} fill(none)",
    )
    line: dict[str, object] = {"drawStyle": "line", "fillOpacity": 0, "lineWidth": 2, "spanNulls": True, **RIGHT}
    line["axisSoftMin"] = None  # from 0 on they would be flat
    return bars(
        title,
        f"Distance (bars), {label.lower()} (distance and time of the whole week) and mean heart rate by week. Unit: "
        "km, km/h or minutes:seconds, bpm. Weeks start on Monday. Source: activities with a distance whose sport "
        f"matches {types}: icu_distance, moving_time, average_heartrate.",
        Query(text),
        size=(8, 8),
        look=Look(unit=style.KM, color=style.GREY, nothing=NONE),
        stacked=False,
        overrides=(
            override(label, look, custom=line),
            override("Heart rate", unit=style.BPM, color=style.HEART, custom=line),
        ),
    )


SPORTS = (
    _sport(
        "Riding",
        "Ride$",
        'sum("icu_distance") / sum("moving_time") * 3.6',
        "Speed",
        {"unit": style.KMH, "color": style.SPEED},
    ),
    _sport("Running", "Run$", 'sum("moving_time") / sum("icu_distance") * 1000000', "Pace per km", PACE),
    _sport("Swimming", "Swim$", 'sum("moving_time") / sum("icu_distance") * 100000', "Pace per 100 m", PACE),
)

YEARS = (
    columns(
        "Distance, month by month over the years",
        "Distance of each month, a column per year, to see this year beside the last ones. Unit: km. Source: all "
        "activities of the chosen sports, daily sums of icu_distance / 1000, added up by Grafana.",
        activities('sum("icu_distance") / 1000 AS "sum"', tail="GROUP BY time(1d) fill(none)", when=EVER),
        look=Look(unit=style.KM, decimals=0, nothing=NONE),
        transform=by_year(),
        stacked=False,
    ),
    columns(
        "Load, month by month over the years",
        "Training load of each month, a column per year, to see this year beside the last ones. Unit: load points. "
        "Source: all activities of the chosen sports, daily sums of icu_training_load, added up by Grafana.",
        activities('sum("icu_training_load") AS "sum"', tail="GROUP BY time(1d) fill(none)", when=EVER),
        look=Look(decimals=0, nothing=NONE),
        transform=by_year(),
        stacked=False,
    ),
)
