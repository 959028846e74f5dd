"""Where the activities went."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import ValueMap, ValueMappingResult

from grafana.parts import style
from grafana.parts.board import Board, athlete, row, sport
from grafana.parts.maps import heat, markers, world
from grafana.parts.panels import Look, override, value
from grafana.parts.query import RANGE, SPORT, Query, select, series, statement
from grafana.parts.tables import HIDDEN, grid, ordered, to_activity, with_end

TILES = "The tiles of the base map are loaded from outside."
NONE = "No position in this range"


BY_ACTIVITY = 'GROUP BY "activity_id", "type"'


STEP = "1m"
POINTS = 100_000
"""The time step is the range divided by this, so that a year has 5 minutes and a decade an hour."""


def positions(tags: str) -> Query:
    """The first position in each time step; a mean would cut corners."""
    first, tail = 'first("latitude") AS "latitude", "longitude"', f"GROUP BY time($__interval), {tags} fill(none)"
    return Query(select("activity_streams", first, SPORT, RANGE, tail=tail), table=True)


def starts() -> Query:
    """The first position of each activity at its own time, and four hours in ms for a link's range."""
    first = select("activity_streams", 'first("latitude") AS "latitude", "longitude"', SPORT, RANGE, tail=BY_ACTIVITY)
    columns = '"latitude", "longitude", "latitude" * 0 + 14400000 AS "duration_ms"'
    return Query(statement(columns, f"({first})", RANGE, tail=BY_ACTIVITY), table=True)


SPORT_COLOR = override(
    "type", mappings=[ValueMap({sport: ValueMappingResult(color=tint) for sport, tint in style.SPORTS.items()})]
)
DEGREES = override("^(latitude|longitude)$", pattern=True, unit="degree", decimals=4)
HEAT = world(
    "Heat map of routes",
    "Where most time was spent: a position of each activity per minute, in ranges over 90 days per 2 minutes and "
    "more. Unit: degrees. "
    f"Source: activity_streams, latitude, longitude. {TILES}",
    positions('"activity_id"'),
    heat("Time spent"),
    size=(12, 16),
    interval=STEP,
    points=POINTS,
    look=Look(nothing=NONE),
    overrides=(DEGREES,),
)
ROUTES = world(
    "Routes by sport",
    "Where the activities went, coloured by sport: a position per minute, in ranges over 90 days per 2 minutes "
    "and more. Unit: degrees. "
    f"Source: activity_streams, latitude, longitude, type. {TILES}",
    positions('"activity_id", "type"'),
    markers("Routes", color="type", size=3),
    size=(12, 16),
    interval=STEP,
    points=POINTS,
    look=Look(nothing=NONE),
    overrides=(SPORT_COLOR, DEGREES),
)
WITH_ROUTE = value(
    "Activities with a position",
    "How many activities of the range have positions. Unit: count. Source: activity_streams, series with a latitude.",
    series("activity_streams", "latitude", "activity_id", "Activities", SPORT),
    size=(4, 4),
    look=Look(decimals=0, color="text"),
)
EXTENT = value(
    "North, south, east, west",
    "The utmost positions. Unit: degrees. Source: activity_streams, greatest and least latitude and longitude.",
    Query(
        select(
            "activity_streams",
            'max("latitude") AS "North", min("latitude") AS "South", max("longitude") AS "East", min("longitude") AS '
            '"West"',
            SPORT,
            RANGE,
        )
    ),
    size=(12, 4),
    look=Look(unit="degree", decimals=3, color="text"),
    named=True,
)
HIGHEST = value(
    "Highest and lowest point",
    "Greatest and least altitude. Unit: m. Source: activity_streams, altitude.",
    Query(select("activity_streams", 'max("altitude") AS "Highest", min("altitude") AS "Lowest"', SPORT, RANGE)),
    size=(8, 4),
    look=Look(unit=style.METRES, decimals=0, color="text"),
    named=True,
)
PLACES_TABLE = grid(
    "Starting places",
    "Where and when each activity began; a click on the id opens the activity with the four hours after its start. "
    "Unit: degrees. "
    "Source: activity_streams, first position.",
    starts(),
    size=(24, 9),
    look=Look(nothing=NONE),
    sort="Time",
    transform=(with_end(), ordered("Time", "activity_id", "type")),
    overrides=(
        override("activity_id", displayName="Activity", links=[to_activity("activity_id")]),
        override("type", displayName="Sport"),
        override("^(end|duration_ms)$", pattern=True, custom=HIDDEN),
        override("latitude", displayName="Latitude"),
        override("longitude", displayName="Longitude"),
        DEGREES,
    ),
)

BOARD = Board(
    uid="intervals-map",
    title="Map",
    about="Where the activities went: a heat map, the routes by sport, and the starting places.",
    start="now-90d",
    variables=(athlete(), sport()),
    rows=(row("Places", WITH_ROUTE, EXTENT, HIGHEST, HEAT, ROUTES), row("List", PLACES_TABLE)),
)
