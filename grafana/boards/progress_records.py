"""Parts of the board Progress: the history of records, from the best values of each activity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.panels import Look, override
from grafana.parts.query import RANGE, Query, select
from grafana.parts.time_series import KILOMETRE, PACE_DRAWN, PACE_TOLD, lines, paces

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Panel

BLOCK = "GROUP BY time(4w,4d) fill(none)"
"""Blocks of four weeks that begin on a Monday."""
SOURCE = "Source: activity_bests, a stream that the stack reads, activities of"
MISSING = 'Nothing in this range, or not synced: add "activity_bests.*" to select: of tap-intervals-icu in meltano.yml'
POWER = {
    "5 s": ("power_5s", style.POWER_MAX),
    "1 min": ("power_1m", style.POWER),
    "5 min": ("power_5m", style.WORK),
    "20 min": ("power_20m", style.POWER_MEAN),
    "60 min": ("power_60m", style.OTHER),
}
TIMES = {
    "400 m": ("time_400m", 400, style.SPEED),
    "1 km": ("time_1km", 1000, style.FITNESS),
    "5 km": ("time_5km", 5000, style.FATIGUE),
    "10 km": ("time_10km", 10_000, style.SPEED_EVEN),
    "Half marathon": ("time_half_marathon", 21_097.5, style.OTHER),
    "Marathon": ("time_marathon", 42_195, style.WEIGHT),
}


def _best_pace(name: str, metres: int, where: str) -> Query:
    """Speed for the line, and what it is as pace for the tooltip; nothing where the distance was never covered."""
    field, distance, _ = TIMES[name]
    speed, told = f'{distance} / min("{field}")', f'min("{field}") / {distance} * {metres * 1000}'
    columns = f'{speed} AS "{name}", {told} AS "{name} pace"'
    return Query(select("activity_bests", columns, where, f'"{field}" > 0', RANGE, tail=BLOCK))


def _pace(sport: str, doing: str, metres: int, names: tuple[str, ...]) -> Panel:
    unit = "km" if metres == KILOMETRE else f"{metres} m"
    where = f"\"type\" = '{sport}'"
    overrides = []
    for name in names:
        tint = TIMES[name][2]
        overrides += [
            override(name, paces(metres), color=tint, custom=PACE_DRAWN),
            override(f"{name} pace", displayName=name, unit=style.PACE, color=tint, custom=PACE_TOLD),
        ]
    return lines(
        f"Best pace over the years, {doing}",
        "Did I get faster, and when was I fastest? Best pace over the usual distances in each block of four weeks; "
        f"faster is higher. Widen the range to see earlier years. Unit: minutes:seconds per {unit}. {SOURCE} {sport} "
        f"and its kin, least time of each distance. Formula: time / distance * {metres} m.",
        tuple(_best_pace(name, metres, where) for name in names),
        look=Look(unit=style.PACE, nothing=MISSING),
        overrides=overrides,
    )


HISTORY = (
    lines(
        "Best power over the years, cycling",
        "Did I get stronger, and when was I strongest? Best mean power over 5 s, 1, 5, 20 and 60 min in each block of "
        f"four weeks. Widen the range to see earlier years. Unit: W. {SOURCE} Ride and its kin, highest of power_5s, "
        "power_1m, power_5m, power_20m, power_60m.",
        Query(
            select(
                "activity_bests",
                ", ".join(f'max("{field}") AS "{name}"' for name, (field, _) in POWER.items()),
                "\"type\" = 'Ride'",
                RANGE,
                tail=BLOCK,
            )
        ),
        look=Look(unit=style.WATT, decimals=0, nothing=MISSING),
        overrides=tuple(override(name, color=tint) for name, (_, tint) in POWER.items()),
    ),
    _pace("Run", "running", KILOMETRE, ("1 km", "5 km", "10 km", "Half marathon", "Marathon")),
    _pace("Swim", "swimming", 100, ("400 m", "1 km")),
)
