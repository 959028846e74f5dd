"""Measure a command with all the processes it starts."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SAMPLING = 0.05  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: wall and CPU in seconds, peak memory in MiB (RSS, summed over its processes)."""

    wall: float
    cpu: float
    memory: float


def measure(command: Sequence[str], *, env: Mapping[str, str], folder: Path) -> Cost:
    """Run a command to its end; a failure raises with the last lines it wrote."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with subprocess.Popen(
        command, env=dict(env), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        peak = _Peak(process.pid)
        peak.start()
        output, _ = process.communicate()
        wall = time.perf_counter() - start
        peak.stop()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        tail = "\n".join(output.splitlines()[-15:])
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{tail}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, peak.bytes / 2**20)


def cpu_of(pid: int) -> float:
    """Return the CPU seconds that a running process has taken."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


class _Peak(threading.Thread):
    """Watch the memory of a process and its descendants."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self._pid = pid
        self._done = threading.Event()

    @override
    def run(self) -> None:
        while not self._done.wait(SAMPLING):
            self.bytes = max(self.bytes, _tree_memory(self._pid))

    def stop(self) -> None:
        self._done.set()
        self.join()


def _tree_memory(pid: int) -> int:
    """Return the RSS of a process tree in bytes; processes that end meanwhile count nothing."""
    total = 0
    try:
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in tree:
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total
