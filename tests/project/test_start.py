"""The programs start without what a run does not use, and mean the same as with it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = {
    "tap_intervals_icu": "from tap_intervals_icu.tap import TapIntervalsIcu as plugin; plugin.cli()",
    "target_influxdb": "from target_influxdb.target import TargetInfluxDB as plugin; plugin.cli()",
}
"""The same command lines, with all that the SDK imports."""
COMMON = {"backoff", "dotenv.parser", "joblib.parallel", "packaging.tags", "singer_sdk.authenticators", "upath.core"}
WITHIN = {
    "tap_intervals_icu": COMMON | {"charset_normalizer.cd"},
    "target_influxdb": COMMON | {"fsspec.core", "requests.sessions"},
}
"""What is imported by that which is put off, and by nothing else."""
PLUGINS = sorted(PLAIN)


def call(*arguments: str, say: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], input=say, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_run_imports_nothing_that_is_put_off(plugin: str, tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"url": f"file://{tmp_path}", "bucket": "bucket"}))
    arguments = ["--discover"] if plugin == "tap_intervals_icu" else ["--config", str(config)]

    quick, plain = (imported_by([*command, *arguments]) for command in (["-m", plugin], ["-c", PLAIN[plugin]]))

    assert f"{plugin}.start" in quick
    assert WITHIN[plugin] <= plain  # else there is nothing to put off any more
    assert not WITHIN[plugin] & quick
    assert "pyrate_limiter" not in quick  # brings asyncio, for limits that are shared


def test_the_sync_asks_no_server_itself_and_imports_nothing_to_do_so() -> None:
    assert {"sync.runner", "click.core"} <= (imported := imported_by(["-m", "sync", "--help"]))
    assert "requests.sessions" not in imported
    assert "requests.sessions" in imported_by(["-c", "import sync.viewer_token"])


WRITE = """
import sys
from target_influxdb.start import USED, Later, UNUSED
sys.meta_path.insert(0, Later(UNUSED, USED))
from target_influxdb.config.settings import Settings
from target_influxdb.servers.influxdb2_transport import V2Client
V2Client(Settings.from_config({"url": "http://localhost:1", "bucket": "b", "org": "o"}), "").api
assert not hasattr(sys.modules["influxdb_client.domain.bucket"], "__file__")
"""


def test_to_write_imports_of_the_client_only_what_writes() -> None:
    modules = imported_by(["-c", WRITE])

    assert {"influxdb_client.service.write_service", "influxdb_client._sync.rest"} <= modules
    others = {"reactivex"}
    assert others <= imported_by(["-c", "import influxdb_client"])
    assert not others & modules


def imported_by(arguments: list[str]) -> set[str]:
    done = call("-X", "importtime", *arguments)
    assert done.returncode == 0, done.stderr
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "import time:" in line}


@pytest.mark.parametrize("plugin", PLUGINS)
@pytest.mark.parametrize("arguments", ["--about --format=json", "--nonsense"])
def test_what_is_put_off_is_there_where_it_is_used(plugin: str, arguments: str) -> None:
    quick = call("-m", plugin, *arguments.split())
    plain = call("-c", PLAIN[plugin], *arguments.split())

    assert quick.stdout == plain.stdout.replace("Usage: -c", f"Usage: python -m {plugin}")
    assert quick.returncode == plain.returncode


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_program_whose_output_nobody_takes_fails(plugin: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m {plugin} --about > /dev/full"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0


USE = """
import sys
from {plugin}.start import Later
sys.meta_path.insert(0, Later(["late"]))
from late import Base
from late.inner import make
assert not hasattr(sys.modules["late"], "__file__") and not hasattr(sys.modules["late.inner"], "__file__")
class Child(Base):
    pass
assert Child().word == Base.word == make().word == "real"
assert isinstance(Base(), Base) and isinstance(make(), Base) and not isinstance(1, Base)
"""


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_name_that_is_put_off_stands_for_the_real_one(plugin: str, tmp_path: Path) -> None:
    (tmp_path / "late").mkdir()
    (tmp_path / "late/__init__.py").write_text("class Base:\n    word = 'real'\n")
    (tmp_path / "late/inner.py").write_text("from late import Base\n\ndef make():\n    return Base()\n")

    done = call("-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); " + USE.format(plugin=plugin).strip())

    assert done.returncode == 0, done.stderr
