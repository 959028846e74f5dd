"""Riding, running and swimming by week; months over the years."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.boards.shared_panels import NO_ACTIVITY
from grafana.parts import style
from grafana.parts.charts import columns
from grafana.parts.panels import Look, override
from grafana.parts.query import EVER, WEEK, WHOLE_WEEKS, Query, activities, select
from grafana.parts.tables import by_year
from grafana.parts.time_series import KILOMETRE, PACE_DRAWN, PACE_TOLD, RIGHT, bars, paces
from grafana.parts.volumes import DISTANCE, LOAD

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

    from grafana.parts.volumes import Volume


def _sport(title: str, types: str, metres: int) -> Panel:
    """Distance and speed of each week of the sports whose names match; `metres`: as pace over so many."""
    speed = 'sum("icu_distance") / sum("moving_time")'
    columns = f'sum("icu_distance") / 1000 AS "Distance", {speed} * 3.6 AS "Speed"'
    words, unit = "speed", "km/h"
    if metres:
        pace = f'sum("moving_time") / sum("icu_distance") * {metres * 1000}'
        columns = f'sum("icu_distance") / 1000 AS "Distance", {speed} AS "Pace", {pace} AS "Minutes"'
        words, unit = "pace", f"minutes:seconds per {'km' if metres == KILOMETRE else f'{metres} m'}, faster is higher"
    text = select(
        "activities",
        columns,
        f'"type" =~ /{types}/',
        '"icu_distance" > 0',
        WHOLE_WEEKS,
        tail=f"GROUP BY {WEEK} fill(none)",
    )
    line: dict[str, object] = {"drawStyle": "line", "fillOpacity": 0, "lineWidth": 2, "spanNulls": True, **RIGHT}
    line["axisSoftMin"] = None  # from 0 on they would be flat
    line |= {"showPoints": "always", "pointSize": 5}
    drawn = override("Speed", unit=style.KMH, color=style.SPEED, custom=line)
    if metres:
        drawn = override("Pace", paces(metres), color=style.SPEED, custom={**line, **PACE_DRAWN})
    told = override("Minutes", displayName="Pace", unit=style.PACE, color=style.SPEED, custom={**line, **PACE_TOLD})
    return bars(
        title,
        f"How far and how fast, week by week? Distance (bars) and {words} (distance and time of the whole week). Unit: "
        f"km, {unit}. Weeks start on Monday. Source: activities with a distance whose sport "
        f"matches {types}: icu_distance, moving_time.",
        Query(text),
        size=(8, 8),
        look=Look(unit=style.KM, color=style.GREY, nothing=NO_ACTIVITY),
        stacked=False,
        overrides=(drawn, told) if metres else (drawn,),
    )


SPORTS = (
    _sport("Riding", "Ride$", 0),
    _sport("Running", "Run$", KILOMETRE),
    _sport("Swimming", "Swim$", 100),
)


def _over_the_years(volume: Volume, words: str) -> Panel:
    return columns(
        f"{volume.name}, month by month over the years",
        f"{words} of each month, a column per year. Unit: {volume.unit_in_words}. Source: all activities of the chosen "
        f"sports, daily sums of {volume.formula}, added up by Grafana.",
        activities(f'{volume.column} AS "sum"', tail="GROUP BY time(1d) fill(none)", when=EVER),
        look=Look(unit=volume.unit, decimals=0, nothing=NO_ACTIVITY),
        transform=by_year(),
        stacked=False,
    )


YEARS = (
    _over_the_years(DISTANCE, "Is it further than in other years? Distance"),
    _over_the_years(LOAD, "Is it more than in other years? Training load"),
)
