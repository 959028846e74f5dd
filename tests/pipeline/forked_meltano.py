"""Meltano in a process of its own, forked from one that has imported it already: half the time of `meltano run`.

The code, the environment, the folder and the exit code are those of the command. What a run imports, and what a signal
does to it, is tested with the command itself.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["meltano.cli", "alembic.context", __name__])  # the second: its database


def call(words: list[str], folder: Path, environment: Mapping[str, str], timeout: float) -> tuple[int, str]:
    """Call Meltano with these words; return its exit code and all that it and its plugins said."""
    said = folder / "said"
    with closing(PROCESSES.Process(target=_meltano, args=(words, folder, dict(environment), said))) as process:
        process.start()
        process.join(timeout)
        process.kill()  # where it is still there
        process.join()
        assert process.exitcode is not None
        return process.exitcode, said.read_text()


def _meltano(words: list[str], folder: Path, environment: dict[str, str], said: Path) -> None:
    """Be the command, in the forked process."""
    output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["meltano", *words]
    from meltano.cli import main  # noqa: PLC0415 - here alone: a test's own process does without

    main()
