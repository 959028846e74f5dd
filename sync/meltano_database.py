"""Meltano's own database, where it is a file: made whole, kept small whoever starts Meltano, copied for backups."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.log import reason
from sync.status import CLOCK_SLACK

if TYPE_CHECKING:
    from sync.meltano_process import Meltano
    from sync.settings import Settings

SQLITE = "sqlite:///"
COPY = "state.db"
"""In the folder of lock and status: Meltano's database as it was after the last run."""
TIDY = """
CREATE TRIGGER IF NOT EXISTS forget_past_runs AFTER INSERT ON runs BEGIN
  DELETE FROM runs WHERE job_name = NEW.job_name AND ended_at < datetime('now', '-7 days');
  UPDATE runs SET payload = '{}'
    WHERE job_name = NEW.job_name AND id < NEW.id AND ended_at NOTNULL AND payload_flags AND payload <> '{}';
END
"""
"""Meltano notes every run for good, with a copy of the state, which it also keeps elsewhere: gigabytes a year. By this
SQLite tidies up whenever Meltano notes a run, whoever started it. Errors of failed runs stay for a week."""


def prepare(meltano: Meltano, settings: Settings) -> None:
    """Make the database where there is none, have it stay small, and let no run of the future stop others."""
    if path := database_of(settings):
        make_database(meltano, path)
        # Best effort: Meltano itself will say what is wrong with its database.
        with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)) as one:
            one.execute(TIDY)
            forget_runs_of_the_future(one, settings.job)
            one.commit()


def database_of(settings: Settings) -> Path | None:
    """Return the file of Meltano's database; None where it is a server's, which is its owner's to make and tidy up."""
    uri = settings.environment.get("MELTANO_DATABASE_URI") or f"{SQLITE}.meltano/meltano.db"
    root = Path(settings.environment["MELTANO_PROJECT_ROOT"])
    return root / uri.removeprefix(SQLITE) if uri.startswith(SQLITE) else None


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
        why = reason(said).partition("\n")[0]  # SQL follows
        raise click.ClickException(f"Meltano could not make its database {path} (exit code {code}). {why}")
    draft.replace(path)


def forget_runs_of_the_future(database: sqlite3.Connection, job: str) -> None:
    """Delete Meltano's notes of a job's runs in the future: they were killed before the clock was set back.

    Until it gets there, Meltano would refuse every other run.
    """
    latest = datetime.now(timezone.utc).replace(tzinfo=None) + timedelta(seconds=CLOCK_SLACK)
    database.execute(
        "DELETE FROM runs WHERE instr(job_name, ?) AND state = 'RUNNING' "
        "AND coalesce(last_heartbeat_at, started_at) > ?",
        (job, str(latest)),
    )


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
