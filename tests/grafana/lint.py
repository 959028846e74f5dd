"""Rules that every board keeps. Each returns what is wrong, in words; nothing found: nothing wrong."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Any

from grafana_foundation_sdk.models import units

from grafana.execution.run import panels
from grafana.parts import style

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Board = dict[str, Any]

CORE = {"barchart", "bargauge", "gauge", "geomap", "histogram", "piechart", "stat", "state-timeline", "table", "text"}
CORE |= {"timeseries", "trend", "xychart"}
UNITS = {value for name, value in vars(units).items() if isinstance(value, str) and not name.startswith("_")}
SHARED_NAMES = {"7 days", "Normal, low", "Normal, high"}
"""Names of series of several metrics, each in its metric's colour."""
STATES_DRAWN = {("Points and rejected lines", style.BAD), ("Sync", style.CARE)}
"""Series that are a state."""
MOST_AXES = {"Speed and pace": 4, "Cadence": 3, "Pace of runs": 3}
"""Charts whose axes depend on the sport, of which an activity has one, or whose fields share one."""
EVERY_POINT_HAS = {"updated", "success", "success_value", "row", "value", "timezone"}
"""Fields that no point lacks: of wellness and activities, of runs, of sums by day, of curves."""
OPEN_WINDOWS = {"6h", "1d", "8d", "368d"}
"""Windows of true time that are no promise of days: runs, plans from today on, and the curves' newest snapshots."""
BUILT_IN = {"timeFilter", "__interval", "__from", "__to"}


def problems(board: Board, boards: dict[str, Board]) -> list[str]:
    """Everything that is wrong with a board."""
    rules = (_identity, _grid, _words, _types_and_units, _colors, _axes, _source, _queries, _newest, _links, _time)
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
        if not re.match(r"[A-Z][^.?:;!]*\? ", about):
            yield f"{panel['title']}: the description does not begin with the question that the panel answers"
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


def _colors(board: Board, boards: dict[str, Board]) -> Iterator[str]:
    """A colour of a metric is no state's; large numbers have colours of states only; a series has one on all boards."""
    metrics = style.METRICS | {*style.SPORTS.values(), *style.ZONES, "text"}
    metrics |= {period.color for period in style.PERIODS.values()} | {style.GREY}
    if style.METRICS & style.STATES:
        yield "a metric has the colour of a state"
    everywhere = _series_colors(boards.values())
    for panel in panels(board):
        fixed = panel["fieldConfig"]["defaults"]["color"].get("fixedColor", "text")
        number = panel["type"] in {"stat", "gauge"}
        for name, tint in [("", fixed), *_overridden(panel)]:
            if number and tint != "text":
                yield f"{panel['title']}: a large number in {tint}, which is no state"
            elif tint not in metrics and (panel["title"], tint) not in STATES_DRAWN:
                yield f"{panel['title']}: {name} has {tint}, which is no colour of a metric"
            if name and len(everywhere[name]) > 1:
                yield f"{panel['title']}: {name} has several colours: {sorted(everywhere[name])}"


def _overridden(panel: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Names of fields and their own colours."""
    for one in panel["fieldConfig"]["overrides"]:
        for change in one["properties"]:
            if change["id"] == "color" and "fixedColor" in change["value"]:
                yield one["matcher"]["options"], change["value"]["fixedColor"]


def _series_colors(boards: Iterable[Board]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for board in boards:
        for panel in panels(board):
            for name, tint in _overridden(panel):
                found.setdefault(name, set()).add(tint)
    for name in SHARED_NAMES & set(found):
        found[name] = set()
    return found


def _axes(board: Board, _: dict[str, Board]) -> Iterator[str]:
    """No chart has more than two axes: one on each side."""
    for panel in panels(board):
        if panel["type"] == "timeseries":
            axes = {("left", panel["fieldConfig"]["defaults"].get("unit"))}
            for one in panel["fieldConfig"]["overrides"]:
                changed = {change["id"]: change.get("value") for change in one["properties"]}
                place = changed.get("custom.axisPlacement", "left")
                if place != "hidden" and ("unit" in changed or place != "left"):
                    axes.add((place, changed.get("unit", "")))
            if len({unit for place, unit in axes if place == "right"}) > 1 or len(axes) > MOST_AXES.get(
                panel["title"], 2
            ):
                yield f"{panel['title']}: more than two axes: {sorted(map(str, axes))}"


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
