"""One activity, second by second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.boards.activity_course import COURSE, INTERVALS, NOT_ON_FOOT, ON_FOOT, ROUTE, SPREAD, SWIMMING
from grafana.parts import style
from grafana.parts.board import Board, athlete, chosen, given, listed, search, sport
from grafana.parts.links import to_activity, to_board, to_intervals
from grafana.parts.panels import Look, dial, mapped, override, strips, value
from grafana.parts.query import EVER, NAMED, SPORT, Query, select
from grafana.parts.tables import HIDDEN, binary, grid, ordered, with_end

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

CHOSEN = "\"id\" = '${activity:raw}'"
RECORD = "Source: activities, the chosen one"
FORTNIGHT = str(15 * 86_400_000)
AROUND = to_board(
    "Activities",
    "var-sport=${__value.raw}",
    "from=${__data.fields.before.numeric}",
    "to=${__data.fields.after.numeric}",
    words="All of this sport in the month around it",
)


def fact(columns: str, *where: str) -> Query:
    """Return what the record of the activity says, whatever the range of the board is."""
    return Query(select("activities", columns, CHOSEN, *where, EVER))


HEADER = grid(
    "Activity",
    "Which activity is this? The chosen activity; a click on the start sets the range of the board to it, on "
    "the sport opens the list of the month around it, on the id opens it in Intervals.icu. Unit: as marked; "
    "the start is on the athlete's clock. Source: activities.",
    Query(
        select(
            "activities",
            '"name", "icu_rpe", "feel", "gear_name", "device_name", "description", '
            '"elapsed_time" * 1000 AS "duration_ms", "id", "type"',
            CHOSEN,
            EVER,
        ),
        table=True,
    ),
    size=(24, 4),
    look=Look(nothing="Nothing chosen: click a name in the list above"),
    transform=(
        with_end(),
        binary("Time", "-", FORTNIGHT, "before"),
        binary("Time", "+", FORTNIGHT, "after"),
        ordered("Time", "name", "type"),
    ),
    overrides=(
        override("Time", displayName="Start", links=[to_activity()]),
        override("name", displayName="Activity", custom={"width": 260}),
        override("type", displayName="Sport", links=[AROUND]),
        override("icu_rpe", displayName="RPE", custom={"width": 70}),
        override("feel", displayName="Feel", mappings=mapped(style.FEEL), custom={"width": 80}),
        override("gear_name", displayName="Gear"),
        override("device_name", displayName="Device"),
        override("description", displayName="Description", custom={"width": 300}),
        override("id", displayName="Intervals.icu", links=[to_intervals()]),
        override("^(end|before|after|duration_ms)$", pattern=True, custom=HIDDEN),
    ),
)

OTHERS = grid(
    "Choose an activity",
    "Which one do you want to see? The newest 50 of the chosen sports and of the text looked for, whatever the range "
    "is; a click on a name shows it, with the charts over its very time. Unit: as marked. Source: activities.",
    Query(
        select(
            "activities",
            '"name", "moving_time", "icu_distance" / 1000 AS "distance", "icu_training_load", "elapsed_time" * 1000 AS '
            '"duration_ms", "id", "type"',
            SPORT,
            NAMED,
            EVER,
            tail="ORDER BY time DESC LIMIT 50",
        ),
        table=True,
    ),
    size=(24, 7),
    look=Look(nothing="No activity matches: choose other sports or another text"),
    transform=(with_end(), ordered("Time", "name", "type", "distance", "moving_time", "icu_training_load")),
    overrides=(
        override("name", displayName="Activity", links=[to_activity()], custom={"width": 320}),
        override("type", displayName="Sport"),
        override("distance", displayName="Distance", unit=style.KM, decimals=1),
        override("moving_time", displayName="Moving", unit=style.HMS),
        override("icu_training_load", displayName="Load", decimals=0),
        override("^(id|end|duration_ms)$", pattern=True, custom=HIDDEN),
    ),
)
LOAD = dial(
    "Load",
    f"How much load was it? Training load. Unit: load points. {RECORD}, field icu_training_load.",
    fact('"icu_training_load" AS "Load"'),
    size=(4, 5),
    look=Look(minimum=0, maximum=300, decimals=0, bands=style.bands("green", 75, "yellow", 150, "orange", 250, "red")),
)
INTENSITY = dial(
    "Intensity",
    f"How hard was it for its length? Intensity relative to threshold (FTP or its like). Unit: %. {RECORD}, "
    "field icu_intensity.",
    fact('"icu_intensity" AS "Intensity"'),
    size=(4, 5),
    look=Look(unit=style.PERCENT, minimum=0, maximum=120, decimals=0, bands=style.INTENSITY_BANDS),
)
EXTENT = value(
    "Distance, time, climb",
    f"How far, how long, how high? Unit: km, h:min:s, m. {RECORD}, fields "
    "icu_distance, moving_time, total_elevation_gain.",
    fact('"icu_distance" / 1000 AS "Distance", "moving_time" AS "Moving", "total_elevation_gain" AS "Climb"'),
    size=(8, 5),
    look=Look(unit=style.KM, decimals=1),
    named=True,
    overrides=(override("Moving", unit=style.HMS), override("Climb", unit=style.METRES, decimals=0)),
)
RATE = value(
    "Speed and pace",
    "How fast was it? Average speed, on foot and in water also as pace. Unit: km/h, minutes:seconds per km, "
    f"in water per 100 m. {RECORD}. Formula: average_speed * 3.6; 1000 m or 100 m / average_speed.",
    (
        fact('"average_speed" * 3.6 AS "Speed"'),
        fact('1000000 / "average_speed" AS "Pace"', ON_FOOT, '"average_speed" > 0'),
        fact('100000 / "average_speed" AS "Pace per 100 m"', SWIMMING, '"average_speed" > 0'),
    ),
    size=(4, 5),
    look=Look(unit=style.KMH, decimals=1, color=style.SPEED),
    named=True,
    overrides=(override("Pace", unit=style.PACE), override("Pace per 100 m", unit=style.PACE)),
)
HEART = value(
    "Heart rate",
    f"How hard did the heart work? Average and highest heart rate. Unit: bpm. {RECORD}, fields "
    "average_heartrate, max_heartrate.",
    fact('"average_heartrate" AS "Average", "max_heartrate" AS "Highest"'),
    size=(4, 5),
    look=Look(unit=style.BPM, decimals=0),
    named=True,
)
POWER = value(
    "Power",
    f"How much power was it? Average and normalized power. Unit: W. {RECORD}, fields icu_average_watts, "
    "icu_weighted_avg_watts.",
    fact('"icu_average_watts" AS "Average", "icu_weighted_avg_watts" AS "Normalized"'),
    size=(6, 4),
    look=Look(unit=style.WATT, decimals=0),
    named=True,
)
ENDURANCE = value(
    "Efficiency and decoupling",
    "Did endurance hold to the end? Normalized power per heartbeat, and its fall in the second half (below 5 "
    f"% is good endurance). Unit: W/bpm, %. {RECORD}, fields icu_efficiency_factor, decoupling.",
    fact('"icu_efficiency_factor" AS "Efficiency", "decoupling" AS "Decoupling"'),
    size=(6, 4),
    look=Look(decimals=2),
    named=True,
    overrides=(override("Decoupling", unit=style.PERCENT, decimals=1),),
)
ENERGY = value(
    "Energy",
    f"How much energy did it take? Energy spent, work done, carbohydrates used. Unit: kcal, J, g. {RECORD}, "
    "fields calories, icu_joules, carbs_used.",
    fact('"calories" AS "Energy", "icu_joules" AS "Work", "carbs_used" AS "Carbohydrates"'),
    size=(8, 4),
    look=Look(unit=style.KCAL, decimals=0),
    named=True,
    overrides=(override("Work", unit=style.JOULE), override("Carbohydrates", unit=style.GRAMS)),
)
CADENCE = value(
    "Cadence",
    "How fast did the legs turn? Average cadence. Unit: revolutions a minute; on foot steps a minute. "
    f"{RECORD}, field average_cadence, on foot, where it counts one leg, times 2.",
    (fact('"average_cadence" AS "Cadence"', NOT_ON_FOOT), fact('"average_cadence" * 2 AS "Steps"', ON_FOOT)),
    size=(4, 4),
    look=Look(unit=style.RPM, decimals=0),
    overrides=(override("Steps", unit=style.SPM),),
)


def _zones(title: str, source: str, columns: list[str], extra: str = "") -> Panel:
    zones = ", ".join(f'"{column}" AS "Z{index}"' for index, column in enumerate(columns, 1)) + extra
    colors = [override(f"Z{index}", color=tint) for index, tint in enumerate(style.ZONES, 1)]
    return strips(
        title,
        f"How long was it how hard? Time in each zone. Unit: h:min:s. {RECORD}, field {source}; "
        "SS, the sweet spot, overlaps zones 3 and 4.",
        fact(zones),
        look=Look(unit=style.HMS, color=style.GREY, nothing="No such zones"),
        calculation="lastNotNull",
        overrides=colors,
    )


ZONES = (
    _zones("Heart rate zones", "icu_hr_zone_times", [f"icu_hr_zone_times_{index}" for index in range(7)]),
    _zones(
        "Power zones",
        "icu_zone_times",
        [f"icu_zone_times_Z{zone}" for zone in range(1, 8)],
        ', "icu_zone_times_SS" AS "SS"',
    ),
    _zones("Pace zones", "pace_zone_times", [f"pace_zone_times_{index}" for index in range(7)]),
)

BOARD = Board(
    "Activity",
    "One activity, second by second: click a name, and the board takes its time range.",
    start="now-7d",
    marked=False,
    refresh="",
    variables=(
        athlete(),
        sport(),
        search("search", "Name contains", "Part of the name of the activity to choose; capitals don't matter"),
        given("activity", "Id at Intervals.icu; a click on a name sets it, together with the range"),
        chosen(
            "channel",
            "Channel",
            'SHOW FIELD KEYS FROM "activity_streams"',
            about="Any channel of activity_streams; shown in the last panel of the course",
        ),
        listed(
            "route",
            "Route colour",
            {"heart rate": "heartrate", "power": "watts", "speed": "velocity_smooth", "altitude": "altitude"},
            about="What colours the route",
        ),
    ),
    rows={
        "Choose": (OTHERS,),
        "Activity": (HEADER, LOAD, INTENSITY, EXTENT, RATE, HEART, POWER, ENDURANCE, ENERGY, CADENCE),
        "Zones": ZONES,
        "Course": COURSE,
        "Route and distribution": (ROUTE, INTERVALS, *SPREAD),
    },
)
