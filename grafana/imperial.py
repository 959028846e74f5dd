"""The boards in miles, feet, pounds and degrees Fahrenheit: `python -m grafana.imperial SOURCE TARGET` (folders).

From the metric JSON, with the standard library alone. What is shown in a metric unit is multiplied in the outermost
SELECT of its query; words, limits and axes follow.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]


class Unit(NamedTuple):
    """An imperial unit in place of a metric one: value * factor + offset."""

    name: str
    factor: float
    offset: float = 0

    def of(self, value: float) -> float:
        """Return a metric value in this unit."""
        return value * self.factor + self.offset

    def applied(self, expression: str) -> str:
        """Return the same in InfluxQL."""
        scaled = f"({expression}) * {self.factor:.9g}"
        return f"{scaled} + {self.offset:g}" if self.offset else scaled


MILE, YARD, FOOT, POUND = 1.609344, 0.9144, 0.3048, 0.45359237  # km, m, m, kg
PACE, SPEED = "time:m:ss", "velocityms"
UNITS = {
    "suffix:km": Unit("suffix:mi", 1 / MILE),
    "suffix:m": Unit("suffix:ft", 1 / FOOT),
    "suffix:cm": Unit("suffix:in", 1 / 2.54),
    "velocitykmh": Unit("velocitymph", 1 / MILE),
    "masskg": Unit("masslb", 1 / POUND),
    "suffix:W/kg": Unit("suffix:W/lb", POUND),
    "celsius": Unit("fahrenheit", 1.8, 32),
}
"""By the metric unit of a field."""
PER_MILE, PER_100_YARDS = Unit(PACE, MILE), Unit(PACE, YARD)
WORDS = {
    "m per beat": "m per beat",  # a ratio, whatever the units
    "minutes:seconds per km": "minutes:seconds per mile",
    "per km": "per mile",
    "per 100 m": "per 100 yd",
    "1000 m": "a mile",
    "100 m": "100 yd",
    "km/h": "mph",
    "km": "mi",
    "W/kg": "W/lb",
    "kg": "lb",
    "°C": "°F",
    "cm": "in",
    "m": "ft",
}
"""In texts about a panel, from the longest on."""
NAMES = {"per km": "per mile", "per 100 m": "per 100 yd"}
"""In names of fields and titles."""
TYPED = {
    "0${km:raw}": f"(0${{km:raw}} * {MILE})",
    "Goal, km": "Goal, mi",
    "Kilometres to cover": "Miles to cover",
}
"""What is typed in: in queries as kilometres again, and in what asks for it."""
LENGTHS = re.compile("|".join(rf"(?<![\w/]){re.escape(word)}(?![\w/])" for word in WORDS))


def converted(board: Json) -> Json:
    """Return the board in imperial units; the metric one stays as it is."""
    board = json.loads(_renamed(json.dumps(board, ensure_ascii=False)))
    for panel in board["panels"]:
        for one in (panel, *panel.get("panels", ())):
            if "fieldConfig" in one:  # neither a row nor a text
                _convert(one)
    return board


def _renamed(text: str) -> str:
    for metric, imperial in TYPED.items():
        text = text.replace(metric, imperial)
    for metric, imperial in NAMES.items():
        text = re.sub(rf"\b(Pace|pace) {metric}\b", rf"\1 {imperial}", text)
    return text


def _convert(panel: Json) -> None:
    for target in panel.get("targets", ()):
        target["query"] = _query(panel, target["query"])
    _in_miles(panel)
    for step in panel.get("transformations", ()):
        binary = step["options"].get("binary", {})
        if step["options"].get("alias", "").endswith(" pace") and (unit := _pace(binary["left"])):
            binary["left"] = str(round(int(binary["left"]) * unit.factor))
    config = panel["fieldConfig"]
    for options in _options(config):
        _relabel(options)
    if "description" in panel:
        panel["description"] = _described(panel["description"])


def _in_miles(panel: Json) -> None:
    """Turn the distances of a curve or of records, which are a tag, into miles: Grafana calculates."""
    steps = panel.get("transformations", ())
    at = next((at for at, step in enumerate(steps) if step["options"].get("rowField") == "distance"), None)
    if at is None:
        return
    calculation = {"left": "distance", "operator": "*", "right": f"{0.001 / MILE:.9g}"}
    options = {"mode": "binary", "alias": "miles", "binary": calculation, "replaceFields": False}
    steps[at]["options"]["rowField"] = "miles"
    steps.insert(at, {"id": "calculateField", "options": options})
    changed = json.loads(json.dumps(panel).replace("distance\\\\", "miles\\\\").replace('"lengthm"', '"lengthmi"'))
    panel.update(changed)


def _options(config: Json) -> Iterator[Json]:
    """Yield the options of a panel's fields: the defaults, then each override as one object that is written back."""
    yield config["defaults"]
    for override in config["overrides"]:
        options = {one["id"]: one.get("value") for one in override["properties"]}
        yield options
        override["properties"] = [{"id": name, "value": value} for name, value in options.items()]


