"""One machine on which all parts run without a container engine: its files, secrets and environment."""

from __future__ import annotations

import getpass
import json
import os
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from cryptography.fernet import Fernet

from scale.settings import ROOT, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = ROOT / ".scale"
CONFIGURATION = Path(__file__).parent / "supervisord.conf"
PORTS = {"POSTGRES": 5440, "REDIS": 6390, "API": 8090, "WEBHOOK": 8091}
MOST_WORKERS = 16
"""As many as the pool of shards has slots (pools.json)."""
MARK = "PARTS_OF_SCALE"
"""Environment variable that the parts and all that they start carry: the folder."""


@dataclass(frozen=True)
class Machine:
    """This machine: where the parts keep their files, and their environment."""

    folder: Path
    environment: Mapping[str, str]

    def control(self, *arguments: str) -> str:
        """Run a command of supervisorctl, and return what it says."""
        command = [*program("supervisorctl"), "-c", str(CONFIGURATION), *arguments]
        done = subprocess.run(  # noqa: S603 - our own command
            command, env=dict(self.environment), capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    def processes(self) -> list[psutil.Process]:
        """Return all processes that run for the parts, those too whose supervisor was killed: they carry its mark."""
        return [one for one in psutil.process_iter() if _mark(one) == str(self.folder)]


def load(folder: Path = FOLDER, environ: Mapping[str, str] = os.environ) -> Machine:
    """Return this machine, its secrets made where there are none.

    Raises:
        SettingsError: A server is not installed.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "logs").mkdir(exist_ok=True)
    ports = {name: environ.get(f"SCALE_{name}_PORT") or str(port) for name, port in PORTS.items()}
    own = own_secrets(folder / "secrets.json")
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
        "SCALE_POSTGRES": str(postgres() / "postgres"),
        "SCALE_POSTGRES_FOLDER": environ.get("SCALE_POSTGRES_FOLDER") or str(data),
        "SCALE_POSTGRES_USER": user,
        "SCALE_MOST_WORKERS": str(MOST_WORKERS),
        "SCALE_DATABASE_URL": f"postgresql://{server}/intervals_icu",
        "SCALE_LIMITER_URL": environ.get("SCALE_LIMITER_URL", f"{redis}/1"),
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
    return load(folder, environ).environment


def _mark(process: psutil.Process) -> str:
    """Return the folder of the parts that a process belongs to; nothing for another's, or one that has ended."""
    try:
        return str(process.environ().get(MARK, "")) if process.status() != psutil.STATUS_ZOMBIE else ""
    except (psutil.Error, OSError):
        return ""


def own_secrets(file: Path) -> dict[str, str]:
    """Return the secrets of this machine, made at the first time."""
    if not file.exists():
        made = {name: secrets.token_hex(24) for name in ("postgres", "redis", "airflow", "api", "jwt", "webhook")}
        write(file, json.dumps(made | {"fernet": Fernet.generate_key().decode()}))
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return found


def write(file: Path, text: str) -> None:
    """Write a file that only this user can read."""
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(text, encoding="utf-8")


def postgres() -> Path:
    """Return the folder of PostgreSQL's programs; Debian keeps it off the PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = shutil.which("initdb") or (installed[-1] if installed else None)
    if found is None or shutil.which("redis-server") is None:
        raise SettingsError("PostgreSQL or Redis is not installed: apt-get install postgresql redis-server")
    return Path(found).resolve().parent


def program(name: str) -> list[str]:
    """Return the command of one of supervisor's programs."""
    return [sys.executable, "-m", f"supervisor.{name}"]
