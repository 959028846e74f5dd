"""Run the project's own Meltano, in copies of the project that share its installed plugins."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psutil

from sandbox.project import MELTANO, ROOT, environment
from tests.pipeline import forked_meltano

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

TAP = ROOT / ".meltano/extractors/tap-intervals-icu/venv/bin/tap-intervals-icu"
TIMEOUT = 120
SECRETS = ("INTERVALS_API_KEY", "INFLUXDB_TOKEN", "INFLUXDB_PASSWORD")


@dataclass(frozen=True)
class Run:
    """How a command ended: its exit code and all it said."""

    code: int
    output: str


@dataclass
class Project:
    """A Meltano project with a state of its own; `settings` are environment variables of all its runs."""

    folder: Path
    settings: dict[str, str]
    extractor: str = "tap-intervals-icu"
    loader: str = "target-influxdb"
    seen: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def run(self, *options: str, **settings: str) -> Run:
        """Run `meltano run EXTRACTOR LOADER`; options follow `run`."""
        settings = self._noted(settings)
        words = ["run", *options, self.extractor, self.loader]
        run = Run(*forked_meltano.call(words, self.folder, environment(**settings), TIMEOUT))
        self.seen.append(run.output)
        return run

    def sync(self, *options: str, **settings: str) -> Run:
        """Run it and insist on success."""
        run = self.run(*options, **settings)
        assert run.code == 0, run.output[-5000:]
        return run

    def start(self, *options: str, **settings: str) -> subprocess.Popen[str]:
        """Start the command, for a test that looks at its process; the caller notes its output as seen."""
        settings = self._noted(settings)
        return subprocess.Popen(
            [MELTANO, "run", *options, self.extractor, self.loader],
            cwd=self.folder,
            env=environment(**settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _noted(self, settings: dict[str, str]) -> dict[str, str]:
        """Return all settings of a run, and remember its secrets."""
        settings = self.settings | settings
        self.secrets |= {settings[name] for name in SECRETS if settings.get(name)}
        return settings

    def state(self, suffix: str = "") -> dict[str, Any]:
        """Return the state that the last run has left, or the last with that suffix to its state id.

        It is read from Meltano's database: `meltano state get` takes as long as a run.
        """
        with closing(sqlite3.connect(self.folder / ".meltano" / "meltano.db")) as database:
            query = "SELECT completed_state, partial_state FROM state WHERE state_id = ?"
            (whole, partial) = database.execute(query, (self.state_id(suffix),)).fetchone()
        assert not json.loads(partial or "{}"), "Meltano would merge the two"
        state: dict[str, Any] = json.loads(whole)["singer_state"]
        return state

    def state_id(self, suffix: str = "") -> str:
        """Return the name under which Meltano keeps the state."""
        return ":".join(filter(None, ("prod", f"{self.extractor}-to-{self.loader}", suffix)))

    def assert_secrets_are_nowhere(self) -> None:
        """Look for the secrets of all runs in what they said and left behind."""
        assert [output for output in self.seen if any(secret in output for secret in self.secrets)] == []
        files = (file for file in self.folder.rglob("*") if file.is_file())  # does not follow links
        # Meltano hands the settings to a plugin in such a file; a kill -9 leaves it behind.
        others = [file for file in files if not re.fullmatch(r"(tap|target)\.[0-9a-f-]+\.config\.json", file.name)]
        held = {file.name for file in others for secret in self.secrets if secret.encode() in file.read_bytes()}
        assert held == set()

    def messages(self) -> Counter[str]:
        """Run the tap alone with the saved state, keep no new state, and count the messages by type."""
        state = self.folder / "state.json"
        state.write_text(json.dumps(self.state()))
        settings = {
            "TAP_INTERVALS_ICU_API_KEY": self.settings["INTERVALS_API_KEY"],
            "TAP_INTERVALS_ICU_API_URL": self.settings["INTERVALS_API_URL"],
            "TAP_INTERVALS_ICU_ACTIVITY_STREAMS_LAYOUT": "columns",
        }
        command = [str(TAP), "--config=ENV", "--state", str(state)]
        env = environment(**settings)
        answer = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=TIMEOUT)
        return Counter(json.loads(line)["type"] for line in answer.stdout.splitlines())


def kill(process: subprocess.Popen[str], plugin: str | None = None) -> None:
    """Kill -9 the whole run, or only the processes of one plugin."""
    meltano = psutil.Process(process.pid)
    children = meltano.children(recursive=True)
    victims = [meltano, *children]
    if plugin:
        victims = [child for child in children if any(plugin in word for word in child.cmdline())]
        assert victims, f"{plugin} is not running"
    for victim in victims:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()


def streams_requests(sandbox: Sandbox) -> int:
    """Return how often samples were asked for."""
    return sum(request.path.endswith("/streams") for request in sandbox.requests)


def wait_for_streams(sandbox: Sandbox, count: int, process: subprocess.Popen[str]) -> None:
    """Wait until so many activities' streams were asked for."""
    while streams_requests(sandbox) < count:
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.02)
