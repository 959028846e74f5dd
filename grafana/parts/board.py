"""A board: rows of panels, the variables and links that all boards share."""

from __future__ import annotations

import json
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.dashboard import (
    VariableHide,
    VariableModel,
    VariableOption,
    VariableSort,
    VariableType,
)

from grafana.parts.links import uid_of
from grafana.parts.panels import sized
from grafana.parts.query import ATHLETE, EVER, SOURCE, InfluxTarget, Query, select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grafana_foundation_sdk.models.dashboard import Panel

WIDTH = 24
TAG = "intervals"
AROUND = "time >= ${__from}ms - 60d AND time <= ${__to}ms"
"""The range, and what began before it: a holiday or an illness may last into it."""
HIDDEN_PLACE = ("placement", "inControlsMenu")


@dataclass(frozen=True)
class Board:
    """A dashboard. Ranges end a day after now: an athlete's clock may be 14 hours ahead of UTC."""

    title: str
    about: str
    start: str
    rows: Mapping[str, Sequence[Panel]]
    """Panels by the heading that they stand under, from left to right; where the width is used up a line begins."""
    variables: Sequence[VariableModel] = field(default_factory=lambda: (athlete(), sport()))
    marked: bool = True
    """Its charts have days, on which races, notes, holidays and illness are marked."""
    end: str = "now+1d"
    refresh: str = "5m"

    @property
    def uid(self) -> str:
        """The name of its file, and what links name."""
        return uid_of(self.title)


def line(height: int, widths: Sequence[int], *panels: Panel) -> list[Panel]:
    """Return panels beside each other, in the widths that a line of this height has for them (24 in all)."""
    return [sized(panel, width, height) for panel, width in zip(panels, widths, strict=True)]


