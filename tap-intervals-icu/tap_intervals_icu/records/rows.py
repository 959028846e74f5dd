"""Rows of the API as records: pure functions."""

from __future__ import annotations

import logging
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

logger = logging.getLogger("tap-intervals-icu")

Row = dict[str, Any]

STAMPS = ("icu_sync_date", "analyzed", "created")
ACTIVITY_CENSUS = ("id", "type", "source", "_note", "start_date", "start_date_local", *STAMPS)
"""The properties a census of activities asks for."""
WELLNESS_CENSUS = ("id", "updated")

INTERVALS = {"icu_intervals", "icu_groups"}
"""What the API adds to an activity on request: a stream of its own."""

STAMP = re.compile(r"\d{4}-\d\d-\d\d\S*")

NOT_A_NUMBER = {"NaN", "Infinity", "-Infinity"}
"""Texts that custom fields carry in place of a number; typed databases would refuse them."""


def is_stub(activity: Row) -> bool:
    """Tell whether this is only the stub of an activity that came from Strava.

    Strava's terms forbid Intervals.icu to pass such data on; some stubs lack the note and the source.
    """
    return (
        activity.get("_note") is not None
        or activity.get("source") == "STRAVA"
        or (activity.get("type") is None and activity.get("start_date") is None)
        or start(activity) is None
    )


def dictionaries(value: object) -> list[Row]:
    """Return the objects in a list of the API's; none, if it is anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def start(activity: Row) -> Any:
    """Return when an activity began, by the athlete's clock if that is known."""
    return activity.get("start_date_local") or activity.get("start_date")


def stamp(value: object) -> str:
    """Return a time of the server's, "" for anything else that stands in its place."""
    return value if isinstance(value, str) and STAMP.fullmatch(value) else ""


def modified(activity: Row) -> str:
    """Return the latest of the server's stamps of an activity, "" without any: it has no `updated` of its own.

    Analysis moves `icu_sync_date` and `analyzed`, also when intervals are edited. A rename moves none of them, and what
    other edits without a new analysis (perceived exertion, gear, tags, comments) do is not known: of activities before
    the look-back window such edits are found by the setting `read_again` alone.
    """
    return max(stamp(activity.get(name)) for name in STAMPS)


TEXTS = {"name", "description", "comments", "notes", "label"}
"""What people write: a ride may be called Infinity."""


