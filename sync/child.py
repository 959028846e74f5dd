"""Meltano as a child process: one at a time, its lines as they come, a stop that keeps the state."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import click
import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sync.settings import Settings

SECONDS_TO_LEAVE = 5.0
"""How long Meltano may take to end when it is terminated itself."""


class Meltano:
    """Runs Meltano's commands; `stop` may be called from another thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._environment = dict(settings.environment) | {
            "MELTANO_CLI_LOG_FORMAT": "json",
            "MELTANO_CLI_LOG_LEVEL": "info",
            "NO_COLOR": "1",
        }
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self.is_stopping = False

    def run(self, *arguments: str, listen: Callable[[str], None], **extra: str) -> int:
        """Run a command to its end, handing over each line that it says; return its exit code.

        `extra` are further environment variables.

        Raises:
            click.ClickException: There is no Meltano.
        """
        process = self._start(arguments, extra, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        if process is None:
            return -signal.SIGTERM
        with process:
            if process.stdout:
                for line in process.stdout:
                    listen(line)
            return process.wait()

    def ask(self, *arguments: str, say: str = "", **extra: str) -> tuple[int, str, str]:
        """Run a short command with `say` as its input; return exit code, output and log."""
        process = self._start(arguments, extra, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        if process is None:
            return -signal.SIGTERM, "", ""
        with process:
            output, said = process.communicate(say)
            return process.returncode, output, said

    def _start(
        self, arguments: tuple[str, ...], extra: dict[str, str], stdin: int, stderr: int
    ) -> subprocess.Popen[str] | None:
        with self._lock:
            if self.is_stopping:
                return None
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own command
                    [self._settings.meltano, *arguments],
                    stdin=stdin,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    text=True,
                    errors="replace",
                    env=self._environment | extra,
                    cwd=self._settings.environment["MELTANO_PROJECT_ROOT"],
                    start_new_session=True,  # so that Ctrl-C reaches it through `stop` alone
                )
            except OSError as error:
                reason = error.strerror or "it can't be run"
                meltano = self._settings.meltano
                raise click.ClickException(f"{meltano}: {reason}. `make install` sets Meltano up.") from None
            return self._process

    def stop(self) -> None:
        """End the run early: stop the tap, so that the target stores what it has got and Meltano saves the state.

        A Meltano that is terminated itself drops the state. So that is left for what goes on after `patience`, and
        what goes on even then is killed.
        """
        with self._lock:
            self.is_stopping = True
            process = self._process
        if process is None:
            return
        deadline = time.monotonic() + self._settings.patience
        stopped: set[int] = set()
        while process.poll() is None and time.monotonic() < deadline:
            for tap in self._taps(process.pid):  # it may be starting yet
                if tap.pid not in stopped:
                    tap.terminate()
                    stopped.add(tap.pid)
            time.sleep(0.1)
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS_TO_LEAVE)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def _taps(self, meltano: int) -> Iterator[psutil.Process]:
        """Yield the child of Meltano that was given the extractor's settings, if it is there."""
        settings = f"/{self._settings.extractor}/tap."
        with suppress(psutil.Error):
            for child in psutil.Process(meltano).children():
                if any(settings in word for word in child.cmdline()):
                    yield child
