"""Rules that every board keeps. Each returns what is wrong, in words; nothing found: nothing wrong."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Any

from grafana_foundation_sdk.models import units

from grafana.execution.run import panels

if TYPE_CHECKING:
    from collections.abc import Iterator

Board = dict[str, Any]

CORE = {"barchart", "bargauge", "gauge", "geomap", "histogram", "piechart", "stat", "state-timeline", "table", "text"}
CORE |= {"timeseries", "trend", "xychart"}
UNITS = {value for name, value in vars(units).items() if isinstance(value, str) and not name.startswith("_")}
EVERY_POINT_HAS = {"updated", "success", "row", "value"}
"""Fields that no point lacks: of wellness and activities, of runs, of sums by day, of curves."""
OPEN_WINDOWS = {"6h", "1d", "8d", "368d"}
"""Windows of true time that are no promise of days: runs, plans from today on, and the curves' newest snapshots."""
BUILT_IN = {"timeFilter", "__interval", "__from", "__to"}


def problems(board: Board, boards: dict[str, Board]) -> list[str]:
    """Everything that is wrong with a board."""
    rules = (_identity, _grid, _words, _types_and_units, _source, _queries, _newest, _links, _time)
    return [problem for rule in rules for problem in rule(board, boards)]


def _identity(board: Board, boards: dict[str, Board]) -> Iterator[str]:
    if len(board["uid"]) > 40 or boards.get(board["uid"]) is not board:
        yield f"uid {board['uid']} is too long or not unique"
    ids = [panel["id"] for panel in board["panels"]]
    if len(ids) != len(set(ids)):
        yield "panel ids are not unique"


def _grid(board: Board, _: dict[str, Board]) -> Iterator[str]:
    for panel in board["panels"]:
        place = panel["gridPos"]
        if place["x"] < 0 or place["x"] + place["w"] > 24 or place["w"] < 1 or place["h"] < 1:
            yield f"{panel['title']} leaves the grid"
    for one, other in itertools.combinations(board["panels"], 2):
        a, b = one["gridPos"], other["gridPos"]
        apart = (
            a["x"] + a["w"] <= b["x"]
            or b["x"] + b["w"] <= a["x"]
            or a["y"] + a["h"] <= b["y"]
            or b["y"] + b["h"] <= a["y"]
        )
        if not apart:
            yield f"{one['title']} and {other['title']} overlap"


def _words(board: Board, _: dict[str, Board]) -> Iterator[str]:
    if not board.get("description"):
        yield "the board has no description"
    for panel in panels(board):
        about = panel.get("description", "")
        if not panel.get("title"):
            yield f"panel {panel['id']} has no title"
        if "Unit: " not in about or "Source: " not in about:
            yield f"{panel['title']}: the description names no unit or no source"
        if not panel["fieldConfig"]["defaults"].get("noValue"):
            yield f"{panel['title']}: nothing is said where there is no value"


def _types_and_units(board: Board, _: dict[str, Board]) -> Iterator[str]:
    for panel in panels(board):
        if panel["type"] not in CORE:
            yield f"{panel['title']}: {panel['type']} is no core panel"
        config = panel["fieldConfig"]
        properties = [one for override in config["overrides"] for one in override["properties"]]
        used = [config["defaults"].get("unit", ""), *(one["value"] for one in properties if one["id"] == "unit")]
        for unit in used:
            if unit not in UNITS and not re.fullmatch(r"(suffix|time):.+", unit):
                yield f"{panel['title']}: {unit!r} is no unit"


def _source(board: Board, _: dict[str, Board]) -> Iterator[str]:
    text = json.dumps(board)
    if "__inputs" in text or "__requires" in text:
        yield "the board is an export with inputs, which provisioning does not fill in"
    if board["templating"]["list"][0]["type"] != "datasource":
        yield "the first variable is not the data source"
    for panel in panels(board):
        for owner in (panel, *panel["targets"]):
            if owner["datasource"] != {"type": "influxdb", "uid": "${datasource}"}:
                yield f"{panel['title']}: a fixed data source"


def _queries(board: Board, _: dict[str, Board]) -> Iterator[str]:
    names = {variable["name"] for variable in board["templating"]["list"]} | BUILT_IN
    marks = [{"title": one["name"], "targets": [one["target"]]} for one in board["annotations"].get("list", ())]
    for panel in (*panels(board), *marks):
        for target in panel["targets"]:
            query = target["query"]
            for name, form in re.findall(r"\$\{?(\w+)(:\w+)?", query.replace("$/", "/")):
                if name not in names:
                    yield f"{panel['title']}: the board has no variable {name}"
                elif name not in BUILT_IN and not form:
                    yield f"{panel['title']}: variable {name} without a format"
            for select in query.split("SELECT ")[1:]:
                bounded = "$timeFilter" in select or re.search(r"time >=? .* AND time <=? ", select)
                if 'FROM "' in select and not bounded:
                    yield f"{panel['title']}: a query without both time bounds: {query}"
    for variable in board["templating"]["list"]:
        query = variable["query"]
        if "SHOW TAG VALUES" in query and not re.search(r"time >=? .* AND time <=? ", query):
            yield f"variable {variable['name']}: without time bounds InfluxDB 3 finds what the last day has"


def _newest(board: Board, _: dict[str, Board]) -> Iterator[str]:
    """What is shown as the newest is the newest, on InfluxDB 3 and in any time zone, too."""
    for panel in panels(board):
        for target in panel["targets"]:
            query = target["query"]
            for limit in re.findall(r"LIMIT (\d+)", query):
                if limit == "1" or panel["type"] != "table":
                    yield f"{panel['title']}: a LIMIT counts for each field by itself on InfluxDB 3: {query}"
            for name in set(re.findall(r'last\("(\w+)"\)', query)) - EVERY_POINT_HAS:
                yield f"{panel['title']}: last({name}) may be an older value than that of the newest point"
            for window in set(re.findall(r"now\(\) - (\w+)", query)) - OPEN_WINDOWS:
                yield f"{panel['title']}: the last {window} of true time are not the athlete's"


def _links(board: Board, boards: dict[str, Board]) -> Iterator[str]:
    if "inControlsMenu" in json.dumps(board):
        yield "links or marks leave the toolbar for a menu"
    for url in re.findall(r'"url": "(/d/[^"]*)"', json.dumps(board)):
        uid, _, parameters = url.removeprefix("/d/").partition("?")
        if uid not in boards:
            yield f"a link leads to {uid}, which does not exist"
            continue
        known = {variable["name"] for variable in boards[uid]["templating"]["list"]}
        for name in re.findall(r"var-(\w+)=|\$\{(\w+):queryparam\}", parameters):
            if "".join(name) not in known:
                yield f"a link gives {uid} the variable {''.join(name)}, which it does not have"


def _time(board: Board, _: dict[str, Board]) -> Iterator[str]:
    if board["timezone"] != "utc":
        yield "the board is not on UTC, the clock that the points are written in"
    if not re.fullmatch(r"now\+\d+d", board["time"]["to"]):
        yield "the range ends before the day of athletes who are ahead of UTC"
