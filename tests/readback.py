"""Read everything back from a database, in the shapes of the oracle."""

from __future__ import annotations

import ast
import contextlib
import csv
import json
import re
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from pathlib import Path

    from tests.oracle import Key, Points, Record, Tags

TIMEOUT = 60
MARKS = "singer_state"
"""What the target notes for itself; no part of the account."""
LAST = 4_102_444_800
"""2100-01-01 as seconds since 1970: after everything that a test stores."""


def influxql(url: str, database: str, query: str, token: str = "") -> list[dict[str, Any]]:
    """Return the series that an InfluxQL query gives, times in seconds."""
    headers = {"Authorization": f"Token {token}"} if token else {}
    asked = {"db": database, "q": query, "epoch": "s"}
    answer = requests.get(f"{url}/query", params=asked, headers=headers, timeout=TIMEOUT)
    answer.raise_for_status()
    (result,) = answer.json()["results"]
    if "error" in result:
        raise RuntimeError(result["error"])
    series: list[dict[str, Any]] = result.get("series", [])
    return series


def write(url: str, database: str, lines: list[str]) -> None:
    """Write lines, times in seconds, into an InfluxDB 1.x database."""
    query = {"db": database, "precision": "s"}
    requests.post(f"{url}/write", params=query, data="\n".join(lines), timeout=TIMEOUT).raise_for_status()


def influxdb_points(url: str, database: str, token: str = "") -> Points:
    """Return every point of an InfluxDB 1.x database, or with its token of a bucket of 2.x."""
    points: Points = {}
    (names,) = influxql(url, database, "SHOW MEASUREMENTS", token)
    # One by one: a field that two measurements hold with different types comes back as null in one of them.
    queries = [f'SELECT * FROM "{name}" GROUP BY *' for (name,) in names["values"] if name != MARKS]
    for series in (series for query in queries for series in influxql(url, database, query, token)):
        tags = _tags(series["tags"])
        for second, *values in series["values"]:
            fields = zip(series["columns"][1:], values, strict=True)
            key: Key = (series["name"], tags, second)
            points[key] = {name: value for name, value in fields if value is not None}
    return points


def influxdb_types(url: str, database: str) -> dict[tuple[str, str], set[str]]:
    """Return the types of each (measurement, field)."""
    types: dict[tuple[str, str], set[str]] = {}
    for series in influxql(url, database, "SHOW FIELD KEYS"):
        if series["name"] == MARKS:
            continue
        for field, kind in series["values"]:
            types.setdefault((series["name"], field), set()).add(kind)
    return types


def victoria_metrics_numbers(url: str) -> dict[tuple[str, Tags, int], float]:
    """Return the newest value per (name, tags, second), after what is still in memory was made visible."""
    requests.get(f"{url}/internal/force_flush", timeout=TIMEOUT).raise_for_status()
    # Without an end it would be now, and wall clock written as UTC may lie hours ahead.
    everything = {"match[]": '{__name__!=""}', "start": "0", "end": str(LAST)}
    answer = requests.get(f"{url}/api/v1/export", params=everything, timeout=TIMEOUT)
    answer.raise_for_status()
    numbers: dict[tuple[str, Tags, int], float] = {}
    for line in answer.text.splitlines():
        series = json.loads(line)
        name = series["metric"].pop("__name__")
        if name.startswith(MARKS):
            continue
        tags = _tags({key: value for key, value in series["metric"].items() if key != "db"})
        for millisecond, value in zip(series["timestamps"], series["values"], strict=True):
            numbers[name, tags, millisecond // 1000] = value
    return numbers


def csv_records(folder: Path, stream: str) -> list[Record]:
    """Return the records in all CSV files of a stream; empty cells are null, lists and objects are parsed."""
    records: list[Record] = []
    for file in sorted(folder.glob(f"{stream}-*.csv")):
        with file.open(newline="", encoding="utf-8") as lines:
            records.extend({name: _cell(text) for name, text in row.items()} for row in csv.DictReader(lines))
    return records


def _cell(text: str) -> Any:
    if text[:1] in ("[", "{"):
        with contextlib.suppress(json.JSONDecodeError):
            return json.loads(text)
        return ast.literal_eval(re.sub(r"Decimal\('([^']*)'\)", r"\1", text))  # as target-csv writes numbers in lists
    return {"": None, "True": True, "False": False}.get(text, text)


def _tags(tags: dict[str, str]) -> Tags:
    return tuple(sorted((name, value) for name, value in tags.items() if value))
