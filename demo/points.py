"""Points read back from what the pipeline wrote: lines of line protocol, or answers of `/query`."""

from __future__ import annotations

import functools
import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from target_influxdb.lineprotocol.parse import measurement_of, parse, series_of, split_lines, stamp_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

Value: TypeAlias = "float | str | bool"


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


def lines(folder: Path) -> Iterator[tuple[bytes, bytes, int]]:
    """Yield series, line and time (seconds) of all lines of the gzipped files, oldest file first."""
    for file in sorted(folder.rglob("*.gz")):
        for line in split_lines(gzip.decompress(file.read_bytes())):
            yield series_of(line), line, stamp_of(line) or 0


# A series has thousands of points.
measurement_in = functools.cache(measurement_of)
tags = functools.cache(lambda series: parse(series + b" ").tags)


def from_lines(found: Iterable[tuple[bytes, bytes, int]], name: str, ids: Collection[str] = ()) -> list[Point]:
    """Return the points of a measurement by time, of these activities if any are named.

    A line that was written later replaces fields of the same point, as in a database.
    """
    stored: dict[tuple[bytes, int], dict[str, Value]] = {}
    for series, line, time in found:
        if measurement_in(series) == name and (not ids or tags(series).get("activity_id") in ids):
            stored.setdefault((series, time), {}).update(parse(line).values)
    points = [Point(time, tags(series), fields) for (series, time), fields in stored.items()]
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