def _relabel(options: Json) -> None:
    """Give options of fields the imperial unit, and limits and colours in it."""
    unit = UNITS.get(options.get("unit", ""))
    if unit:
        options["unit"] = unit.name
        for name in ("min", "max"):
            if options.get(name) is not None:
                options[name] = round(unit.of(options[name]), 2)
        for step in (options.get("thresholds") or {}).get("steps", ()):
            if step["value"] is not None:
                step["value"] = round(unit.of(step["value"]), 2)
    if options.get("unit") == SPEED:  # an axis of pace: speeds with the words of their pace
        for mapping in options.get("mappings", ()):
            for speed, value in mapping["options"].items():
                if isinstance(value, dict) and re.fullmatch(r"\d+:\d\d", value.get("text", "")):
                    value["text"] = _longer(value["text"], float(speed))


def _longer(pace: str, speed: float) -> str:
    """Minutes and seconds per km as those per mile, per 100 m as those per 100 yards; the speed in m/s tells which."""
    minutes, seconds = pace.split(":")
    per_km = (int(minutes) * 60 + int(seconds)) * speed > 500  # noqa: PLR2004 - between 100 m and 1000 m
    total = round((MILE * 1000 if per_km else YARD * 100) / speed)
    return f"{total // 60}:{total % 60:02d}"


def _described(text: str) -> str:
    """Return the part of a description that names units."""
    head, unit, rest = text.partition("Unit: ")
    units, source, formula = rest.partition(" Source: ")
    return head + unit + LENGTHS.sub(lambda found: WORDS[found.group()], units) + source + formula


def _query(panel: Json, query: str) -> str:
    """Convert the columns of the outermost SELECT that are shown in a metric unit."""
    columns, source = _outermost(query)
    result = ", ".join(_column(panel, column) for column in columns)
    return f"SELECT {result} FROM {source}"  # noqa: S608 - a query of a board


def _column(panel: Json, column: str) -> str:
    expression, alias = re.fullmatch(r'(.*?)(?: AS "([^"]+)")?', column).groups()  # type: ignore[union-attr] # it fits
    field = re.fullmatch(r'"(\w+)"', expression)
    function = re.match(r"(\w+)\(", expression)
    name = alias or (field.group(1) if field else function.group(1) if function else "")
    shown = _shown(panel, name)
    unit = _pace(expression) if shown == PACE else UNITS.get(shown)
    if not unit or expression.startswith("/"):
        return column
    return unit.applied(expression) + (f' AS "{name}"' if alias or field else "")


def _pace(expression: str) -> Unit | None:
    """Pace is made of milliseconds and metres: 1000 m are a million, 100 m a tenth of that."""
    if re.search(r"\b1000000\b", expression):
        return PER_MILE
    return PER_100_YARDS if re.search(r"\b100000\b", expression) else None


def _shown(panel: Json, name: str) -> str:
    """Return the metric unit in which a panel shows a field, be it as the sum that Grafana makes of its rows."""
    unit = panel["fieldConfig"]["defaults"].get("unit", "none")
    for override in panel["fieldConfig"]["overrides"]:
        matcher = override["matcher"]
        fits = matcher["options"] in {name, f"{name} (sum)"}
        if matcher["id"] == "byRegexp":
            fits = bool(re.search(matcher["options"].strip("/"), name))
        if fits:
            unit = next((one["value"] for one in override["properties"] if one["id"] == "unit"), unit)
    return str(unit)


def _outermost(query: str) -> tuple[list[str], str]:
    """Return the columns of the outermost SELECT, and all after its FROM."""
    text, depth, start, columns = query.removeprefix("SELECT "), 0, 0, list[str]()
    quoted = False
    for at, sign in enumerate(text):
        if sign == '"':
            quoted = not quoted
        elif not quoted:
            depth += {"(": 1, ")": -1}.get(sign, 0)
            if depth == 0 and sign == ",":
                columns.append(text[start:at].strip())
                start = at + 1
            elif depth == 0 and text.startswith(" FROM ", at):
                return [*columns, text[start:at].strip()], text[at + len(" FROM ") :]
    raise ValueError(f"no SELECT ... FROM: {query}")


def main() -> int:
    """Convert a folder of boards."""
    if len(sys.argv) != 3:  # noqa: PLR2004 - the program and two folders
        sys.stderr.write(
            "Give two folders: python -m grafana.imperial grafana/dashboards grafana/dashboards-imperial\n"
        )
        return 2
    source, target = map(Path, sys.argv[1:])
    paths = sorted(source.glob("*.json"))
    if not paths:
        sys.stderr.write(f"{source} holds no boards: name the folder with the metric ones, grafana/dashboards.\n")
        return 1
    target.mkdir(parents=True, exist_ok=True)
    for path in paths:
        board = converted(json.loads(path.read_text(encoding="utf-8")))
        text = json.dumps(board, indent=1, ensure_ascii=False, sort_keys=True)
        (target / path.name).write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(paths)} boards in imperial units in {target}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
