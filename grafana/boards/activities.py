"""The list of activities."""

from __future__ import annotations

from grafana.parts import style
from grafana.parts.board import Board, athlete, search, sport
from grafana.parts.charts import POINTS, RIGHT, bars, lines, sport_colors
from grafana.parts.figures import scatter, shares
from grafana.parts.links import to_activity, to_intervals
from grafana.parts.panels import NOTHING, Look, mapped, override, value
from grafana.parts.query import NAMED, Query, activities, by_sport, total
from grafana.parts.tables import HIDDEN, NARROW, grid, ordered, step, with_end

SCOPE = "Source: activities of the range, the chosen sports and names"
NONE = "No activity matches: widen the range, the sports or the text"

COUNT = value(
    "Activities",
    f"How many activities match? Unit: count. {SCOPE}.",
    total('count("elapsed_time") AS "Activities"', NAMED),
    look=Look(decimals=0),
)
TIME = value(
    "Time",
    f"For how long was I moving in them? Time in motion. Unit: h. {SCOPE}, sum of moving_time.",
    total('sum("moving_time") / 3600 AS "Time"', NAMED),
    look=Look(unit=style.HOURS, decimals=1),
)
DISTANCE = value(
    "Distance",
    f"How far did I go in them? Distance covered. Unit: km. {SCOPE}, sum of icu_distance.",
    total('sum("icu_distance") / 1000 AS "Distance"', NAMED),
    look=Look(unit=style.KM, decimals=0),
)
LONGEST = value(
    "Longest",
    f"How long is the longest of them? The longest of them. Unit: km. {SCOPE}, maximum of icu_distance.",
    total('max("icu_distance") / 1000 AS "Longest"', NAMED),
    look=Look(unit=style.KM, decimals=1),
)
LOAD = value(
    "Load",
    f"How much load did they bring? Training load. Unit: load points. {SCOPE}, sum of icu_training_load.",
    total('sum("icu_training_load") AS "Load"', NAMED),
    look=Look(decimals=0),
)
HEART = value(
    "Heart rate",
    f"How hard did the heart work in them? Mean of the average heart rates. Unit: bpm. {SCOPE}, mean of "
    "average_heartrate.",
    total('mean("average_heartrate") AS "Heart rate"', NAMED),
    look=Look(unit=style.BPM, decimals=0),
)

MOST = 1500
"""Rows of the list."""


def _listed(pace: str, sports: str) -> Query:
    """Return the activities of some sports, with their pace as these count it."""
    return activities(
        '"name", "moving_time", "icu_distance" / 1000 AS "distance", "total_elevation_gain", "icu_training_load", '
        '"icu_intensity", "icu_average_watts", "icu_weighted_avg_watts", "average_heartrate", "average_speed" * 3.6 '
        f'AS "speed", {pace}, "decoupling", "icu_rpe", "feel", "calories", "gear_name", "device_name", '
        '"elapsed_time" * 1000 AS "duration_ms", "id", "type"',
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
        override("name", displayName="Activity", links=[to_activity()], custom={"width": 210}),
        override("type", displayName="Sport", custom={"width": 110}),
        override("distance", displayName="Distance", unit=style.KM, decimals=1, custom=NARROW),
        override("moving_time", displayName="Moving", unit=style.HMS, custom={"width": 85}),
        override(
            "icu_training_load",
            displayName="Load",
            decimals=0,
            color="text",
            min=0,
            max=200,
            custom={"cellOptions": {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}, "width": 100},
        ),
        override("total_elevation_gain", displayName="Climb", unit=style.METRES, decimals=0, custom=NARROW),
        override("icu_intensity", displayName="Intensity", unit=style.PERCENT, decimals=0, custom=NARROW),
        override("icu_average_watts", displayName="Power", unit=style.WATT, decimals=0, custom={"width": 70}),
        override("icu_weighted_avg_watts", displayName="Normalized", unit=style.WATT, decimals=0, custom={"width": 95}),
        override("average_heartrate", displayName="Heart rate", unit=style.BPM, custom=NARROW),
        override("speed", displayName="Speed", unit=style.KMH, decimals=1, custom=NARROW),
        override(
            "pace_ms",
            displayName="Pace",
            unit=style.PACE,
            mappings=mapped({0: (NOTHING, "text")}),
            custom={"width": 65},
        ),
        override("swim_ms", displayName="/100 m", unit=style.PACE, custom={"width": 65}),
        override("decoupling", displayName="Decoupling", unit=style.PERCENT, decimals=1, custom={"width": 95}),
        override("icu_rpe", displayName="RPE", decimals=0, custom={"width": 55}),
        override("feel", displayName="Feel", mappings=mapped(style.FEEL), custom=NARROW),
        override("calories", displayName="Energy", unit=style.KCAL, custom=NARROW),
        override("gear_name", displayName="Gear"),
        override("device_name", displayName="Device"),
        override("id", displayName="Intervals.icu", links=[to_intervals()], custom={"width": 110}),
        override("^(end|duration_ms)$", pattern=True, custom=HIDDEN),
    ),
)
BY_DAY = bars(
    "Load by day",
    f"Which days were big? Training load of each day, stacked by sport. Unit: load points. {SCOPE}, sum of "
    "icu_training_load.",
    by_sport('"icu_training_load"', "time(1d)", NAMED),
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
    Query(
        total('count("elapsed_time")', NAMED).text + ' GROUP BY "type"',
        alias="$tag_type",
    ),
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
        "All of them": (COUNT, TIME, DISTANCE, LONGEST, LOAD, HEART),
        "Together": (BY_DAY, EFFORT, SPEED, BY_SPORT),
    },
)