def clean(row: Row) -> Row:
    """Return a row with the texts that stand for "no number" as null."""
    return {key: value if key in TEXTS else _clean(value) for key, value in row.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return clean(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return None if isinstance(value, str) and value in NOT_A_NUMBER else value


def event_record(row: Row) -> Row:
    """Return the record of stream `events`, with its end as a number: charts draw spans to one, not to a text."""
    record = clean(row)
    try:
        end = datetime.fromisoformat(str(record.get("end_date_local"))).replace(tzinfo=timezone.utc)
    except ValueError:  # none, or no date: then there is no span
        return record | {"end_local_ms": None}
    return record | {"end_local_ms": round(end.timestamp() * 1000)}


def wellness_record(row: Row, athlete_id: str) -> Row:
    """Return the record of stream `wellness`."""
    return clean(row) | {"athlete_id": athlete_id}


def sport_info_records(wellness: Row) -> dict[str, Row]:
    """Return the records of stream `wellness_sport_info` of a wellness record by their sport."""
    key = {name: wellness.get(name) for name in ("athlete_id", "id", "updated")}
    infos = [info for info in dictionaries(wellness.get("sportInfo")) if isinstance(info.get("type"), str)]
    if len(infos) < count(wellness.get("sportInfo")):
        logger.warning("Wellness of %s: an entry of `sportInfo` that is not a sport is left out.", wellness.get("id"))
    return {info["type"]: info | key for info in infos}


def count(value: object) -> int:
    """Return how many elements there are; 1 for what is neither a list nor null."""
    return len(value) if isinstance(value, list) else int(value is not None)


def activity_record(activity: Row, athlete_id: str) -> Row:
    """Return the record of stream `activities`."""
    row = {key: value for key, value in activity.items() if key not in INTERVALS}
    return clean(row) | {"athlete_id": athlete_id, "id": str(activity["id"]), "updated": modified(activity) or None}


def tombstone(athlete_id: str, id_: str, deleted_at: datetime) -> Row:
    """Return the record that says that a row was deleted at the source, by Singer's convention."""
    return {"athlete_id": athlete_id, "id": id_, "_sdc_deleted_at": deleted_at.isoformat()}


def shared_properties(activity: Row) -> Row:
    """Return what the records of an activity's children take from its record."""
    shared = ("type", "start_date", "start_date_local", "_sdc_deleted_at")
    key = {"athlete_id": activity["athlete_id"], "activity_id": activity["id"]}
    texts = {name: activity[name] for name in shared if name in activity}
    return key | {name: text if isinstance(text, str) else None for name, text in texts.items()}


def interval_records(row: Row | None, activity: Row, previous: int, deleted_at: datetime) -> list[Row]:
    """Return the records of stream `activity_intervals` of an activity's row, if it was fetched with intervals.

    Intervals have no id that lasts, so their position is the key: an edit overwrites, and what is left over at the end
    gets tombstones. An interval's own `type` is WORK or RECOVERY, so the sport is `activity_type` here.

    Args:
        row: The activity with `icu_intervals`; None if it was deleted.
        activity: Its record, or tombstone.
        previous: How many intervals were emitted before.
        deleted_at: When it was found that there are fewer.
    """
    shared = shared_properties(activity)
    shared["activity_type"] = shared.pop("type", None)
    found = (row or {}).get("icu_intervals")
    intervals = [clean(interval) | shared for interval in dictionaries(found)]
    if len(intervals) < count(found):
        logger.warning("Activity %s: an entry of its intervals that is not an interval is left out.", activity["id"])
    surplus = [child_tombstone(shared, deleted_at)] * max(previous - len(intervals), 0)
    return [record | {"position": position} for position, record in enumerate(intervals + surplus)]


def child_tombstone(shared: Row, deleted_at: datetime) -> Row:
    """Return a tombstone for a record of an activity's child; the rest of its key is for the caller to add."""
    key = {name: shared[name] for name in ("athlete_id", "activity_id")}
    return key | {"_sdc_deleted_at": deleted_at.isoformat()}


class Bests(NamedTuple):
    """What one list of best values holds.

    Attributes:
        records: One an activity, without athlete and sport.
        unknown: Activities whose values stand in no place that is known, with whatever they carry.
        unanswered: The points that were asked for and that the answer lacks.
    """

    records: list[Row]
    unknown: list[Row]
    unanswered: list[float]


NEAR = 0.5
"""How far the answer's point may lie from the one asked for: the API has a ladder of distances, with float noise."""


def activity_bests(answer: Row, axis: str, values: str, points: Mapping[float, str]) -> Bests:
    """Return the best values of each activity at some points of the axis.

    Args:
        answer: The points in `axis`, and `curves`: an object an activity, whose array runs along them. It ends where
            the activity did: a run of 6 km has none for 10 km. The OpenAPI document leaves the shape of times open;
            this is what the API sends.
        axis: Name of the points in the answer, `secs` or `distances`.
        values: Name of the array, `watts` or `secs`.
        points: The property of each point that is of use. Zero or null means that the activity was too short.
    """
    along, curves = answer.get(axis), answer.get("curves")
    found = [_near(point, points) for point in along] if isinstance(along, list) else []
    records, unknown = [], [{"curves": type(curves).__name__}] * (count(curves) - len(dictionaries(curves)))
    for curve in dictionaries(curves):
        best, id_, start = curve.get(values), curve.get("id"), curve.get("start_date_local")
        if best is None and (values in curve or not curve.keys() - {"id", "start_date_local", "weight"}):
            continue
        has_key = isinstance(id_, str) and isinstance(start, str)
        if not has_key or not isinstance(best, list) or len(best) > len(found):
            unknown.append(curve)
            continue
        known = {points[at]: value for at, value in zip(found, best, strict=False) if at is not None and value}
        weight = {"weight": curve["weight"]} if curve.get("weight") else {}
        records += [{"id": id_, "start_date_local": start, **weight, **known}] if known else []
    return Bests(records, unknown, [at for at in points if at not in found] if curves else [])


def _near(point: object, points: Iterable[float]) -> float | None:
    if not isinstance(point, (int, float)):
        return None
    return next((asked for asked in points if abs(asked - point) <= NEAR), None)


def curve_records(curve: Row, key: Row, axis: str) -> list[Row]:
    """Return one record a point of a best-values curve.

    Args:
        curve: An element of the API's `list`: arrays along the axis, and scalars that describe the whole curve.
        key: Athlete and sport. A curve's own `type` becomes `curve_type`.
        axis: Name of the array that the others run along, `secs` or `distance`.
    """
    points: Sequence[Any] = curve.get(axis) or ()
    if not isinstance(points, list):
        return []
    along = {name: array for name, array in curve.items() if isinstance(array, list) and len(array) == len(points)}
    along["value"] = along.pop("values", [None] * len(points))
    shared = {name: value for name, value in curve.items() if not isinstance(value, (list, dict))}
    if "type" in shared:
        shared["curve_type"] = shared.pop("type")
    return [
        shared | key | {name: array[index] for name, array in along.items()}
        for index, point in enumerate(points)
        if isinstance(point, (int, float)) and not isinstance(point, bool)
    ]
