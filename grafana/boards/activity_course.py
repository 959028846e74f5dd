# ruff: noqa: PLR0913 - a panel has many options; they go by name
"""The course of one activity: channels over time, route, distributions, intervals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.charts import DASHED, RIGHT, lines
from grafana.parts.figures import distribution
from grafana.parts.maps import markers, world
from grafana.parts.panels import Look, override
from grafana.parts.query import EVER, Query, samples, select
from grafana.parts.tables import HIDDEN, grid, ordered

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import DashboardFieldConfigSourceOverrides as Override
    from grafana_foundation_sdk.models.dashboard import Panel

    from grafana.parts.panels import Queries

FEET, WATER = "/Run$|Walk|Hike/", "/Swim$/"
ON_FOOT, NOT_ON_FOOT, SWIMMING = f'"type" =~ {FEET}', f'"type" !~ {FEET}', f'"type" =~ {WATER}'
CHANNEL = "Unit: {unit}. Source: activity_streams, {source}, means over the panel's time step. Lines break at pauses."
OUTSIDE = "No samples in this range: click the start time in the table on top, or the activity has none"
PAUSE = 30_000.0
"""Lines break where samples are further apart, in ms."""
PACE: dict[str, object] = {"unit": style.PACE, "color": "yellow"}
PACE_LINE: dict[str, object] = {**RIGHT, "lineWidth": 1, "fillOpacity": 0}
SECOND = "1s"
STEPS = "GROUP BY time($__interval) fill(none)"
"""Only the time steps that have samples."""

ROUTE = world(
    "Route by ${route:text}",
    "Where it went, from blue (lowest) to red (highest) by the channel chosen above as Route colour. Unit: degrees; "
    "the channel's own. Source: activity_streams, latitude, longitude and that channel; the tiles of the base map are "
    "loaded from outside.",
    Query(
        samples(
            'mean("latitude") AS "latitude", mean("longitude") AS "longitude", mean("${route:raw}") AS "Value"',
            tail=STEPS,
        ).text,
        table=True,
    ),
    markers("Route", color="Value"),
    size=(12, 10),
    look=Look(decimals=0, color="continuous-BlYlRd", nothing="No position in this range"),
    overrides=(
        override("Value", fieldMinMax=True),  # the scale is that of the field, not of all fields
        override("^(latitude|longitude)$", pattern=True, unit="degree", decimals=5),
    ),
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
        override("30 s", color=style.POWER, custom={"fillOpacity": 0, "insertNulls": PAUSE, "spanNulls": False}),
        fill=0,
    ),
    _channel(
        "Speed and pace",
        "velocity_smooth; pace = 1000 m / speed on foot (above 1 m/s), 100 m / speed in water (above 0.3 m/s)",
        "km/h; minutes:seconds per km, in water per 100 m, on the right",
        (
            samples('mean("velocity_smooth") * 3.6 AS "Speed"'),
            samples('1000000 / mean("velocity_smooth") AS "Pace"', ON_FOOT, '"velocity_smooth" > 1'),
            samples('100000 / mean("velocity_smooth") AS "Pace per 100 m"', SWIMMING, '"velocity_smooth" > 0.3'),
        ),
        Look(unit=style.KMH, decimals=1, color=style.SPEED),
        override("Pace", PACE, custom=PACE_LINE),
        override("Pace per 100 m", PACE, custom=PACE_LINE),
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
        "cadence; on foot, where it counts one leg, times 2",
        "revolutions a minute; on foot steps a minute",
        (
            samples('mean("cadence") AS "Cadence"', NOT_ON_FOOT),
            samples('mean("cadence") * 2 AS "Steps"', ON_FOOT),
        ),
        Look(unit=style.RPM, decimals=0, color=style.CADENCE),
        override("Steps", unit=style.SPM),
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
        samples('mean("heartrate") AS "Heart rate"', tail=STEPS),
        size=(12, 8),
        look=Look(unit=style.BPM, color=style.HEART, nothing=OUTSIDE),
        bucket=5,
    ),
    distribution(
        "Distribution of power",
        "How much of the activity was at which power. Unit: W; count of time steps. Source: activity_streams, watts.",
        samples('mean("watts") AS "Power"', tail=STEPS),
        size=(12, 8),
        look=Look(unit=style.WATT, color=style.POWER, nothing=OUTSIDE),
        bucket=20,
    ),
)
INTERVALS = grid(
    "Intervals",
    "Work and recovery, detected or made by hand; From is the time on the athlete's clock. Unit: as marked. "
    "Source: activity_intervals, an optional stream of the tap.",
    Query(
        select(
            "activity_intervals",
            '"type", "label", "moving_time", "distance" / 1000 AS "distance", "average_watts", '
            '"average_heartrate", "zone"',
            "\"activity_id\" = '${activity:raw}'",
            EVER,
        ),
        table=True,
    ),
    size=(12, 10),
    look=Look(nothing='Not synced. Add "activity_intervals.*" to select: of tap-intervals-icu in meltano.yml'),
    transform=(ordered("Time", "type", "label"),),
    overrides=(
        override("label", custom=HIDDEN),
        override("Time", displayName="From", unit="time:HH:mm:ss", custom={"width": 90}),
        override("type", displayName="Kind"),
        override("moving_time", displayName="Duration", unit=style.HMS),
        override("distance", displayName="Distance", unit=style.KM, decimals=2),
        override("average_watts", displayName="Power", unit=style.WATT),
        override("average_heartrate", displayName="Heart rate", unit=style.BPM),
        override("zone", displayName="Zone"),
    ),
)
