# ruff: noqa: S310, S603 - it asks and starts its own servers
"""Real database servers for a while: each on a free loopback port, in a temporary folder, stopped by its process."""

from __future__ import annotations

import contextlib
import json
import random
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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PACKAGES = {"influxd": "influxdb"}
"""Programs that Debian packs under another name."""
PORTS = (20_000, 32_768)
ANY = random.SystemRandom()
"""Not the seeded one, which is the same in processes that run side by side."""


class NotInstalledError(RuntimeError):
    """A server's program is not on this machine."""


def free_port() -> int:
    """Return a loopback port nobody listens on.

    It is none of those that systems give to connections (from 32768 on Linux, from 49152 elsewhere): such a one may be
    taken again before the server is there.
    """
    while True:
        port = ANY.randrange(*PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def executable(name: str) -> str:
    """Path of a server's program.

    Raises:
        NotInstalledError: There is none.
    """
    found = shutil.which(name)
    if not found:
        raise NotInstalledError(f"{name} is not installed. On Debian: apt-get install {PACKAGES.get(name, name)}")
    return found


@dataclass
class Process:
    """A running server."""

    process: subprocess.Popen[bytes]
    url: str
    folder: Path

    def stop(self) -> None:
        """End it: asked first, killed after ten seconds."""
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
    context = ssl._create_unverified_context()  # noqa: S323, SLF001 - only to see that somebody answers
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
