"""Answers of InfluxDB as data frames, the way Grafana's InfluxDB data source makes them."""

from __future__ import annotations

import re
from typing import Any

Frame = dict[str, Any]
"""name, refId, fields: each with name, type (time, number, string, boolean), values, config, labels."""


def frames(series: list[dict[str, Any]], target: dict[str, Any]) -> list[Frame]:
    """Frames of the series that InfluxDB answers to a target; times in ms."""
    made = _table(series) if target["resultFormat"] == "table" else _time_series(series, target.get("alias", ""))
    return [frame | {"refId": target["refId"]} for frame in made]


def _table(series: list[dict[str, Any]]) -> list[Frame]:
    """One frame: time, the tags, the columns; the rows of all series below each other."""
    if not series:
        return []
    first = series[0]
    rows = [(one.get("tags", {}), row) for one in series for row in one["values"]]
    fields = [_field("Time", [row[0] for _, row in rows], kind="time")]
    fields += [_field(tag, [tags[tag] for tags, _ in rows], kind="string") for tag in first.get("tags", {})]
    fields += [
        _field(column, [row[index] for _, row in rows]) for index, column in enumerate(first["columns"]) if index > 0
    ]
    return [{"name": first["name"], "fields": fields}]


def _time_series(series: list[dict[str, Any]], alias: str) -> list[Frame]:
    """Return a frame per series and column, named by the alias."""
    result = []
    for one in series:
        tags = one.get("tags", {})
        for index, column in enumerate(one["columns"]):
            if index == 0:
                continue
            name = _alias(alias, one["name"], column, tags)
            value = _field("Value", [row[index] for row in one["values"]])
            value |= {"labels": tags, "config": {"displayNameFromDS": name}}
            result.append(
                {"name": name, "fields": [_field("Time", [row[0] for row in one["values"]], kind="time"), value]}
            )
    return result


def _alias(alias: str, measurement: str, column: str, tags: dict[str, str]) -> str:
    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        known = {"col": column, "m": measurement, "measurement": measurement}
        return tags.get(name.removeprefix("tag_"), "") if name.startswith("tag_") else known[name]

    return re.sub(r"\$(\w+)", fill, alias)


def _field(name: str, values: list[Any], *, kind: str = "") -> dict[str, Any]:
    return {"name": name, "type": kind or _kind(values), "values": values, "config": {}}


def _kind(values: list[Any]) -> str:
    """Return the type of the first value that is not null; a number where there is none."""
    first = next((value for value in values if value is not None), 0)
    if isinstance(first, bool):
        return "boolean"
    return "string" if isinstance(first, str) else "number"
