"""Make what all machines share ready, once, before anything else starts: databases, tables, pools.

Several first runs on an empty database would collide while they make its tables.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from scale import shard, store
from scale.settings import SettingsError

if TYPE_CHECKING:
    from scale.settings import Settings

POOLS = Path(__file__).parent / "pools.json"


def prepare(settings: Settings, airflow_database: str) -> None:
    """Do it all; what is there already stays as it is."""
    make_database(settings.database)
    is_new = make_database(airflow_database)
    with store.connect(settings) as connection:
        store.make_tables(connection)
    airflow("db", "migrate")
    if is_new:  # only once, so that slots that somebody changed stay
        airflow("pools", "import", str(POOLS))
    shard.ask(settings, "state", "list")  # makes Meltano's tables


def make_database(url: str) -> bool:
    """Make a database of PostgreSQL where it is missing; return whether it was."""
    parts = urlsplit(url)
    name = parts.path.lstrip("/")
    server = parts._replace(scheme="postgresql", path="/postgres").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return False
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return True


def airflow(*arguments: str) -> None:
    """Run a command of Airflow, which lies beside Python; what it says is told where it fails.

    Raises:
        SettingsError: It fails.
    """
    command = [str(Path(sys.executable).parent / "airflow"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise SettingsError(f"`airflow {' '.join(arguments)}` failed: {(done.stdout + done.stderr)[-2000:]}")
