"""What runs on this machine is found and ended by its process id, whoever started it and however that one ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import pytest

from sandbox.project import ROOT
from scale import local
from scale import machine as machines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STUBBORN = "import signal, sys, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"


def start(folder: Path | str, program: str = STUBBORN) -> subprocess.Popen[str]:
    """Start something that carries the mark of a folder."""
    environment = os.environ | {machines.MARK: str(folder)}
    process = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[str]]:
    """A process of another folder."""
    with start("/elsewhere") as process:
        yield process
        process.kill()


def test_down_ends_what_carries_the_mark_and_nothing_else_even_where_it_does_not_listen(
    tmp_path: Path, stranger: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "SECONDS_TO_END", 0.5)
    machine = machines.load(tmp_path)
    with start(tmp_path) as ours:
        assert [one.pid for one in machine.processes()] == [ours.pid]
        local.down(machine)
        assert ours.wait(10) == -signal.SIGKILL
    assert (machine.processes(), stranger.poll()) == ([], None)


@pytest.mark.skipif(os.environ.get("SCALE_TESTS") != "1", reason="needs Airflow: `make scale-test`")
def test_what_a_killed_test_has_started_is_ended_and_its_folders_are_removed(tmp_path: Path) -> None:
    folder, data = tmp_path / "parts", tmp_path / "data"
    for one in (folder, data):
        one.mkdir()
    test = f"""
        import os
        from pathlib import Path
        from sandbox.airflow import Stack, guarded
        stack = Stack(Path({str(folder)!r}), {{**os.environ, "PYTHONPATH": {str(ROOT)!r}}})
        with guarded(stack, Path({str(data)!r})):
            os.kill(os.getpid(), 9)
    """
    with start(folder, STUBBORN.replace("signal.SIG_IGN", "signal.SIG_DFL")) as ours:
        killed = subprocess.run([sys.executable, "-c", textwrap.dedent(test)], cwd=ROOT, check=False)
        assert killed.returncode == -signal.SIGKILL
        assert ours.wait(60) == -signal.SIGTERM
    deadline = time.monotonic() + 60
    while folder.exists() or data.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
