"""What a server says when it refuses lines, and how a line is fitted to a field's type. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from target_influxdb.lineprotocol.literals import literal
from target_influxdb.lineprotocol.parse import Field, parse, without
from target_influxdb.lineprotocol.refused import LONGEST_REASON, Refused, all_reasons
from target_influxdb.lineprotocol.types import Kind

if TYPE_CHECKING:
    from collections.abc import Container

CONFLICT = re.compile(
    r'input field \\?"(?P<field>.+?)\\?" on measurement \\?"(?P<measurement>.+?)\\?" '
    r"is type (?P<sent>\w+), already exists as type (?P<kind>\w+)"
)
CONFLICT_3 = re.compile(
    r"invalid column type for column '(?P<field>.+?)', expected iox::column_type::field::(?P<kind>\w+), got iox::"
)
"""InfluxDB 3; a tag that is sent as a field is no conflict of types."""
DROPPED = re.compile(r"dropped=(\d+)")
ABOUT_LINES = (
    "partial write",
    "unable to parse",
    "field type conflict",
    "max key length",
    "max-series-per-database",
    "max-values-per-tag",
    "points beyond retention",
    "outside retention",
    "line protocol",
    "invalid column type",
    "No fields were provided",
    "invalid field",
    "invalid tag",
    "reserved",
)
"""Parts of messages that are about the lines sent, not about the request."""


@dataclass(frozen=True)
class Conflict:
    """A field that the database has in another type."""

    measurement: str
    """"" where the server does not name it."""
    field: str
    kind: Kind


@dataclass(frozen=True)
class Refusal:
    """A server's message about lines."""

    reason: str
    conflict: Conflict | None
    dropped: int
    about_lines: bool
    """False if the message may be about the request as a whole."""


def read_refusal(body: str) -> Refusal:
    """Understand the body of a 400 or 422 (JSON of any version, or text)."""
    reason = body
    try:
        value = json.loads(body)
    except ValueError:
        pass
    else:
        if isinstance(value, dict):
            reason = str(value.get("message") or value.get("error") or body)
            details = value.get("data")
            first = details[0] if isinstance(details, list) and details else details
            if isinstance(first, dict):
                reason += f": {first.get('error_message', '')}"
    dropped = DROPPED.findall(reason)
    return Refusal(
        reason=" ".join(reason.split())[:LONGEST_REASON],
        conflict=_conflict(reason),
        dropped=int(dropped[-1]) if dropped else 0,
        about_lines=any(part in reason for part in ABOUT_LINES),
    )


def _conflict(reason: str) -> Conflict | None:
    found = CONFLICT.search(reason) or CONFLICT_3.search(reason)
    if found is None:
        return None
    named = found.groupdict()
    kind = {"uinteger": "unsigned"}.get(named["kind"], named["kind"])
    known = {one.value for one in Kind}
    return Conflict(named.get("measurement", ""), named["field"], Kind(kind)) if kind in known else None


class Line:
    """A line on its way into the database, and what of it is refused."""

    def __init__(self, line: bytes) -> None:
        self.rest = line
        """What is to be stored, b"" if nothing is left."""
        self.reasons: list[str] = []
        self._whole = line
        self._odd: list[Field] = []

    def fit(self, field: str, kind: Kind, reason: str) -> None:
        """Write a field in another type, or refuse it if its value does not fit."""
        self.rest, odd = fitted(self.rest, field, kind)
        if odd:
            self._odd.append(odd)
            self.reasons.append(reason)

    def drop(self, fields: Container[str], reason: str) -> None:
        """Refuse some of the fields."""
        rest, odd = without(parse(self.rest), fields)
        if odd:
            self.rest = bytes(rest) if rest.fields else b""
            self._odd += odd
            self.reasons.append(reason)

    def refuse(self, reason: str) -> None:
        """Refuse all of it."""
        self.rest = b""
        self.reasons.append(reason)

    @property
    def refused(self) -> Refused:
        """The fields that are refused, or the line as it came if it has no others."""
        line = bytes(parse(self._whole).with_fields(tuple(self._odd))) if self.rest else self._whole
        return Refused(line, all_reasons(self.reasons), whole=not self.rest)


def fitted(line: bytes, field: str, kind: Kind) -> tuple[bytes, Field | None]:
    """Return the line with one field in another type; if its value does not fit, the line without it, and the field.

    A line without fields is b"".
    """
    parsed = parse(line)
    for place, one in enumerate(parsed.fields):
        if one.name == field:
            if cell := literal(one.meaning, kind):
                others = (*parsed.fields[:place], replace(one, value=cell), *parsed.fields[place + 1 :])
                return bytes(parsed.with_fields(others)), None
            rest, _ = without(parsed, {field})
            return bytes(rest) if rest.fields else b"", one
    return line, None
