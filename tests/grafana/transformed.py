"""The transformations of a panel, done as Grafana does them: for names and numbers; its own code draws the pictures."""

from __future__ import annotations

import operator
import re
from datetime import datetime, timezone
from typing import Any

from grafana.boards.coach import SIGNS
from grafana.parts.style import PERIODS

Panel = dict[str, Any]
Table = dict[str, list[Any]]
"""Columns by the names by which overrides and links find them."""


class Time(float):
    """A moment in ms that was made of a number."""


MAY_LACK = {*PERIODS, *SIGNS, "Compliance", "Planned", "Last training", "Last sync"}
"""Columns that some answers lack."""
FORMATS = {"GGGG-[W]WW": "%G-W%V", "ddd": "%a", "YYYY": "%Y", "MM": "%m", "YYYY-MM": "%Y-%m"}
AGGREGATES: dict[str, Any] = {"count": len, "sum": sum}


def _time_from(value: Any) -> Time:
    """A moment from a number or, as Grafana reads it, from a text in ISO format."""
    return Time(datetime.fromisoformat(value).timestamp() * 1000 if isinstance(value, str) else value)


CONVERTED: dict[str, Any] = {"number": float, "time": _time_from}
OPERATORS: dict[str, Any] = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


def transformed(panel: Panel, frames: list[dict[str, Any]]) -> list[Table]:
    """Return the tables that a panel draws."""
    tables = [
        {field["config"].get("displayNameFromDS", field["name"]): list(field["values"]) for field in frame["fields"]}
        for frame in frames
    ]
    targets = [frame["refId"] for frame in frames]
    for step in panel.get("transformations", ()):
        change, options = STEPS[step["id"]], step["options"]
        if "filter" in step:
            assert len(targets) == len(tables), "the answers of single queries are there no more"
            wanted = step["filter"]["options"]
            pairs = zip(targets, tables, strict=True)
            tables = [change(options, [table])[0] if target == wanted else table for target, table in pairs]
        else:
            tables = change(options, tables)
    return tables


def shown(panel: Panel, frames: list[dict[str, Any]]) -> set[str]:
    """Return the names of the fields that a panel draws."""
    return {name for table in transformed(panel, frames) for name in table}


def rows(table: Table) -> list[dict[str, Any]]:
    """A table row by row."""
    return [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]


def _join(options: Panel, tables: list[Table]) -> list[Table]:
    """Rows side by side by a field, of values that all tables have ("inner"; several: each with each) or any."""
    by = options["byField"]
    if len(tables) < 2:
        return tables
    if options["mode"] == "outer":
        return [_joined(tables, by)]
    assert by == "Time"
    assert options["mode"] == "inner"
    names = list(dict.fromkeys(name for table in tables for name in table))
    lines: list[dict[str, Any]] = [{"Time": time} for time in dict.fromkeys(tables[0]["Time"])]
    for table in tables:
        found = rows(table)
        lines = [line | other for line in lines for other in found if other["Time"] == line["Time"]]
    return [_table(lines, names)]


def _table(lines: list[dict[str, Any]], names: list[str]) -> Table:
    return {name: [line.get(name) for line in lines] for name in names}


def _each(change: Any) -> Any:
    return lambda options, tables: [change(options, table) for table in tables]


def _needed(wanted: set[str], table: Table) -> None:
    assert wanted <= set(table), f"a transformation needs {wanted - set(table)}"


def _merge(_: Panel, tables: list[Table]) -> list[Table]:
    names = list(dict.fromkeys(name for table in tables for name in table))
    return [_table([line for table in tables for line in rows(table)], names)] if tables else []


def _joined(tables: list[Table], by: str = "Time") -> Table:
    """Series side by side; times (or what they go by) that one of them lacks are null in it."""
    if len(tables) == 1:
        return tables[0]
    times = sorted({time for table in tables for time in table[by]})
    joined: Table = {by: times}
    for table in tables:
        for name, values in table.items():
            found = dict(zip(table[by], values, strict=True))
            joined.setdefault(name, [found.get(time) for time in times])
    return joined


