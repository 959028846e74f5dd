"""One activity, second by second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.boards.activity_course import COURSE, INTERVALS, NOT_ON_FOOT, ON_FOOT, ROUTE, SPREAD, SWIMMING
from grafana.parts import style, zones
from grafana.parts.activity_lists import FOR_LINKS, LINKED, shown
from grafana.parts.board import Board, athlete, field_of, given, line, listed, search, sport
from grafana.parts.links import to_activity, to_board
from grafana.parts.panels import Look, dial, override, strips, value
from grafana.parts.query import EVER, NAMED, Query, activities, select
from grafana.parts.tables import HIDDEN, binary, grid, ordered, with_end
from grafana.parts.time_series import zone_colors

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import DashboardFieldConfigSourceOverrides as Override
    from grafana_foundation_sdk.models.dashboard import Panel

    from grafana.parts.zones import Zones

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


def fact(columns: str, *where: str, table: bool = False) -> Query:
    """Return what the record of the activity says, whatever the range of the board is."""
    return Query(select("activities", columns, CHOSEN, *where, EVER), table=table)


HEADER = grid(
    "Activity",
    "Which activity is this? The chosen activity; a click on the start sets the range of the board to it, on "
    "the sport opens the list of the month around it, on the id opens it in Intervals.icu. Unit: as marked; "
    "the start is on the athlete's clock. Source: activities.",
    fact(f'"name", "icu_rpe", "feel", "gear_name", "device_name", "description", {LINKED}', table=True),
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
        *shown(icu_rpe=70, feel=80, gear_name=0, device_name=0),
        override("description", displayName="Description", custom={"width": 300}),
        *shown(id=0),
        override("^(end|before|after|duration_ms)$", pattern=True, custom=HIDDEN),
    ),
)

OTHERS = grid(
    "Choose an activity",
    "Which one do you want to see? The newest 50 of the chosen sports and of the text looked for, whatever the range "
    "is; a click on a name shows it, with the charts over its very time. Unit: as marked. Source: activities.",
    activities(
        f'"name", "moving_time", "icu_distance" / 1000 AS "distance", "icu_training_load", {LINKED}',
        NAMED,
        when=EVER,
        tail="ORDER BY time DESC LIMIT 50",
    ),
    size=(24, 7),
    look=Look(nothing="No activity matches: choose other sports or another text"),
    transform=(with_end(), ordered("Time", "name", "type", "distance", "moving_time", "icu_training_load")),
    overrides=(*shown(name=320, type=0, distance=0, moving_time=0, icu_training_load=0), FOR_LINKS),
)
LOAD = dial(
    "Load",
    f"How much load was it? Training load. Unit: load points. {RECORD}, field icu_training_load.",
    fact('"icu_training_load" AS "Load"'),
    look=Look(minimum=0, maximum=300, decimals=0, bands=style.bands("green", 75, "yellow", 150, "orange", 250, "red")),
)
INTENSITY = dial(
    "Intensity",
    f"How hard was it for its length? Intensity relative to threshold (FTP or its like). Unit: %. {RECORD}, "
    "field icu_intensity.",
    fact('"icu_intensity" AS "Intensity"'),
    look=Look(unit=style.PERCENT, minimum=0, maximum=120, decimals=0, bands=style.INTENSITY_BANDS),
)
EXTENT = value(
    "Distance, time, climb",
    f"How far, how long, how high? Unit: km, h:min:s, m. {RECORD}, fields "
    "icu_distance, moving_time, total_elevation_gain.",
    fact('"icu_distance" / 1000 AS "Distance", "moving_time" AS "Moving", "total_elevation_gain" AS "Climb"'),
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
    look=Look(unit=style.KMH, decimals=1),
    named=True,
    overrides=(override("Pace", unit=style.PACE), override("Pace per 100 m", unit=style.PACE)),
)


def _fields(title: str, words: str, fields: dict[str, str], *overrides: Override, look: Look) -> Panel:
    """Return fields of the record, by what they are called."""
    return value(
        title,
        f"{words} {RECORD}, fields {', '.join(fields.values())}.",
        fact(", ".join(f'"{field}" AS "{name}"' for name, field in fields.items())),
        look=look,
        named=True,
        overrides=overrides,
    )


HEART = _fields(
    "Heart rate",
    "How hard did the heart work? Average and highest heart rate. Unit: bpm.",
    {"Average": "average_heartrate", "Highest": "max_heartrate"},
    look=Look(unit=style.BPM, decimals=0),
)
POWER = _fields(
    "Power",
    "How much power was it? Average and normalized power. Unit: W.",
    {"Average": "icu_average_watts", "Normalized": "icu_weighted_avg_watts"},
    look=Look(unit=style.WATT, decimals=0),
)
ENDURANCE = _fields(
    "Efficiency and decoupling",
    "Did endurance hold to the end? Normalized power per heartbeat, and its fall in the second half (below 5 "
    "% is good endurance). Unit: W/bpm, %.",
    {"Efficiency": "icu_efficiency_factor", "Decoupling": "decoupling"},
    override("Decoupling", unit=style.PERCENT, decimals=1),
    look=Look(decimals=2),
)
ENERGY = _fields(
    "Energy",
    "How much energy did it take? Energy spent, work done, carbohydrates used. Unit: kcal, J, g.",
    {"Energy": "calories", "Work": "icu_joules", "Carbohydrates": "carbs_used"},
    override("Work", unit=style.JOULE),
    override("Carbohydrates", unit=style.GRAMS),
    look=Look(unit=style.KCAL, decimals=0),
)
CADENCE = value(
    "Cadence",
    "How fast did the legs turn? Average cadence. Unit: revolutions a minute; on foot steps a minute. "
    f"{RECORD}, field average_cadence, on foot, where it counts one leg, times 2.",
    (fact('"average_cadence" AS "Cadence"', NOT_ON_FOOT), fact('"average_cadence" * 2 AS "Steps"', ON_FOOT)),
    look=Look(unit=style.RPM, decimals=0),
    overrides=(override("Steps", unit=style.SPM),),
)


def _zones(kind: Zones, extra: str = "") -> Panel:
    return strips(
        f"{kind.name.capitalize()} zones",
        f"How long was it how hard? Time in each zone. Unit: h:min:s. {RECORD}, field {kind.source}; "
        "SS, the sweet spot, overlaps zones 3 and 4.",
        fact(kind.columns() + extra),
        look=Look(unit=style.HMS, color=style.GREY, nothing="No such zones"),
        calculation="lastNotNull",
        overrides=zone_colors(),
    )


ZONES = (_zones(zones.HEART), _zones(zones.POWER, ', "icu_zone_times_SS" AS "SS"'), _zones(zones.PACE))

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
        field_of(
            "activity_streams", "channel", "Any channel of activity_streams; shown in the last panel of the course"
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
        "Activity": (
            *line(4, (24,), HEADER),
            *line(5, (4, 4, 8, 4, 4), LOAD, INTENSITY, EXTENT, RATE, HEART),
            *line(4, (6, 6, 8, 4), POWER, ENDURANCE, ENERGY, CADENCE),
        ),
        "Zones": ZONES,
        "Course": COURSE,
        "Route and distribution": (ROUTE, INTERVALS, *SPREAD),
    },
)
