"""The committed JSON: made of the code, understood by Grafana's types, and up to the rules."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.boards import BOARDS
from grafana.execution.run import panels
from grafana.parts.board import in_the_toolbar, to_json
from tests.grafana.conftest import DASHBOARDS, load
from tests.grafana.lint import problems

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.grafana.conftest import Board


def test_the_committed_json_is_what_the_code_makes() -> None:
    made = {f"{board.uid}.json": to_json(board) for board in BOARDS}
    committed = {path.name: path.read_text(encoding="utf-8") for path in DASHBOARDS.glob("*.json")}
    assert committed.keys() == made.keys()
    assert [name for name in made if made[name] != committed[name]] == [], "run `python -m grafana`"


@pytest.mark.parametrize("uid", load())
def test_grafanas_types_lose_nothing_of_a_board(uid: str, boards: dict[str, Board]) -> None:
    register_default_plugins()
    again = json.loads(json.dumps(Dashboard.from_json(copy.deepcopy(boards[uid])), cls=JSONEncoder))
    assert in_the_toolbar(again) == boards[uid]


@pytest.mark.parametrize("uid", load())
def test_a_board_keeps_the_rules(uid: str, boards: dict[str, Board]) -> None:
    assert problems(boards[uid], boards) == []


def test_every_subject_has_its_board_and_there_are_more_than_sixty_panels(boards: dict[str, Board]) -> None:
    titles = {board["title"] for board in boards.values()}
    assert titles >= {
        *("Today", "Fitness", "Training", "Wellness", "Performance", "Progress"),
        *("Activities", "Activity", "Map", "Coach", "Sync health"),
    }
    assert sum(len(list(panels(board))) for board in boards.values()) >= 60


def _panel(board: Board, kind: str = "timeseries") -> dict[str, Any]:
    return next(panel for panel in panels(board) if panel["type"] == kind)


def _query(text: str) -> Callable[[Board], object]:
    return lambda board: _panel(board)["targets"][0].update(query=text)


def _defaults(**changes: object) -> Callable[[Board], object]:
    return lambda board: _panel(board)["fieldConfig"]["defaults"].update(changes)


BROKEN: dict[str, tuple[Callable[[Board], object], str]] = {
    "two panels with one id": (lambda b: b["panels"][1].update(id=b["panels"][2]["id"]), "ids are not unique"),
    "a uid of another board": (lambda b: b.update(uid="intervals-today"), "not unique"),
    "a panel outside": (lambda b: b["panels"][1]["gridPos"].update(x=22), "leaves the grid"),
    "panels on top of each other": (lambda b: b["panels"][2]["gridPos"].update(b["panels"][1]["gridPos"]), "overlap"),
    "no source": (lambda b: _panel(b).update(description="Unit: W."), "no unit or no source"),
    "no question": (
        lambda b: _panel(b).update(description="Fitness by day. Unit: W. Source: wellness."),
        "does not begin with the question",
    ),
    "no empty state": (lambda b: _panel(b)["fieldConfig"]["defaults"].pop("noValue"), "nothing is said"),
    "a plugin": (lambda b: _panel(b).update(type="acme-clock-panel"), "no core panel"),
    "an invented unit": (_defaults(unit="bpm"), "is no unit"),
    "an export": (lambda b: b.update(__inputs=[]), "an export"),
    "a fixed database": (lambda b: _panel(b)["targets"][0]["datasource"].update(uid="x"), "a fixed data source"),
    "an open range": (_query('SELECT "ctl" FROM "wellness" WHERE time > now() - 7d'), "without both time bounds"),
    "an unknown variable": (_query("SELECT x FROM y WHERE $timeFilter AND a = '${who:raw}'"), "no variable who"),
    "a variable without a format": (_query("SELECT x FROM y WHERE $timeFilter AND a = '$athlete'"), "without a format"),
    "a dead link": (_defaults(links=[{"url": "/d/nowhere"}]), "nowhere, which does not exist"),
    "a link with an unknown variable": (
        _defaults(links=[{"url": "/d/intervals-today?var-x=1"}]),
        "variable x, which it does not have",
    ),
    "a metric in the colour of a state": (
        lambda b: _panel(b)["fieldConfig"]["defaults"]["color"].update(mode="fixed", fixedColor="green"),
        "no colour of a metric",
    ),
    "a large number in a colour of its own": (
        lambda b: _panel(b, "stat")["fieldConfig"]["defaults"]["color"].update(mode="fixed", fixedColor="#f06595"),
        "which is no state",
    ),
    "three axes": (
        lambda b: _panel(b)["fieldConfig"]["overrides"].extend(
            {
                "matcher": {"id": "byName", "options": unit},
                "properties": [{"id": "unit", "value": unit}, {"id": "custom.axisPlacement", "value": "right"}],
            }
            for unit in ("watt", "masskg")
        ),
        "more than two axes",
    ),
    "a menu out of sight": (lambda b: b["links"][0].update(placement="inControlsMenu"), "leave the toolbar"),
    "marks out of sight": (
        lambda b: b["annotations"]["list"][0].update(placement="inControlsMenu"),
        "leave the toolbar",
    ),
    "a limit of one point": (
        _query('SELECT "hrv" FROM y WHERE $timeFilter ORDER BY time DESC LIMIT 1'),
        "counts for each field",
    ),
    "a limit outside of a table": (_query('SELECT "hrv" FROM y WHERE $timeFilter LIMIT 9'), "counts for each field"),
    "the last value of a field that the newest day may lack": (
        _query('SELECT last("hrv") FROM "wellness" WHERE $timeFilter'),
        "an older value",
    ),
    "a window of true time": (
        _query("SELECT x FROM y WHERE time > now() - 7d AND time < now() + 1d"),
        "not the athlete's",
    ),
    "local time": (lambda b: b.update(timezone="browser"), "not on UTC"),
    "a range up to now": (lambda b: b["time"].update(to="now"), "ends before the day"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_the_rules_find(fault: str, boards: dict[str, Board]) -> None:
    damage, said = BROKEN[fault]
    board = copy.deepcopy(boards["intervals-fitness"])
    damage(board)
    found = problems(board, boards | {"intervals-fitness": board})
    assert [problem for problem in found if said in problem] != []


def test_the_gallery_shows_every_board_with_a_small_picture(boards: dict[str, Board]) -> None:
    docs = DASHBOARDS.parents[1] / "docs"
    gallery = (docs / "boards.md").read_text(encoding="utf-8")
    for uid, board in boards.items():
        name = f"pictures/{uid.removeprefix('intervals-')}.png"
        assert f"## {board['title']}\n\n![{board['title']}]({name})\n" in gallery
        assert 10_000 < (docs / name).stat().st_size < 200_000


def test_the_pictures_were_drawn_from_the_committed_json() -> None:
    drawn = dict(
        line.split() for line in (DASHBOARDS.parents[1] / "docs/pictures/drawn-from.txt").read_text().splitlines()
    )
    committed = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in DASHBOARDS.glob("*.json")}
    assert [name for name in drawn | committed if drawn.get(name) != committed.get(name)] == [], "run `make pictures`"
