# ruff: noqa: S105, S603 - it starts its own servers, with a password of their own
"""The parts of scale/ on this machine, as `make scale-up` starts them, and Airflow's API."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from sandbox.databases import NotInstalledError, executable, free_port
from sandbox.project import ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PYTHON = ROOT / ".venv-scale/bin/python"
ENDS = {"success", "failed"}
PASSWORD = "password-of-airflow"


@dataclass
class Stack:
    """What runs."""

    folder: Path
    environment: dict[str, str]
    token: str = ""

    def scale(self, *arguments: str, say: str = "") -> str:
        """Run a command of `python -m scale`."""
        return self._run("scale", *arguments, say=say)

    def local(self, *arguments: str) -> str:
        """Run a command of `python -m scale.local`."""
        return self._run("scale.local", *arguments)

    def _run(self, module: str, *arguments: str, say: str = "") -> str:
        """Run a module to its end, and return what it printed.

        Raises:
            RuntimeError: It failed.
        """
        command = [str(PYTHON), "-m", module, *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, input=say, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(
                f"{module} {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    @property
    def api(self) -> str:
        """The address of Airflow's API."""
        return f"http://127.0.0.1:{self.environment['SCALE_API_PORT']}"

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call Airflow's API."""
        if not self.token:
            login = {"username": "admin", "password": PASSWORD}
            answer = requests.post(f"{self.api}/auth/token", json=login, timeout=60)
            answer.raise_for_status()
            self.token = answer.json()["access_token"]
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(method, f"{self.api}/api/v2{path}", json=body, headers=headers, timeout=60)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def wait_for_dags(self) -> None:
        """Wait until Airflow knows the DAGs."""
        for _ in range(600):
            with contextlib.suppress(requests.RequestException):
                if self.call("GET", "/dags")["total_entries"] == 2:
                    return
            time.sleep(0.5)
        raise TimeoutError(self.local("status"))

    def trigger(self, dag: str = "intervals_icu", **conf: Any) -> str:
        """Start a run of a DAG, and return its id."""
        run = self.call("POST", f"/dags/{dag}/dagRuns", {"logical_date": None, "conf": conf})
        return str(run["dag_run_id"])

    def wait(self, run: str, dag: str = "intervals_icu", seconds: float = 400) -> str:
        """Wait for a run's end, and return how it ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = str(self.call("GET", f"/dags/{dag}/dagRuns/{run}")["state"])
            if state in ENDS:
                return state
            time.sleep(0.5)
        raise TimeoutError(f"{run} did not end in {seconds} s: {self.tasks(run, dag)}")

    def tasks(self, run: str, dag: str = "intervals_icu") -> list[dict[str, Any]]:
        """Return the tasks of a run."""
        found: list[dict[str, Any]] = self.call("GET", f"/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]
        return found

    def log(self, run: str, task: str, index: int = -1, attempt: int = 1, dag: str = "intervals_icu") -> str:
        """Return what a task said."""
        path = f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/logs/{attempt}?map_index={index}&full_content=true"
        return "\n".join(str(line) for line in self.call("GET", path)["content"])

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        lines = [line.split() for line in self.local("status").splitlines()]
        return [int(line[3].rstrip(",")) for line in lines if line[0].startswith("worker") and line[1] == "RUNNING"]


@contextlib.contextmanager
def stack(workers: int, *servers: int, **settings: str) -> Iterator[Stack]:
    """Start everything; stop it, and these servers by their process ids, at the end, however that comes.

    Raises:
        NotInstalledError: Something that is needed is not on this machine.
    """
    if not PYTHON.exists():
        raise NotInstalledError("Airflow (make .venv-scale/ready)")
    executable("redis-server")
    ports = {f"SCALE_{name}_PORT": str(free_port()) for name in ("POSTGRES", "REDIS", "API", "WEBHOOK")}
    folder, data = (Path(tempfile.mkdtemp(prefix="scale-")) for _ in range(2))
    if os.geteuid() == 0:
        shutil.chown(data, "postgres")
    own = {
        "SCALE_FOLDER": str(folder),
        "SCALE_RUN_FOLDER": str(folder / "runs"),
        "SCALE_POSTGRES_FOLDER": str(data),
        "SCALE_AIRFLOW_PASSWORD": PASSWORD,
        "PYTHONPATH": str(ROOT),
    }
    inherited = {name: value for name, value in environment().items() if not name.startswith(("AIRFLOW_", "SCALE_"))}
    found = Stack(folder, inherited | ports | own | settings)
    with guarded(found, data, servers):
        found.local("up", str(workers))
        found.wait_for_dags()
        yield found


@contextlib.contextmanager
def guarded(stack: Stack, data: Path, servers: Iterable[int] = ()) -> Iterator[subprocess.Popen[bytes]]:
    """Have all that runs for a stack stopped, and its folders removed, at the end or when this process is killed."""
    command = [str(PYTHON), "-m", "sandbox.cleanup", str(stack.folder), str(data), *map(str, servers)]
    cleanup = subprocess.Popen(command, env=stack.environment, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield cleanup
    finally:
        if cleanup.stdin:
            cleanup.stdin.close()
        if cleanup.wait(300):
            raise RuntimeError("some of it still runs")
