"""Tables, and transformations of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.models import common, table
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig

from grafana.parts.panels import NOTHING, Custom, Queries, Shared, override, panel
from grafana.parts.style import CLOCK

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import DashboardFieldConfigSourceOverrides as Override
    from grafana_foundation_sdk.models.dashboard import Panel
    from typing_extensions import Unpack

NARROW: dict[str, object] = {"width": 80}
"""A column of numbers."""
HIDDEN: dict[str, object] = {"hidden": True, "hideFrom": {"viz": True, "legend": True, "tooltip": True}}
"""A column that is only there for links; Grafana before and after 12.2."""


def step(identity: str, **options: object) -> DataTransformerConfig:
    """Return a transformation by its id."""
    return DataTransformerConfig(id_val=identity, options=options)


def with_end() -> DataTransformerConfig:
    """Add `end`, the time of a row plus `duration_ms`: InfluxQL can't add to a time."""
    return binary("Time", "+", "duration_ms", "end")


def binary(left: str, operator: str, right: str, name: str) -> DataTransformerConfig:
    """Add a field calculated from a field and another one, or a number.

    Operands are texts: Grafana reads them in all versions, the objects it writes itself only from 11.3 on.
    """
    calculation = {"left": left, "operator": operator, "right": right}
    return step("calculateField", mode="binary", alias=name, binary=calculation, replaceFields=False)


def by_month() -> list[DataTransformerConfig]:
    """Turn a table of daily sums by sport (column `sum`) into months by sport: InfluxQL knows no months."""
    group = {"operation": "groupby", "aggregations": []}
    fields = {"Time": group, "type": group, "sum": {"operation": "aggregate", "aggregations": ["sum"]}}
    return [
        step("sortBy", fields={}, sort=[{"field": "type"}]),  # the order of the columns, and of their colours
        step("formatTime", timeField="Time", outputFormat="YYYY-MM", timezone="utc"),
        step("groupBy", fields=fields),
        step("groupingToMatrix", columnField="type", rowField="Time", valueField="sum (sum)", emptyValue="null"),
        step("sortBy", fields={}, sort=[{"field": "Time\\type"}]),
    ]


def by_year() -> list[DataTransformerConfig]:
    """Turn a table of daily sums (column `sum`) into a row per month of the year and a column per year.

    Two texts are needed from one time, so the time is copied first: as a number plus 0.
    """
    group = {"operation": "groupby", "aggregations": []}
    fields = {"Time": group, "year": group, "sum": {"operation": "aggregate", "aggregations": ["sum"]}}
    return [
        step("sortBy", fields={}, sort=[{"field": "Time"}]),
        binary("Time", "+", "0", "year"),
        step("convertFieldType", fields={}, conversions=[{"targetField": "year", "destinationType": "time"}]),
        step("formatTime", timeField="year", outputFormat="YYYY", timezone="utc"),
        step("formatTime", timeField="Time", outputFormat="MM", timezone="utc"),
        step("groupBy", fields=fields),
        step("groupingToMatrix", columnField="year", rowField="Time", valueField="sum (sum)", emptyValue="null"),
        step("sortBy", fields={}, sort=[{"field": "Time\\year"}]),
    ]


