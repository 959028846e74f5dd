"""Stops what a trial of scale/ has started once it is over, however that comes: a killed one cleans up nothing.

`python -m sandbox.cleanup FOLDER DATA [PROCESS_ID ...]` waits for the end of its standard input, which the trial
holds open and the kernel closes with it. Then it ends all parts of the folder and these processes, and removes the
folders.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
from pathlib import Path

import psutil

from scale import local
from scale.machine import load


def main() -> int:
    """Wait, stop, remove; the exit code is 1 if something still runs."""
    folder, data = map(Path, sys.argv[1:3])
    servers = [psutil.Process(int(number)) for number in sys.argv[3:]]
    sys.stdin.read()
    machine = load(folder)
    local.down(machine)
    for server in servers:
        with contextlib.suppress(psutil.NoSuchProcess):
            server.terminate()
    for one in (folder, data):
        shutil.rmtree(one, ignore_errors=True)
    return 1 if machine.processes() else 0


if __name__ == "__main__":
    sys.exit(main())
