"""Real servers for the tests; a test whose server is not installed is skipped, or fails if all should be."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from sandbox import databases
from sandbox.databases import NotInstalledError, Process, free_port, influxql, running

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Process",
    "folder_in_memory",
    "free_port",
    "influxdb1",
    "influxdb2",
    "influxql",
    "missing",
    "points",
    "redis",
    "running",
    "victoria_metrics",
]


def missing(server: str) -> NoReturn:
    """Skip the test because a server is not installed; fail where REQUIRE_SERVERS=1 says that all are."""
    if os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail(f"{server} is not installed, and REQUIRE_SERVERS=1")
    pytest.skip(f"{server} is not installed")


def executable(name: str) -> str:
    """Path of a server's program; skips (or fails) if there is none."""
    try:
        return databases.executable(name)
    except NotInstalledError:
        missing(name)


@contextlib.contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Yield a folder for data that need outlast no power cut: in memory where there is a GiB, else on disk.

    Writing through to the disk after each request is what most servers wait for.
    """
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    with tempfile.TemporaryDirectory(dir=memory if has_room else None) as name:
        yield Path(name)


def influxdb1(
    port: int = 0, folder: Path | None = None, http: str = "", certificate: Path | None = None
) -> contextlib.AbstractContextManager[Process]:
    """InfluxDB 1.x, see `sandbox.databases`."""
    executable("influxd")
    return databases.influxdb1(port, folder, http, certificate)


def victoria_metrics(*flags: str) -> contextlib.AbstractContextManager[Process]:
    """VictoriaMetrics, see `sandbox.databases`."""
    executable("victoria-metrics")
    return databases.victoria_metrics(*flags)


@contextlib.contextmanager
def influxdb2() -> Iterator[dict[str, str]]:
    """Settings of an InfluxDB 2: from INFLUXDB2_URL, _TOKEN and _ORG, or of the program INFLUXD2."""
    if "INFLUXDB2_URL" in os.environ:
        names = ("url", "token", "org")
        yield {name: os.environ.get(f"INFLUXDB2_{name.upper()}", "") for name in names}
        return
    program = os.environ.get("INFLUXD2")
    if not program:
        pytest.skip("no InfluxDB 2: set INFLUXDB2_URL or INFLUXD2")
    with tempfile.TemporaryDirectory() as name:
        port = free_port()
        command = [program, "--http-bind-address", f"127.0.0.1:{port}", "--reporting-disabled"]
        for option, place in (("bolt", "bolt"), ("sqlite", "sqlite"), ("engine", "engine")):
            command += [f"--{option}-path", f"{name}/{place}"]
        url = f"http://127.0.0.1:{port}"
        with running(command, url, "/health", Path(name)):
            account = {"username": "admin", "password": "password1", "org": "org", "bucket": "first"}
            body = json.dumps({**account, "token": "test-token"}).encode()
            urllib.request.urlopen(urllib.request.Request(f"{url}/api/v2/setup", body), timeout=30).close()
            yield {"url": url, "token": "test-token", "org": "org"}


def points(
    url: str, database: str, measurement: str, token: str = ""
) -> set[tuple[int, frozenset[Any], frozenset[Any]]]:
    """What InfluxDB holds of a measurement: (time in ns, tags, fields), as a set to be compared."""
    found = set()
    quoted = measurement.replace("\\", "\\\\").replace('"', '\\"')
    for series in influxql(url, f'SELECT * FROM "{quoted}" GROUP BY *', database, token):
        tags = frozenset((key, value) for key, value in series.get("tags", {}).items() if value)
        for row in series["values"]:
            cells = dict(zip(series["columns"], row, strict=True))
            time_ns = cells.pop("time")
            found.add((time_ns, tags, frozenset((key, one) for key, one in cells.items() if one is not None)))
    return found


@contextlib.contextmanager
def redis(port: int | None = None) -> Iterator[str]:
    """Yield the URL of a Redis that keeps nothing on disk."""
    program = executable("redis-server")
    port = port or free_port()
    with tempfile.TemporaryDirectory() as name, (Path(name) / "log").open("wb") as log:
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        process = subprocess.Popen(command, cwd=name, stdout=log, stderr=log)
        try:
            for _ in range(200):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as connection:
                    connection.sendall(b"PING\r\n")
                    if connection.recv(7).startswith(b"+PONG"):
                        break
                if process.poll() is not None:
                    break
                time.sleep(0.05)
            else:
                raise RuntimeError("Redis did not start")
            if process.poll() is not None:
                raise RuntimeError(f"Redis did not start:\n{(Path(name) / 'log').read_text()}")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait(timeout=30)
