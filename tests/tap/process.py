"""The tap as a process of its own, to be killed, and searched for secrets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.tap.scene import catalog

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.tap.scene import Scene
    from tests.tap.tables import Record

LAUNCHER = """
import sys
from tap_intervals_icu.api import client
from tap_intervals_icu.singer import streams
from tap_intervals_icu.start import run
from tap_intervals_icu.tap import TapIntervalsIcu
streams.CHECKPOINT_SECONDS, client.LONGEST_BACKOFF = map(float, sys.argv[1:3])
del sys.argv[1:3]
run(lambda: TapIntervalsIcu.cli)
"""
"""Runs the tap with other waiting times, in seconds: between two STATE messages, and before a retry."""


def start(
    scene: Scene,
    folder: Path,
    *,
    checkpoint: float = 5.0,
    output: int | None = None,
    environment: Mapping[str, str] | None = None,
    **settings: Any,
) -> subprocess.Popen[bytes]:
    """Start the tap on a scene's account, from its state; it writes the files `output` (unless given) and `log`."""
    config = {**scene.settings, **settings}
    options = []
    selected = catalog(scene.settings).catalog.to_dict()
    for name, content in (("config", config), ("catalog", selected), ("state", scene.state)):
        (folder / name).write_text(json.dumps(content))
        options += [f"--{name}", str(folder / name)]
    command = [sys.executable, "-c", LAUNCHER, str(checkpoint), "0.01", *options]
    with (folder / "output").open("wb") as file, (folder / "log").open("ab") as log:
        environment = {**os.environ, **(environment or {})}
        return subprocess.Popen(command, stdout=output or file, stderr=log, env=environment)


def messages(output: bytes) -> list[Record]:
    """Decode the lines that are complete."""
    return [json.loads(line) for line in output.splitlines(keepends=True) if line.endswith(b"\n")]
