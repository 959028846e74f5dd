# ruff: noqa: PLR0913 - a panel has many options; they go by name
"""One activity, second by second."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.board import Board, athlete, chosen, row, sport
from grafana.parts.charts import DASHED, RIGHT, distribution, lines
from grafana.parts.maps import markers, world
from grafana.parts.panels import Look, dial, mapped, override, strips, value
from grafana.parts.query import EVER, Query, samples, select
from grafana.parts.tables import HIDDEN, grid, ordered, to_activity, to_board, to_intervals, with_end

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import DashboardFieldConfigSourceOverrides as Override
    from grafana_foundation_sdk.models.dashboard import Panel

    from grafana.parts.panels import Queries

CHOSEN = "\"id\" = '${activity:raw}'"
ON_FOOT = '"type" =~ /Run$|Walk|Hike/'
RECORD = "Source: activities, the chosen one"
CHANNEL = "Unit: {unit}. Source: activity_streams, {source}, means over the panel's time step. Lines break at pauses."
OUTSIDE = "No samples in this range: click the start time in the table on top, or the activity has none"
PAUSE = 30_000.0
"""Lines break where samples are further apart, in ms."""
SECOND = "1s"


def fact(columns: str) -> Query:
    """What the record of the activity says, whatever the range of the board is."""
    return Query(select("activities", columns, CHOSEN, EVER))


HEADER = grid(
    "Activity",
    "The chosen activity; a click on the start sets the range of the board to it, on the sport opens the list, on "
    "the id "
    "opens it in Intervals.icu. Unit: as marked; the start is on the athlete's clock. Source: activities.",
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
    look=Look(nothing="Choose an activity above"),
    transform=(with_end(), ordered("Time", "name", "type")),
    overrides=(
        override("Time", displayName="Start", links=[to_activity()]),
        override("name", displayName="Activity", custom={"width": 260}),
        override(
            "type",
            displayName="Sport",
            links=[to_board("All of this sport", "intervals-activities", "var-sport=${__value.raw}")],
        ),
        override("icu_rpe", displayName="RPE", custom={"width": 70}),
        override("feel", displayName="Feel", mappings=mapped(style.FEEL), custom={"width": 80}),
        override("gear_name", displayName="Gear"),
        override("device_name", displayName="Device"),
        override("description", displayName="Description", custom={"width": 300}),
        override("id", displayName="Intervals.icu", links=[to_intervals()]),
        override("^(end|duration_ms)$", pattern=True, custom=HIDDEN),
    ),
)

LOAD = dial(
    "Load",
    f"Training load. Unit: load points. {RECORD}, field icu_training_load.",
    fact('"icu_training_load" AS "Load"'),
    size=(4, 5),
    look=Look(minimum=0, maximum=300, decimals=0, bands=style.bands("green", 75, "yellow", 150, "orange", 250, "red")),
)
INTENSITY = dial(
    "Intensity",
    f"Intensity relative to threshold (FTP or its like). Unit: %. {RECORD}, field icu_intensity.",
    fact('"icu_intensity" AS "Intensity"'),
    size=(4, 5),
    look=Look(unit=style.PERCENT, minimum=0, maximum=120, decimals=0, bands=style.INTENSITY_BANDS),
)
EXTENT = value(
    "Distance, time, climb",
    f"How far, how long, how high. Unit: km, h:min:s, m. {RECORD}, fields icu_distance, moving_time, "
    "total_elevation_gain.",
    fact('"icu_distance" / 1000 AS "Distance", "moving_time" AS "Moving", "total_elevation_gain" AS "Climb"'),
    size=(8, 5),
    look=Look(unit=style.KM, decimals=1, color="text"),
    named=True,
    overrides=(override("Moving", unit=style.HMS), override("Climb", unit=style.METRES, decimals=0)),
)
RATE = value(
    "Speed and pace",
    f"Average speed, on foot also as pace. Unit: km/h, minutes:seconds per km. {RECORD}. Formula: average_speed * 3.6; "
    "1000 m / average_speed.",
    (
        fact('"average_speed" * 3.6 AS "Speed"'),
        Query(select("activities", '1000000 / "average_speed" AS "Pace"', CHOSEN, ON_FOOT, EVER)),
    ),
    size=(4, 5),
    look=Look(unit=style.KMH, decimals=1, color=style.SPEED),
    named=True,
    overrides=(override("Pace", unit=style.PACE),),
)
HEART = value(
    "Heart rate",
    f"Average and highest heart rate. Unit: bpm. {RECORD}, fields average_heartrate, max_heartrate.",
    fact('"average_heartrate" AS "Average", "max_heartrate" AS "Highest"'),
    size=(4, 5),
    look=Look(unit=style.BPM, decimals=0, color=style.HEART),
    named=True,
)
POWER = value(
    "Power",
    f"Average and normalized power. Unit: W. {RECORD}, fields icu_average_watts, icu_weighted_avg_watts.",
    fact('"icu_average_watts" AS "Average", "icu_weighted_avg_watts" AS "Normalized"'),
    size=(6, 4),
    look=Look(unit=style.WATT, decimals=0, color=style.POWER),
    named=True,
)
ENDURANCE = value(
    "Efficiency and decoupling",
    "Normalized power per heartbeat, and its fall in the second half (below 5 % is good endurance). Unit: W/bpm, %. "
    f"{RECORD}, fields icu_efficiency_factor, decoupling.",
    fact('"icu_efficiency_factor" AS "Efficiency", "decoupling" AS "Decoupling"'),
    size=(6, 4),
    look=Look(decimals=2, color="text"),
    named=True,
    overrides=(override("Decoupling", unit=style.PERCENT, decimals=1),),
)
ENERGY = value(
    "Energy",
    f"Energy spent, work done, carbohydrates used. Unit: kcal, J, g. {RECORD}, fields calories, icu_joules, "
    "carbs_used.",
    fact('"calories" AS "Energy", "icu_joules" AS "Work", "carbs_used" AS "Carbohydrates"'),
    size=(8, 4),
    look=Look(unit=style.KCAL, decimals=0, color="text"),
    named=True,
    overrides=(override("Work", unit=style.JOULE), override("Carbohydrates", unit=style.GRAMS)),
)
CADENCE = value(
    "Cadence",
    f"Average cadence; on foot it counts one leg. Unit: revolutions a minute. {RECORD}, field average_cadence.",
    fact('"average_cadence" AS "Cadence"'),
    size=(4, 4),
    look=Look(unit=style.RPM, decimals=0, color=style.CADENCE),
)


def _zones(title: str, source: str, columns: list[str], extra: str = "") -> Panel:
    zones = ", ".join(f'"{column}" AS "Z{index}"' for index, column in enumerate(columns, 1)) + extra
    colors = [override(f"Z{index}", color=tint) for index, tint in enumerate(style.ZONES, 1)]
    return strips(
        title,
        f"Time in each zone. Unit: h:min:s. {RECORD}, field {source}; SS, the sweet spot, overlaps zones 3 and 4.",
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

ROUTE = world(
    "Route",
    "Where it went, coloured by heart rate. Unit: degrees; bpm. Source: activity_streams, latitude, longitude, "
    "heartrate; the "
    "tiles of the base map are loaded from outside.",
    Query(
        samples(
            'mean("latitude") AS "latitude", mean("longitude") AS "longitude", mean("heartrate") AS "Heart rate"'
        ).text,
        table=True,
    ),
    markers("Route", color="Heart rate"),
    size=(12, 10),
    look=Look(unit=style.BPM, decimals=0, color="continuous-BlYlRd", nothing="No position in this range"),
    overrides=(override("^(latitude|longitude)$", pattern=True, unit="degree", decimals=5),),
)


def _channel(
    title: str, source: str, unit: str, query: Queries, look: Look, *overrides: Override, fill: float = 10
) -> Panel:
    return lines(
        title,
        f"{title} over the activity. " + CHANNEL.format(unit=unit, source=source),
        query,
        size=(12, 7),
        look=replace(look, nothing=OUTSIDE),
        overrides=overrides,
        gap=PAUSE,
        fill=fill,
        interval=SECOND,
    )


COURSE = (
    _channel(
        "Heart rate",
        "heartrate",
        "bpm",
        samples('mean("heartrate") AS "Heart rate"'),
        Look(unit=style.BPM, decimals=0, color=style.HEART),
    ),
    _channel(
        "Power",
        "watts; the second line are means over 30 s",
        "W",
        (
            samples('mean("watts") AS "Power"'),
            samples('mean("watts") AS "30 s"', tail="GROUP BY time(30s) fill(none)"),
        ),
        Look(unit=style.WATT, decimals=0, minimum=0),
        override("Power", color="light-orange", custom={"lineWidth": 1}),
        override("30 s", color=style.POWER, custom={"fillOpacity": 0}),
        fill=0,
    ),
    _channel(
        "Speed and pace",
        "velocity_smooth; on foot also pace = 1000 m / speed where that is above 1 m/s",
        "km/h; minutes:seconds per km on the right",
        (
            samples('mean("velocity_smooth") * 3.6 AS "Speed"'),
            samples('1000000 / mean("velocity_smooth") AS "Pace"', ON_FOOT, '"velocity_smooth" > 1'),
        ),
        Look(unit=style.KMH, decimals=1, color=style.SPEED),
        override("Pace", unit=style.PACE, color="light-blue", custom={**RIGHT, "lineWidth": 1, "fillOpacity": 0}),
    ),
    _channel(
        "Altitude and gradient",
        "altitude, grade_smooth",
        "m; % on the right",
        samples('mean("altitude") AS "Altitude", mean("grade_smooth") AS "Gradient"'),
        Look(unit=style.METRES, decimals=0, color=style.ALTITUDE),
        override("Altitude", custom={"fillOpacity": 25}),
        override(
            "Gradient",
            unit=style.PERCENT,
            color="light-green",
            decimals=1,
            custom={**RIGHT, **DASHED, "fillOpacity": 0},
        ),
    ),
    _channel(
        "Cadence",
        "cadence; on foot it counts one leg",
        "revolutions a minute",
        samples('mean("cadence") AS "Cadence"'),
        Look(unit=style.RPM, decimals=0, color=style.CADENCE),
    ),
    _channel(
        "Temperature",
        "temp, core_temperature",
        "°C",
        samples('mean("temp") AS "Temperature", mean("core_temperature") AS "Core"'),
        Look(unit=style.CELSIUS, decimals=1, color=style.TEMPERATURE),
        override("Core", color="red"),
    ),
    _channel(
        "Respiration and DFA alpha 1",
        "respiration, dfa_a1",
        "breaths a minute; index on the right",
        samples('mean("respiration") AS "Respiration", mean("dfa_a1") AS "DFA alpha 1"'),
        Look(unit=style.BREATHS, decimals=0, color=style.OXYGEN),
        override("DFA alpha 1", unit="none", decimals=2, color="purple", custom={**RIGHT, "fillOpacity": 0}),
    ),
    _channel(
        "Channel: ${channel}",
        "the channel chosen above, the athlete's own included",
        "as in Intervals.icu",
        samples('mean("${channel:raw}") AS "Value"'),
        Look(color="green"),
    ),
)
SPREAD = (
    distribution(
        "Distribution of heart rate",
        "How much of the activity was at which heart rate. Unit: bpm; count of time steps. Source: activity_streams, "
        "heartrate.",
        samples('mean("heartrate") AS "Heart rate"'),
        size=(12, 8),
        look=Look(unit=style.BPM, color=style.HEART, nothing=OUTSIDE),
        bucket=5,
    ),
    distribution(
        "Distribution of power",
        "How much of the activity was at which power. Unit: W; count of time steps. Source: activity_streams, watts.",
        samples('mean("watts") AS "Power"'),
        size=(12, 8),
        look=Look(unit=style.WATT, color=style.POWER, nothing=OUTSIDE),
        bucket=20,
    ),
)
INTERVALS = grid(
    "Intervals",
    "Work and recovery, detected or made by hand. Unit: as marked. Source: activity_intervals, an optional stream of "
    "the tap.",
    Query(
        select(
            "activity_intervals",
            '"start_time", "type", "label", "moving_time", "distance" / 1000 AS "distance", "average_watts", '
            '"average_heartrate", "zone"',
            "\"activity_id\" = '${activity:raw}'",
            EVER,
        ),
        table=True,
    ),
    size=(12, 10),
    look=Look(nothing='Not synced. Add "activity_intervals.*" to select: of tap-intervals-icu in meltano.yml'),
    transform=(ordered("start_time", "type", "label"),),
    overrides=(
        override("^(Time|label)$", pattern=True, custom=HIDDEN),
        override("start_time", displayName="From", unit=style.HMS),
        override("type", displayName="Kind"),
        override("moving_time", displayName="Duration", unit=style.HMS),
        override("distance", displayName="Distance", unit=style.KM, decimals=2),
        override("average_watts", displayName="Power", unit=style.WATT),
        override("average_heartrate", displayName="Heart rate", unit=style.BPM),
        override("zone", displayName="Zone"),
    ),
)

BOARD = Board(
    uid="intervals-activity",
    title="Activity",
    about="One activity, second by second. Opened from a list it shows the activity's time range.",
    start="now-7d",
    refresh="",
    variables=(
        athlete(),
        sport(),
        chosen(
            "activity",
            "Activity",
            'SHOW TAG VALUES FROM "activities" WITH KEY = "id" WHERE "athlete_id" = \'${athlete:raw}\' '
            'AND "type" =~ /^(${sport:regex})$/',
            newest_first=True,
            about="Id at Intervals.icu, the newest first; the lists on other boards lead here with a click",
        ),
        chosen(
            "channel",
            "Channel",
            'SHOW FIELD KEYS FROM "activity_streams"',
            about="Any channel of activity_streams; shown in the last panel of the course",
        ),
    ),
    rows=(
        row("Activity", HEADER, LOAD, INTENSITY, EXTENT, RATE, HEART, POWER, ENDURANCE, ENERGY, CADENCE),
        row("Zones", *ZONES),
        row("Course", *COURSE),
        row("Route and distribution", ROUTE, INTERVALS, *SPREAD),
    ),
)
