"""Volume, load and intensity by week and month."""

from __future__ import annotations

from grafana.boards.training_years import NONE, SPORTS, YEARS
from grafana.parts import style
from grafana.parts.board import Board
from grafana.parts.charts import bars, sport_colors, zone_colors
from grafana.parts.figures import columns, distribution, shares
from grafana.parts.panels import Look, override, value
from grafana.parts.query import (
    RANGE,
    SPORT,
    WEEK,
    WHOLE_WEEKS,
    Query,
    activities,
    by_period,
    by_sport,
    select,
    total,
)
from grafana.parts.tables import added, by_month, grid, only, step

WEEKS = "Weeks start on Monday. Source: activities of the chosen sports"
MONTHS = "added up to months by Grafana; the first is whole where the range begins with it"
HR_ZONES = ", ".join(f'sum("icu_hr_zone_times_{index}") / 3600 AS "Z{index + 1}"' for index in range(7))
POWER_ZONES = ", ".join(f'sum("icu_zone_times_Z{zone}") / 3600 AS "Z{zone}"' for zone in range(1, 8))
PACE_ZONES = ", ".join(f'sum("pace_zone_times_{index}") / 3600 AS "Z{index + 1}"' for index in range(7))


def _weekly(column: str) -> Query:
    """Weekly sums by sport, a series per sport."""
    tail = f'GROUP BY {WEEK}, "type" fill(none)'
    return Query(select("activities", column, SPORT, WHOLE_WEEKS, tail=tail), alias="$tag_type")


def _daily(column: str) -> Query:
    """Daily sums by sport, a table with columns Time, type, sum."""
    return activities(column, tail='GROUP BY time(1d), "type" fill(none)')


TOTALS = (
    value(
        "Activities",
        "How often did I train? How many activities. Unit: count. Source: activities of the range and the chosen "
        "sports.",
        total('count("elapsed_time") AS "Activities"'),
        look=Look(decimals=0),
    ),
    value(
        "Time",
        "For how long? Time in motion. Unit: h. Source: activities of the range and the chosen sports, sum of "
        "moving_time.",
        total('sum("moving_time") / 3600 AS "Time"'),
        look=Look(unit=style.HOURS, decimals=0),
    ),
    value(
        "Distance",
        "How far? Distance covered. Unit: km. Source: activities of the range and the chosen sports, sum of "
        "icu_distance.",
        total('sum("icu_distance") / 1000 AS "Distance"'),
        look=Look(unit=style.KM, decimals=0),
    ),
    value(
        "Climbing",
        "How high? Metres climbed. Unit: m. Source: activities of the range and the chosen sports, sum of "
        "total_elevation_gain.",
        total('sum("total_elevation_gain") AS "Climbing"'),
        look=Look(unit=style.METRES, decimals=0),
    ),
    value(
        "Load",
        "How much load was it? Training load. Unit: load points. Source: activities of the range and the chosen "
        "sports, sum of icu_training_load.",
        total('sum("icu_training_load") AS "Load"'),
        look=Look(decimals=0),
    ),
    value(
        "Energy",
        "How much energy did it take? Energy spent. Unit: kcal. Source: activities of the range and the chosen "
        "sports, sum of calories.",
        total('sum("calories") AS "Energy"'),
        look=Look(unit=style.KCAL, decimals=0),
    ),
)

WEEKLY = (
    bars(
        "Load by week",
        "Is the load of the weeks rising? Training load of each week, stacked by sport. Unit: load points. "
        f"{WEEKS}, sum of icu_training_load.",
        by_sport('"icu_training_load"', WEEK),
        look=Look(decimals=0, nothing=NONE),
        overrides=sport_colors(),
    ),
    bars(
        "Time by week",
        f"How much time does each week have? Hours in motion of each week, stacked by sport. Unit: h. {WEEKS}, sum "
        "of moving_time.",
        _weekly('sum("moving_time") / 3600'),
        look=Look(unit=style.HOURS, decimals=1, nothing=NONE),
        overrides=sport_colors(),
    ),
    bars(
        "Distance by week",
        f"How far did I go in each week? Distance of each week, stacked by sport. Unit: km. {WEEKS}, sum of "
        "icu_distance.",
        _weekly('sum("icu_distance") / 1000'),
        look=Look(unit=style.KM, decimals=0, nothing=NONE),
        overrides=sport_colors(),
    ),
    bars(
        "Climbing by week",
        f"How high did I climb in each week? Metres climbed in each week, stacked by sport. Unit: m. {WEEKS}, sum "
        "of total_elevation_gain.",
        by_sport('"total_elevation_gain"', WEEK),
        look=Look(unit=style.METRES, decimals=0, nothing=NONE),
        overrides=sport_colors(),
    ),
)
MONTHLY = (
    columns(
        "Load by month",
        "Which months were big? Training load of each month, stacked by sport. Unit: load points. Source: "
        f"activities, daily sums of icu_training_load, {MONTHS}.",
        _daily('sum("icu_training_load")'),
        look=Look(decimals=0, nothing=NONE),
        overrides=sport_colors(),
        transform=by_month(),
    ),
    columns(
        "Time by month",
        "How much time does each month have? Hours in motion of each month, stacked by sport. Unit: h. Source: "
        f"activities, daily sums of moving_time / 3600, {MONTHS}.",
        _daily('sum("moving_time") / 3600 AS "sum"'),
        look=Look(unit=style.HOURS, decimals=0, nothing=NONE),
        overrides=sport_colors(),
        transform=by_month(),
    ),
)

