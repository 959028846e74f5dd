"""What becomes what: schema and mapping of a stream → plan. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from target_influxdb.config.measurements import is_glob
from target_influxdb.errors import TargetError
from target_influxdb.lineprotocol.escape import storable
from target_influxdb.lineprotocol.types import Kind, declared_kind, type_names, variants
from target_influxdb.points.names import Names
from target_influxdb.points.tags_and_times import PART

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import tzinfo

    from target_influxdb.config.measurements import StreamMapping

DATE_FORMATS = frozenset({"date", "date-time"})


@dataclass(frozen=True)
class Plan:
    """How the records of one stream become points."""

    stream: str
    measurement: str
    keys: tuple[str, ...]
    time: str | None
    """None: points get the time at which they arrive."""
    time_offset: str | None
    zone: tzinfo
    precision: str | None
    tags: tuple[str, ...]
    tag_names: Mapping[str, str]
    """Their names in lines."""
    no_fields: frozenset[str]
    """Properties that are time, tag or number of a part."""
    names_fields: bool
    """Whether `fields` names the fields: then scalars of columnar records may be among them."""
    names: Names
    kinds: Mapping[str, Kind]
    replace: tuple[str, ...]
    replace_time: bool
    daily: bool
    """The time property is a date: points lie at midnights only."""
    parted: bool
    """Records come in parts, told apart by `PART`, which is otherwise no part of the key."""

    @property
    def clock(self) -> str:
        """The property that is an array in a columnar record, "" if there is none."""
        return self.time_offset or self.time or ""


def make_plan(  # noqa: PLR0913, PLR0917 - three of them are a SCHEMA message
    stream: str,
    schema: Mapping[str, Any],
    keys: Sequence[str],
    bookmarks: Sequence[str],
    mapping: StreamMapping,
    names: Names | None = None,
) -> Plan:
    """Join a stream's schema with its mapping.

    Args:
        stream: Name of the stream.
        schema: Of its records.
        keys: Its key properties.
        bookmarks: Its replication key, if it has one.
        mapping: What the settings say.
        names: What an earlier schema of the stream has made of the names of fields.

    Raises:
        TargetError: the mapping names what the stream has not, or what its key does not allow.
    """
    properties: Mapping[str, Any] = schema.get("properties", {})
    closed = bool(properties) and not schema.get("additionalProperties", False)
    mistakes = list(_mistakes(properties, mapping)) if closed else []
    if mistakes:
        raise TargetError(f"measurements.{stream}: {' '.join(mistakes)}")
    time = mapping.time or _default_time(properties, keys, bookmarks)
    times = {name for name in (time, mapping.time_offset) if name is not None}
    parted = PART in keys and PART not in (*times, *(mapping.tags or ()), *mapping.replace)
    if parted:
        keys = [name for name in keys if name != PART]
        properties = {name: one for name, one in properties.items() if name != PART}
    tags = mapping.tags
    if tags is None:
        tags = tuple(key for key in keys if key not in times)
        tags += tuple(name for name in mapping.replace if name not in tags)
    mistakes = list(_contradictions(time, times, tags, keys, mapping))
    if mistakes:
        raise TargetError(f"measurements.{stream}: {' '.join(mistakes)}")
    measurement = storable(mapping.name or stream)
    if not measurement or measurement.startswith("#"):
        trouble = "start with '#'" if measurement else "be called nothing"
        raise TargetError(f"measurements.{stream}: a measurement can't {trouble}; set another `name`.")
    names = Names(stream, mapping) if names is None else names
    fields = [name for name in properties if name not in times and name not in tags]
    nested = [name for name in fields if _may_be_nested(properties[name])]
    names.declare(fields, tags, nested, is_open=not closed)
    declared = {name: kind for name, one in properties.items() if (kind := declared_kind(one)) is not None}
    return Plan(
        stream=stream,
        measurement=measurement,
        keys=tuple(keys),
        time=time,
        time_offset=mapping.time_offset,
        zone=ZoneInfo(mapping.time_zone),
        precision=mapping.precision if time else None,  # else points that arrive together would become one
        tags=tags,
        tag_names=dict(names.tags),
        no_fields=frozenset({*times, *tags, *([PART] if parted else ())}),
        names_fields=mapping.fields is not None,
        names=names,
        kinds={names.get((name, name)) or name: kind for name, kind in declared.items()},
        replace=mapping.replace,
        replace_time=mapping.replace_time,
        daily=_formats(properties.get(time or "")) == {"date"},
        parted=parted,
    )


def missing_in(mapping: StreamMapping, plan: Plan) -> str:
    """Return a sentence on what the mapping of a stream should name, because the stream does not; else ""."""
    if plan.time is None:
        return (
            f"Stream {plan.stream!r} has no time: points get the time at which they arrive, so a repeated record"
            f" becomes a second point. Name its time with measurements.{plan.stream}.time."
        )
    if not plan.tags and not plan.keys and mapping.tags is None:
        return (
            f"Stream {plan.stream!r} has no key: records of the same time become one point. Name what tells them apart"
            f" with measurements.{plan.stream}.tags, or say by an empty list that nothing does."
        )
    return ""


def _mistakes(properties: Mapping[str, Any], mapping: StreamMapping) -> Iterator[str]:
    for key in ("time", "time_offset"):
        name = getattr(mapping, key)
        if name is not None and name not in properties:
            yield f"{key}: the stream has no property {name!r} (it has {_some(properties)})."
    for key in ("tags", "replace"):
        for name in getattr(mapping, key) or ():
            if name not in properties:
                yield f"{key}: the stream has no property {name!r} (it has {_some(properties)})."
    for key in ("fields", "exclude", "integers", "floats"):
        for name in getattr(mapping, key) or ():
            if not is_glob(name) and not any(name == one or name.startswith(f"{one}_") for one in properties):
                yield f"{key}: the stream has no property {name!r} (it has {_some(properties)})."
    if mapping.time and mapping.time in properties and not _can_be_time(properties[mapping.time]):
        yield f"time: property {mapping.time!r} is not a date, time or number."


def _contradictions(
    time: str | None, times: set[str], tags: Sequence[str], keys: Sequence[str], mapping: StreamMapping
) -> Iterator[str]:
    for name in mapping.fields or ():
        if name in times or name in tags:
            yield f"fields: {name!r} is {'the time' if name in times else 'a tag'}; choose one."
    if mapping.replace_time and time is None:
        yield "replace: the stream has no time; name it with `time`, or replace by tags."
    elif mapping.replace_time and (others := set(keys) - set(tags) - times):
        yield f"replace: key {min(others)!r} is neither a tag nor the time, so that records with other keys would go."


def _some(names: Iterable[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:20]) + (", ..." if len(listed) > 20 else "")  # noqa: PLR2004 - a line's worth


def _default_time(properties: Mapping[str, Any], keys: Sequence[str], bookmarks: Sequence[str]) -> str | None:
    """Return a time that is part of the key, the replication key first: a record that comes again meets its point."""
    of_key = sorted(keys, key=lambda name: name not in bookmarks[:1])
    return next((name for name in [*of_key, *bookmarks[:1]] if _is_time(properties.get(name))), None)


def _formats(schema: object) -> set[str]:
    return {one for variant in variants(schema) for one in DATE_FORMATS if variant.get("format") == one}


def _is_time(schema: object) -> bool:
    return bool(_formats(schema))


def _may_be_nested(schema: object) -> bool:
    return declared_kind(schema) is None or "array" in type_names(schema)


def _can_be_time(schema: object) -> bool:
    names = type_names(schema)
    return not names or not names.isdisjoint({"string", "number", "integer", "array"})
