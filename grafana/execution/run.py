"""Execute every query of a board against an InfluxDB."""

from __future__ import annotations

import json
import re
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from grafana.execution.frames import Frame, frames
from grafana.execution.macros import ALL, Range, Value, expand

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

PIXELS = 1600
"""Width of a board; a panel gets as many points as it is wide."""


class QueryError(Exception):
    """The database refused a query."""


@dataclass
class Answer:
    """What came back for one panel."""

    panel: dict[str, Any]
    statements: list[str] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    seconds: float = 0

    @property
    def rows(self) -> int:
        """The rows of all frames."""
        return sum(len(frame["fields"][0]["values"]) for frame in self.frames)


@dataclass(frozen=True)
class Database:
    """An InfluxDB that speaks InfluxQL at /query. `clock` replaces the server's now(), for data of another day.

    `token` is for InfluxDB 2, whose buckets are databases here.
    """

    url: str
    name: str
    clock: datetime | None = None
    token: str = ""

    def ask(self, statement: str) -> list[dict[str, Any]]:
        """Return the series of one statement, times in ms."""
        result = json.loads(self.fetch(statement))["results"][0]
        if "error" in result:
            raise QueryError(f"{result['error']}: {statement}")
        series: list[dict[str, Any]] = result.get("series", [])
        return series

    def fetch(self, statement: str) -> bytes:
        """Return the body of the answer."""
        if self.clock:
            statement = statement.replace("now()", f"{round(self.clock.timestamp() * 1000)}ms")
        form = urllib.parse.urlencode({"q": statement, "db": self.name, "epoch": "ms"}).encode()
        headers = {"Authorization": f"Token {self.token}"} if self.token else {}
        request = urllib.request.Request(f"{self.url}/query", form, headers)  # noqa: S310 - http, from the caller
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the same
            body: bytes = answer.read()
        return body


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All panels of a board that ask for something, those in collapsed rows included."""
    for panel in board["panels"]:
        if panel["type"] == "row":
            yield from panel.get("panels", ())
        elif panel["type"] != "text":
            yield panel


def choices(board: dict[str, Any], database: Database, chosen: dict[str, Value], span: Range) -> dict[str, Value]:
    """Values of the board's variables: those given, else what Grafana starts with, as the queries find them in turn."""
    values: dict[str, Value] = {}
    for variable in board["templating"]["list"]:
        name = variable["name"]
        current = variable.get("current", {}).get("value", "")
        if name in chosen:
            values[name] = chosen[name]
        elif variable["type"] == "query" and current != ALL:
            found = options(variable, database, values, span, defaults(board))
            values[name] = found[0] if found else ""
        else:
            values[name] = [ALL] if current == ALL else current
    return values


def options(
    variable: dict[str, Any], database: Database, values: dict[str, Value], span: Range, all_values: dict[str, str]
) -> list[str]:
    """Return the values that a query finds for a variable, in its order."""
    series = database.ask(expand(variable["query"], values, span, 1000, all_values))
    column = 1 if "TAG VALUES" in variable["query"] else 0
    found = list(dict.fromkeys(row[column] for one in series[:1] for row in one["values"]))
    return sorted(found, key=lambda text: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)])


def defaults(board: dict[str, Any]) -> dict[str, str]:
    """Return what stands for All, by variable."""
    return {one["name"]: one["allValue"] for one in board["templating"]["list"] if one.get("allValue")}


def marks(board: dict[str, Any], database: Database, values: dict[str, Value], span: Range) -> list[Frame]:
    """Return what the queries for marks on the charts find."""
    targets = [one["target"] for one in board["annotations"].get("list", ())]
    texts = [expand(target["query"], values, span, 1000, defaults(board)) for target in targets]
    return [frame for text, target in zip(texts, targets, strict=True) for frame in frames(database.ask(text), target)]


def execute(board: dict[str, Any], database: Database, values: dict[str, Value], span: Range) -> Iterator[Answer]:
    """Execute all queries of all panels, in the order of the board."""
    for panel in panels(board):
        answer = Answer(panel)
        points = max(1, PIXELS * panel["gridPos"]["w"] // 24)
        interval = span.interval(panel.get("maxDataPoints") or points, panel.get("interval"))
        for target in panel.get("targets", ()):
            statement = expand(target["query"], values, span, interval, defaults(board))
            start = time.perf_counter()
            answer.frames += frames(database.ask(statement), target)
            answer.seconds += time.perf_counter() - start
            answer.statements.append(statement)
        yield answer