def _calculate(options: Panel, tables: list[Table]) -> list[Table]:
    if not tables:
        return []
    table, name = _joined(tables), options["alias"]
    lines = rows(table)
    if options["mode"] == "reduceRow":
        wanted = options["reduce"]["include"]
        assert options["reduce"]["reducer"] == "sum"
        values = [sum(line.get(one) or 0 for one in wanted) for line in lines]
    else:
        binary = options["binary"]
        sides = [binary["left"], binary["right"]]
        assert all(isinstance(side, str) for side in sides), "Grafana before 11.3 reads texts only"
        if any(side in MAY_LACK and side not in table for side in sides):
            return [table]  # as Grafana, which adds nothing
        numbers = {side: float(side) for side in sides if re.fullmatch(r"[\d.e-]+", side)}
        _needed({*sides} - numbers.keys(), table)
        pairs = [[numbers.get(side, line.get(side)) for side in sides] for line in lines]
        calculate = OPERATORS[binary["operator"]]
        values = [None if None in pair else calculate(*pair) for pair in pairs]
    return [({} if options["replaceFields"] else table) | {name: values}]


def _group(options: Panel, table: Table) -> Table:
    _needed(set(options["fields"]), table)
    keys = [name for name, rule in options["fields"].items() if rule["operation"] == "groupby"]
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for line in rows(table):
        groups.setdefault(tuple(line[key] for key in keys), []).append(line)
    result: Table = {key: [values[at] for values in groups] for at, key in enumerate(keys)}
    for name, rule in options["fields"].items():
        for one in rule["aggregations"]:
            aggregate = AGGREGATES[one]
            values = [[line[name] for line in lines if line[name] is not None] for lines in groups.values()]
            result[f"{name} ({one})"] = [aggregate(found) for found in values]
    return result


def _matrix(options: Panel, tables: list[Table]) -> list[Table]:
    assert len(tables) <= 1, "Grafana makes a matrix of a single table only"
    if not tables:
        return []
    (table,), (column, row, value) = tables, (options["columnField"], options["rowField"], options["valueField"])
    _needed({column, row, value}, table)
    cells: dict[Any, dict[str, Any]] = {}
    for line in rows(table):
        cells.setdefault(line[row], {})[str(line[column])] = line[value]
    names = list(dict.fromkeys(map(str, table[column])))
    return [{f"{row}\\{column}": list(cells)} | _table(list(cells.values()), names)]


def _sort(options: Panel, table: Table) -> Table:
    (by,) = options["sort"]
    _needed({by["field"]}, table)
    lines = sorted(rows(table), key=lambda line: (line[by["field"]] is not None, line[by["field"]]))
    return _table(lines[::-1] if by.get("desc") else lines, list(table))


def _time(options: Panel, table: Table) -> Table:
    name, form = options["timeField"], FORMATS[options["outputFormat"]]
    _needed({name}, table)
    assert name == "Time" or all(isinstance(at, Time) for at in table[name]), "Grafana formats fields of times only"
    return table | {name: [datetime.fromtimestamp(at / 1000, timezone.utc).strftime(form) for at in table[name]]}


def _convert(options: Panel, table: Table) -> Table:
    wanted = {one["targetField"]: one["destinationType"] for one in options["conversions"]}
    _needed(set(wanted), table)
    converted = {name: [CONVERTED[kind](value) for value in table[name]] for name, kind in wanted.items()}
    return table | converted


def _organize(options: Panel, table: Table) -> Table:
    order, left_out = options["indexByName"], {name for name, out in options["excludeByName"].items() if out}
    _needed({*order, *left_out} - MAY_LACK, table)
    assert not any(isinstance(at, Time) for values in table.values() for at in values), "Grafana calls each time Time"
    table = {name: values for name, values in table.items() if name not in left_out}
    return {name: table[name] for name in sorted(table, key=lambda name: order.get(name, len(order)))}


def _rename(options: Panel, table: Table) -> Table:
    replacement = re.sub(r"\$(\d)", r"\\\1", options["renamePattern"])
    return {re.sub(options["regex"], replacement, name): values for name, values in table.items()}


def _limit(options: Panel, table: Table) -> Table:
    return {name: values[: int(options["limitField"])] for name, values in table.items()}


def _only(options: Panel, table: Table) -> Table:
    return {name: values for name, values in table.items() if name in options["include"]["names"]}


def _existing(options: Panel, table: Table) -> Table:
    (one,) = options["filters"]
    assert (one["config"]["id"], options["type"]) == ("isNotNull", "include")
    _needed({one["fieldName"]}, table)
    return _table([line for line in rows(table) if line[one["fieldName"]] is not None], list(table))


STEPS: dict[str, Any] = {
    "filterByValue": _each(_existing),
    "calculateField": _calculate,
    "convertFieldType": _each(_convert),
    "filterFieldsByName": _each(_only),
    "formatTime": _each(_time),
    "groupBy": _each(_group),
    "groupingToMatrix": _matrix,
    "joinByField": _join,
    "limit": _each(_limit),
    "merge": _merge,
    "organize": _each(_organize),
    "renameByRegex": _each(_rename),
    "sortBy": _each(_sort),
}
