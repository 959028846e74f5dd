"""The catalog that is kept between runs is that of a discovery, or is not used."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tap_intervals_icu
from tap_intervals_icu.settings import SETTINGS
from tap_intervals_icu.singer import cached_catalog
from tap_intervals_icu.tap import TapIntervalsIcu

if TYPE_CHECKING:
    from collections.abc import Callable

LAYOUT = cached_catalog.LAYOUT
CODE = Path(tap_intervals_icu.__file__).parent


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The catalog of a discovery."""
    return real(tmp_path_factory.mktemp("plain"), CODE)


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A copy of the tap's own files, to be edited."""
    hidden = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(CODE, tmp_path / "code/tap_intervals_icu", ignore=hidden)


def hand_settings(folder: Path, **settings: str) -> Path:
    """Leave the settings of a run as Meltano does when it begins, and remove those of the run before."""
    folder.mkdir(exist_ok=True)
    for before in folder.glob("tap.*.config.json"):
        before.unlink()
    file = folder / f"tap.{uuid.uuid4()}.config.json"
    file.write_text(json.dumps({"api_key": "key", **settings}))
    return file


def start(settings: Path, code: Path = CODE) -> subprocess.Popen[str]:
    command = [sys.executable, "-X", "importtime", "-m", "tap_intervals_icu", "--config", str(settings), "--discover"]
    environment = os.environ | {"PYTHONPATH": str(code.parent), "PYTHONDONTWRITEBYTECODE": ""}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, cwd=settings.parent, stdout=pipe, stderr=pipe, text=True)


def discover(settings: Path, code: Path = CODE) -> tuple[Any, bool]:
    """Return the catalog, and whether it was discovered by the SDK."""
    with start(settings, code) as process:
        output, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    return json.loads(output), "singer_sdk.tap_base" in said


def real(folder: Path, code: Path, **settings: str) -> Any:
    """Return the catalog as it is without Meltano, where none is kept."""
    file = folder / "settings.json"
    file.write_text(json.dumps(settings))
    catalog, is_discovered = discover(file, code)
    assert is_discovered
    return catalog


def test_the_next_run_gets_the_same_without_discovery(tmp_path: Path, expected: Any) -> None:
    assert discover(hand_settings(tmp_path)) == (expected, True)
    assert discover(hand_settings(tmp_path)) == (expected, False)


def test_another_layout_has_a_catalog_of_its_own(tmp_path: Path, expected: Any) -> None:
    columns = real(tmp_path, CODE, **{LAYOUT: "columns"})
    assert columns != expected
    discover(hand_settings(tmp_path))
    assert discover(hand_settings(tmp_path, **{LAYOUT: "columns"})) == (columns, True)
    assert discover(hand_settings(tmp_path, **{LAYOUT: "rows"})) == (expected, True)


def edit(file: Path) -> None:
    """Change a file so that neither its size nor its time tells."""
    before = file.stat()
    text = file.read_text()
    file.write_text(text.replace("vo2max", "vo3max"))
    assert file.read_text() != text
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def add_a_file(file: Path) -> None:
    file.with_name("another.py").write_text("")


@pytest.mark.parametrize("change", [edit, add_a_file])
def test_a_new_version_of_the_tap_is_discovered_anew(
    tmp_path: Path, code: Path, change: Callable[[Path], None]
) -> None:
    folder = tmp_path / "run"
    discover(hand_settings(folder), code)
    change(code / "schemas/wellness.json")
    catalog = real(tmp_path, code)
    assert discover(hand_settings(folder), code) == (catalog, True)
    assert discover(hand_settings(folder), code) == (catalog, False)


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "another Python": lambda kept: kept.replace(json.dumps(sys.version).encode(), b'"2.7"', 1),
    "another SDK": lambda kept: kept.replace(b'"singer_sdk-', b'"singer_sdk-1', 1),
    "another byte": lambda kept: kept.replace(b'"activities"', b'"activitiez"', 1),
    "empty": lambda _: b"",
    "zeros": lambda _: b"\x00" * 4096,
    "other JSON": lambda _: b"7\n{}",
    "end cut off": lambda kept: kept[:-1],
    "half": lambda kept: kept[: len(kept) // 2],
    "no catalog": lambda kept: kept.partition(b"\n")[0] + b"\n",
    "more": lambda kept: kept + b" ",
}
"""What may become of a file that is kept."""


