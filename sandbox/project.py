"""A copy of this Meltano project with a state of its own, sharing the installed plugins."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MELTANO = Path(sys.executable).parent / "meltano"
OURS = ("INTERVALS_", "INFLUXDB_", "TAP_", "TARGET_", "MELTANO_")


def copy_project(folder: Path) -> Path:
    """Make `folder` a Meltano project whose runs leave the real one's state, rejects and output alone."""
    (folder / ".meltano").mkdir(parents=True)
    shutil.copy(ROOT / "meltano.yml", folder)
    for name in ("constraints.txt", "tap-intervals-icu", "target-influxdb"):
        (folder / name).symlink_to(ROOT / name)
    for kind in ("extractors", "loaders"):
        (folder / ".meltano" / kind).symlink_to(ROOT / ".meltano" / kind)
    return folder


def environment(**settings: str) -> dict[str, str]:
    """Return the process's environment with these settings alone, and no plugin's settings from outside."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return inherited | settings
