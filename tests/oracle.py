"""What a database must hold after a sync, computed from the sandbox's account alone.

Nothing here uses the tap's or the target's code. A point is `(measurement, tags, second)` with its fields;
times are the athlete's wall clock read as UTC. Records are rows as a table has them.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox import Account

Tags = tuple[tuple[str, str], ...]
Key = tuple[str, Tags, int]
Fields = dict[str, float | str | bool]
Points = dict[Key, Fields]
Record = dict[str, Any]

SHORT = 64  # longer arrays become one text
OF_ACTIVITY = ("id", "athlete_id", "type", "start_date", "start_date_local")
"""What the records of samples take of their activity."""
NO_NUMBER = ("NaN", "Infinity", "-Infinity")  # custom fields carry these texts in place of a number


def points(account: Account, first: str = "", last: str = "9999") -> Points:
    """Return every point of the local dates asked for, without null fields and without points that have no field."""
    result: Points = {}
    athlete = account.id
    for row in wellness(account):
        if not first <= row["id"] <= last:
            continue
        fields = _fields(row, "athlete_id", "id")
        _add(result, "wellness", {"athlete_id": athlete}, _second(row["id"]), fields)
    for row in activities(account):
        if not first <= row["start_date_local"][:10] <= last:
            continue
        tags = {name: row[name] for name in ("athlete_id", "id", "type")}
        fields = _fields(row, *tags, "start_date_local", "skyline_chart_bytes")
        _add(result, "activities", tags, _second(row["start_date_local"]), fields)
        start = _second(row["start_date_local"])
        tags = {"athlete_id": athlete, "activity_id": row["id"], "type": row["type"]}
        for second, sample in samples(account, row["id"]).items():
            _add(result, "activity_streams", tags, start + second, _fields(sample))
    return result


def wellness(account: Account) -> Iterator[Record]:
    """Yield the records of stream `wellness`; what lies ahead is a projection, no record."""
    for row in account.wellness.values():
        if row["id"] <= account.today.isoformat():
            yield row | {"athlete_id": account.id}


def activities(account: Account) -> Iterator[Record]:
    """Yield the records of stream `activities`."""
    for row in account.activities.values():
        stamps = [row[name] for name in ("created", "analyzed", "icu_sync_date") if row.get(name)]
        yield row | {"athlete_id": account.id, "updated": max(stamps, key=datetime.fromisoformat)}


def rows(account: Account) -> Iterator[Record]:
    """Yield the records of stream `activity_streams` in layout `rows`."""
    for activity in activities(account):
        yield from rows_of(account, activity)


def rows_of(account: Account, activity: Record) -> Iterator[Record]:
    """Yield those of one activity: they follow from its samples and from OF_ACTIVITY."""
    utc = datetime.fromisoformat(activity["start_date"].replace("Z", "+00:00"))
    local = datetime.fromisoformat(activity["start_date_local"])
    scalars = {name: activity[name] for name in OF_ACTIVITY if name != "id"}
    for second, sample in samples(account, activity["id"]).items():
        passed = timedelta(seconds=second)
        times = {
            "time": second,
            "timestamp": (utc + passed).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "timestamp_local": (local + passed).isoformat(),
        }
        yield scalars | times | sample | {"activity_id": activity["id"]}


def tables(account: Account) -> dict[str, list[Record]]:
    """Return the rows of each table."""
    return {
        "wellness": list(wellness(account)),
        "activities": [row | {"skyline_chart_bytes": None} for row in activities(account)],
        "activity_streams": list(rows(account)),
    }


def samples(account: Account, activity_id: str) -> dict[int, Record]:
    """Return the channels by seconds since the start; of equal seconds the last value that is not null."""
    channels: dict[str, list[Any]] = {}
    for stream in account.streams(activity_id):
        if stream["type"] == "latlng":
            channels["latitude"], channels["longitude"] = stream["data"], stream["data2"]
        elif stream["type"] == "hrv":
            channels["hrv"] = [None if beats is None else ":".join(map(str, beats)) for beats in stream["data"]]
        else:
            channels[stream["type"]] = stream["data"]
    result: dict[int, Record] = {}
    for index, second in enumerate(channels.pop("time", [])):
        sample = result.setdefault(second, dict.fromkeys(channels))
        for name, values in channels.items():
            if values[index] is not None:
                sample[name] = values[index]
    return result


def differences(expected: Points, actual: Points) -> list[str]:
    """Say what differs, one line a point, the first ten; an empty list for equal sets."""
    lines = [f"missing: {key}" for key in sorted(expected.keys() - actual.keys())]
    lines += [f"extra: {key}" for key in sorted(actual.keys() - expected.keys())]
    for key in sorted(expected.keys() & actual.keys()):
        want, got = expected[key], actual[key]
        if names := [name for name in sorted(want.keys() | got.keys()) if want.get(name) != got.get(name)]:
            lines.append(
                f"{key}: " + ", ".join(f"{name} {want.get(name)!r} is {got.get(name)!r}" for name in names[:5])
            )
    return lines if len(lines) <= 10 else [*lines[:10], f"and {len(lines) - 10} more"]


def without_mileage(points: Points) -> Points:
    """Leave out the mileage of gear: it moves in all activities with each new one, and is stored as it was when the
    activity itself last changed."""
    return {
        key: {name: value for name, value in fields.items() if name != "gear_distance"}
        for key, fields in points.items()
    }


def types(points: Points) -> dict[tuple[str, str], set[str]]:
    """Return InfluxDB's type of each (measurement, field)."""
    names: dict[type, str] = {float: "float", str: "string", bool: "boolean"}
    result: dict[tuple[str, str], set[str]] = {}
    for (measurement, _, _), fields in points.items():
        for name, value in fields.items():
            result.setdefault((measurement, name), set()).add(names[type(value)])
    return result


