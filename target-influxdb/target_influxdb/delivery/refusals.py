"""What a server says when it refuses lines, and how a line is fitted to a field's type. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from target_influxdb.delivery.rejects import LONGEST_REASON, Refused, joined
from target_influxdb.lineprotocol.escape import Dialect
from target_influxdb.lineprotocol.literals import literal
from target_influxdb.lineprotocol.types import Kind

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
        reason=" ".join(reason.split())[:LONGEST_REASON],
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


def has_text(line: bytes) -> bool:
    """Whether a line has a field that is a text."""
    return any(match[2].startswith(b'"') for match in _FIELD.finditer(line, _fields_start(line)))


class Line:
    """A line on its way into the database, and what of it is refused."""

    def __init__(self, line: bytes) -> None:
        #: What is to be stored, b"" if nothing is left.
        self.rest = line
        self.reasons: list[str] = []
        self._whole = line
        self._odd: list[bytes] = []

    def fit(self, field: str, kind: Kind, reason: str) -> None:
        """Write a field in another type, or refuse it if its value does not fit."""
        self.rest, odd = fitted(self.rest, field, kind)
        if odd:
            self._odd.append(odd)
            self.reasons.append(reason)

    def refuse(self, reason: str) -> None:
        """Refuse all of it."""
        self.rest = b""
        self.reasons.append(reason)

    @property
    def refused(self) -> Refused:
        """The fields that are refused, or the line as it came if it has no others."""
        line = _with_fields(self._whole, self._odd) if self.rest else self._whole
        return Refused(line, joined(self.reasons), whole=not self.rest)


def fitted(line: bytes, field: str, kind: Kind) -> tuple[bytes, bytes]:
    """The line with one field written in another type; if its value does not fit, the line without it, and the field.

    A line without fields is b"".
    """
    name = Dialect().escape(field)
    fields = list(_FIELD.finditer(line, _fields_start(line)))
    for match in fields:
        if match[1] == name:
            if cell := literal(_value(match[2]), kind):
                return line[: match.start(2)] + cell + line[match.end(2) :], b""
            return _with_fields(line, [other[0] for other in fields if other is not match]), match[0]
    return line, b""


def _with_fields(line: bytes, fields: list[bytes]) -> bytes:
    """The line with these fields instead of its own; b"" without any."""
    start = end = _fields_start(line)
    for match in _FIELD.finditer(line, start):
        end = match.end()
    return line[:start] + b",".join(fields) + line[end:] if fields else b""


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
