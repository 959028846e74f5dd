"""A PostgreSQL server of one's own on loopback."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from tests.servers import free_port, missing

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def postgres() -> Iterator[dict[str, str]]:
    """Yield how to connect as superuser: host, port, user, dbname; a password is not asked for."""
    programs = _programs() or missing("postgresql")
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        if user:
            shutil.chown(name, user)
        data, port = Path(name) / "data", str(free_port())
        initdb: list[str | Path] = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "--auth=trust",
            "--no-sync",
            "-E",
            "UTF8",
        ]
        subprocess.run(initdb, user=user, cwd=name, check=True, capture_output=True)
        command: list[str | Path] = [programs / "postgres", "-D", data, "-p", port, "-k", name, "-F", "-h", "127.0.0.1"]
        with (Path(name) / "log").open("wb") as log:
            process = subprocess.Popen(command, user=user, cwd=name, stdout=log, stderr=log)
        try:
            connection = {"host": "127.0.0.1", "port": port, "user": "postgres", "dbname": "postgres"}
            _await(connection, process, Path(name) / "log")
            yield connection
        finally:
            process.terminate()
            process.wait(timeout=30)


def _programs() -> Path | None:
    """Return the folder of PostgreSQL's programs; Debian keeps it off the PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = shutil.which("initdb") or (installed[-1] if installed else None)
    return Path(found).resolve().parent if found else None


def _await(connection: dict[str, str], process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(**connection).close()  # type: ignore[arg-type] # all are texts
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
