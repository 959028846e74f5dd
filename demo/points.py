"""Points read back from what the pipeline wrote: lines of line protocol, or answers of `/query`."""

from __future__ import annotations

import functools
import gzip
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

Value: TypeAlias = "float | str | bool"

# A text may hold line breaks, blanks and commas; names and tags escape theirs with a backslash. Written without choices
# that overlap, so that a line is read once and never again.
TEXT = r'"[^"\\]*(?:\\.[^"\\]*)*"'
LINE = re.compile(
    rf'^([^ \\]*(?:\\.[^ \\]*)*) ([^ "\\]*(?:(?:\\.|{TEXT})[^ "\\]*)*) (-?\d+)$', re.MULTILINE | re.DOTALL
)
PAIR = re.compile(rf"([^,=\\]*(?:\\.[^,=\\]*)*)=({TEXT}|[^,\\]*(?:\\.[^,\\]*)*)", re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Point:
    """One point: `time` in seconds since 1970, the athlete's wall clock read as UTC."""

    time: int
    tags: Mapping[str, str]
    fields: Mapping[str, Value]

    def number(self, field: str) -> float | None:
        """Return a numeric field; None where it is missing or no number."""
        value = self.fields.get(field)
        return None if value is None or isinstance(value, str | bool) else float(value)

    def text(self, field: str) -> str:
        """Return a text field; empty where it is missing."""
        return str(self.fields.get(field, ""))


def lines(folder: Path) -> Iterator[tuple[str, str, int]]:
    """Yield series, fields and time (seconds) of all lines of the gzipped files, oldest file first."""
    for file in sorted(folder.rglob("*.gz")):
        for match in LINE.finditer(gzip.decompress(file.read_bytes()).decode()):
            series, fields, time = match.groups()
            yield series, fields, int(time)


def from_lines(found: Iterable[tuple[str, str, int]], measurement: str, ids: Collection[str] = ()) -> list[Point]:
    """Return the points of a measurement by time, of these activities if any are named.

    A line that was written later replaces fields of the same point, as in a database.
    """
    stored: dict[tuple[str, int], dict[str, Value]] = {}
    for series, fields, time in found:
        if series.startswith(measurement + ",") and (not ids or _tags(series).get("activity_id") in ids):
            stored.setdefault((series, time), {}).update(_fields(fields))
    points = [Point(time, _tags(series), fields) for (series, time), fields in stored.items()]
    return sorted(points, key=lambda point: point.time)


def from_answer(document: Mapping[str, Any]) -> list[Point]:
    """Return the points that `SELECT * ... GROUP BY *` answered as JSON (with `epoch=s`), by time."""
    points = []
    for result in document["results"]:
        for series in result.get("series", []):
            _, *names = series["columns"]
            for time, *values in series["values"]:
                fields = {name: value for name, value in zip(names, values, strict=True) if value is not None}
                points.append(Point(time, series["tags"], fields))
    return sorted(points, key=lambda point: point.time)


@functools.cache  # a series has thousands of points
def _tags(series: str) -> dict[str, str]:
    """Return the tags of a series."""
    tags = series.partition(",")[2]
    return {ESCAPED.sub(r"\1", name): ESCAPED.sub(r"\1", value) for name, value in PAIR.findall(tags)}


def _fields(text: str) -> dict[str, Value]:
    return {ESCAPED.sub(r"\1", name): _value(value) for name, value in PAIR.findall(text)}


def _value(text: str) -> Value:
    if text.startswith('"'):
        return ESCAPED.sub(r"\1", text[1:-1])
    return BOOLEANS[text] if text in BOOLEANS else float(text.rstrip("iu"))
