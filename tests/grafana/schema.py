"""What the boards ask for, held against the tap's schemas: the fields exist, and units are those of the schema."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grafana.execution.run import panels
from sync.log import RunSummary
from sync.runs import message, record

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMAS = Path(__file__).resolve().parents[2] / "tap-intervals-icu/tap_intervals_icu/schemas"
FILES = {"activity_streams": "activity_streams_columns"}
UNITS = {
    "bpm": {"suffix:bpm"},
    "W": {"watt"},
    "J": {"joule"},
    "kg": {"masskg"},
    "g": {"massg"},
    "m": {"suffix:m"},
    "s": {"s", "dthms"},
    "ms": {"ms"},
    "%": {"percent"},
    "°C": {"celsius"},
    "kcal": {"suffix:kcal"},
    "load points": {"none"},
    "load points a week": {"none"},
    "mmHg": {"suffix:mmHg"},
    "mmol/L": {"conmmolL"},
    "cm": {"suffix:cm"},
    "rpm (per leg on foot)": {"rotrpm"},
    "breaths/min": {"suffix:/min"},
    "ml/kg/min": {"suffix:ml/kg/min"},
    "degrees": {"degree"},
    "W/bpm": {"none"},
    "m/s": {"velocityms"},  # else converted
}
"""Grafana's units that may show a field, by the unit at the end of its description in the schema."""
PLAIN = re.compile(r'^(?:(?:mean|sum|max|min|last|first|moving_average|top)\()?"(\w+)"(?:, \d+\))?\)?(?: AS "(.+)")?$')


def fields(measurement: str) -> dict[str, str]:
    """Descriptions by field of a measurement."""
    if measurement == "sync_runs":
        summary = RunSummary(1, 1, 1, 1, left={("activities", "0"): 1})
        return dict.fromkeys(record("sync", 0, 1.0, 0, summary) | message("", summary), "")
    if measurement == "sync_athletes":
        return dict.fromkeys(("outcome", "success", "success_value", "requests", "records", "message"), "")
    text = (SCHEMAS / f"{FILES.get(measurement, measurement)}.json").read_text(encoding="utf-8")
    properties: dict[str, dict[str, Any]] = json.loads(text)["properties"]
    return {name: one.get("description", "") for name, one in properties.items()}


def unknown_fields(board: dict[str, Any]) -> Iterator[str]:
    """Fields that a board reads and no schema has. A flattened field counts as its property."""
    for panel, measurement, columns, query in _selects(board):
        known = fields(measurement)
        aliases = set(re.findall(r'AS "([^"]+)"', query))
        for name in set(re.findall(r'"(\w+)"', re.sub(r'AS "[^"]+"', "", columns))) - aliases:
            if not any(name == field or name.startswith(f"{field}_") for field in known):
                yield f"{panel['title']}: {measurement} has no {name}"


def wrong_units(board: dict[str, Any]) -> Iterator[str]:
    """Fields that are shown as they are in a unit that the schema contradicts."""
    for panel, measurement, columns, query in _selects(board):
        known, outcome = fields(measurement), set(_plain(query.removeprefix("SELECT ").partition(" FROM ")[0]))
        for match in _plain(columns.partition(" FROM (")[0]).values():
            if match.group(1) not in known or (match.group(2) or match.group(1)) not in outcome - _operands(panel):
                continue  # the second: an inner query's field, of which the outer one makes something else
            unit = known[match.group(1)].rpartition(", ")[2]
            shown = _unit(panel, match.group(2) or match.group(1))
            if shown and shown not in UNITS.get(unit, {shown}):
                yield f"{panel['title']}: {match.group(1)} is in {unit} and shown in {shown}"


def _plain(columns: str) -> dict[str, re.Match[str]]:
    """The columns that are fields as they are, by the names that they get."""
    matches = (PLAIN.match(column.strip()) for column in re.split(r", (?=[^()]*(?:\(|$))", columns))
    return {match.group(2) or match.group(1): match for match in matches if match}


def _selects(board: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, str, str]]:
    """Panel, measurement, the columns read from it, the whole query."""
    for panel in panels(board):
        for target in panel["targets"]:
            for columns, measurement in re.findall(r'SELECT ([^$]*?) FROM "(\w+)"', target["query"]):
                yield panel, measurement, columns, target["query"]


def _operands(panel: dict[str, Any]) -> set[str]:
    """Fields that a panel calculates with."""
    binaries = [step["options"].get("binary", {}) for step in panel.get("transformations", ())]
    return {str(one.get(side)) for one in binaries for side in ("left", "right")}


def _unit(panel: dict[str, Any], name: str) -> str:
    """The unit in which a field is shown; none for a hidden one."""
    unit = panel["fieldConfig"]["defaults"].get("unit", "none")
    chosen = panel["options"].get("reduceOptions", {}).get("fields", "")
    if chosen and not re.search(chosen.strip("/"), name):
        return ""
    if panel["type"] in {"table", "geomap"} and unit == "none":
        unit = ""
    for override in panel["fieldConfig"]["overrides"]:
        options = override["matcher"]["options"]
        by_name = override["matcher"]["id"] == "byName"
        if options == name if by_name else re.search(options.strip("/"), name):
            changed = {one["id"]: one.get("value") for one in override["properties"]}
            unit = "" if changed.get("custom.hidden") else changed.get("unit", unit)
    return str(unit)
