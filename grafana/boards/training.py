"""Volume, load and intensity by week and month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.board import Board, athlete, row, sport
from grafana.parts.charts import RIGHT, bars, sport_colors, zone_colors
from grafana.parts.figures import columns, distribution, shares
from grafana.parts.panels import Look, override, value
from grafana.parts.query import RANGE, SPORT, WEEK, Query, activities, by_period, by_sport, select, total
from grafana.parts.tables import by_month, grid, step

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

NONE = "No activity in this range"
WEEKS = "Weeks start on Monday. Source: activities of the chosen sports"
HR_ZONES = ", ".join(f'sum("icu_hr_zone_times_{index}") / 3600 AS "Z{index + 1}"' for index in range(7))
POWER_ZONES = ", ".join(f'sum("icu_zone_times_Z{zone}") / 3600 AS "Z{zone}"' for zone in range(1, 8))
PACE_ZONES = ", ".join(f'sum("pace_zone_times_{index}") / 3600 AS "Z{index + 1}"' for index in range(7))


def _weekly(column: str) -> Query:
    """Weekly sums by sport, a series per sport."""
    tail = f'GROUP BY {WEEK}, "type" fill(none)'
    return Query(select("activities", column, SPORT, RANGE, tail=tail), alias="$tag_type")


def _daily(column: str) -> Query:
    """Daily sums by sport, a table with columns Time, type, sum."""
    return activities(column, tail='GROUP BY time(1d), "type" fill(none)')


TOTALS = (
    value(
        "Activities",
        "How many activities. Unit: count. Source: activities of the range and the chosen sports.",
        total('count("elapsed_time") AS "Activities"'),
        look=Look(decimals=0, color="text"),
    ),
    value(
        "Time",
        "Time in motion. Unit: h. Source: activities of the range and the chosen sports, sum of moving_time.",
        total('sum("moving_time") / 3600 AS "Time"'),
        look=Look(unit=style.HOURS, decimals=0, color="text"),
    ),
    value(
        "Distance",
        "Distance covered. Unit: km. Source: activities of the range and the chosen sports, sum of icu_distance.",
        total('sum("icu_distance") / 1000 AS "Distance"'),
        look=Look(unit=style.KM, decimals=0, color="text"),
    ),
    value(
        "Climbing",
        "Metres climbed. Unit: m. Source: activities of the range and the chosen sports, sum of total_elevation_gain.",
        total('sum("total_elevation_gain") AS "Climbing"'),
        look=Look(unit=style.METRES, decimals=0, color="text"),
    ),
    value(
        "Load",
        "Training load. Unit: load points. Source: activities of the range and the chosen sports, sum of "
        "icu_training_load.",
        total('sum("icu_training_load") AS "Load"'),
        look=Look(decimals=0, color="text"),
    ),
    value(
        "Energy",
        "Energy spent. Unit: kcal. Source: activities of the range and the chosen sports, sum of calories.",
        total('sum("calories") AS "Energy"'),
        look=Look(unit=style.KCAL, decimals=0, color="text"),
    ),
)

WEEKLY = (
    bars(
        "Load by week",
        f"Training load of each week, stacked by sport. Unit: load points. {WEEKS}, sum of icu_training_load.",
        by_sport('"icu_training_load"', WEEK),
        look=Look(decimals=0, nothing=NONE),
        overrides=sport_colors(),
    ),
    bars(
        "Time by week",
        f"Hours in motion of each week, stacked by sport. Unit: h. {WEEKS}, sum of moving_time.",
        _weekly('sum("moving_time") / 3600'),
        look=Look(unit=style.HOURS, decimals=1, nothing=NONE),
        overrides=sport_colors(),
    ),
    bars(
        "Distance by week",
        f"Distance of each week, stacked by sport. Unit: km. {WEEKS}, sum of icu_distance.",
        _weekly('sum("icu_distance") / 1000'),
        look=Look(unit=style.KM, decimals=0, nothing=NONE),
        overrides=sport_colors(),
    ),
    bars(
        "Climbing by week",
        f"Metres climbed in each week, stacked by sport. Unit: m. {WEEKS}, sum of total_elevation_gain.",
        by_sport('"total_elevation_gain"', WEEK),
        look=Look(unit=style.METRES, decimals=0, nothing=NONE),
        overrides=sport_colors(),
    ),
)
MONTHLY = (
    columns(
        "Load by month",
        "Training load of each month, stacked by sport. Unit: load points. Source: activities, daily sums of "
        "icu_training_load, added up to months by Grafana.",
        _daily('sum("icu_training_load")'),
        look=Look(decimals=0, nothing=NONE),
        overrides=sport_colors(),
        transform=by_month(),
    ),
    columns(
        "Time by month",
        "Hours in motion of each month, stacked by sport. Unit: h. Source: activities, daily sums of moving_time / "
        "3600, "
        "added up to months by Grafana.",
        _daily('sum("moving_time") / 3600 AS "sum"'),
        look=Look(unit=style.HOURS, decimals=0, nothing=NONE),
        overrides=sport_colors(),
        transform=by_month(),
    ),
)

INTENSITY = (
    shares(
        "Heart rate zones",
        "Time in each heart rate zone. Unit: h and share. Source: activities, sums of icu_hr_zone_times.",
        total(HR_ZONES),
        size=(8, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing="No heart rate in this range"),
        overrides=zone_colors(),
    ),
    shares(
        "Power zones",
        "Time in each power zone, without sweet spot, which overlaps. Unit: h and share. "
        "Source: activities, sums of icu_zone_times.",
        total(POWER_ZONES),
        size=(8, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing="No power in this range"),
        overrides=zone_colors(),
    ),
    distribution(
        "Intensity of activities",
        "How many activities had which intensity. Unit: % of threshold (FTP or its like). "
        "Source: activities, field icu_intensity.",
        total('"icu_intensity" AS "Intensity"'),
        look=Look(unit=style.PERCENT, color="orange", nothing=NONE),
        bucket=5,
    ),
    bars(
        "Heart rate zones by week",
        f"Hours in each heart rate zone by week. Unit: h. {WEEKS}, sums of icu_hr_zone_times.",
        by_period(HR_ZONES, WEEK),
        size=(8, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing="No heart rate in this range"),
        overrides=zone_colors(),
    ),
    bars(
        "Power zones by week",
        f"Hours in each power zone by week, without sweet spot, which overlaps. Unit: h. {WEEKS}, sums of "
        "icu_zone_times.",
        by_period(POWER_ZONES, WEEK),
        size=(8, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing="No power in this range"),
        overrides=zone_colors(),
    ),
    bars(
        "Pace zones by week",
        f"Hours in each pace zone by week, running and swimming. Unit: h. {WEEKS}, sums of pace_zone_times.",
        by_period(PACE_ZONES, WEEK),
        size=(8, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing="No pace zones in this range"),
        overrides=zone_colors(),
    ),
    bars(
        "Easy, moderate and hard by week",
        "Share of heart rate zones by week: blue and light blue easy (Z1, Z2), green and yellow moderate (Z3, Z4), "
        "the rest "
        f"hard. Unit: share of the week. {WEEKS}, sums of icu_hr_zone_times.",
        by_period(HR_ZONES, WEEK),
        size=(12, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing="No heart rate in this range"),
        overrides=zone_colors(),
        stacked="percent",
    ),
    shares(
        "Time by sport",
        "Hours in motion by sport. Unit: h and share. Source: activities, sums of moving_time.",
        Query(
            select("activities", 'sum("moving_time") / 3600', SPORT, RANGE, tail='GROUP BY "type"'), alias="$tag_type"
        ),
        size=(12, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing=NONE),
        overrides=sport_colors(),
    ),
)

PACE: dict[str, object] = {"unit": style.PACE, "color": style.SPEED}


def _sport(title: str, types: str, speed: str, label: str, look: dict[str, object]) -> Panel:
    """Distance, speed or pace, and heart rate of each week of the sports whose names match."""
    text = select(
        "activities",
        f'sum("icu_distance") / 1000 AS "Distance", {speed} AS "{label}", mean("average_heartrate") AS "Heart rate"',
        f'"type" =~ /{types}/',
        RANGE,
        tail=f"GROUP BY {WEEK} fill(none)",
    )
    line: dict[str, object] = {"drawStyle": "line", "fillOpacity": 0, "lineWidth": 2, "spanNulls": True, **RIGHT}
    return bars(
        title,
        f"Distance (bars), {label.lower()} (distance and time of the whole week) and mean heart rate by week. Unit: "
        "km, km/h "
        "or minutes:seconds, bpm. Weeks start on "
        f"Monday. Source: activities whose sport matches {types}: icu_distance, moving_time, average_heartrate.",
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
    columns(
        "Activities by month",
        "How many activities of each sport in each month. Unit: count. Source: activities, counted by day, added up to "
        "months by Grafana.",
        _daily('count("elapsed_time") AS "sum"'),
        look=Look(decimals=0, nothing=NONE),
        overrides=sport_colors(),
        transform=by_month(),
    ),
    grid(
        "Gear",
        "What each bike or pair of shoes did in the range. Unit: km, h, count. Source: activities, icu_distance and "
        "moving_time added up by gear_name in Grafana.",
        activities('"gear_name", "icu_distance" / 1000 AS "distance", "moving_time"'),
        size=(12, 8),
        look=Look(nothing="No gear in this range"),
        transform=(
            step(
                "groupBy",
                fields={
                    "gear_name": {"operation": "groupby", "aggregations": []},
                    "distance": {"operation": "aggregate", "aggregations": ["sum", "count"]},
                    "moving_time": {"operation": "aggregate", "aggregations": ["sum"]},
                },
            ),
        ),
        overrides=(
            override("gear_name", displayName="Gear", noValue="none"),
            override("distance (sum)", displayName="Distance", unit=style.KM, decimals=0),
            override("distance (count)", displayName="Activities", decimals=0),
            override("moving_time (sum)", displayName="Time", unit=style.HMS),
        ),
        sort="Distance",
    ),
)

BOARD = Board(
    uid="intervals-training",
    title="Training",
    about="Volume, load and intensity by week, month and sport.",
    start="now-182d",
    variables=(athlete(), sport()),
    rows=(
        row("In this range", *TOTALS),
        row("Weeks", *WEEKLY),
        row("Months", *MONTHLY),
        row("Intensity", *INTENSITY),
        row("Sports and gear", *SPORTS),
    ),
)
