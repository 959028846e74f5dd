"""Rows of the lists as change detection sees them: pure functions."""

from __future__ import annotations

from datetime import date
from typing import Any

from tap_intervals_icu.changes.detect import Listed, digest
from tap_intervals_icu.records.rows import INTERVALS, Row, modified, stamp, start

NOISE = INTERVALS | {"skyline_chart_bytes"}
FITNESS = ("ctl", "atl", "ctlLoad", "atlLoad")


def listed_activity(activity: Row, *, whole: bool) -> Listed:
    """Return what change detection needs of an activity; `whole` unless the row has only the census properties.

    Raises:
        TypeError, ValueError: It has no id or no date.
    """
    latest, began = modified(activity), start(activity) or ""
    return Listed(
        id=id_of(activity),
        day=date.fromisoformat(began[:10]).toordinal(),
        stamp=latest,
        # What an activity's streams and their records are made of.
        detail=digest([latest, activity.get("type"), activity.get("start_date"), began]),
        digest=digest(_without_noise(activity)) if whole else "",
    )


def listed_wellness(row: Row, *, whole: bool) -> Listed:
    """Return what change detection needs of a wellness row.

    Raises:
        ValueError: Its id is no date.
    """
    updated = stamp(row.get("updated"))
    return Listed(
        id=id_of(row),
        day=date.fromisoformat(id_of(row)).toordinal(),
        stamp=updated,
        detail=digest(updated),
        digest=digest(row) if whole else "",
        fitness=tuple(_number(row.get(name)) for name in FITNESS),
    )


def id_of(row: Row) -> str:
    """Return the id of a row.

    Raises:
        ValueError: It has none.
    """
    id_ = row.get("id")
    if isinstance(id_, (str, int)) and not isinstance(id_, bool) and id_ != "":
        return str(id_)
    raise ValueError("no id")


def _number(value: Any) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _without_noise(activity: Row) -> Row:
    """Leave out what moves without the activity having changed, such as its gear's mileage."""
    row = {key: value for key, value in activity.items() if key not in NOISE}
    if isinstance(gear := row.get("gear"), dict):
        row["gear"] = {key: value for key, value in gear.items() if key != "distance"}
    return row
