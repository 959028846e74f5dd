# ruff: noqa: PLR0913 - a panel has many options; they go by name
"""The course of one activity: channels over time, route, distributions, intervals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.charts import columns
from grafana.parts.maps import markers, world
from grafana.parts.panels import Look, override
from grafana.parts.query import EVER, RANGE, Query, samples, select, statement
from grafana.parts.tables import HIDDEN, binary, grid, only, ordered, step
from grafana.parts.time_series import DASHED, KILOMETRE, PACE_DRAWN, PACE_TOLD, RIGHT, lines, paces

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import DashboardFieldConfigSourceOverrides as Override
    from grafana_foundation_sdk.models.dashboard import Panel

    from grafana.parts.panels import Queries

FEET, WATER = "/Run$|Walk|Hike/", "/Swim$/"
ON_FOOT, NOT_ON_FOOT, SWIMMING = f'"type" =~ {FEET}', f'"type" !~ {FEET}', f'"type" =~ {WATER}'
NOT_SWIMMING = f'"type" !~ {WATER}'
CHANNEL = "Unit: {unit}. Source: activity_streams, {source}, means over the panel's time step. Lines break at pauses."
OUTSIDE = "No samples: click a name in the list above. Of a chosen activity, click the start, or it has none"
PAUSE = 30_000.0
"""Lines break where samples are further apart, in ms."""
SECOND = "1s"
STEPS = "GROUP BY time($__interval) fill(none)"
"""Only the time steps that have samples."""

ROUTE = world(
    "Route by ${route:text}",
    "Where did it go? From blue (lowest) to red (highest) by the channel chosen above as Route colour. Unit: degrees; "
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
        f"How did {_within_a_sentence(title)} change on the way? " + CHANNEL.format(unit=unit, source=source),
        query,
        size=(12, 7),
        look=replace(look, nothing=OUTSIDE),
        overrides=overrides,
        gap=PAUSE,
        fill=fill,
        interval=SECOND,
    )


def _within_a_sentence(title: str) -> str:
    name = title.removeprefix("Channel: ")
    return name[0].lower() + name[1:]


def _paces(name: str, metres: int, sports: str) -> tuple[Query, Query]:
    """Speed for the line, and what it is as pace for the tooltip; not of standing still."""
    moving = '"velocity_smooth" > 0.3'
    return (
        samples(f'mean("velocity_smooth") AS "{name}"', sports),
        samples(f'{metres * 1000} / mean("velocity_smooth") AS "{name}, minutes"', sports, moving),
    )


def _pace_looks(name: str, metres: int) -> tuple[Override, Override]:
    return (
        override(name, paces(metres), custom=PACE_DRAWN),
        override(f"{name}, minutes", displayName=name, unit=style.PACE, custom=PACE_TOLD),
    )


def _means(title: str, unit: str, channels: dict[str, str], look: Look, *overrides: Override) -> Panel:
    """Return channels as they are, by what they are called."""
    queries = tuple(samples(f'mean("{channel}") AS "{name}"') for name, channel in channels.items())
    return _channel(title, ", ".join(channels.values()), unit, queries, look, *overrides)


COURSE = (
    _means(
        "Heart rate",
        "bpm",
        {"Heart rate": "heartrate"},
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
        override("Power", color=style.POWER, custom={"lineWidth": 1}),
        override("30 s", color=style.POWER_MEAN, custom={"fillOpacity": 0, "insertNulls": PAUSE, "spanNulls": False}),
        fill=0,
    ),
    _channel(
        "Speed and pace",
        "velocity_smooth; on foot 1000 m / speed, in water 100 m / speed",
        "km/h; on foot minutes:seconds per km, in water per 100 m, faster is higher",
        (
            samples('mean("velocity_smooth") * 3.6 AS "Speed"', NOT_ON_FOOT, NOT_SWIMMING),
            *_paces("Pace", KILOMETRE, ON_FOOT),
            *_paces("Pace per 100 m", 100, SWIMMING),
        ),
        Look(unit=style.KMH, decimals=1, color=style.SPEED),
        *_pace_looks("Pace", KILOMETRE),
        *_pace_looks("Pace per 100 m", 100),
    ),
    _means(
        "Altitude and gradient",
        "m; % on the right",
        {"Altitude": "altitude", "Gradient": "grade_smooth"},
        Look(unit=style.METRES, decimals=0, color=style.ALTITUDE),
        override("Altitude", custom={"fillOpacity": 25}),
        override(
            "Gradient",
            unit=style.PERCENT,
            color=style.GRADIENT,
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
    _means(
        "Temperature",
        "°C",
        {"Temperature": "temp", "Core": "core_temperature"},
        Look(unit=style.CELSIUS, decimals=1, color=style.TEMPERATURE),
        override("Core", color=style.CORE),
    ),
    _means(
        "Respiration and DFA alpha 1",
        "breaths a minute; index on the right",
        {"Respiration": "respiration", "DFA alpha 1": "dfa_a1"},
        Look(unit=style.BREATHS, decimals=0, color=style.BREATH),
        override("DFA alpha 1", unit="none", decimals=2, color=style.OTHER, custom={**RIGHT, "fillOpacity": 0}),
    ),
    _channel(
        "Channel: ${channel}",
        "the channel chosen above, the athlete's own included",
        "as in Intervals.icu",
        samples('mean("${channel:raw}") AS "Value"'),
        Look(color=style.OTHER),
    ),
)
CLASS_STEP = 10
"""Seconds of which means are taken before they are put into classes."""


def _spread(title: str, channel: str, unit: str, width: int, look: Look) -> Panel:
    """Minutes in each class of a channel, `width` wide; `look` is that of the channel."""
    means = samples(f'mean("{channel}") AS "v"', tail=f"GROUP BY time({CLASS_STEP}s) fill(none)").text
    classes = statement(f'floor("v" / {width}) * {width} AS "class"', f"({means})", RANGE)
    return columns(
        title,
        f"For how long was it how hard? Minutes in each class of {width} {unit}, named by its start. Unit: {unit}; "
        f"minutes. Source: activity_streams, {channel}, means over {CLASS_STEP} s, counted by Grafana.",
        Query(classes, table=True),
        size=(12, 8),
        look=Look(unit="suffix:min", decimals=1, color=look.color, nothing=OUTSIDE),
        x="class",
        transform=(
            step(
                "groupBy",
                fields={
                    "class": {"operation": "groupby", "aggregations": []},
                    "Time": {"operation": "aggregate", "aggregations": ["count"]},
                },
            ),
            binary("Time (count)", "/", str(60 // CLASS_STEP), "Minutes"),
            only("class", "Minutes"),
            step("sortBy", fields={}, sort=[{"field": "class"}]),
        ),
        overrides=(override("class", unit=look.unit, decimals=0),),
    )


SPREAD = (
    _spread("Distribution of heart rate", "heartrate", "bpm", 5, Look(unit=style.BPM, color=style.HEART)),
    _spread("Distribution of power", "watts", "W", 20, Look(unit=style.WATT, color=style.POWER)),
)
INTERVALS = grid(
    "Intervals",
    "How did the intervals go? Work and recovery, detected or made by hand; From is the time on the athlete's "
    "clock. Unit: as marked. Source: activity_intervals, an optional stream of the tap.",
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
        override("type", displayName="Kind", custom={"width": 95}),
        override("moving_time", displayName="Duration", unit=style.HMS),
        override("distance", displayName="Distance", unit=style.KM, decimals=2),
        override("average_watts", displayName="Power", unit=style.WATT),
        override("average_heartrate", displayName="Heart rate", unit=style.BPM),
        override("zone", displayName="Zone"),
    ),
)
