"""Meltano as a child process: one at a time, its lines as they come, a clean stop."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync.settings import Settings


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
        process = self._start(arguments, extra)
        if process is None:
            return -signal.SIGTERM
        with process:
            if process.stdout:
                for line in process.stdout:
                    listen(line)
            return process.wait()

    def ask(self, *arguments: str, say: str = "", **extra: str) -> tuple[int, str, str]:
        """Run a short command with `say` as its input; return exit code, output and log."""
        command = [self._settings.meltano, *arguments]
        try:
            answer = subprocess.run(  # noqa: S603 - our own command
                command,
                input=say,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                env=self._environment | extra,
                cwd=self._settings.environment["MELTANO_PROJECT_ROOT"],
            )
        except OSError as error:
            raise self._missing(error) from None
        return answer.returncode, answer.stdout, answer.stderr

    def _start(self, arguments: tuple[str, ...], extra: dict[str, str]) -> subprocess.Popen[str] | None:
        with self._lock:
            if self.is_stopping:
                return None
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own command
                    [self._settings.meltano, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    errors="replace",
                    env=self._environment | extra,
                    cwd=self._settings.environment["MELTANO_PROJECT_ROOT"],
                    start_new_session=True,  # so that Ctrl-C reaches it through `stop` alone
                )
            except OSError as error:
                raise self._missing(error) from None
            return self._process

    def _missing(self, error: OSError) -> click.ClickException:
        reason = error.strerror or "it can't be run"
        return click.ClickException(f"{self._settings.meltano}: {reason}. `make install` sets Meltano up.")

    def stop(self) -> None:
        """Ask Meltano to finish its batch and leave; kill what is still there after `patience`."""
        with self._lock:
            self.is_stopping = True
            process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()  # Meltano alone: it ends the tap, and lets the target store what it has
        try:
            process.wait(self._settings.patience)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