def calendar(column: str) -> list[DataTransformerConfig]:
    """Turn a table of sums by day into a row per ISO week, the newest first, and a column per day of the week.

    Two texts are needed from one time, so the time is copied first: as a number plus 0.
    """
    return [
        step("sortBy", fields={}, sort=[{"field": "Time", "desc": True}]),
        binary("Time", "+", "0", "week"),
        step("convertFieldType", fields={}, conversions=[{"targetField": "week", "destinationType": "time"}]),
        step("formatTime", timeField="week", outputFormat="GGGG-[W]WW", timezone="utc"),
        step("formatTime", timeField="Time", outputFormat="ddd", timezone="utc"),
        step("groupingToMatrix", columnField="Time", rowField="week", valueField=column, emptyValue="null"),
        renamed("^week.*$", "Week"),
        ordered("Week", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    ]


def added(name: str, *fields: str) -> DataTransformerConfig:
    """Add a field that is the sum of others, of those that exist."""
    reduce = {"reducer": "sum", "include": list(fields)}
    return step("calculateField", mode="reduceRow", alias=name, reduce=reduce, replaceFields=False)


def only(*names: str) -> DataTransformerConfig:
    """Keep these fields."""
    return step("filterFieldsByName", include={"names": list(names)})


def matrix(row: str, column: str, cell: str) -> list[DataTransformerConfig]:
    r"""Turn (row, column, value) into a field per column, rows in numeric order; the first field is `row\column`."""
    return [
        numeric(row),
        step("sortBy", fields={}, sort=[{"field": row}]),
        step("groupingToMatrix", columnField=column, rowField=row, valueField=cell, emptyValue="null"),
        numeric(f"{row}\\{column}"),  # Grafana 11 makes a text of it
    ]


def numeric(name: str) -> DataTransformerConfig:
    """Read the texts of a field as numbers."""
    return step("convertFieldType", fields={}, conversions=[{"targetField": name, "destinationType": "number"}])


def largest(column: str, count: int) -> list[DataTransformerConfig]:
    """Keep the rows with the largest values: InfluxQL can't sort by a field, and top() isn't everywhere."""
    return [
        step("sortBy", fields={}, sort=[{"field": column, "desc": True}]),
        step("limit", limitField=str(count)),
    ]


def last_days(count: int) -> list[DataTransformerConfig]:
    """Keep the newest days of two tables, those that both have."""
    return [
        step("joinByField", byField="Time", mode="inner"),
        step("sortBy", fields={}, sort=[{"field": "Time", "desc": True}]),
        step("limit", limitField=str(count)),
    ]


def a_week_earlier() -> list[DataTransformerConfig]:
    """Move rows a week back, as InfluxQL can't; a time becomes a number in between.

    The old time goes while the new one is a number: to Grafana all fields of times are called Time.
    """
    return [
        binary("Time", "-", str(7 * 86_400_000), "Week"),
        step("organize", excludeByName={"Time": True}, includeByName={}, indexByName={"Week": 0}, renameByName={}),
        step("convertFieldType", fields={}, conversions=[{"targetField": "Week", "destinationType": "time"}]),
    ]


def joined(mode: str, *names: str) -> list[DataTransformerConfig]:
    """Put tables side by side by their times ("inner": those that all have; "outer": all) and keep these fields.

    Grafana adds the measurement to the name of a field that was joined.
    """
    kept = renamed(f"^({'|'.join(names)}) .*$")
    return [step("joinByField", byField="Time", mode=mode), kept, only(*names)]


def existing(field: str) -> DataTransformerConfig:
    """Keep the rows in which a field is not null."""
    kept = {"fieldName": field, "config": {"id": "isNotNull", "options": {}}}
    return step("filterByValue", filters=[kept], type="include", match="all")


def renamed(pattern: str, replacement: str = "$1") -> DataTransformerConfig:
    """Rename fields by a regular expression."""
    return step("renameByRegex", regex=pattern, renamePattern=replacement)


def ordered(*names: str) -> DataTransformerConfig:
    """Put the fields of a table into this order; the others follow."""
    return step(
        "organize",
        excludeByName={},
        includeByName={},
        indexByName={name: index for index, name in enumerate(names)},
        renameByName={},
    )


def titled(*names: str, custom: Custom | None = None, **more: object) -> tuple[Override, ...]:
    """Call columns what their fields are called: `activities_left` is Activities left. The rest as for `override`."""
    return tuple(
        override(name, {"displayName": name.replace("_", " ").capitalize(), **more}, custom=custom) for name in names
    )


def grid(title: str, about: str, queries: Queries, *, sort: str = "", **shared: Unpack[Shared]) -> Panel:
    """Return a table; `sort` names the column to sort by, the largest first."""
    options = table.Options(
        show_header=True,
        sort_by=[common.TableSortByFieldState(sort, desc=True)] if sort else None,
        cell_height=common.TableCellHeight("sm"),
    )
    custom = common.TableFieldOptions(align=common.FieldTextAlignment("auto"), filterable=True, min_width=70)
    cells = override(".*", pattern=True, noValue=NOTHING)  # what the look says is for the empty table
    first = override("Time", unit=CLOCK, custom={"width": 140})
    shared.setdefault("size", (24, 12))
    shared["overrides"] = [cells, first, *shared.get("overrides", ())]
    return panel("table", title, about, queries, options=options, custom=custom, **shared)
