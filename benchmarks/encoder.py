"""Line protocol per CPU-second: the target's encoder beside the dict path of influxdb-client."""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING, Any

from influxdb_client.client.write.point import Point

from target_influxdb.config.measurements import StreamMapping
from target_influxdb.lineprotocol.encode import encode
from target_influxdb.lineprotocol.types import FieldTypes
from target_influxdb.points.mapper import Mapped, Mapper
from target_influxdb.points.plan import Plan, make_plan
from target_influxdb.points.series import Series

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = 3600  # an hour's activity
START = 1_774_432_800
FIELDS = [f"f{number}" for number in range(12)]
TAGS = {"athlete": "i1", "activity": "a1"}


def _plan(field: dict[str, Any], **mapping: Any) -> Plan:
    properties: dict[str, dict[str, Any]] = {name: {"type": "string"} for name in TAGS}
    properties |= {"at": {"type": "integer"}, "offset": {"type": "array"}, **dict.fromkeys(FIELDS, field)}
    mapped = StreamMapping(time="at", tags=tuple(TAGS), **mapping)
    return make_plan("m", {"properties": properties}, list(TAGS), [], mapped)


ROWS = _plan({"type": "number"})
COLUMNS = _plan({"type": "array", "items": {"type": "number"}}, time_offset="offset")


def main(rounds: int) -> None:
    """Encode the same samples by each of three ways, in turn, and print the best round of each."""
    generator = random.Random(1)
    columns: dict[str, list[float]] = {
        name: [
            generator.randint(50, 300) if number % 3 == 0 else round(100 * generator.random(), 3)
            for _ in range(SAMPLES)
        ]
        for number, name in enumerate(FIELDS)
    }
    clock = range(SAMPLES)
    rows = [{**TAGS, "at": START + second, **{name: columns[name][second] for name in FIELDS}} for second in clock]
    record = {**TAGS, "at": START, "offset": list(clock), **columns}
    ways: list[tuple[str, Callable[[Any], int], str]] = [
        ("influxdb-client, from_dict", _client, json.dumps(rows)),
        ("target, rows", _rows, json.dumps(rows)),
        ("target, columns", _columns, json.dumps(record)),
    ]
    best = dict.fromkeys((label for label, _, _ in ways), 0.0)
    for _ in range(rounds):
        for label, way, text in ways:
            best[label] = max(best[label], _speed(way, text))
    client = best["influxdb-client, from_dict"]
    print(f"\nEncoding {len(FIELDS)} fields, best of {rounds} rounds\n{'':<26}{'points per CPU s':>18}{'times':>8}")
    for label, speed in best.items():
        print(f"{label:<26}{speed:>18,.0f}{speed / client:>8.1f}", flush=True)


def _speed(way: Callable[[Any], int], text: str) -> float:
    """Return the points per CPU-second, of data that has just been decoded as it is in a sync."""
    data = json.loads(text)
    start = time.process_time()
    lines = way(data)
    seconds = time.process_time() - start
    if lines != SAMPLES:
        raise RuntimeError(f"{lines} lines were made of {SAMPLES} samples")
    return lines / seconds


def _client(rows: list[dict[str, Any]]) -> int:
    lines = [
        Point.from_dict(
            {
                "measurement": "m",
                "tags": {name: row[name] for name in TAGS},
                "fields": {name: row[name] for name in FIELDS},
                "time": row["at"],
            },
            write_precision="s",  # type: ignore[arg-type] # WritePrecision.S is a string
        ).to_line_protocol()
        for row in rows
    ]
    "\n".join(lines).encode()
    return len(lines)


def _rows(rows: list[dict[str, Any]]) -> int:
    return _encoded(rows, ROWS)


def _columns(record: dict[str, Any]) -> int:
    return _encoded([record], COLUMNS)


def _encoded(records: list[dict[str, Any]], plan: Plan) -> int:
    lines = 0
    for one in Mapper(plan, Series(plan, SAMPLES, set())).mapped(records, 0):
        if isinstance(one, Mapped):
            made = one.points
            lines += encode(made.heads, made.columns, made.times, FieldTypes(plan.kinds), unit=made.unit).lines
    return lines


if __name__ == "__main__":
    main(rounds=40)