def to_json(board: Board) -> str:
    """Return the board as the JSON that Grafana provisions."""
    written = json.loads(json.dumps(build(board), cls=JSONEncoder))
    return json.dumps(in_the_toolbar(written), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def in_the_toolbar(part: Any) -> Any:
    """Return the same without the placement that the SDK (0.0.21) gives links and marks: 12.3 would hide them."""
    if isinstance(part, dict):
        return {key: in_the_toolbar(value) for key, value in part.items() if (key, value) != HIDDEN_PLACE}
    return [in_the_toolbar(value) for value in part] if isinstance(part, list) else part


def build(board: Board) -> dashboard.Dashboard:
    """Return the board in the SDK's terms."""
    return dashboard.Dashboard(
        uid=board.uid,
        title=board.title,
        description=board.about,
        tags=[TAG],
        timezone="utc",
        week_start="monday",
        graph_tooltip=dashboard.DashboardCursorSync.CROSSHAIR,
        time=dashboard.DashboardDashboardTime(board.start, board.end),
        timepicker=dashboard.TimePickerConfig(refresh_intervals=["1m", "5m", "15m", "1h"]),
        refresh=board.refresh,
        editable=True,
        templating=dashboard.DashboardDashboardTemplating([datasource(), *board.variables]),
        annotations=dashboard.AnnotationContainer(list(MARKS) if board.marked else []),
        links=[_boards()],
        panels=_placed(board.rows),
    )


def _placed(rows: Mapping[str, Sequence[Panel]]) -> list[dashboard.Panel | dashboard.RowPanel]:
    """Give each panel its number and its place in the grid."""
    result: list[dashboard.Panel | dashboard.RowPanel] = []
    y = 0
    for heading, panels in rows.items():
        place = dashboard.GridPos(h=1, w=WIDTH, x=0, y=y)
        result.append(dashboard.RowPanel(title=heading, grid_pos=place, id_val=len(result) + 1, panels=[]))
        y += 1
        x = height = 0
        for panel in map(copy, panels):  # several boards may show one
            size = panel.grid_pos or dashboard.GridPos()
            if x + size.w > WIDTH:
                x, y, height = 0, y + height, 0
            panel.grid_pos = dashboard.GridPos(h=size.h, w=size.w, x=x, y=y)
            panel.id_val = len(result) + 1
            result.append(panel)
            x, height = x + size.w, max(height, size.h)
        y += height
    return result


def _boards() -> dashboard.DashboardLink:
    """Return the menu of all boards; athlete and sport go along, the range does not."""
    return dashboard.DashboardLink(
        title="Boards",
        type_val=dashboard.DashboardLinkType("dashboards"),
        icon="external link",
        tags=[TAG],
        include_vars=True,
        tooltip="Athlete and sport go along",
    )


def datasource() -> VariableModel:
    """Return the InfluxDB to read from; the provisioned one at first."""
    return VariableModel(
        VariableType("datasource"),
        "datasource",
        label="Database",
        query="influxdb",
        refresh=dashboard.VariableRefresh.ON_DASHBOARD_LOAD,
        current=VariableOption(selected=True, text="Intervals.icu", value="intervals"),
    )


def chosen(
    name: str,
    label: str,
    query: str,
    *,
    several: bool = False,
    about: str = "",
) -> VariableModel:
    """Return a variable whose values a query finds; `several` allows many and starts with all."""
    every = VariableOption(selected=True, text="All", value="$__all") if several else None
    return VariableModel(
        VariableType("query"),
        name,
        label=label,
        description=about or None,
        datasource=SOURCE,
        query=query,
        definition=query,
        refresh=dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED,
        sort=VariableSort.NATURAL_ASC,
        multi=several,
        include_all=several,
        all_value=".*" if several else None,
        current=every,
        allow_custom_value=True,
    )


def athlete() -> VariableModel:
    """Whose data."""
    return chosen("athlete", "Athlete", f'SHOW TAG VALUES FROM "wellness" WITH KEY = "athlete_id" WHERE {EVER}')


def sport() -> VariableModel:
    """Which sports; all at first."""
    return chosen("sport", "Sport", tag_values("activities", "type"), several=True)


def field_of(measurement: str, name: str, about: str) -> VariableModel:
    """Which of all fields of a measurement."""
    return chosen(name, name.capitalize(), f'SHOW FIELD KEYS FROM "{measurement}"', about=about)


def tag_values(measurement: str, tag: str) -> str:
    """Return the values of a tag of the chosen athlete. Without bounds InfluxDB 3 looks at the last day only."""
    return f'SHOW TAG VALUES FROM "{measurement}" WITH KEY = "{tag}" WHERE {ATHLETE} AND {EVER}'


def listed(name: str, label: str, values: dict[str, str], about: str) -> VariableModel:
    """Return a variable with fixed values, by what they are called; the first at first."""
    options = [
        VariableOption(selected=not at, text=text, value=value) for at, (text, value) in enumerate(values.items())
    ]
    return VariableModel(
        VariableType("custom"),
        name,
        label=label,
        description=about,
        query=", ".join(f"{text} : {value}" for text, value in values.items()),
        options=options,
        current=options[0],
    )


def events(name: str, categories: str, tint: str) -> dashboard.AnnotationQuery:
    """Return marks and spans for the charts of a board: events of the calendar, if that optional stream is synced.

    A span that began up to 60 days before the range is among them; Grafana draws the part within it.
    """
    fields = '"name", "category", "end_local_ms"'
    query = Query(select("events", fields, f'"category" =~ /^({categories})/', AROUND), table=True)
    columns = {
        "textColumn": "name",
        "tagsColumn": "category",
        "timeEndColumn": "end_local_ms",
        "textEditor": True,
        "fromAnnotations": True,
    }
    return dashboard.AnnotationQuery(
        name, SOURCE, enable=True, hide=False, icon_color=tint, target=InfluxTarget(query, "events", **columns)
    )


MARKS = (
    events("Races", "RACE", "#f06595"),
    events("Notes", "NOTE", "#9aa5b1"),
    events("Holidays", "HOLIDAY", "#26b5a8"),
    events("Illness and injury", "SICK|INJURED", "#c9654a"),
)
"""For every board with days on its charts; each can be switched off above."""


def given(name: str, about: str) -> VariableModel:
    """Return a value that only links give; nobody has to read or to choose it."""
    variable = search(name, name, about)
    variable.hide = VariableHide.HIDE_VARIABLE
    return variable


def number(name: str, label: str, about: str) -> VariableModel:
    """Return a number to be typed in, 0 at first."""
    variable = search(name, label, about)
    variable.query, variable.current = "0", VariableOption(selected=True, text="0", value="0")
    return variable


def search(name: str, label: str, about: str) -> VariableModel:
    """Return a text to look for."""
    return VariableModel(
        VariableType("textbox"),
        name,
        label=label,
        description=about,
        query="",
        current=VariableOption(selected=True, text="", value=""),
    )
