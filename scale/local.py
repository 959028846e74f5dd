"""All parts on one machine without a container engine: `make scale-up`, `make scale-down`.

PostgreSQL and Redis are Debian's, started for this user in a folder of their own; supervisor keeps all parts running.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg

from scale import prepare, settings
from scale.machine import CONFIGURATION, FOLDER, MARK, MOST_WORKERS, load, own_secrets, postgres, program, write
from scale.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from scale.machine import Machine

PARTS = ("api", "scheduler", "dags", "receiver")
SECONDS_TO_START = 300.0
SECONDS_TO_STOP = 180.0
"""A worker has 120 of them for its run, the others need a few."""
SECONDS_TO_END = 30.0


def up(machine: Machine, count: int) -> None:
    """Start everything, with so many workers; returns when Airflow answers.

    Raises:
        SettingsError: It runs already, or a part does not start.
    """
    if machine.processes():
        raise SettingsError("It runs already. `make scale-down` stops it.")
    _make_folders(machine)
    command = [*program("supervisord"), "-c", str(CONFIGURATION)]
    values = {**machine.environment, MARK: str(machine.folder), "SPT_NOENV": "1"}  # who names itself keeps the mark
    subprocess.run(command, env=values, check=True)  # noqa: S603 - our own command
    _await_postgres(machine)
    os.environ.update(machine.environment)
    prepare.prepare(settings.load(machine.environment), machine.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    machine.control("start", *PARTS)
    workers(machine, count)
    _await_airflow(machine)


def workers(machine: Machine, count: int) -> None:
    """Start or stop workers, so that there are so many; one that stops ends its run first.

    Raises:
        SettingsError: Nothing runs, or so many are not possible.
    """
    if not 1 <= count <= MOST_WORKERS:
        raise SettingsError(f"WORKERS is {count}: it is 1 to {MOST_WORKERS} on one machine.")
    if not any(map(_is_supervisor, machine.processes())):
        raise SettingsError("Nothing runs here. `make scale-up` starts it.")
    names = [f"worker:worker{number}" for number in range(1, MOST_WORKERS + 1)]
    machine.control("start", *names[:count])
    if names[count:]:
        machine.control("stop", *names[count:])


def status(machine: Machine) -> str:
    """Return a line for each part, and for each worker that was started."""
    if not machine.processes():
        return "Nothing runs here. `make scale-up` starts it.\n"
    lines = machine.control("status").splitlines(keepends=True)
    return "".join(line for line in lines if not (line.startswith("worker:") and " STOPPED " in line))


def down(machine: Machine) -> None:
    """Stop everything in order: the workers end their runs first, so that what is stored is known.

    What does not end by itself, or has lost its supervisor, is ended by its process id.
    """
    machine.control("stop", "worker:*")
    machine.control("shutdown")
    _wait_while(lambda: any(map(_is_supervisor, machine.processes())), SECONDS_TO_STOP)
    for end in ("terminate", "kill"):
        for process in machine.processes():
            with suppress(psutil.NoSuchProcess):
                getattr(process, end)()
        _wait_while(lambda: bool(machine.processes()), SECONDS_TO_END)


def _wait_while(what: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while what() and time.monotonic() < deadline:
        time.sleep(0.2)


def _is_supervisor(process: psutil.Process) -> bool:
    """Tell whether a process is the one that ends last, after all parts."""
    try:
        return "supervisor.supervisord" in process.cmdline()
    except psutil.Error:
        return False


def _make_folders(machine: Machine) -> None:
    own, values = own_secrets(machine.folder / "secrets.json"), machine.environment
    write(machine.folder / "passwords.json", json.dumps({"admin": values["SCALE_AIRFLOW_PASSWORD"]}))
    write(
        machine.folder / "redis.conf",
        f"bind 127.0.0.1\nport {values['SCALE_REDIS_PORT']}\ndir {machine.folder}\nappendonly yes\n"
        f"requirepass {own['redis']}\n",
    )
    user, data = values["SCALE_POSTGRES_USER"], Path(values["SCALE_POSTGRES_FOLDER"])
    if (data / "data").exists():
        return
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    password = data / "password"
    write(password, own["postgres"])
    for path in (data, password):
        shutil.chown(path, user)
    initdb = [
        str(postgres() / "initdb"),
        "-D",
        str(data / "data"),
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--auth=scram-sha-256",
    ]
    subprocess.run(  # noqa: S603 - our own command
        [*initdb, f"--pwfile={password}"],
        user=user if os.geteuid() == 0 else None,
        cwd=data,
        check=True,
        capture_output=True,
    )
    password.unlink()


def _await_postgres(machine: Machine) -> None:
    server = machine.environment["SCALE_DATABASE_URL"].rpartition("/")[0]
    for _ in range(300):
        try:
            psycopg.connect(f"{server}/postgres", connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise SettingsError(f"PostgreSQL does not start. What it says: {machine.folder}/logs")


def _await_airflow(machine: Machine) -> None:
    url = f"{machine.environment['SCALE_AIRFLOW_URL']}/api/v2/version"
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(url, timeout=10):  # noqa: S310 - our own, on loopback
            return
        time.sleep(0.5)
    raise SettingsError(f"Airflow does not start. What it says: {machine.folder}/logs/api.log")


def main() -> int:
    """`python -m scale.local up WORKERS | workers WORKERS | down | status`."""
    action, *rest = sys.argv[1:] or ["status"]
    try:
        here = load(Path(os.environ.get("SCALE_FOLDER") or FOLDER))
        count = int(rest[0]) if rest and rest[0].isdigit() else 0
        if action == "up":
            up(here, count)
            url = here.environment["SCALE_AIRFLOW_URL"]
            sys.stdout.write(f"Airflow: {url}, user admin; the password is in {here.folder}/passwords.json\n")
        elif action == "workers":
            workers(here, count)
        elif action == "down":
            down(here)
        else:
            sys.stdout.write(status(here))
    except SettingsError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
