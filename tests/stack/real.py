"""The service around the real Meltano, tap and target."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from sandbox.project import ROOT, environment

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Sync:
    """`python -m sync ...` in a copy of the project; `settings` are environment variables of all its commands."""

    folder: Path
    settings: dict[str, str]
    started: list[psutil.Popen] = field(default_factory=list)

    def start(self, *command: str, **settings: str) -> psutil.Popen:
        """Start a command."""
        env = environment(**(self.settings | settings)) | {"PYTHONPATH": str(ROOT)}
        process = psutil.Popen(
            [sys.executable, "-m", "sync", *command],
            env=env | {"MELTANO_PROJECT_ROOT": str(self.folder), "SYNC_DIRECTORY": str(self.folder.parent / "sync")},
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process

    def __call__(self, *command: str, say: str = "", **settings: str) -> tuple[int, str]:
        """Run a command to its end; return exit code and output."""
        return self.end(self.start(*command, **settings), say)

    def end(self, process: psutil.Popen, say: str = "") -> tuple[int, str]:
        """Wait for the end of a command; return exit code and output."""
        output, _ = process.communicate(say, timeout=120)
        assert self.settings["INTERVALS_API_KEY"] not in output
        return process.returncode, output

    def processes(self) -> list[psutil.Process]:
        """Return the processes of this project that are left: Meltano and the plugins."""
        return [one for one in psutil.process_iter() if str(self.folder) in _words(one)]

    def kill(self, process: psutil.Popen) -> None:
        """Kill -9 a command with all that it started."""
        for victim in [*process.children(recursive=True), process]:
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
        process.communicate()


def _words(process: psutil.Process) -> str:
    """Return the command line and the folder of a process, nothing if it has ended."""
    try:
        return f"{' '.join(process.cmdline())} {process.cwd()}"
    except psutil.Error:
        return ""
