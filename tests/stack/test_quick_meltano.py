"""Meltano as the service starts it is the same, and imports less."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from sandbox.project import MELTANO
from sync.meltano_process import QUICKLY
from sync.quick_meltano import READS_DATES, Environment

if TYPE_CHECKING:
    import pytest

QUICK = str(QUICKLY)
STAMP = re.compile(r"^[-\dT:.]+Z ", re.MULTILINE)


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def test_what_it_says_and_its_exit_code_are_meltanos() -> None:
    for arguments in (["--version"], ["nonsense"], ["job", "--help"]):
        quick, plain = (call(program, *arguments) for program in (QUICK, str(MELTANO)))
        assert (quick.returncode, quick.stdout) == (plain.returncode, plain.stdout)
        assert STAMP.sub("", quick.stderr) == STAMP.sub("", plain.stderr)


def test_it_does_not_import_what_reads_dates() -> None:
    quick, plain = (call("-X", "importtime", program, "--version").stderr for program in (QUICK, str(MELTANO)))
    within = f"{READS_DATES}.conf"
    assert within in plain  # else there is nothing to put off any more
    assert within not in quick


def test_dates_are_read_where_they_are_used() -> None:
    read = "from meltano.core.utils import parse_date; print(parse_date('2026-11-28'), parse_date('1 day ago')[:10])"
    put_off = f"import sys; sys.path.insert(0, {str(QUICKLY.parent.parent)!r}); from sync import quick_meltano as q; "
    quick = call("-c", f"{put_off}q.put_off(q.READS_DATES); {read}")
    assert quick.returncode == 0, quick.stderr
    assert quick.stdout == call("-c", read).stdout


def test_whatever_changes_the_environment_counts_in_child_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SET", "UPDATED", "DEFAULT", "KEPT", "POPPED", "DELETED"):
        monkeypatch.setenv(f"OURS_{name}", "before")
    monkeypatch.delenv("OURS_DEFAULT")
    environment = Environment(os.environ)
    with monkeypatch.context() as context:
        context.setattr(os, "environ", environment)
        os.environ["OURS_SET"] = "é"
        os.environ.update(OURS_UPDATED="2")
        assert [os.environ.setdefault(f"OURS_{name}", "3") for name in ("DEFAULT", "KEPT")] == ["3", "before"]
        assert os.environ.pop("OURS_POPPED") == "before"
        del os.environ["OURS_DELETED"]
        assert os.environ.pop("OURS_NONE", None) is None
        os.environ.copy()["OURS_SET"] = "of a copy alone"
        told = "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('OURS_')}))"
        inherited = json.loads(call("-c", told).stdout)
    assert inherited == {"OURS_SET": "é", "OURS_UPDATED": "2", "OURS_DEFAULT": "3", "OURS_KEPT": "before"}
    assert {name: value for name, value in environment.items() if name.startswith("OURS_")} == inherited