def numeric(points: Points) -> dict[tuple[str, Tags, int], float]:
    """Return what a metrics store keeps: one number per (name_field, tags, second), no texts."""
    return {
        (f"{measurement}_{name}", tags, second): float(value)
        for (measurement, tags, second), fields in points.items()
        for name, value in fields.items()
        if not isinstance(value, str)
    }


def _add(result: Points, measurement: str, tags: dict[str, str], second: int, fields: Fields) -> None:
    if fields:
        result[measurement, tuple(sorted(tags.items())), second] = fields


def _second(local: str) -> int:
    """Return a date or a wall clock as seconds since 1970."""
    return int(datetime.fromisoformat(local).replace(tzinfo=timezone.utc).timestamp())


def _fields(record: Record, *without: str) -> Fields:
    return dict(pair for name, value in record.items() if name not in without for pair in _flat(name, value))


def _flat(name: str, value: Any) -> Iterator[tuple[str, float | str | bool]]:
    """Yield the fields of one property; nothing for null."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{name}_{key}", inner)
    elif isinstance(value, list):
        yield from _flat_list(name, value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name, float(value)
    elif value is not None and value not in NO_NUMBER:
        yield name, value


def _flat_list(name: str, values: list[Any]) -> Iterator[tuple[str, float | str | bool]]:
    if not values:
        return
    if len(values) > SHORT or any(isinstance(value, list) for value in values):
        yield name, json.dumps(values, separators=(",", ":"), ensure_ascii=False)
    elif all(isinstance(value, dict) for value in values):
        label = next((key for key in ("id", "code", "type") if len(_labels(values, key)) == len(values)), None)
        others = {key for element in values for key in element} - {label}
        for position, element in enumerate(values):
            rest = {key: inner for key, inner in element.items() if key != label}
            own = f"{name}_{position if label is None else element[label]}"
            single = label is not None and len(others) == 1
            yield from _flat(own, rest.get(*others) if single else rest)
    elif any(isinstance(value, str) for value in values):
        yield name, ", ".join(str(value) for value in values if value is not None)
    else:
        for position, value in enumerate(values):
            yield from _flat(f"{name}_{position}", value)


def _labels(elements: list[Record], key: str) -> set[Any]:
    """Return the different names that `key` gives the elements."""
    return {element[key] for element in elements if isinstance(element.get(key), str | int)}
