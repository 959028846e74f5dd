"""Sync a project once more by `tap | target` alone: a third of the time where Meltano is not what is tested."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING, Any

import yaml

from sandbox.project import ROOT, environment
from tests.pipeline.meltano import TAP, TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.pipeline.meltano import Project


def sync(project: Project, **settings: str) -> str:
    """Bring what is new, insist on success, and return what both programs logged.

    They get what Meltano would give them: the settings of meltano.yml and of the environment, the catalog and the
    state that the last run left; the state of this one takes its place.
    """
    settings = project.settings | settings
    env = environment(**settings)
    log = project.folder / "log"
    target = ROOT / ".meltano/loaders" / project.loader / "venv/bin" / project.loader
    with configured(project, settings) as (source, sink), log.open("w") as said:
        state = project.folder / "state.json"
        state.write_text(json.dumps(project.state()))
        catalog = project.folder / ".meltano/run" / project.extractor / "tap.properties.json"
        words: list[Path | str] = [TAP, "--config", source, "--config=ENV", "--catalog", catalog, "--state", state]
        with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=said) as tap:
            words = [target, "--config", sink, "--config=ENV"]
            done = subprocess.run(
                words, env=env, stdin=tap.stdout, stdout=subprocess.PIPE, stderr=said, timeout=TIMEOUT, check=False
            )
    output = log.read_text()
    project.seen.append(output)
    assert (tap.returncode, done.returncode) == (0, 0), output[-5000:]
    keep(project, done.stdout.splitlines()[-1].decode())
    return output


@contextlib.contextmanager
def configured(project: Project, settings: Mapping[str, str]) -> Iterator[list[Path]]:
    """Lay a file with the settings of meltano.yml for each of the two plugins, for as long as they run."""
    plugins = yaml.safe_load((project.folder / "meltano.yml").read_text())["plugins"]
    values = {**settings, "MELTANO_PROJECT_ROOT": str(project.folder)}
    files = []
    for kind, name in (("extractors", project.extractor), ("loaders", project.loader)):
        text = json.dumps(config({one["name"]: one for one in plugins[kind]}, name))
        text = re.sub(r"\$\{(\w+)\}", lambda found: json.dumps(values.get(found[1], ""))[1:-1], text)
        given = {key: value for key, value in json.loads(text).items() if value != ""}
        files.append(project.folder / f"{kind}.json")
        files[-1].write_text(json.dumps(given))
    try:
        yield files
    finally:
        for file in files:
            file.unlink()


def config(plugins: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the settings of a plugin with those that it inherits."""
    inherited = config(plugins, plugins[name]["inherit_from"]) if "inherit_from" in plugins[name] else {}
    return inherited | dict(plugins[name].get("config", {}))


def keep(project: Project, state: str) -> None:
    """Make it the state of Meltano's next run."""
    with closing(sqlite3.connect(project.folder / ".meltano" / "meltano.db")) as database:
        database.execute(
            "UPDATE state SET completed_state = ? WHERE state_id = ?",
            (json.dumps({"singer_state": json.loads(state)}), project.state_id()),
        )
        database.commit()
