"""Runs of one Meltano project share a folder: the tap sees to it that none reads what another was handed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from typing import TYPE_CHECKING

import pytest

from tap_intervals_icu.singer import cached_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REFUSED = "Another run was started at the same time in this Meltano project"
IN_FOLDER = "tap.singer_sdk_logging.json"  # named in a plugin's environment by Meltano


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Meltano's folder for the runs of the tap."""
    path = tmp_path / "tap-intervals-icu"
    path.mkdir()
    return path


def hand_settings(folder: Path, seconds_ago: float = 0) -> Path:
    """Leave the settings of a run as Meltano does when it begins."""
    file = folder / f"tap.{uuid.uuid4()}.config.json"
    file.write_text(json.dumps({"api_key": "key"}))
    os.utime(file, (time.time() - seconds_ago,) * 2)
    return file


@pytest.fixture
def other(folder: Path) -> Iterator[Path]:
    """The settings of another run that is on: it has a plugin with a parent of its own."""
    command = f"{sys.executable} -c 'print(flush=True); import time; time.sleep(60)' & wait"
    env = {"SINGER_SDK_LOG_CONFIG": str(folder / IN_FOLDER)}
    with subprocess.Popen(["/bin/sh", "-c", command], env=env, stdout=subprocess.PIPE, start_new_session=True) as run:
        assert run.stdout
        run.stdout.readline()
        yield hand_settings(folder)
        os.killpg(run.pid, 9)


@pytest.fixture
def kept(folder: Path) -> Path:
    """The catalog that a run before this one left."""
    settings = hand_settings(folder)
    assert tap(settings)[0] == 0
    settings.unlink()
    assert (folder / cached_catalog.NAME).exists()
    return folder / cached_catalog.NAME


def tap(settings: Path, *, seconds_ago: float = 0) -> tuple[int, str]:
    """Start the tap as Meltano does for discovery; return exit code and log."""
    os.utime(settings, (time.time() - seconds_ago,) * 2)
    command = [sys.executable, "-m", "tap_intervals_icu", "--config", str(settings), "--discover"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stderr


def test_run_that_starts_beside_another_one_is_refused_in_one_sentence(folder: Path, other: Path) -> None:
    code, said = tap(hand_settings(folder))
    assert (code, said.count(REFUSED)) == (1, 1)
    assert "MELTANO_SYS_DIR_ROOT" in said
    assert "Traceback" not in said
    assert other.exists()


def test_run_beside_another_one_is_refused_though_its_catalog_is_kept(
    folder: Path, kept: Path, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("other")
    code, said = tap(hand_settings(folder))
    assert (code, said.count(REFUSED), kept.exists()) == (1, 1, True)


def test_run_that_overlapped_with_a_refused_one_is_refused_though_that_one_is_gone(folder: Path, other: Path) -> None:
    first = hand_settings(folder)
    second = hand_settings(folder)
    assert tap(second)[0] == 1
    other.unlink()
    second.unlink()
    assert tap(first, seconds_ago=30)[0] == 1
    first.unlink()
    assert tap(hand_settings(folder))[0] == 0, "the next one"


def test_run_that_has_read_its_state_is_in_nobodys_way(folder: Path, other: Path) -> None:
    os.utime(other, (0, 0))
    assert tap(hand_settings(folder))[0] == 0


def test_settings_that_a_killed_run_left_behind_stop_no_other(folder: Path) -> None:
    left = hand_settings(folder)
    assert tap(hand_settings(folder))[0] == 0
    assert left.exists()


def test_run_in_a_folder_of_its_own_or_without_meltano_is_not_refused(folder: Path, other: Path) -> None:
    own = folder.parent / "other" / "tap-intervals-icu"
    own.mkdir(parents=True)
    assert tap(hand_settings(own))[0] == 0
    file = folder / "config.json"
    file.write_text("{}")
    assert tap(file)[0] == 0
    assert other.exists()
