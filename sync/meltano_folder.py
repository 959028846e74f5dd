"""What Meltano keeps in the project's folder, made ready for a run; to be called while no other run is on."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import psutil

from sync import meltano_database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync.meltano_process import Meltano
    from sync.settings import Settings

RUNS = frozenset({"run", "el", "elt", "invoke"})
"""Meltano's commands that start plugins."""
SECONDS_TO_READ = 60.0
"""A plugin reads its settings in its first second; what is older is not needed any more."""


def prepare(meltano: Meltano, settings: Settings) -> None:
    """Make Meltano's database where there is none, and remove what past runs left behind."""
    remove_handed_settings(Path(settings.environment["MELTANO_PROJECT_ROOT"]), settings.blocks)
    meltano_database.prepare(meltano, settings)


def check_writable(folder: Path) -> None:
    """Make the folder of lock and status, and see that they can be written.

    Raises:
        click.ClickException: They can't; mostly the folder belongs to another user.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("lock", "status.json"):
            if (folder / name).exists():
                (folder / name).open("ab").close()
        (folder / ".writable").touch()
        (folder / ".writable").unlink()
    except OSError as error:
        raise click.ClickException(reason(error, folder)) from None


def reason(error: OSError, folder: Path) -> str:
    """Return why something in `folder` can't be written, and what to do."""
    place = Path(error.filename2 or error.filename or folder)  # of two files the second is written
    said = f"{place}: {error.strerror}."
    if error.errno == errno.ENOSPC:
        return f"{said} The disk is full: make room, then start again."
    if error.errno in {errno.EACCES, errno.EPERM}:
        there = next(path for path in (place, *place.parents) if path.exists())
        return (
            f"{said} {there} belongs to user {there.stat().st_uid}, this runs as user {os.getuid()}: change its owner, "
            "or run as that user (STACK_UID and STACK_GID in .env)."
        )
    return said


def is_running(root: Path) -> bool:
    """Tell whether Meltano runs plugins of this project on this machine, or one of them runs.

    A plugin is known by the settings that Meltano handed it; before the first one, and between two, there is none.
    """
    handed, folder = str(root / ".meltano" / "run"), str(root.resolve())
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words = process.info["cmdline"] or ()
        is_meltano = process.info["cwd"] == folder and any(Path(word).name == "meltano" for word in words[:2])
        if any(word.startswith(handed) for word in words) or (is_meltano and not RUNS.isdisjoint(words)):
            return True
    return False


def remove_handed_settings(root: Path, plugins: Sequence[str]) -> None:
    """Remove the files in which Meltano hands plugins their settings, key included: a kill -9 leaves them behind."""
    for plugin in plugins:
        for file in (root / ".meltano" / "run" / plugin).glob("*.*.config.json"):
            if abs(time.time() - file.stat().st_mtime) > SECONDS_TO_READ:  # of the future: the clock was set back
                file.unlink(missing_ok=True)
