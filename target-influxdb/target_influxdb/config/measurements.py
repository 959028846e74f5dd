"""The setting `measurements`: how streams become points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from target_influxdb.config.declared import declared, schema_of, setting
from target_influxdb.lineprotocol.stamps import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

GLOB = frozenset("*?[")
RESERVED_TAGS = frozenset({"_field", "_measurement"})
REPLACE = {"type": ["array", "string", "null"], "items": {"type": "string"}}

Names = tuple[str, ...]


@dataclass(frozen=True)
class StreamMapping:
    """How one stream becomes points. None means the default that README.md describes."""

    name: str | None = setting(None, "Measurement; default: the stream's name.")
    time: str | None = setting(None, "Property with the point's time.")
    time_offset: str | None = setting(None, "Property with seconds to add; may be an array.")
    time_zone: str = setting("UTC", "Zone of dates and of times without offset.")
    precision: str | None = setting(None, "Cut times to this unit.", choices=tuple(UNITS))
    tags: Names | None = setting(None, "Properties written as tags; default: keys that are no time.")
    fields: Names | None = setting(None, "Fields to write; default: all. Wildcards allowed.")
    exclude: Names = setting((), "Fields to leave out. Wildcards allowed.")
    integers: Names = setting((), "Fields to write as integers; every other number is a float.")
    floats: Names = setting((), "Fields to write as floats although they come as text.")
    replace: Names = setting((), "Tags that name the old points a record replaces, or the word time.", schema=REPLACE)
    replace_time: bool = False
    """`replace: time`: a record replaces the very point it stands for."""


SCHEMA = {
    "type": ["object", "null"],
    "properties": {},
    "additionalProperties": {**schema_of(StreamMapping), "additionalProperties": True},
}


def is_glob(name: str) -> bool:
    """Tell whether a name holds wildcards."""
    return not GLOB.isdisjoint(name)


def mappings(config: object, errors: list[str]) -> Iterator[tuple[str, StreamMapping]]:
    """Yield the mappings by the name or wildcard of their streams; mistakes go to `errors`."""
    if not isinstance(config, dict):
        errors.append("measurements: must be an object with a mapping per stream.")
        return
    for stream, raw in config.items():
        if not isinstance(raw, dict):
            errors.append(f"measurements.{stream}: must be an object such as {{time: created_at, tags: [id]}}.")
            continue
        before = len(errors)
        errors += (f"measurements.{stream}.{text}" for text in _mistakes(raw))
        if len(errors) == before:
            given = {key: value for key, value in raw.items() if value is not None}
            values: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else value for key, value in given.items()
            }
            if values.get("replace") == "time":
                values |= {"replace": (), "replace_time": True}
            yield stream, StreamMapping(**values)


def _mistakes(raw: Mapping[str, Any]) -> Iterator[str]:
    known = {one.name: (kind, about) for one, kind, about in declared(StreamMapping)}
    for key in raw.keys() - known.keys():
        yield f"{key}: unknown; known are {', '.join(sorted(known))}."
    for key, (kind, about) in known.items():
        value = raw.get(key)
        if value is None or (key == "replace" and value == "time"):
            continue
        if kind is str and (not isinstance(value, str) or not value):
            yield f"{key}: {value!r} must be text."
        elif kind is not str and (not isinstance(value, list) or not all(isinstance(one, str) for one in value)):
            hint = " or the word time" if key == "replace" else ""
            yield f"{key}: {value!r} must be a list of property names{hint}."
            return
        if about.choices and value not in about.choices:
            yield f"{key}: {value!r} is none of {', '.join(about.choices)}."
    try:
        ZoneInfo(raw.get("time_zone") or StreamMapping.time_zone)
    except (ValueError, OSError, TypeError, KeyError):
        yield f"time_zone: {raw.get('time_zone')!r} is no time zone such as Europe/Madrid."
    yield from _tag_mistakes(raw)


def _tag_mistakes(raw: Mapping[str, Any]) -> Iterator[str]:
    tags = raw.get("tags")
    times = {raw.get("time"), raw.get("time_offset")}
    for name in set(raw.get("integers") or ()) & set(raw.get("floats") or ()):
        yield f"floats: {name!r} is also among the integers; choose one."
    for name in times.intersection(raw.get("fields") or ()):
        yield f"fields: {name!r} is also the time; choose one."
    for tag in tags or ():
        if tag in (raw.get("fields") or ()):
            yield f"tags: {tag!r} is also a field; choose one."
        if tag in RESERVED_TAGS:
            yield f"tags: {tag!r} is reserved by InfluxDB."
        if tag in times:
            yield f"tags: {tag!r} is also the time; choose one."
    replace = raw.get("replace")
    if isinstance(replace, list) and tags is not None:
        for name in replace:
            if name not in tags:
                yield f"replace: {name!r} must be one of the tags; points can be deleted by tags and time only."
