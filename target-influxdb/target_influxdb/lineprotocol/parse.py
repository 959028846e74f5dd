"""Lines read again: where a body is cut, what a line holds. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

# Written without choices that overlap, and with runs of plain characters in one step: so a line is read once, and fast.
SERIES = rb"(?![ \n])[^\\ \n]*(?:\\[^\n][^\\ \n]*)* "
TEXT = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
LINE = re.compile(
    rb"#[^\n]*"  # a comment
    rb"|" + SERIES + rb"(?:[^\\,= \n]*(?:\\[^\n][^\\,= \n]*)*="
    rb"(?:" + TEXT + rb'|[^", \n]*),?)+'  # fields: only texts hold line breaks
    rb"[^\n]*",  # time
    re.DOTALL,
)
HEAD = re.compile(SERIES)
FIELD = re.compile(rb"((?:[^\\,= ]|\\.)+)=(" + TEXT + rb"|[^, ]+)", re.DOTALL)
MEASUREMENT = re.compile(rb"(?:[^\\, ]|\\.?)*")
TAG = re.compile(rb",((?:[^\\,= ]|\\.)+)=((?:[^\\, ]|\\.)*)")
ESCAPED = re.compile(rb"\\([,= ])")


def split_lines(body: bytes) -> list[bytes]:
    """Return the lines of a body without comments; a line break inside a string field does not end one."""
    lines = []
    position = 0
    while position < len(body):
        found = LINE.match(body, position)
        end = found.end() if found else body.find(b"\n", position)
        end = len(body) if end < 0 else end
        line = body[position:end]
        if line and not line.startswith(b"#"):
            lines.append(line)
        position = end + 1
    return lines


@dataclass(frozen=True)
class Field:
    """A field as it is written."""

    key: bytes
    value: bytes

    def __bytes__(self) -> bytes:
        return self.key + b"=" + self.value

    @property
    def name(self) -> str:
        """The name that the key stands for."""
        return _plain(self.key)

    @property
    def is_text(self) -> bool:
        """Whether the value is a text."""
        return self.value.startswith(b'"')

    @property
    def meaning(self) -> str | bool | int | float:
        """What the value stands for."""
        if self.is_text:
            return re.sub(rb'\\(["\\])', rb"\1", self.value[1:-1]).decode(errors="replace")
        if self.value in (b"true", b"false"):
            return self.value == b"true"
        number = self.value.rstrip(b"iu")
        return int(number) if re.fullmatch(rb"-?\d+", number) else float(number)


@dataclass(frozen=True)
class ParsedLine:
    """A line in its three parts; joined they are the line again."""

    head: bytes
    """Measurement and tags, with the space behind them."""
    fields: tuple[Field, ...]
    tail: bytes
    """The time, with the space before it."""

    def __bytes__(self) -> bytes:
        return self.head + b",".join(map(bytes, self.fields)) + self.tail

    def with_fields(self, fields: tuple[Field, ...]) -> ParsedLine:
        """Return the same point with other fields."""
        return replace(self, fields=fields)

    @property
    def measurement(self) -> str:
        """The measurement's name."""
        return measurement_of(self.head)

    @property
    def tags(self) -> dict[str, str]:
        """The values of the tags by their names."""
        start = MEASUREMENT.match(self.head)
        found = TAG.findall(self.head, start.end() if start else 0)
        return {_plain(key): _plain(value) for key, value in found}

    @property
    def values(self) -> dict[str, str | bool | int | float]:
        """The values of the fields by their names."""
        return {one.name: one.meaning for one in self.fields}


def parse(line: bytes) -> ParsedLine:
    """Return what a line holds; of one that can't be read all is head."""
    head = HEAD.match(line)
    start = end = head.end() if head else len(line)
    fields = []
    for found in FIELD.finditer(line, start):
        fields.append(Field(found[1], found[2]))
        end = found.end()
    return ParsedLine(line[:start], tuple(fields), line[end:])


def measurement_of(line: bytes) -> str:
    """Return the measurement that a line is of."""
    name = MEASUREMENT.match(line)
    return _plain(name[0]) if name else ""


def series_of(line: bytes) -> bytes:
    """Return measurement and tags as the line has them; all of a line that can't be read."""
    head = HEAD.match(line)
    return head[0][:-1] if head else line


def has_text(line: bytes) -> bool:
    """Return whether a line has a field that is a text."""
    return any(field.is_text for field in parse(line).fields)


def stamp_of(line: bytes) -> int | None:
    """Return the time as the line has it, None if it has none."""
    stamp = line.rpartition(b" ")[2]
    return int(stamp) if stamp.lstrip(b"-").isdigit() else None


def without(line: ParsedLine, names: Container[str]) -> tuple[ParsedLine, tuple[Field, ...]]:
    """Return a line without some of its fields, and these."""
    kept = tuple(one for one in line.fields if one.name not in names)
    return line.with_fields(kept), tuple(one for one in line.fields if one.name in names)


def _plain(written: bytes) -> str:
    return ESCAPED.sub(rb"\1", written).decode(errors="replace")
