"""The list of activities."""

from __future__ import annotations

from grafana.boards.shared_panels import amount, count
from grafana.parts import style
from grafana.parts.activity_lists import LINKED, column, shown
from grafana.parts.board import Board, athlete, search, sport
from grafana.parts.charts import scatter, shares
from grafana.parts.panels import NOTHING, Look, mapped, override
from grafana.parts.query import NAMED, Query, activities, by_sport, total
from grafana.parts.tables import HIDDEN, grid, ordered, step, with_end
from grafana.parts.time_series import POINTS, RIGHT, bars, lines, sport_colors
from grafana.parts.volumes import DISTANCE, HEART_RATE, LOAD, LONGEST, TIME

SCOPE = "Source: activities of the range, the chosen sports and names"
NONE = "No activity matches: widen the range, the sports or the text"

TOTALS = (
    count("How many activities match?", SCOPE, NAMED),
    amount(TIME, "For how long was I moving in them?", SCOPE, NAMED, decimals=1),
    amount(DISTANCE, "How far did I go in them?", SCOPE, NAMED),
    amount(LONGEST, "How long is the longest of them?", SCOPE, NAMED, decimals=1),
    amount(LOAD, "How much load did they bring?", SCOPE, NAMED),
    amount(HEART_RATE, "How hard did the heart work in them?", SCOPE, NAMED),
)

MOST = 1500
"""Rows of the list."""
GAUGE: dict[str, object] = {"cellOptions": {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}}


def _listed(pace: str, sports: str) -> Query:
    """Return the activities of some sports, with their pace as these count it."""
    return activities(
        '"name", "moving_time", "icu_distance" / 1000 AS "distance", "total_elevation_gain", "icu_training_load", '
        '"icu_intensity", "icu_average_watts", "icu_weighted_avg_watts", "average_heartrate", "average_speed" * 3.6 '
        f'AS "speed", {pace}, "decoupling", "icu_rpe", "feel", "calories", "gear_name", "device_name", {LINKED}',
        sports,
        NAMED,
        tail=f"ORDER BY time DESC LIMIT {MOST}",
    )


LIST = grid(
    "Activities",
    "Which activities were these? Every activity of the range: a click on the name opens it with its time "
    "range, a click on the id opens it in Intervals.icu. Unit: as marked; pace in minutes:seconds per km, in "
    f"water per 100 m. {SCOPE}.",
    (
        _listed('1000000 / "pace" AS "pace_ms"', '"type" !~ /Swim$/'),
        _listed('100000 / "pace" AS "swim_ms"', '"type" =~ /Swim$/'),
    ),
    size=(24, 18),
    look=Look(nothing=NONE),
    transform=(
        step("merge"),
        step("sortBy", fields={}, sort=[{"field": "Time", "desc": True}]),
        with_end(),
        ordered("Time", "name", "id", "type", "distance", "moving_time", "icu_training_load"),
    ),
    overrides=(
        *shown(name=210, type=110, distance=80, moving_time=85),
        column("icu_training_load", 100, color="text", min=0, max=200, custom=GAUGE),
        *shown(total_elevation_gain=80, icu_intensity=80, icu_average_watts=70, icu_weighted_avg_watts=95),
        *shown(average_heartrate=80, speed=80),
        column("pace_ms", 65, mappings=mapped({0: (NOTHING, "text")})),
        *shown(swim_ms=65, decoupling=95),
        column("icu_rpe", 55, decimals=0),
        *shown(feel=80, calories=80, gear_name=0, device_name=0, id=110),
        override("^(end|duration_ms)$", pattern=True, custom=HIDDEN),
    ),
)
BY_DAY = bars(
    "Load by day",
    f"Which days were big? Training load of each day, stacked by sport. Unit: load points. {SCOPE}, sum of "
    "icu_training_load.",
    by_sport(LOAD.column, "time(1d)", NAMED),
    look=Look(decimals=0, nothing=NONE),
    overrides=sport_colors(),
)
EFFORT = lines(
    "Effort and feel",
    "How hard did it feel, and how did I feel? The athlete's rating of effort (RPE 1 to 10) and of the "
    f"feeling (1 strong to 5 weak, on the right). Unit: scales. {SCOPE}, fields icu_rpe, feel.",
    (total('"icu_rpe" AS "RPE"', NAMED), total('"feel" AS "Feel"', NAMED)),
    look=Look(minimum=0, nothing="No ratings"),
    overrides=(
        override("RPE", color=style.EFFORT, min=0, max=10, custom={**POINTS, "axisLabel": "RPE, 1 to 10"}),
        override(
            "Feel", color=style.FEELING, min=0.5, max=5.5, mappings=mapped(style.FEEL), custom={**POINTS, **RIGHT}
        ),
    ),
)
SPEED = scatter(
    "Speed over distance",
    f"How fast am I over which distance? Each activity as a point. Unit: km; km/h. {SCOPE}, icu_distance / "
    "1000 and average_speed * 3.6.",
    activities('"icu_distance" / 1000 AS "Distance", "average_speed" * 3.6 AS "Speed"', '"icu_distance" > 0', NAMED),
    size=(12, 9),
    look=Look(unit=style.KMH, decimals=1, color=style.SPEED, nothing=NONE),
    overrides=(override("Distance", unit=style.KM, custom={"axisLabel": "Distance"}),),
)
BY_SPORT = shares(
    "Activities by sport",
    f"Which sports were they? How many activities of each sport. Unit: count and share. {SCOPE}.",
    by_sport('count("elapsed_time")', "", NAMED),
    size=(12, 9),
    look=Look(decimals=0, nothing=NONE),
    overrides=sport_colors(),
)

BOARD = Board(
    "Activities",
    "The list of activities, by sport and name; a click opens one.",
    start="now-90d",
    variables=(athlete(), sport(), search("search", "Name contains", "Part of the name; capitals don't matter")),
    rows={
        "List": (LIST,),
        "All of them": TOTALS,
        "Together": (BY_DAY, EFFORT, SPEED, BY_SPORT),
    },
)