CATALOG = '{"streams": ["activities"]}\n'


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_what_is_not_whole_or_of_other_parts_is_not_used(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    arguments = ["--config", str(hand_settings(tmp_path)), "--discover"]
    cached_catalog.keep(arguments, CATALOG)
    file = tmp_path / cached_catalog.NAME
    whole = file.read_bytes()
    spoilt = spoil(whole)
    assert spoilt != whole
    file.write_bytes(spoilt)
    assert cached_catalog.find(arguments) is None

    cached_catalog.keep(arguments, CATALOG)
    assert cached_catalog.find(arguments) == CATALOG


def test_a_file_that_was_cut_is_made_anew(tmp_path: Path, expected: Any) -> None:
    discover(hand_settings(tmp_path))
    file = tmp_path / cached_catalog.NAME
    file.write_bytes(file.read_bytes()[:-1])
    assert discover(hand_settings(tmp_path)) == (expected, True)
    assert discover(hand_settings(tmp_path)) == (expected, False)


def test_what_another_user_left_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["--config", str(hand_settings(tmp_path)), "--discover"]
    cached_catalog.keep(arguments, CATALOG)
    assert cached_catalog.find(arguments) == CATALOG
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert cached_catalog.find(arguments) is None


def test_a_folder_that_takes_no_file_costs_nothing_but_time(tmp_path: Path, expected: Any) -> None:
    (tmp_path / cached_catalog.NAME).mkdir()
    for _ in range(2):
        assert discover(hand_settings(tmp_path)) == (expected, True)
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(f"{cached_catalog.NAME}.")] == []


def test_two_at_once_leave_a_whole_one(tmp_path: Path, expected: Any) -> None:
    settings = hand_settings(tmp_path)
    processes = [start(settings) for _ in range(3)]
    assert [json.loads(process.communicate(timeout=60)[0]) for process in processes] == [expected] * 3
    assert discover(hand_settings(tmp_path)) == (expected, False)
    assert [file.name for file in tmp_path.iterdir() if "catalog" in file.name] == [cached_catalog.NAME]


HANDED = "tap.00000000-0000-4000-8000-000000000000.config.json"


@pytest.mark.parametrize("more", ["", "--state state.json", "--catalog tap.properties.json --state state.json"])
def test_whatever_else_meltano_hands_over_the_catalog_is_the_kept_one(tmp_path: Path, more: str) -> None:
    (tmp_path / HANDED).write_text("{}")
    config = ["--config", str(tmp_path / HANDED)]
    cached_catalog.keep([*config, "--discover"], CATALOG)
    assert cached_catalog.find([*config, *more.split(), "--discover"]) == CATALOG
    for others in (more.split(), [*more.split(), "--discover", "--about"], ["--test", *more.split(), "--discover"]):
        assert cached_catalog.find([*config, *others]) is None
    assert cached_catalog.find([*config, *config, "--discover"]) is None


@pytest.mark.parametrize("arguments", [["--discover"], ["--config", "settings.json", "--discover"], ["--about"], []])
def test_without_meltano_nothing_is_kept(tmp_path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "settings.json").write_text("{}")
    cached_catalog.keep(arguments, "{}")
    assert cached_catalog.find(arguments) is None
    assert [file.name for file in tmp_path.iterdir()] == ["settings.json"]


OTHERS: dict[str, Any] = {name: "1" for name in SETTINGS.to_dict()["properties"] if name != LAYOUT}
OF_THE_SDK = {"stream_maps": {"wellness": {"more": "id"}}, "flattening_enabled": True, "flattening_max_depth": 3}


def test_no_other_setting_changes_the_catalog() -> None:
    def catalog(settings: dict[str, Any]) -> Any:
        return TapIntervalsIcu(config=settings, validate_config=False, setup_mapper=False).catalog_dict

    plain = catalog({"api_key": "key"})
    assert plain != catalog({"api_key": "key", LAYOUT: "columns"})
    for name, value in {**OTHERS, **OF_THE_SDK}.items():
        assert catalog({"api_key": "key", **OF_THE_SDK, name: value}) == plain, name
