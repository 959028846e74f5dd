from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
SOURCES = [
    *(ROOT / "tap-intervals-icu/tap_intervals_icu").rglob("*.py"),
    *(ROOT / "target-influxdb/target_influxdb").rglob("*.py"),
    *(ROOT / "sync").glob("*.py"),
    ROOT / "sync/backup.sh",
    *(
        Path(str(files("meltano") / "core" / name))
        for name in ("block/extract_load.py", "block/future_utils.py", "migration_service.py", "setting_definition.py")
    ),
]
SQLITE = {"database disk image is malformed", "file is not a database"}
"""What SQLite says, whose program is not text."""
CELLS = re.findall(r"^\| ([^|]+) \|", (ROOT / "docs/troubleshooting.md").read_text(), re.MULTILINE)
TROUBLES = [line for cell in CELLS for line in re.findall(r"`([^`]+)`", cell) if line not in SQLITE]


def test_the_troubleshooting_table_is_not_empty() -> None:
    assert len(TROUBLES) > 20


@pytest.mark.parametrize("line", TROUBLES)
def test_the_log_lines_of_the_troubleshooting_table_are_those_of_the_programs(line: str) -> None:
    text = "\n".join(path.read_text() for path in SOURCES)
    parts = [part.strip(" '") for part in re.split(r"\.\.\.|'[^']*'|\bN\b", line)]
    assert [part for part in parts if part not in text] == []


def test_every_file_that_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)`", README)) <= targets


def test_every_fault_in_the_docs_has_the_test_that_it_names() -> None:
    code = "".join(path.read_text() for path in ROOT.glob("t*/**/test_*.py"))
    tests = set(re.findall(r"^def (test_\w+)", code, re.MULTILINE))
    named = re.findall(r"`(test_\w+)` \|$", (ROOT / "docs/faults.md").read_text(), re.MULTILINE)

    assert len(named) > 30
    assert [name for name in named if name not in tests] == []
