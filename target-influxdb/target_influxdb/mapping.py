"""What becomes what: schema and mapping of a stream → plan. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from target_influxdb.encode import storable
from target_influxdb.errors import TargetError
from target_influxdb.fields import Kind, declared_kind, type_names, variants
from target_influxdb.settings import is_glob

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import tzinfo

    from target_influxdb.settings import StreamMapping

_DATE_FORMATS = frozenset({"date", "date-time"})


@dataclass(frozen=True)
class Plan:
    """How the records of one stream become points."""

    stream: str
    measurement: str
    keys: tuple[str, ...]
    #: None: points get the time at which they arrive.
    time: str | None
    time_offset: str | None
    zone: tzinfo
    precision: str | None
    tags: tuple[str, ...]
    fields: tuple[str, ...] | None
    exclude: tuple[str, ...]
    integers: tuple[str, ...]
    kinds: Mapping[str, Kind]
    replace: tuple[str, ...]
    replace_time: bool
    #: The time property is a date: points lie at midnights only.
    daily: bool

    def wants(self, field: str, prop: str) -> bool:
        """Whether a field (flattened name) of a property is to be written."""
        if _listed(field, prop, self.exclude):
            return False
        return self.fields is None or _listed(field, prop, self.fields)


def stored_name(name: str) -> str:
    """A tag's or field's name as it is stored; `time` is no legal one."""
    return "time_" if name == "time" else storable(name)


def _listed(field: str, prop: str, names: Sequence[str]) -> bool:
    return any(name in (field, prop) or (is_glob(name) and fnmatchcase(field, name)) for name in names)


def make_plan(
    stream: str,
    schema: Mapping[str, Any],
    keys: Sequence[str],
    bookmarks: Sequence[str],
    mapping: StreamMapping,
) -> Plan:
    """Join a stream's schema with its mapping.

    Raises:
        TargetError: the mapping names what the stream has not.
    """
    properties: Mapping[str, Any] = schema.get("properties", {})
    closed = bool(properties) and not schema.get("additionalProperties", False)
    mistakes = list(_mistakes(properties, mapping)) if closed else []
    if mistakes:
        raise TargetError(f"measurements.{stream}: {' '.join(mistakes)}")
    time = mapping.time or _default_time(properties, keys, bookmarks)
    tags = mapping.tags
    if tags is None:
        times = {time, mapping.time_offset}
        tags = tuple(key for key in keys if key not in times and not _is_time(properties.get(key)))
        tags += tuple(name for name in mapping.replace if name not in tags)
    measurement = storable(mapping.name or stream)
    if measurement.startswith("#"):
        raise TargetError(f"measurements.{stream}: a measurement can't start with '#'; set another `name`.")
    kinds = {name: kind for name, one in properties.items() if (kind := declared_kind(one)) is not None}
    return Plan(
        stream=stream,
        measurement=measurement,
        keys=tuple(keys),
        time=time,
        time_offset=mapping.time_offset,
        zone=ZoneInfo(mapping.time_zone),
        precision=mapping.precision,
        tags=tags,
        fields=mapping.fields,
        exclude=mapping.exclude,
        integers=mapping.integers,
        kinds=kinds,
        replace=mapping.replace,
        replace_time=mapping.replace_time,
        daily=_formats(properties.get(time or "")) == {"date"},
    )


def _mistakes(properties: Mapping[str, Any], mapping: StreamMapping) -> Iterator[str]:
    for key in ("time", "time_offset"):
        name = getattr(mapping, key)
        if name is not None and name not in properties:
            yield f"{key}: the stream has no property {name!r} (it has {_some(properties)})."
    for key in ("tags", "replace"):
        for name in getattr(mapping, key) or ():
            if name not in properties:
                yield f"{key}: the stream has no property {name!r} (it has {_some(properties)})."
    for key in ("fields", "exclude", "integers"):
        for name in getattr(mapping, key) or ():
            if not is_glob(name) and not any(name == one or name.startswith(f"{one}_") for one in properties):
                yield f"{key}: the stream has no property {name!r} (it has {_some(properties)})."
    if mapping.time and mapping.time in properties and not _can_be_time(properties[mapping.time]):
        yield f"time: property {mapping.time!r} is no date, time or number."


def _some(names: Iterable[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:20]) + (", ..." if len(listed) > 20 else "")  # noqa: PLR2004 - a line's worth


def _default_time(properties: Mapping[str, Any], keys: Sequence[str], bookmarks: Sequence[str]) -> str | None:
    candidates = [*bookmarks[:1], *keys]
    return next((name for name in candidates if _is_time(properties.get(name))), None)


def _formats(schema: object) -> set[str]:
    return {variant["format"] for variant in variants(schema) if variant.get("format") in _DATE_FORMATS}


def _is_time(schema: object) -> bool:
    return bool(_formats(schema))


def _can_be_time(schema: object) -> bool:
    names = type_names(schema)
    return not names or not names.isdisjoint({"string", "number", "integer", "array"})
