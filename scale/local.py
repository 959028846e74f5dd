"""All parts on one machine without a container engine: `make scale-up`, `make scale-down`.

PostgreSQL and Redis are Debian's, started for this user in a folder of their own; supervisor keeps all parts running.
"""

from __future__ import annotations

import getpass
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from cryptography.fernet import Fernet

from scale import prepare, settings
from scale.settings import ROOT, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = ROOT / ".scale"
CONFIGURATION = Path(__file__).parent / "supervisord.conf"
PARTS = ("api", "scheduler", "dags", "receiver", "worker:*")
PORTS = {"POSTGRES": 5440, "REDIS": 6390, "API": 8090, "WEBHOOK": 8091}


@dataclass(frozen=True)
class Machine:
    """This machine: where the parts keep their files, and their environment."""

    folder: Path
    environment: Mapping[str, str]

    def control(self, *arguments: str) -> str:
        """Run a command of supervisorctl, and return what it says."""
        command = [*_program("supervisorctl"), "-c", str(CONFIGURATION), *arguments]
        done = subprocess.run(  # noqa: S603 - our own command
            command, env=dict(self.environment), capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    @property
    def is_up(self) -> bool:
        """Whether supervisor runs."""
        return "pid" not in self.control("pid") and self.control("pid").strip().isdigit()


def machine(folder: Path = FOLDER, workers: int = 1, environ: Mapping[str, str] = os.environ) -> Machine:
    """Return this machine, its secrets made where there are none.

    Raises:
        SettingsError: A server is not installed.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "logs").mkdir(exist_ok=True)
    ports = {name: environ.get(f"SCALE_{name}_PORT") or str(port) for name, port in PORTS.items()}
    own = _secrets(folder / "secrets.json")
    password = environ.get("SCALE_AIRFLOW_PASSWORD") or own["airflow"]
    # PostgreSQL refuses to run as root, and another user may not enter the folder of root.
    user = "postgres" if os.geteuid() == 0 else getpass.getuser()
    data = Path("/var/lib/postgresql") / f"scale{str(folder).replace('/', '-')}" if user == "postgres" else folder
    server = f"postgres:{own['postgres']}@127.0.0.1:{ports['POSTGRES']}"
    redis = f"redis://:{own['redis']}@127.0.0.1:{ports['REDIS']}"
    api = f"http://127.0.0.1:{ports['API']}"
    values = dict(environ) | {
        "PATH": f"{Path(sys.executable).parent}:{environ.get('PATH', '')}",
        "PYTHONPATH": str(ROOT),
        "SCALE_FOLDER": str(folder),
        "SCALE_POSTGRES": str(_postgres() / "postgres"),
        "SCALE_POSTGRES_FOLDER": environ.get("SCALE_POSTGRES_FOLDER") or str(data),
        "SCALE_POSTGRES_USER": user,
        "SCALE_WORKERS": str(workers),
        "SCALE_DATABASE_URL": f"postgresql://{server}/intervals_icu",
        "SCALE_LIMITER_URL": f"{redis}/1",
        "SCALE_AIRFLOW_URL": api,
        "SCALE_AIRFLOW_USER": "admin",
        "SCALE_AIRFLOW_PASSWORD": password,
        "SCALE_WEBHOOK_SECRET": environ.get("SCALE_WEBHOOK_SECRET") or own["webhook"],
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CORE__DAGS_FOLDER": str(Path(__file__).parent / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "false",
        "AIRFLOW__CORE__FERNET_KEY": own["fernet"],
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{api}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "AIRFLOW__API__SECRET_KEY": own["api"],
        "AIRFLOW__API__BASE_URL": api,
        "AIRFLOW__API_AUTH__JWT_SECRET": own["jwt"],
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{server}/airflow",
        "AIRFLOW__CELERY__BROKER_URL": f"{redis}/0",
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+postgresql+psycopg2://{server}/airflow",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": environ.get("SCALE_HEARTBEAT_TIMEOUT") or "60",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "false",
    }
    for name, port in ports.items():
        values[f"SCALE_{name}_PORT"] = port
    return Machine(folder, values)


def environment(environ: Mapping[str, str] = os.environ, folder: Path = FOLDER) -> Mapping[str, str]:
    """Return the environment for commands: that of this machine's parts, unless it names a database itself."""
    if environ.get("SCALE_DATABASE_URL") or not (folder / "secrets.json").exists():
        return environ
    return machine(folder, environ=environ).environment


def up(machine: Machine) -> None:
    """Start everything; returns when Airflow answers.

    Raises:
        SettingsError: A part does not start.
    """
    if machine.is_up:
        raise SettingsError("It runs already. `make scale-down` stops it.")
    _make_folders(machine)
    command = [*_program("supervisord"), "-c", str(CONFIGURATION)]
    subprocess.run(command, env=dict(machine.environment), check=True)  # noqa: S603 - our own command
    _await_postgres(machine)
    os.environ.update(machine.environment)
    prepare.prepare(settings.load(machine.environment), machine.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    machine.control("start", *PARTS)


def down(machine: Machine) -> None:
    """Stop everything in order: the workers end their runs first, so that what is stored is known."""
    file = machine.folder / "supervisord.pid"
    supervisor = int(file.read_text()) if file.exists() else None
    machine.control("stop", "worker:*")
    machine.control("shutdown")
    while machine.is_up or (supervisor and _runs(supervisor)):  # it closes its door before the databases have ended
        time.sleep(0.2)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _make_folders(machine: Machine) -> None:
    own, values = _secrets(machine.folder / "secrets.json"), machine.environment
    _write(machine.folder / "passwords.json", json.dumps({"admin": values["SCALE_AIRFLOW_PASSWORD"]}))
    _write(
        machine.folder / "redis.conf",
        f"bind 127.0.0.1\nport {values['SCALE_REDIS_PORT']}\ndir {machine.folder}\nappendonly yes\n"
        f"requirepass {own['redis']}\n",
    )
    user, data = values["SCALE_POSTGRES_USER"], Path(values["SCALE_POSTGRES_FOLDER"])
    if (data / "data").exists():
        return
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    password = data / "password"
    _write(password, own["postgres"])
    for path in (data, password):
        shutil.chown(path, user)
    initdb = [
        str(_postgres() / "initdb"),
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


def _secrets(file: Path) -> dict[str, str]:
    """Return the secrets of this machine, made at the first time."""
    if not file.exists():
        made = {name: secrets.token_hex(24) for name in ("postgres", "redis", "airflow", "api", "jwt", "webhook")}
        _write(file, json.dumps(made | {"fernet": Fernet.generate_key().decode()}))
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _write(file: Path, text: str) -> None:
    """Write a file that only this user can read."""
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(text, encoding="utf-8")


def _postgres() -> Path:
    """Return the folder of PostgreSQL's programs; Debian keeps it off the PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = shutil.which("initdb") or (installed[-1] if installed else None)
    if found is None or shutil.which("redis-server") is None:
        raise SettingsError("PostgreSQL or Redis is not installed: apt-get install postgresql redis-server")
    return Path(found).resolve().parent


def _program(name: str) -> list[str]:
    return [sys.executable, "-m", f"supervisor.{name}"]


def main() -> int:
    """`python -m scale.local up [WORKERS] | down | status`."""
    action, *rest = sys.argv[1:] or ["status"]
    try:
        here = machine(Path(os.environ.get("SCALE_FOLDER") or FOLDER), int(rest[0]) if rest else 1)
        if action == "up":
            up(here)
            url = here.environment["SCALE_AIRFLOW_URL"]
            sys.stdout.write(f"Airflow: {url}, user admin; the password is in {here.folder}/passwords.json\n")
        elif action == "down":
            down(here)
        else:
            sys.stdout.write(here.control("status"))
    except SettingsError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