INTENSITY = (
    shares(
        "Heart rate zones",
        "How hard was it for the heart? Time in each heart rate zone. Unit: h and share. Source: activities, sums "
        "of icu_hr_zone_times.",
        total(HR_ZONES),
        size=(8, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing="No heart rate in this range"),
        overrides=zone_colors(),
    ),
    shares(
        "Power zones",
        "How hard was it in power? Time in each power zone, without sweet spot, which overlaps. Unit: h and "
        "share. Source: activities, sums of icu_zone_times.",
        total(POWER_ZONES),
        size=(8, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing="No power in this range"),
        overrides=zone_colors(),
    ),
    distribution(
        "Intensity of activities",
        "Which activities were easy, which hard? How many activities had which intensity. Unit: % of threshold "
        "(FTP or its like). Source: activities, field icu_intensity.",
        total('"icu_intensity" AS "Intensity"'),
        look=Look(unit=style.PERCENT, color=style.LOAD, nothing=NONE),
        bucket=5,
    ),
    bars(
        "Heart rate zones by week",
        f"Did the weeks get harder for the heart? Hours in each heart rate zone by week. Unit: h. {WEEKS}, sums of "
        "icu_hr_zone_times.",
        by_period(HR_ZONES, WEEK),
        size=(8, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing="No heart rate in this range"),
        overrides=zone_colors(),
    ),
    bars(
        "Power zones by week",
        "Did the weeks get harder in power? Hours in each power zone by week, without sweet spot, which overlaps. "
        f"Unit: h. {WEEKS}, sums of icu_zone_times.",
        by_period(POWER_ZONES, WEEK),
        size=(8, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing="No power in this range"),
        overrides=zone_colors(),
    ),
    bars(
        "Pace zones by week",
        f"Did the weeks get faster? Hours in each pace zone by week, running and swimming. Unit: h. {WEEKS}, sums "
        "of pace_zone_times.",
        by_period(PACE_ZONES, WEEK),
        size=(8, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing="No pace zones in this range"),
        overrides=zone_colors(),
    ),
    bars(
        "Easy, moderate and hard by week",
        "Is most of it easy? Share of easy (heart rate zones 1, 2), moderate (3, 4) and hard (5 and above) time "
        f"by week. Unit: share of the week. {WEEKS}, sums of icu_hr_zone_times, added up by Grafana.",
        by_period(HR_ZONES, WEEK),
        size=(12, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing="No heart rate in this range"),
        overrides=(
            override("Easy", color=style.ZONES[1]),
            override("Moderate", color=style.ZONES[3]),
            override("Hard", color=style.ZONES[5]),
        ),
        transform=(
            added("Easy", "Z1", "Z2"),
            added("Moderate", "Z3", "Z4"),
            added("Hard", "Z5", "Z6", "Z7"),
            only("Time", "Easy", "Moderate", "Hard"),
        ),
        stacked="percent",
    ),
    shares(
        "Time by sport",
        "What did I spend the time on? Hours in motion by sport. Unit: h and share. Source: activities, sums of "
        "moving_time.",
        Query(
            select("activities", 'sum("moving_time") / 3600', SPORT, RANGE, tail='GROUP BY "type"'), alias="$tag_type"
        ),
        size=(12, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing=NONE),
        overrides=sport_colors(),
    ),
)

MORE = (
    columns(
        "Activities by month",
        "How often did I do which sport? How many activities of each sport in each month. Unit: count. Source: "
        f"activities, counted by day, {MONTHS}.",
        _daily('count("elapsed_time") AS "sum"'),
        look=Look(decimals=0, nothing=NONE),
        overrides=sport_colors(),
        transform=by_month(),
    ),
    grid(
        "Gear",
        "How far did each bike and pair of shoes go? What each bike or pair of shoes did in the range. Unit: km, "
        "h, count. Source: activities, icu_distance and moving_time added up by gear_name in Grafana.",
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
    "Training",
    "Volume, load and intensity by week, month and sport.",
    start="now-6M/M",
    rows={
        "In this range": TOTALS,
        "Weeks": WEEKLY,
        "Months": MONTHLY,
        "Years": YEARS,
        "Intensity": INTENSITY,
        "Sports and gear": (*SPORTS, *MORE),
    },
)
