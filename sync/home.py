"""What Meltano keeps in the project's folder, made ready for a run; to be called while no other run is on."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.log import reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync.child import Meltano
    from sync.settings import Settings

SQLITE = "sqlite:///"
SECONDS_TO_READ = 60.0
"""A plugin reads its settings in its first second; what is older is not needed any more."""


def prepare(meltano: Meltano, settings: Settings) -> None:
    """Make Meltano's database where there is none, and remove what killed runs left behind."""
    root = Path(settings.environment["MELTANO_PROJECT_ROOT"])
    remove_handed_settings(root, settings.blocks)
    make_database(meltano, root, settings.environment.get("MELTANO_DATABASE_URI") or f"{SQLITE}.meltano/meltano.db")


def remove_handed_settings(root: Path, plugins: Sequence[str]) -> None:
    """Remove the files in which Meltano hands plugins their settings, key included: a kill -9 leaves them behind."""
    for plugin in plugins:
        for file in (root / ".meltano" / "run" / plugin).glob("*.*.config.json"):
            if time.time() - file.stat().st_mtime > SECONDS_TO_READ:
                file.unlink(missing_ok=True)


def make_database(meltano: Meltano, root: Path, uri: str) -> None:
    """Let Meltano make its database under another name, and rename it when it is whole.

    A run that is killed while it makes the database in place leaves one that no later run can use.

    Raises:
        click.ClickException: Meltano can't make it.
    """
    path = root / uri.removeprefix(SQLITE)
    if not uri.startswith(SQLITE) or path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    for left_behind in path.parent.glob(f"{path.name}.new-*"):
        left_behind.unlink()
    draft = path.with_name(f"{path.name}.new-{os.getpid()}")
    code, _, said = meltano.ask("job", "list", MELTANO_DATABASE_URI=f"{SQLITE}{draft}")  # a command that needs it
    if meltano.is_stopping:
        return
    if code:
        raise click.ClickException(f"Meltano could not make its database (exit code {code}). {reason(said)}")
    draft.replace(path)
