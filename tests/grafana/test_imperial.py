"""The imperial boards show what the metric ones show, in other units; each value converted anew and compared."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from grafana.imperial import converted
from tests.grafana.conftest import DASHBOARDS, load, look
from tests.grafana.lint import problems
from tests.grafana.transformed import transformed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from grafana.execution.run import Answer
    from tests.grafana.conftest import Board, Filled

# What one of the metric unit is in the other one, from the definitions: a mile has 1,760 yards of 0.9144 m.
EXPECTED: dict[str, tuple[str, Callable[[float], float]]] = {
    "suffix:km": ("suffix:mi", lambda km: km * 1000 / (1760 * 0.9144)),
    "suffix:m": ("suffix:ft", lambda metres: metres / 0.9144 * 3),
    "lengthm": ("lengthmi", lambda metres: metres / (1760 * 0.9144)),
    "suffix:cm": ("suffix:in", lambda cm: cm / 91.44 * 36),
    "velocitykmh": ("velocitymph", lambda speed: speed * 1000 / (1760 * 0.9144)),
    "masskg": ("masslb", lambda kg: kg / 0.45359237),
    "suffix:W/kg": ("suffix:W/lb", lambda watts: watts * 0.45359237),
    "celsius": ("fahrenheit", lambda celsius: celsius * 9 / 5 + 32),
}


def shown(answer: Answer) -> Iterator[tuple[int, str, str, list[Any]]]:
    """Number of the table, name, unit and values of each field that a panel draws."""
    config = answer.panel["fieldConfig"]
    for number, table in enumerate(transformed(answer.panel, answer.frames)):
        for name, values in table.items():
            unit = config["defaults"].get("unit", "none")
            for override in config["overrides"]:
                wanted, pattern = override["matcher"]["options"], override["matcher"]["id"] == "byRegexp"
                if re.search(wanted.strip("/"), name) if pattern else wanted == name:
                    unit = next((one["value"] for one in override["properties"] if one["id"] == "unit"), unit)
            yield number, name, unit, values


@pytest.mark.parametrize("uid", load())
def test_every_value_is_the_metric_one_in_the_other_unit(
    uid: str, boards: dict[str, Board], answers: dict[str, list[Answer]], filled: Filled
) -> None:
    wrong = []
    in_miles = look(converted(boards[uid]), filled, km=f"{5000 / 1.609344}")  # the goal that is typed in
    for metric, imperial in zip(answers[uid], in_miles, strict=True):
        title = metric.panel["title"]
        pairs = zip(shown(metric), shown(imperial), strict=True)
        for (_, name, unit, values), (_, other_name, other_unit, other_values) in pairs:
            as_metric = re.sub("per mile", "per km", re.sub("100 yd", "100 m", other_name))
            assert as_metric.replace("miles\\", "distance\\") == name
            numbers = [value for value in values if isinstance(value, (int, float))]
            others = [value for value in other_values if isinstance(value, (int, float))]
            if name == "Time":
                wrong += [f"{title}: other times"] * (numbers != others)
            elif unit in EXPECTED:
                wanted, convert = EXPECTED[unit]
                if other_unit != wanted or others != pytest.approx([convert(value) for value in numbers], rel=1e-6):
                    wrong.append(f"{title}: {name} in {other_unit}")
            elif unit == "time:m:ss" and numbers:
                ratios = {round(b / a, 5) for a, b in zip(numbers, others, strict=True) if a}
                if not ratios <= {round(1760 * 0.9144 / 1000, 5), 0.9144}:
                    wrong.append(f"{title}: pace {name} by {ratios}")
            elif unit != other_unit or numbers != pytest.approx(others):
                wrong.append(f"{title}: {name} has changed")
    assert wrong == []


@pytest.mark.parametrize("uid", load())
def test_an_imperial_board_keeps_the_rules_and_names_no_metric_unit(uid: str, boards: dict[str, Board]) -> None:
    every = {name: converted(board) for name, board in boards.items()}
    assert problems(every[uid], every) == []
    text = json.dumps(every[uid])
    assert [unit for unit in EXPECTED if f'"{unit}"' in text] == []
    units = re.findall(r"Unit: (.*?) Source: ", text)
    assert [unit for unit in units if re.search(r"(?<![\w/])(km|kg|cm|°C|100 m)(?!\w)", unit)] == []


def test_what_is_a_pace_per_100_metres_is_one_per_100_yards(
    boards: dict[str, Board], answers: dict[str, list[Answer]], filled: Filled
) -> None:
    uid, (title, field) = "intervals-performance", ("Threshold pace", "Swim")
    metric, imperial = (
        next(
            values[0]
            for answer in found
            if answer.panel["title"] == title
            for _, name, _, values in shown(answer)
            if name == field
        )
        for found in (answers[uid], look(converted(boards[uid]), filled))
    )
    assert imperial / metric == pytest.approx(0.9144)


def test_the_command_writes_a_folder_and_says_what_is_wrong(tmp_path: Path) -> None:
    def run(*folders: Path | str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "grafana.imperial", *map(str, folders)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=DASHBOARDS.parents[1])

    done = run(DASHBOARDS, tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    written = {path.name: json.loads(path.read_text()) for path in (tmp_path / "out").iterdir()}
    assert written == {f"{uid}.json": converted(board) for uid, board in load().items()}
    assert run(DASHBOARDS).returncode == 2
    empty = run(tmp_path / "nothing", tmp_path / "out")
    assert (empty.returncode, "holds no boards" in empty.stderr) == (1, True)
