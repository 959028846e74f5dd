"""Field types: one per field and run, as a server keeps one per field."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


class Kind(str, Enum):
    """Type of a field, by the name that servers use in their messages."""

    FLOAT = "float"
    INTEGER = "integer"
    UNSIGNED = "unsigned"
    STRING = "string"
    BOOLEAN = "boolean"


class FieldTypes:
    """The type of each field of one measurement: declared, decided by the first value, or learnt from the server."""

    def __init__(self, declared: Mapping[str, Kind] | None = None, listed: Mapping[str, Kind] | None = None) -> None:
        self._kinds: dict[str, Kind] = {}
        self._learnt: dict[str, Kind] = {}
        self._listed: list[Mapping[str, Kind]] = []
        self.declare(declared or {}, {} if listed is None else listed)

    def declare(self, kinds: Mapping[str, Kind], listed: Mapping[str, Kind]) -> None:
        """Add what one stream says; several may write to a measurement. What is listed stands above what is typed.

        More may come into `listed` later, as the data brings fields.
        """
        for field, kind in kinds.items():
            self._kinds.setdefault(field, kind)
        if not any(listed is one for one in self._listed):
            self._listed.append(listed)

    def decide(self, columns: Mapping[str, Iterable[object]]) -> None:
        """Give fields that have no type yet that of their first values."""
        for field, values in columns.items():
            if self.kind(field) is None and (types := set(map(type, values)) - {type(None)}):
                self._kinds[field] = _kind_of(types)

    def kind(self, field: str) -> Kind | None:
        """Return the field's type; None if there was no value yet."""
        return self._learnt.get(field) or self._own_kind(field)

    def unlearnt(self, field: str) -> Kind | None:
        """Return the type the field would have if the server had not taught another, which may be that of one shard."""
        return self._own_kind(field) if field in self._learnt else None

    def _own_kind(self, field: str) -> Kind | None:
        for listed in self._listed:
            if field in listed:
                return listed[field]
        return self._kinds.get(field)

    def learn(self, field: str, kind: Kind) -> None:
        """Follow the type that the server already has."""
        self._learnt[field] = kind


def _kind_of(types: Collection[type]) -> Kind:
    if all(issubclass(one, bool) for one in types):
        return Kind.BOOLEAN
    if all(issubclass(one, (int, float)) or one.__name__ == "Decimal" for one in types):
        return Kind.FLOAT
    return Kind.STRING


JSON_KINDS = {
    "number": Kind.FLOAT,
    "integer": Kind.FLOAT,
    "string": Kind.STRING,
    "boolean": Kind.BOOLEAN,
}


def variants(schema: object) -> list[Mapping[str, Any]]:
    """Return a schema and its alternatives; those that are only `true` or `false` say nothing."""
    if not isinstance(schema, dict):
        return []
    alternatives = (schema.get(name) for name in ("anyOf", "oneOf"))
    inner = [one for some in alternatives if isinstance(some, list) for one in some]
    return [schema, *(one for one in inner if isinstance(one, dict))]


def type_names(schema: object) -> set[str]:
    """Return the JSON types that a schema allows; none if it is open."""
    names: set[str] = set()
    for variant in variants(schema):
        own = variant.get("type")
        names.update(one for one in (own if isinstance(own, list) else [own]) if isinstance(one, str))
    return names


def declared_kind(schema: object) -> Kind | None:
    """Return the type a JSON schema promises for a property (or for the elements of an array); None if it is open.

    A text of the format `singer.decimal` is a number.
    """
    names = type_names(schema) - {"null"}
    if names == {"array"}:
        return declared_kind(schema.get("items")) if isinstance(schema, dict) else None
    if "string" in names and any(variant.get("format") == "singer.decimal" for variant in variants(schema)):
        names = names - {"string"} | {"number"}
    kinds = {JSON_KINDS.get(name) for name in names}
    return kinds.pop() if len(kinds) == 1 else None
