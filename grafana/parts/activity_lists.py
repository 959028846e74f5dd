"""Lists of activities: what the columns are called, their units, and what the links of a row need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana.parts import style
from grafana.parts.links import to_activity, to_intervals
from grafana.parts.panels import mapped, override
from grafana.parts.tables import HIDDEN

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import DashboardFieldConfigSourceOverrides as Override

LINKED = '"elapsed_time" * 1000 AS "duration_ms", "id", "type"'
"""What `to_activity` and `with_end` need of a row, and the sport: InfluxQL at the end of the columns."""
FOR_LINKS = override("^(id|end|duration_ms)$", pattern=True, custom=HIDDEN)
"""They are there for the links alone."""

COLUMNS: dict[str, dict[str, object]] = {
    "name": {"displayName": "Activity", "links": [to_activity()]},
    "type": {"displayName": "Sport"},
    "distance": {"displayName": "Distance", "unit": style.KM, "decimals": 1},
    "moving_time": {"displayName": "Moving", "unit": style.HMS},
    "icu_training_load": {"displayName": "Load", "decimals": 0},
    "total_elevation_gain": {"displayName": "Climb", "unit": style.METRES, "decimals": 0},
    "icu_intensity": {"displayName": "Intensity", "unit": style.PERCENT, "decimals": 0},
    "icu_average_watts": {"displayName": "Power", "unit": style.WATT, "decimals": 0},
    "icu_weighted_avg_watts": {"displayName": "Normalized", "unit": style.WATT, "decimals": 0},
    "average_heartrate": {"displayName": "Heart rate", "unit": style.BPM},
    "speed": {"displayName": "Speed", "unit": style.KMH, "decimals": 1},
    "pace_ms": {"displayName": "Pace", "unit": style.PACE},
    "swim_ms": {"displayName": "/100 m", "unit": style.PACE},
    "decoupling": {"displayName": "Decoupling", "unit": style.PERCENT, "decimals": 1},
    "icu_rpe": {"displayName": "RPE"},
    "feel": {"displayName": "Feel", "mappings": mapped(style.FEEL)},
    "calories": {"displayName": "Energy", "unit": style.KCAL},
    "gear_name": {"displayName": "Gear"},
    "device_name": {"displayName": "Device"},
    "id": {"displayName": "Intervals.icu", "links": [to_intervals()]},
    "average_weather_temp": {"displayName": "Air", "unit": style.CELSIUS, "decimals": 0},
    "average_feels_like": {"displayName": "Felt", "unit": style.CELSIUS, "decimals": 0},
    "wind": {"displayName": "Wind", "unit": style.KMH, "decimals": 0},
    "headwind_percent": {"displayName": "Against", "unit": style.PERCENT, "decimals": 0},
}
"""By the column of the query: a field of activities, or a name given there."""


def column(name: str, width: int = 0, *, custom: dict[str, object] | None = None, **more: object) -> Override:
    """Return how a column looks, in pixels wide (0: as the text needs it); `more` and `custom` as for `override`."""
    return override(name, COLUMNS[name] | more, custom=(custom or {}) | ({"width": width} if width else {}))


def shown(**widths: int) -> tuple[Override, ...]:
    """Return how columns look, by their names and widths."""
    return tuple(column(name, width) for name, width in widths.items())
