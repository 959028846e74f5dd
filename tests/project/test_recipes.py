"""The recipes of CONTRIBUTING.md: what they name is there for each stream, board and server, and a gap is named."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sandbox import Account, AthleteParameters, Sandbox
from tap_intervals_icu import streams
from tap_intervals_icu.streams import LAYOUTS, streams_in
from target_influxdb.config.settings import APIS
from tests.tap import scene as scenes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
STREAMS = tuple(sorted(stream.name for stream in streams_in("columns")))  # type: ignore[misc] # each class has its own


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def mapped() -> tuple[str, ...]:
    """Return the names and patterns of streams that meltano.yml maps to measurements."""
    (target,) = (
        one for one in yaml.safe_load(text("meltano.yml"))["plugins"]["loaders"] if one["name"] == "target-influxdb"
    )
    return tuple(target["config"]["measurements"])


def has_schema(name: str) -> bool:
    stems = [path.stem for path in (ROOT / "tap-intervals-icu/tap_intervals_icu/schemas").glob("*.json")]
    return any(stem == name or stem.startswith(f"{name}_") for stem in stems)


@cache
def emitted() -> frozenset[str]:
    """Return the streams that bring records from the sandbox when all are selected."""
    with_schema = frozenset(filter(has_schema, STREAMS))
    if len(with_schema) < len(STREAMS):
        return with_schema  # nothing can be read before each has one: only those that lack it are to be named
    parameters = AthleteParameters(days=60, activities=12, seconds=1800, sports=("Ride", "Run"))
    with Sandbox(Account(parameters)) as sandbox:
        scene = scenes.Scene(sandbox)
        messages, *_ = scenes.run_tap(scene.settings, scenes.catalog(scene.settings, STREAMS), {})
    return frozenset(message["stream"] for message in messages if message["type"] == "RECORD")


def gaps_of_stream(name: str) -> list[str]:
    """Return the places that a stream lacks, of those that the recipe names."""
    row = re.compile(rf"^\|.*`{name}`.*\|.*\|.*\|$", re.MULTILINE)
    places = {
        "a schema in tap_intervals_icu/schemas": has_schema(name),
        "a row in tap-intervals-icu/README.md": row.search(text("tap-intervals-icu/README.md")),
        "a mapping in meltano.yml": any(fnmatchcase(name, pattern) for pattern in mapped()),
        "records from the sandbox": name in emitted(),
    }
    return [place for place, found in places.items() if not found]


def gaps_of_board(name: str, title: str) -> list[str]:
    """Return the places that a board lacks."""
    picture = name.removeprefix("intervals-")
    places = {
        f"the JSON {name}.json (`make boards`)": (ROOT / f"grafana/dashboards/{name}.json").exists(),
        "a row and a section in docs/boards.md": f"\n## {title}\n" in text("docs/boards.md")
        and f"\n| [{title}](#" in text("docs/boards.md"),
        f"the picture {picture}.png (`make pictures`)": (ROOT / f"docs/pictures/{picture}.png").exists(),
    }
    return [place for place, found in places.items() if not found]


def gaps_of_server(api: str) -> list[str]:
    """Return the places that a value of the target's setting `api` lacks."""
    places = {
        "an option in meltano.yml": f"{{label: {api}, value: {api}}}" in text("meltano.yml"),
        "an option in target-influxdb/meltano-hub.yml": f"value: {api}" in text("target-influxdb/meltano-hub.yml"),
        "a branch in servers/__init__.py": api in {"auto", "v2"}  # v2 is what is left over
        or f'settings.api == "{api}"' in text("target-influxdb/target_influxdb/servers/__init__.py"),
    }
    return [place for place, found in places.items() if not found]


@pytest.mark.parametrize("name", STREAMS)
def test_each_stream_stands_in_every_place_that_its_recipe_names(name: str) -> None:
    gaps = gaps_of_stream(name)
    assert gaps == [], f"The stream {name} lacks: {', '.join(gaps)}"


