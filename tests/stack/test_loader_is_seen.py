"""The service sees the loader of a run, which it needs to write the point of that run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from sync.meltano_process import Meltano, Plugin
from sync.settings import load
from tests.stack.conftest import wait_until

if TYPE_CHECKING:
    from pathlib import Path

SILENT = """#!/bin/sh
# Stands in for Meltano: runs a loader that says nothing, until it was seen.
settings=$PWD/.meltano/run/target-influxdb/target.1.config.json
echo '{"bucket": "one"}' >$settings
/bin/sh -c 'while [ ! -e seen ]; do sleep 0.05; done' loader --config $settings
rm $settings
"""


def test_loader_that_says_nothing_is_seen_while_it_is_there(tmp_path: Path) -> None:
    (tmp_path / ".meltano/run/target-influxdb").mkdir(parents=True)
    program = tmp_path / "meltano"
    program.write_text(SILENT)
    program.chmod(0o755)
    meltano = Meltano(load({"SYNC_MELTANO": str(program), "MELTANO_PROJECT_ROOT": str(tmp_path)}))
    lines: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(meltano.run, listen=lines.append)
        wait_until(lambda: bool(meltano.loader) or run.done())
        (tmp_path / "seen").touch()
        assert run.result(timeout=30) == 0
    script = "while [ ! -e seen ]; do sleep 0.05; done"
    assert meltano.loader == Plugin(("/bin/sh", "-c", script, "loader"), {"bucket": "one"})
    assert lines == []
