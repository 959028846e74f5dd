"""The documentation site: built without a warning, and its reference is what the code says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from tap_intervals_icu.tap import TapIntervalsIcu
from target_influxdb.target import TargetInfluxDB
from website import reference
from website.links import ROOT, BrokenLinkError, to_site

REPOSITORY = "https://example.org/me/project"
SCHEMAS = ROOT / "tap-intervals-icu/tap_intervals_icu/schemas"


def first_cells(section: str) -> list[str]:
    """What stands in the first column of a table."""
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def sections(page: str) -> dict[str, str]:
    """The text under each heading of the second level."""
    return dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))


def test_the_site_is_built_without_a_warning_and_asks_no_other_server_for_anything() -> None:
    env = os.environ | {"REPOSITORY_URL": REPOSITORY, "DOCS_URL": "https://docs.example.org/"}
    done = subprocess.run(
        [sys.executable, "-m", "website"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    built = ROOT / "build" / "docs"
    pages = {path: path.read_text() for path in built.rglob("*.html")}
    assert {path.parent.name for path in pages} >= {
        "quick-start",
        "boards",
        "streams",
        "settings",
        "measurements",
        "faults",
    }
    loaded = [
        re.findall(r"""<(?:script|link|img)\b[^>]*?(?:src|href)=["']?((?:https?:)?//[^"'\s>]+)""", text)
        for text in pages.values()
    ]
    outside = {url for found in loaded for url in found if not url.startswith("https://docs.example.org/")}
    assert outside == set()
    assert f'href="{REPOSITORY}/tree/main/grafana/provisioning"' in pages[built / "quick-start" / "index.html"]


def test_every_page_of_the_docs_is_reached_from_the_first_one() -> None:
    linked, waiting = {"index.md"}, ["index.md"]
    while waiting:
        name = waiting.pop()
        text = to_site((ROOT / "docs" / name).read_text(), f"docs/{name}", name, "")
        found = {link for link in re.findall(r"\]\(([\w-]+\.md)[)#]", text) if (ROOT / "docs" / link).exists()} - linked
        linked |= found
        waiting += found
    assert linked == {path.name for path in (ROOT / "docs").glob("*.md")}
    assert "](docs/index.md)" in (ROOT / "README.md").read_text()


def test_the_page_of_streams_has_every_field_of_every_stream() -> None:
    found = {stream: set(first_cells(text)) for stream, text in sections(reference.streams()).items()}
    schemas = {path.stem: set(json.loads(path.read_text())["properties"]) for path in SCHEMAS.glob("*.json")}
    schemas["activity_streams"] = schemas.pop("activity_streams_rows")
    del schemas["activity_streams_columns"]
    assert {stream: set(fields) for stream, fields in found.items()} == {
        name: set(schema) for name, schema in schemas.items()
    }


def test_units_stand_apart_from_what_a_field_means() -> None:
    rows = sections(reference.streams())["wellness"].splitlines()
    assert "| `weight` | number | kg | Body weight |" in rows
    assert "| `id` | date |  | Athlete's local date of the day |" in rows


@pytest.mark.parametrize("plugin", [TapIntervalsIcu, TargetInfluxDB])
def test_the_page_of_settings_has_every_setting(plugin: Any, capsys: pytest.CaptureFixture[str]) -> None:
    plugin.print_about("json")
    about: dict[str, Any] = json.loads(capsys.readouterr().out)["settings"]["properties"]
    own = {
        name for name in about if not name.startswith(("stream_map", "faker_", "flattening_", "add_record_metadata"))
    }
    assert set(first_cells(sections(reference.settings())[plugin.name])) == own


def test_the_page_of_measurements_has_every_mapping_of_the_project() -> None:
    project = yaml.safe_load((ROOT / "meltano.yml").read_text())
    mapping = project["plugins"]["loaders"][0]["config"]["measurements"]
    assert first_cells(reference.measurements()) == list(mapping)


@pytest.mark.parametrize(
    ("text", "page", "expected"),
    [
        ("[a](time.md#x)", "faq.md", "[a](time.md#x)"),
        ("[a](../tap-intervals-icu/README.md)", "faq.md", "[a](reference/tap-intervals-icu.md)"),
        ("[a](../README.md)", "faq.md", "[a](index.md)"),
        ("[a](../README.md#settings)", "faq.md", f"[a]({REPOSITORY}/blob/main/README.md#settings)"),
        ("[a](../grafana)", "faq.md", f"[a]({REPOSITORY}/tree/main/grafana)"),
        ("[a](#here) [b](https://example.org/x)", "faq.md", "[a](#here) [b](https://example.org/x)"),
        ("![a](pictures/today.png)", "faq.md", "![a](pictures/today.png)"),
        ("`[a](gone.md)`\n```\n[a](gone.md)\n```\n", "faq.md", "`[a](gone.md)`\n```\n[a](gone.md)\n```\n"),
    ],
)
def test_links_lead_where_the_site_has_them(text: str, page: str, expected: str) -> None:
    assert to_site(text, f"docs/{page}", page, REPOSITORY) == expected


def test_links_of_a_readme_start_from_its_page() -> None:
    text = "[a](../docs/time.md) [b](meltano-hub.yml)"
    page = to_site(text, "tap-intervals-icu/README.md", "reference/tap-intervals-icu.md", "")
    assert page == "[a](../time.md) b"


def test_a_link_that_leads_nowhere_is_told() -> None:
    with pytest.raises(BrokenLinkError, match=r"docs/faq\.md: gone\.md does not exist"):
        to_site("[a](gone.md)", "docs/faq.md", "faq.md", "")