def test_each_class_of_a_stream_is_among_those_that_the_tap_hands_out() -> None:
    declared = {one for one in vars(streams).values() if isinstance(one, type) and one.__module__ == streams.__name__}
    handed_out = {one for layout in LAYOUTS for one in streams_in(layout)}
    bases = {base for one in declared for base in one.__bases__}
    forgotten = [one.__name__ for one in declared - bases - handed_out if hasattr(one, "name")]
    assert forgotten == [], f"streams_in() in streams.py lacks {', '.join(forgotten)}"


def test_a_stream_that_is_only_declared_lacks_all_places() -> None:
    assert gaps_of_stream("moon_phases") == [
        "a schema in tap_intervals_icu/schemas",
        "a row in tap-intervals-icu/README.md",
        "a mapping in meltano.yml",
        "records from the sandbox",
    ]


def boards() -> Iterable[Any]:
    """Return the boards; none on Python 3.10, for which their package is not made."""
    if importlib.util.find_spec("grafana_foundation_sdk") is None:
        return ()
    from grafana.boards import BOARDS  # noqa: PLC0415 - not on Python 3.10

    return BOARDS


@pytest.mark.parametrize("board", boards(), ids=lambda board: board.uid)
def test_each_board_stands_in_every_place_that_its_recipe_names(board: Any) -> None:
    gaps = gaps_of_board(board.uid, board.title)
    assert gaps == [], f"The board {board.title} lacks: {', '.join(gaps)}"


def test_a_board_that_is_only_written_lacks_all_places() -> None:
    assert len(gaps_of_board("intervals-moon", "Moon")) == 3


def board_modules() -> list[ModuleType]:
    """Return the modules of the boards and of their parts; none on Python 3.10."""
    if not boards():
        return []
    package = importlib.import_module("grafana.boards")
    return [
        importlib.import_module(f"grafana.boards.{module.name}") for module in pkgutil.iter_modules(package.__path__)
    ]


def identity(panel: Any) -> tuple[str, str]:
    """Return what tells a panel from others, whatever its size and place."""
    return panel.title, panel.description


def left_out(modules: Iterable[Any]) -> list[str]:
    """Return the boards that are not handed out, and the panels that stand on no board."""
    known = list(boards())
    placed = {identity(panel) for board in known for row in board.rows.values() for panel in row}
    found = []
    for module in modules:
        for name, value in vars(module).items():
            if name == "BOARD" and value not in known:
                found.append(f"{module.__name__}.BOARD is not in BOARDS")
            panels = value if isinstance(value, tuple) else (value,)
            lacking = [one for one in panels if hasattr(one, "grid_pos") and identity(one) not in placed]
            found += [f"{module.__name__}.{name}: the panel {one.title} stands in no row of a board" for one in lacking]
    return found


def test_each_board_and_panel_that_is_declared_is_shown() -> None:
    assert left_out(board_modules()) == []


@pytest.mark.skipif(not boards(), reason="the boards' package needs Python 3.11")
def test_a_board_and_a_panel_that_are_only_declared_are_named() -> None:
    panel = SimpleNamespace(title="Moons", description="How many?", grid_pos=None)
    moon = SimpleNamespace(__name__="moon", BOARD=object(), FULL=panel, OTHERS=(panel,))
    assert left_out([moon]) == [
        "moon.BOARD is not in BOARDS",
        "moon.FULL: the panel Moons stands in no row of a board",
        "moon.OTHERS: the panel Moons stands in no row of a board",
    ]


@pytest.mark.parametrize("api", APIS)
def test_each_kind_of_server_stands_in_every_place_that_its_recipe_names(api: str) -> None:
    gaps = gaps_of_server(api)
    assert gaps == [], f"The kind of server {api} lacks: {', '.join(gaps)}"


def test_a_kind_of_server_that_is_only_named_lacks_all_places() -> None:
    assert len(gaps_of_server("v9")) == 3
