"""Marks: points that tell which states a database knows. Their statements and answers; see `delivery.state_check`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from target_influxdb.lineprotocol.encode import encode
from target_influxdb.lineprotocol.types import FieldTypes, Kind
from target_influxdb.servers import influxql

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from target_influxdb.lineprotocol.escape import Dialect
    from target_influxdb.servers.http import Answer

MEASUREMENT = "singer_state"
"""The measurement."""
_NUMBER, _FILLED = "mark", "filled"


class Mark(NamedTuple):
    """What was noted when a state left: `number` stands for a bookmark's content.

    `filled` tells whether the database had points of the bookmark's stream (and partition); None if that is not known.
    """

    stream: str
    partition: str
    number: int
    filled: bool | None = None


def lines(marks: Sequence[Mark], dialect: Dialect, milliseconds: int) -> bytes:
    """Return the marks as line protocol, in milliseconds."""
    heads = [dialect.head(MEASUREMENT, {"partition": one.partition, "stream": one.stream}) for one in marks]
    columns: dict[str, list[float | None]] = {
        _NUMBER: [one.number for one in marks],
        _FILLED: [one.filled for one in marks],
    }
    types = FieldTypes({_NUMBER: Kind.FLOAT, _FILLED: Kind.FLOAT})
    times = [milliseconds] * len(marks)
    return encode(heads, columns, times, types, unit="ms", precision="ms", dialect=dialect).body


def ask(since: int, numbers: Collection[int] = (), policy: str = "") -> str:
    """Return a statement for the marks since a time (ns), of these numbers only if some are given."""
    conditions = [f"time >= {since}"]
    if numbers:
        conditions.append(f"({' OR '.join(f'{influxql.identifier(_NUMBER)} = {one}' for one in numbers)})")
    return f"{_select(policy)} WHERE {' AND '.join(conditions)} GROUP BY {GROUPS}"


def ask_last(policy: str = "") -> str:
    """Return a statement for the last mark of each bookmark."""
    return f"{_select(policy)} GROUP BY {GROUPS} ORDER BY time DESC LIMIT 1"


GROUPS = '"stream", "partition"'


def _select(policy: str) -> str:
    return f'SELECT "{_NUMBER}", "{_FILLED}" FROM {influxql.source(MEASUREMENT, policy)}'  # noqa: S608 - quoted


def read(answer: Answer) -> list[Mark] | None:
    """Return the marks in an answer of InfluxQL; None if they can't be read."""
    if not answer.ok:
        return None
    found = []
    for series in influxql.series_of(answer):
        tags = series.get("tags", {})
        for _, number, filled in series["values"]:
            if number is not None:
                known = None if filled is None else bool(filled)
                found.append(Mark(tags.get("stream", ""), tags.get("partition", ""), round(number), known))
    return found


def exported(text: str) -> Iterator[dict[str, Any]]:
    """Yield the series of VictoriaMetrics' export, a line of JSON each; other ends of lines may stand in names."""
    yield from map(json.loads, filter(None, text.split("\n")))


def read_export(text: str) -> list[Mark]:
    """Return the marks in VictoriaMetrics' export."""
    numbers: list[tuple[str, str, int, float]] = []
    filled: dict[tuple[str, str, int], bool] = {}
    for series in exported(text):
        labels = series["metric"]
        key = labels.get("stream", ""), labels.get("partition", "")
        pairs = zip(series["timestamps"], series["values"], strict=True)
        if labels["__name__"] == f"{MEASUREMENT}_{_NUMBER}":
            numbers += [(*key, time, value) for time, value in pairs]
        else:
            filled |= {(*key, time): bool(value) for time, value in pairs}
    return [Mark(stream, part, round(value), filled.get((stream, part, time))) for stream, part, time, value in numbers]


def chunks(numbers: Sequence[int], size: int = 100) -> Iterable[Sequence[int]]:
    """Cut numbers into what one statement asks for."""
    return (numbers[start : start + size] for start in range(0, len(numbers), size))
