from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from sync.commands import main

ROOT = Path(__file__).resolve().parents[2]
DOCS = {path.name: path.read_text() for path in (ROOT / "docs").glob("*.md")}
TEXT = "\n".join(text for name, text in DOCS.items() if name != "boards.md")  # the boards have tests of their own


@pytest.mark.parametrize("name", DOCS)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?!http)([^)#]*)(?:#([^)]+))?\)", DOCS[name])
    for path, anchor in links:
        target = (ROOT / "docs" / path) if path else ROOT / "docs" / name
        assert target.exists(), path
        if anchor:
            titles = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


def test_table_of_the_services_settings_is_complete() -> None:
    listed = set(re.findall(r"^\| `(SYNC_\w+)`", DOCS["quick-start.md"], re.MULTILINE))
    read = set(re.findall(r'"(SYNC_\w+?)"', (ROOT / "sync" / "settings.py").read_text()))
    assert listed == read - {"SYNC_", "SYNC_DEMO_URL", "SYNC_MELTANO"}  # for compose.yaml and the tests


def test_commands_and_files_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:\$ |`)make ([a-z-]+)", TEXT)) <= targets
    assert [name for name in set(re.findall(r"compose\.[\w.]+yaml", TEXT)) if not (ROOT / name).exists()] == [
        "compose.override.yaml"  # the reader's own
    ]
    assert set(re.findall(r"-m sync ([a-z-]+)", TEXT)) <= main.commands.keys()
    options = set(re.findall(r"(?<!_)OPTIONS=\"?(--[a-z-]+)|(--(?:start|end)-date)", TEXT))
    spoken = "".join(CliRunner().invoke(main, [name, "--help"]).output for name in main.commands)
    assert {option for pair in options for option in pair if option and option not in spoken} == set()
