"""Real servers for the tests: each on a free loopback port, with a temporary folder, stopped by its process."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def missing(server: str) -> NoReturn:
    """Skip the test because a server is not installed; fail where REQUIRE_SERVERS=1 says that all are."""
    if os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail(f"{server} is not installed, and REQUIRE_SERVERS=1")
    pytest.skip(f"{server} is not installed")


def executable(name: str) -> str:
    """Path of a server's program; skips (or fails) if there is none."""
    return shutil.which(name) or missing(name)


@dataclass
class Process:
    """A running server."""

    process: subprocess.Popen[bytes]
    url: str
    folder: Path

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def running(command: Sequence[str], url: str, health: str, folder: Path) -> Iterator[Process]:
    """Start a server, wait until `health` answers, stop it in the end."""
    with (folder / "log").open("ab") as log:
        server = Process(subprocess.Popen(command, stdout=log, stderr=log), url, folder)
    try:
        _wait(server, url + health)
        yield server
    finally:
        server.stop()


def _wait(server: Process, url: str) -> None:
    context = ssl._create_unverified_context()  # only to see that somebody answers
    for _ in range(300):
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1, context=context):
            return
        if server.process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"no answer at {url}: {(server.folder / 'log').read_text()[-2000:]}")


@contextlib.contextmanager
def influxdb1(
    port: int = 0, folder: Path | None = None, http: str = "", certificate: Path | None = None
) -> Iterator[Process]:
    """InfluxDB 1.x; `http` are lines for that section of its configuration, `certificate` (with key) makes it HTTPS."""
    program = executable("influxd")
    with contextlib.ExitStack() as stack:
        folder = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = port or free_port()
        if certificate:
            http += f'\nhttps-enabled = true\nhttps-certificate = "{certificate}"'
        (folder / "influxdb.conf").write_text(
            f'reporting-disabled = true\nbind-address = "127.0.0.1:{free_port()}"\n'
            f'[meta]\ndir = "{folder}/meta"\n'
            f'[data]\ndir = "{folder}/data"\nwal-dir = "{folder}/wal"\n'
            'query-log-enabled = false\nindex-version = "tsi1"\n'
            "[monitor]\nstore-enabled = false\n[subscriber]\nenabled = false\n"
            f'[http]\nbind-address = "127.0.0.1:{port}"\nlog-enabled = false\n{http}\n'
        )
        command = [program, "-config", str(folder / "influxdb.conf")]
        url = f"http{'s' * bool(certificate)}://127.0.0.1:{port}"
        yield stack.enter_context(running(command, url, "/ping", folder))


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


@contextlib.contextmanager
def victoria_metrics(*flags: str) -> Iterator[Process]:
    """VictoriaMetrics that keeps a century and one sample per millisecond."""
    program = executable("victoria-metrics")
    with tempfile.TemporaryDirectory() as name:
        port = free_port()
        command = [program, f"-storageDataPath={name}/data", f"-httpListenAddr=127.0.0.1:{port}"]
        command += ["-retentionPeriod=100y", "-loggerLevel=WARN", "-dedup.minScrapeInterval=1ms", *flags]
        with running(command, f"http://127.0.0.1:{port}", "/health", Path(name)) as server:
            yield server


def influxql(url: str, statement: str, database: str = "", token: str = "") -> list[dict[str, Any]]:
    """Series of the answer to InfluxQL statements, times in nanoseconds."""
    form = urllib.parse.urlencode({"q": statement, "db": database}).encode()
    headers = {"Authorization": f"Token {token}"} if token else {}
    request = urllib.request.Request(f"{url}/query?epoch=ns", form, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        results = json.load(answer).get("results", ())  # InfluxDB 2 answers a DELETE by {}
    errors = [result["error"] for result in results if "error" in result]
    if errors:
        raise RuntimeError("; ".join(errors))
    return [series for result in results for series in result.get("series", ())]


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
