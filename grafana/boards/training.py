"""Volume, load and intensity by week and month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.boards.shared_panels import NO_ACTIVITY, amount, count
from grafana.boards.training_years import SPORTS, YEARS
from grafana.parts import style, zones
from grafana.parts.board import Board
from grafana.parts.charts import columns, distribution, shares
from grafana.parts.panels import Look, override
from grafana.parts.query import WEEK, activities, by_period, by_sport, total
from grafana.parts.tables import added, by_month, grid, only, step
from grafana.parts.time_series import bars, sport_colors, zone_colors
from grafana.parts.volumes import CLIMBING, DISTANCE, ENERGY, LOAD, TIME

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

    from grafana.parts.volumes import Volume
    from grafana.parts.zones import Zones

SCOPE = "Source: activities of the range and the chosen sports"
WEEKS = "Weeks start on Monday. Source: activities of the chosen sports"
MONTHS = "added up to months by Grafana; the first is whole where the range begins with it"
NO_SWEET_SPOT = ", without sweet spot, which overlaps"

TOTALS = (
    count("How often did I train? How many activities.", SCOPE),
    amount(TIME, "For how long?", SCOPE),
    amount(DISTANCE, "How far?", SCOPE),
    amount(CLIMBING, "How high?", SCOPE),
    amount(LOAD, "How much load was it?", SCOPE),
    amount(ENERGY, "How much energy did it take?", SCOPE),
)


def _by_week(volume: Volume, words: str, decimals: int = 0) -> Panel:
    """Return sums of whole weeks, stacked by sport."""
    return bars(
        f"{volume.name} by week",
        f"{words} each week, stacked by sport. Unit: {volume.unit_in_words}. {WEEKS}, {volume.source}.",
        by_sport(volume.column, WEEK),
        look=Look(unit=volume.unit, decimals=decimals, nothing=NO_ACTIVITY),
        overrides=sport_colors(),
    )


WEEKLY = (
    _by_week(LOAD, "Is the load of the weeks rising? Training load of"),
    _by_week(TIME, "How much time does each week have? Hours in motion of", decimals=1),
    _by_week(DISTANCE, "How far did I go in each week? Distance of"),
    _by_week(CLIMBING, "How high did I climb in each week? Metres climbed in"),
)


def _by_month(title: str, words: str, source: str, column: str, unit: str = style.NUMBER) -> Panel:
    """Return sums of whole months, stacked by sport."""
    return columns(
        title,
        f"{words} Source: activities, {source}, {MONTHS}.",
        activities(column, tail='GROUP BY time(1d), "type" fill(none)'),
        look=Look(unit=unit, decimals=0, nothing=NO_ACTIVITY),
        overrides=sport_colors(),
        transform=by_month(),
    )


MONTHLY = (
    _by_month(
        "Load by month",
        "Which months were big? Training load of each month, stacked by sport. Unit: load points.",
        "daily sums of icu_training_load",
        LOAD.column,
    ),
    _by_month(
        "Time by month",
        "How much time does each month have? Hours in motion of each month, stacked by sport. Unit: h.",
        "daily sums of moving_time / 3600",
        f'{TIME.column} AS "sum"',
        TIME.unit,
    ),
)


def _shares_of(kind: Zones, question: str, note: str = "") -> Panel:
    return shares(
        f"{kind.name.capitalize()} zones",
        f"{question} Time in each {kind.name} zone{note}. Unit: h and share. Source: activities, sums of "
        f"{kind.source}.",
        total(kind.hours),
        size=(8, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing=kind.missing),
        overrides=zone_colors(),
    )


def _weeks_of(kind: Zones, question: str, note: str = "") -> Panel:
    return bars(
        f"{kind.name.capitalize()} zones by week",
        f"{question} Hours in each {kind.name} zone by week{note}. Unit: h. {WEEKS}, sums of {kind.source}.",
        by_period(kind.hours, WEEK),
        size=(8, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing=kind.missing),
        overrides=zone_colors(),
    )


INTENSITY = (
    _shares_of(zones.HEART, "How hard was it for the heart?"),
    _shares_of(zones.POWER, "How hard was it in power?", NO_SWEET_SPOT),
    distribution(
        "Intensity of activities",
        "Which activities were easy, which hard? How many activities had which intensity. Unit: % of threshold "
        "(FTP or its like). Source: activities, field icu_intensity.",
        total('"icu_intensity" AS "Intensity"'),
        look=Look(unit=style.PERCENT, color=style.LOAD, nothing=NO_ACTIVITY),
        bucket=5,
    ),
    _weeks_of(zones.HEART, "Did the weeks get harder for the heart?"),
    _weeks_of(zones.POWER, "Did the weeks get harder in power?", NO_SWEET_SPOT),
    _weeks_of(zones.PACE, "Did the weeks get faster?", ", running and swimming"),
    bars(
        "Easy, moderate and hard by week",
        "Is most of it easy? Share of easy (heart rate zones 1, 2), moderate (3, 4) and hard (5 and above) time "
        f"by week. Unit: share of the week. {WEEKS}, sums of icu_hr_zone_times, added up by Grafana.",
        by_period(zones.HEART.hours, WEEK),
        look=Look(unit=style.HOURS, decimals=1, nothing=zones.HEART.missing),
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
        by_sport(TIME.column),
        size=(12, 8),
        look=Look(unit=style.HOURS, decimals=1, nothing=NO_ACTIVITY),
        overrides=sport_colors(),
    ),
)

MORE = (
    _by_month(
        "Activities by month",
        "How often did I do which sport? How many activities of each sport in each month. Unit: count.",
        "counted by day",
        'count("elapsed_time") AS "sum"',
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
