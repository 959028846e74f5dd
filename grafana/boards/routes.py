"""Where the activities went."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import ValueMap, ValueMappingResult

from grafana.parts import style
from grafana.parts.board import Board
from grafana.parts.links import to_board
from grafana.parts.maps import heat, markers, world
from grafana.parts.panels import Look, override
from grafana.parts.query import RANGE, SPORT, Query, select
from grafana.parts.tables import binary

YEAR = "time >= ${__to}ms - 366d AND time <= ${__to}ms"
"""Positions are read of a year at most, the newest of the range: ten years of them cost a small machine seconds."""
HALF_A_DAY = str(12 * 3_600_000)
DAY = to_board(
    "Activities",
    "from=${__data.fields.before.numeric}",
    "to=${__data.fields.after.numeric}",
    words="Activities of the day",
)
UNTOLD: dict[str, object] = {"hideFrom": {"tooltip": True, "viz": False, "legend": False}}
SPORT_COLOR = override(
    "type", mappings=[ValueMap({sport: ValueMappingResult(color=tint) for sport, tint in style.SPORTS.items()})]
)

ROUTES = world(
    "Routes",
    "Where did I go, and where most? The routes of the range, coloured by sport, over a heat map of the time spent; "
    "each layer can be switched off, and a click on a dot leads to the activities of its day. A position of each "
    "activity every minute; of ranges longer than a year the newest year. Unit: degrees. Source: activity_streams, "
    "first latitude and longitude of each minute. The tiles of the base map are loaded from outside.",
    Query(
        select(
            "activity_streams",
            'first("latitude") AS "latitude", "longitude"',
            SPORT,
            RANGE,
            YEAR,
            tail='GROUP BY time(1m), "activity_id", "type" fill(none)',
        ),
        table=True,
    ),
    heat("Time spent"),
    markers("Routes", color="type", size=3),
    size=(24, 20),
    look=Look(nothing="No position in this range"),
    transform=(binary("Time", "-", HALF_A_DAY, "before"), binary("Time", "+", HALF_A_DAY, "after")),
    overrides=(
        SPORT_COLOR,
        override("type", displayName="Sport", links=[DAY]),
        override("^(latitude|longitude|activity_id|before|after)$", pattern=True, custom=UNTOLD),
    ),
)

BOARD = Board(
    "Map",
    "Where the activities went: routes by sport over a heat map.",
    start="now-90d",
    marked=False,
    rows={"Places": (ROUTES,)},
)
