"""What a server says when it refuses lines, and how a line is fitted to a field's type. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from target_influxdb.encode import escape
from target_influxdb.fields import Kind
from target_influxdb.literals import literal

_CONFLICT = re.compile(
    r'input field \\?"(?P<field>.+?)\\?" on measurement \\?"(?P<measurement>.+?)\\?" '
    r"is type (?P<sent>\w+), already exists as type (?P<kind>\w+)"
)
#: InfluxDB 3; a tag that is sent as a field is no conflict of types.
_CONFLICT_3 = re.compile(
    r"invalid column type for column '(?P<field>.+?)', expected iox::column_type::field::(?P<kind>\w+), got iox::"
)
_DROPPED = re.compile(r"dropped=(\d+)")
_FIELD = re.compile(rb'((?:[^\\,= ]|\\.)+)=("(?:[^"\\]|\\.)*"|[^, ]+)', re.DOTALL)
_HEAD = re.compile(rb"(?:[^\\ \n]|\\[^\n])+ ")
#: Parts of messages that are about the lines sent, not about the request.
_ABOUT_LINES = (
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


@dataclass(frozen=True)
class Conflict:
    """A field that the database has in another type."""

    #: "" where the server does not name it.
    measurement: str
    field: str
    kind: Kind


@dataclass(frozen=True)
class Refusal:
    """A server's message about lines."""

    reason: str
    conflict: Conflict | None
    dropped: int
    #: False if the message may be about the request as a whole.
    about_lines: bool


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
    dropped = _DROPPED.findall(reason)
    return Refusal(
        reason=" ".join(reason.split())[:500],
        conflict=_conflict(reason),
        dropped=int(dropped[-1]) if dropped else 0,
        about_lines=any(part in reason for part in _ABOUT_LINES),
    )


def _conflict(reason: str) -> Conflict | None:
    found = _CONFLICT.search(reason) or _CONFLICT_3.search(reason)
    if found is None:
        return None
    named = found.groupdict()
    kind = {"uinteger": "unsigned"}.get(named["kind"], named["kind"])
    known = {one.value for one in Kind}
    return Conflict(named.get("measurement", ""), named["field"], Kind(kind)) if kind in known else None


def measurement_of(line: bytes) -> str:
    """The measurement that a line is of."""
    name = re.match(rb"(?:[^\\, ]|\\.?)*", line)
    return re.sub(rb"\\([, ])", rb"\1", name[0] if name else b"").decode(errors="replace")


def has_field(line: bytes, field: str) -> bool:
    """Whether a line has a field of this name."""
    name = escape(field)
    return any(match[1] == name for match in _FIELD.finditer(line, _fields_start(line)))


def converted(line: bytes, field: str, kind: Kind) -> bytes | None:
    """The line with one field written in another type; None if its value does not fit."""
    name = escape(field)
    for match in _FIELD.finditer(line, _fields_start(line)):
        if match[1] == name:
            cell = literal(_value(match[2]), kind)
            return line[: match.start(2)] + cell + line[match.end(2) :] if cell else None
    return line


def _fields_start(line: bytes) -> int:
    head = _HEAD.match(line)
    return head.end() if head else len(line)


def _value(written: bytes) -> str | bool | int | float:
    """What a field's text stands for."""
    if written.startswith(b'"'):
        return re.sub(rb'\\(["\\])', rb"\1", written[1:-1]).decode(errors="replace")
    if written in (b"true", b"false"):
        return written == b"true"
    number = written.rstrip(b"iu")
    return int(number) if re.fullmatch(rb"-?\d+", number) else float(number)
