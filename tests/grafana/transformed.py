"""Names of the fields that a panel shows, after its transformations; Grafana's own code draws the pictures."""

from __future__ import annotations

import re
from typing import Any

Panel = dict[str, Any]


def shown(panel: Panel, frames: list[dict[str, Any]]) -> set[str]:
    """Return the names by which overrides and links find the fields."""
    names: set[str] = set()
    values: dict[str, set[str]] = {}
    for frame in frames:
        for field in frame["fields"]:
            name = field["config"].get("displayNameFromDS", field["name"])
            names.add(name)
            values[name] = set(map(str, field["values"]))
    for step in panel.get("transformations", ()):
        names = STEPS[step["id"]](step["options"], names, values)
    return names


def _needed(wanted: set[str], names: set[str]) -> None:
    assert wanted <= names, f"a transformation needs {wanted - names}"


def _calculate(options: Panel, names: set[str], _: dict[str, set[str]]) -> set[str]:
    binary = options["binary"]
    _needed({binary[side]["matcher"]["options"] for side in ("left", "right")}, names)
    return names | {options["alias"]}


def _group(options: Panel, names: set[str], _: dict[str, set[str]]) -> set[str]:
    _needed(set(options["fields"]), names)
    return {
        result
        for name, rule in options["fields"].items()
        for result in (
            [name] if rule["operation"] == "groupby" else [f"{name} ({one})" for one in rule["aggregations"]]
        )
    }


def _matrix(options: Panel, names: set[str], values: dict[str, set[str]]) -> set[str]:
    _needed({options["columnField"], options["rowField"], options["valueField"]}, names)
    return values[options["columnField"]] | {f"{options['rowField']}\\{options['columnField']}"}


def _rename(options: Panel, names: set[str], _: dict[str, set[str]]) -> set[str]:
    replacement = re.sub(r"\$(\d)", r"\\\1", options["renamePattern"])
    return {re.sub(options["regex"], replacement, name) for name in names}


def _same(options: Panel, names: set[str], _: dict[str, set[str]]) -> set[str]:
    wanted = {options["timeField"]} if "timeField" in options else set()
    wanted |= {one["targetField"] for one in options.get("conversions", ())}
    wanted |= {one["field"] for one in options.get("sort", ())} | set(options.get("indexByName", ()))
    _needed(wanted, names)
    return names


STEPS = {
    "calculateField": _calculate,
    "convertFieldType": _same,
    "formatTime": _same,
    "groupBy": _group,
    "groupingToMatrix": _matrix,
    "limit": _same,
    "organize": _same,
    "renameByRegex": _rename,
    "sortBy": _same,
}
