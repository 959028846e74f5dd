"""What Meltano keeps in the project's folder, made ready for a run; to be called while no other run is on."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from contextlib import closing, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click
import psutil

from sync.log import reason
from sync.status import CLOCK_SLACK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync.child import Meltano
    from sync.settings import Settings

SQLITE = "sqlite:///"
COPY = "state.db"
"""In the folder of lock and status: Meltano's database as it was after the last run."""
SECONDS_TO_READ = 60.0
"""A plugin reads its settings in its first second; what is older is not needed any more."""


DAYS_OF_RUNS = 7
"""Meltano notes every run for good, with a copy of the whole state: hundreds of megabytes a year."""


def prepare(meltano: Meltano, settings: Settings) -> None:
    """Make Meltano's database where there is none, and remove what past runs left behind."""
    remove_handed_settings(Path(settings.environment["MELTANO_PROJECT_ROOT"]), settings.blocks)
    if database := database_of(settings):
        make_database(meltano, database)
        forget_runs(database, settings.job)


def database_of(settings: Settings) -> Path | None:
    """Return the file of Meltano's database; None where it is a server's, which is its owner's to make and tidy up."""
    uri = settings.environment.get("MELTANO_DATABASE_URI") or f"{SQLITE}.meltano/meltano.db"
    root = Path(settings.environment["MELTANO_PROJECT_ROOT"])
    return root / uri.removeprefix(SQLITE) if uri.startswith(SQLITE) else None


def check_writable(folder: Path) -> None:
    """Make the folder of lock and status, and see that they can be written.

    Raises:
        click.ClickException: They can't; mostly the folder belongs to another user.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("lock", "status.json"):
            if (folder / name).exists():
                (folder / name).open("ab").close()
        (folder / ".writable").touch()
        (folder / ".writable").unlink()
    except OSError as error:
        said = f"{error.filename or folder}: {error.strerror}."
        if error.errno in {errno.EACCES, errno.EPERM}:
            there = next(path for path in (folder, *folder.parents) if path.exists())
            said += (
                f" {there} belongs to user {there.stat().st_uid}, this runs as user {os.getuid()}: change its owner, "
                "or run as that user (STACK_UID and STACK_GID in .env)."
            )
        raise click.ClickException(said) from None


def is_running(root: Path) -> bool:
    """Tell whether a plugin of this project runs on this machine, by the settings that Meltano handed it."""
    handed = str(root / ".meltano" / "run")
    with suppress(psutil.Error):
        for process in psutil.process_iter(["cmdline"]):
            if any(word.startswith(handed) for word in process.info["cmdline"] or ()):
                return True
    return False


def remove_handed_settings(root: Path, plugins: Sequence[str]) -> None:
    """Remove the files in which Meltano hands plugins their settings, key included: a kill -9 leaves them behind."""
    for plugin in plugins:
        for file in (root / ".meltano" / "run" / plugin).glob("*.*.config.json"):
            if abs(time.time() - file.stat().st_mtime) > SECONDS_TO_READ:  # of the future: the clock was set back
                file.unlink(missing_ok=True)


def make_database(meltano: Meltano, path: Path) -> None:
    """Let Meltano make its database under another name, and rename it when it is whole.

    A run that is killed while it makes the database in place leaves one that no later run can use.

    Raises:
        click.ClickException: Meltano can't make it.
    """
    if path.exists():
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


def forget_runs(path: Path, job: str) -> None:
    """Delete Meltano's notes of a job's runs that ended long ago, or run in the future; the state is kept elsewhere.

    The latter were killed before the clock was set back. Until it gets there, Meltano would refuse every other run.
    """
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    last, latest = now - timedelta(days=DAYS_OF_RUNS), now + timedelta(seconds=CLOCK_SLACK)
    # Best effort: Meltano itself will say what is wrong with its database.
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)) as database:
        database.execute(
            "DELETE FROM runs WHERE instr(job_name, ?) AND (ended_at < ? OR "
            "state = 'RUNNING' AND coalesce(last_heartbeat_at, started_at) > ?)",
            (job, str(last), str(latest)),
        )
        database.commit()


def keep_copy(settings: Settings) -> None:
    """Copy Meltano's database, whole and without its notes of runs, for a backup to take at any time.

    The notes are most of it, and no run needs them. Table by table, so that a card that wears out is written little.
    """
    database = database_of(settings)
    if database is None:
        return
    draft = settings.directory / f".{COPY}.new"
    # Best effort, as a sync is not to fail for a copy; the old copy stays, and is no worse than an older state.
    with suppress(sqlite3.Error, OSError):
        draft.unlink(missing_ok=True)
        with closing(sqlite3.connect(draft)) as copy:
            copy.execute("ATTACH ? AS live", (str(database),))
            made = copy.execute("SELECT type, name, sql FROM live.sqlite_master WHERE sql NOT NULL").fetchall()
            for kind, name, sql in sorted(made, key=lambda one: one[0] != "table"):
                copy.execute(sql)
                if kind == "table" and name != "runs":
                    copy.execute(f'INSERT INTO main."{name}" SELECT * FROM live."{name}"')  # noqa: S608 - its own names
            copy.commit()
        draft.replace(settings.directory / COPY)
