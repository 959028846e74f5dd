"""Meltano as a child process: one at a time, its lines as they come, a stop that keeps the state."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sync.settings import Settings

QUICKLY = Path(__file__).with_name("quick_meltano.py")

SECONDS_BETWEEN_LOOKS = 0.05
"""For a plugin that Meltano starts."""

SECONDS_TO_LEAVE = 5.0
"""How long Meltano may take to end when it is terminated itself."""


@dataclass(frozen=True)
class Plugin:
    """A plugin as Meltano started it; the settings hold secrets."""

    command: tuple[str, ...]
    settings: Mapping[str, Any] = field(repr=False)


def meltano(program: str) -> tuple[str, ...]:
    """Return the command that starts Meltano: by this Python, where the program is of the same environment."""
    beside = Path(sys.executable).parent
    is_ours = Path(program) == beside / "meltano" and Path(program).is_file()
    return (sys.executable, str(QUICKLY)) if is_ours else (program,)


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
        self.loader: Plugin | None = None
        """That of the run that is on, or was the last; None until it is seen."""

    def run(self, *arguments: str, listen: Callable[[str], None], **extra: str) -> int:
        """Run a command to its end, handing over each line that it says; return its exit code.

        `extra` are further environment variables.

        Raises:
            click.ClickException: There is no Meltano.
        """
        command = (*meltano(self._settings.meltano), *arguments)
        process = self._start(command, extra, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        if process is None:
            return -signal.SIGTERM
        self.loader = None
        ended = threading.Event()
        watch = threading.Thread(target=self._look_for_loader, args=(ended,), daemon=True)
        watch.start()
        try:
            with process:
                if process.stdout:
                    for line in process.stdout:
                        listen(line)
                return process.wait()
        finally:
            ended.set()
            watch.join()

    def ask(self, *arguments: str, say: str = "", **extra: str) -> tuple[int, str, str]:
        """Run a short command with `say` as its input; return exit code, output and log."""
        return self._ask((*meltano(self._settings.meltano), *arguments), extra, say)

    def _ask(self, command: tuple[str, ...], extra: dict[str, str], say: str) -> tuple[int, str, str]:
        process = self._start(command, extra, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        if process is None:
            return -signal.SIGTERM, "", ""
        with process:
            output, said = process.communicate(say)
            return process.returncode, output, said

    def _look_for_loader(self, ended: threading.Event) -> None:
        """Note the loader of the run that is on, with the settings Meltano handed it, as soon as it is there.

        It may be there for a quarter of a second and say nothing meanwhile.
        """
        while self.loader is None and not ended.wait(SECONDS_BETWEEN_LOOKS):
            if any(self._handed_to_loader.glob("target.*.config.json")):  # before that no look at processes is worth it
                self.loader = self._find_loader()

    def _find_loader(self) -> Plugin | None:
        process = self._process
        with suppress(psutil.Error, OSError, ValueError):
            for child in self._children(process.pid if process else 0, f"/{self._settings.loader}/target."):
                *command, option, path = child.cmdline()
                if option == "--config":
                    return Plugin(tuple(command), json.loads(Path(path).read_text(encoding="utf-8")))
        return None

    @property
    def _handed_to_loader(self) -> Path:
        """The folder in which Meltano hands the loader its settings."""
        return Path(self._settings.environment["MELTANO_PROJECT_ROOT"]) / ".meltano" / "run" / self._settings.loader

    def tell(self, plugin: Plugin, say: str, **settings: object) -> bool:
        """Run a plugin without Meltano, whose start costs more, with `say` as its input; return whether that went well.

        `settings` take the place of its own. It is handed them as Meltano does: in a file that only this user can read.
        """
        with (
            suppress(OSError),
            tempfile.NamedTemporaryFile(
                "w", dir=self._handed_to_loader, prefix="target.", suffix=".config.json", encoding="utf-8"
            ) as file,
        ):
            json.dump({**plugin.settings, **settings}, file)
            file.flush()
            return self._ask((*plugin.command, "--config", file.name), {}, say)[0] == 0
        return False

    def _start(
        self, command: tuple[str, ...], extra: dict[str, str], stdin: int, stderr: int
    ) -> subprocess.Popen[str] | None:
        with self._lock:
            if self.is_stopping:
                return None
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own command
                    command,
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
                raise click.ClickException(f"{command[0]}: {reason}. `make install` sets Meltano up.") from None
            return self._process

    def stop(self) -> None:
        """End the run early: stop the tap, so that the target stores what it has got and Meltano saves the state.

        A Meltano that is terminated itself drops the state. So that is left for what goes on after `stop_seconds`, and
        what goes on even then is killed.
        """
        with self._lock:
            self.is_stopping = True
            process = self._process
        if process is None:
            return
        deadline = time.monotonic() + self._settings.stop_seconds
        stopped: set[int] = set()
        while process.poll() is None and time.monotonic() < deadline:
            for tap in self._children(process.pid, f"/{self._settings.extractor}/tap."):  # it may be starting yet
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

    @staticmethod
    def _children(meltano: int, settings: str) -> Iterator[psutil.Process]:
        """Yield the child of Meltano that was given these settings, if it is there."""
        with suppress(psutil.Error):
            for child in psutil.Process(meltano).children():
                if any(settings in word for word in child.cmdline()):
                    yield child
