"""Two runs that start at the same time in one Meltano project: refused, as neither can know whose state it was handed.

Meltano 4.4 hands every run its state and catalog in the same two files, whatever its state id: `state.json` and
`tap.properties.json` in `.meltano/run/NAME OF THE TAP`. Only the settings have a file for each run,
`tap.UUID.config.json`. Meltano writes it first and removes it when the run ends, so these files tell which runs are on.
"""

from __future__ import annotations

import os
import re
import sys
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from tap_intervals_icu.errors import TapError

SETTINGS = re.compile(r"tap\.[0-9a-f-]{36}\.config\.json")
SECONDS_TO_START = 60.0
"""So long after its settings a run may hand out its state, also on a slow machine."""
SECONDS_TO_SHOW = 3.0
"""So long a run may be without a process of the tap, before and after discovery."""
REFUSED = "tap.refused"
"""Tells of a run that was refused to one that overlapped with it, and looks only now."""
SHARED = (
    "Another run was started at the same time in this Meltano project ({folder}), and Meltano mixes up their states. "
    "So this one did nothing. Start it again after the other has begun to read, or give each run a folder of its own: "
    "MELTANO_SYS_DIR_ROOT."
)


def settings_file(arguments: list[str]) -> Path | None:
    """Return the file in which Meltano handed over the settings; None where it was not Meltano that started the tap."""
    for option, value in pairwise(arguments):
        if option == "--config" and SETTINGS.fullmatch(Path(value).name):
            return Path(value)
    return None


def refuse_company(*, is_reading: bool = False) -> None:
    """See that no other run starts in the folder of this one.

    Args:
        is_reading: Whether state and catalog have been read: from then on this run is in nobody's way.

    Raises:
        TapError: There is one.
    """
    own = settings_file(sys.argv)
    try:
        began = own.stat().st_mtime if own else 0
    except FileNotFoundError:
        return
    if own is None or not began:
        return
    refused = own.with_name(REFUSED)
    if _age_of(refused, since=began) >= 0 or _is_one_on(_starting(own)):
        refused.touch()
        raise TapError(SHARED.format(folder=own.parent))
    if is_reading:
        os.utime(own, (0, 0))  # no run that starts from now on is refused because of this one


def _starting(own: Path) -> list[Path]:
    """Return the settings of other runs that may not have read their state yet."""
    files = (file for file in own.parent.glob("tap.*.config.json") if file != own and SETTINGS.fullmatch(file.name))
    return [file for file in files if abs(_age_of(file, since=time.time())) <= SECONDS_TO_START]


def _age_of(file: Path, since: float) -> float:
    """Return how many seconds after `since` a file was written; minus infinity if it is not there."""
    try:
        return file.stat().st_mtime - since
    except FileNotFoundError:
        return float("-inf")


def _is_one_on(others: list[Path]) -> bool:
    """Tell whether one of these runs goes on: a killed one leaves its settings behind, but no process."""
    deadline = time.monotonic() + SECONDS_TO_SHOW
    while others and time.monotonic() < deadline:
        if _is_someone_in(others[0].parent) or not all(other.exists() for other in others):
            return True
        time.sleep(0.1)
    return False


def _is_someone_in(folder: Path) -> bool:
    """Tell whether a plugin of another run has this folder, which Meltano names in its environment."""
    processes = Path("/proc")
    if not (processes / "self" / "environ").exists():
        return True  # not Linux: it can't be told
    named = f"={folder}/".encode()
    for process in processes.glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):  # it has ended, or is another user's
            parent = int((process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
            if parent != os.getppid() and named in (process / "environ").read_bytes():
                return True
    return False
