"""Where the activities went."""

from __future__ import annotations

from grafana.parts import style
from grafana.parts.board import Board, athlete, row, sport
from grafana.parts.maps import heat, markers, world
from grafana.parts.panels import Look, override, value
from grafana.parts.query import RANGE, SPORT, Query, select, series
from grafana.parts.tables import grid, ordered, to_board

TILES = "The tiles of the base map are loaded from outside."
NONE = "No position in this range"
OPEN = "var-activity=${__data.fields.activity_id}&time=${__data.fields.Time.numeric}&time.window=14400000"


def positions(function: str, group: str) -> Query:
    """Positions of the chosen sports, aggregated over a group."""
    columns = f'{function}("latitude") AS "latitude", {function}("longitude") AS "longitude"'
    return Query(select("activity_streams", columns, SPORT, RANGE, tail=f"GROUP BY {group}"), table=True)


DEGREES = override("^(latitude|longitude)$", pattern=True, unit="degree", decimals=4)
HEAT = world(
    "Heat map of routes",
    "Where most time was spent: a mean position per 5 minutes of each activity. Unit: degrees. "
    f"Source: activity_streams, latitude, longitude. {TILES}",
    positions("mean", 'time(5m), "activity_id" fill(none)'),
    heat("Time spent"),
    size=(12, 16),
    look=Look(nothing=NONE),
    overrides=(DEGREES,),
)
STARTS = world(
    "Starts",
    f"Where each activity began, coloured by sport. Unit: degrees. Source: activity_streams, first position. {TILES}",
    positions("first", '"activity_id", "type"'),
    markers("Starts", color="type", size=6),
    size=(12, 16),
    look=Look(nothing=NONE),
    overrides=(DEGREES,),
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
    look=Look(unit=style.METRES, decimals=0, color=style.ALTITUDE),
    named=True,
)
PLACES_TABLE = grid(
    "Starting places",
    "Where and when each activity began; a click on the id opens the activity. Unit: degrees. "
    "Source: activity_streams, first position.",
    positions("first", '"activity_id", "type"'),
    size=(24, 9),
    look=Look(nothing=NONE),
    transform=(ordered("Time", "activity_id", "type"),),
    overrides=(
        override(
            "activity_id", displayName="Activity", links=[to_board("Open the activity", "intervals-activity", OPEN)]
        ),
        override("type", displayName="Sport"),
        DEGREES,
    ),
)

BOARD = Board(
    uid="intervals-map",
    title="Map",
    about="Where the activities went: a heat map of all routes, and their starting points.",
    start="now-90d",
    variables=(athlete(), sport()),
    rows=(row("Places", WITH_ROUTE, EXTENT, HIGHEST, HEAT, STARTS), row("List", PLACES_TABLE)),
)
