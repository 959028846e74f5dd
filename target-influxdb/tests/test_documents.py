"""What the documents say is what the program does."""

from __future__ import annotations

import gzip
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from target_influxdb.config.declared import declared
from target_influxdb.config.measurements import StreamMapping
from target_influxdb.target import TargetInfluxDB

FOLDER = Path(__file__).parents[1]
README = (FOLDER / "README.md").read_text()


@pytest.fixture
def about(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Settings by name, as `--about --format=json` shows them."""
    TargetInfluxDB.print_about("json")
    settings: dict[str, Any] = json.loads(capsys.readouterr().out)["settings"]["properties"]
    return settings


def test_settings_table_equals_about(about: dict[str, Any]) -> None:
    table = README.split("<!-- settings")[1].split("<!-- end of settings -->")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", table, re.MULTILINE)
    expected = []
    for name, setting in about.items():
        default = setting.get("default")
        shown = "" if default is None else f"`{json.dumps(default)}`".replace('"', "")
        expected.append((name, shown, setting["description"]))
    assert rows == expected


def test_table_of_mappings_has_the_keys_of_a_mapping_and_their_defaults() -> None:
    table = README.split("## From records to points")[1].split("Example:")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) ?\|", table, re.MULTILINE))
    known = {one.name: one.default for one, _, _ in declared(StreamMapping)}
    assert list(rows) == list(known)
    for name, default in known.items():
        assert not default or rows[name] == default


def test_hub_definition_equals_about(about: dict[str, Any]) -> None:
    hub = yaml.safe_load((FOLDER / "meltano-hub.yml").read_text())
    found = {one["name"]: (one.get("value"), bool(one.get("sensitive"))) for one in hub["settings"]}
    expected = {name: (setting.get("default"), bool(setting.get("secret"))) for name, setting in about.items()}
    assert found == expected
    assert hub["capabilities"] == sorted(one.value for one in TargetInfluxDB.capabilities)


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL)


def load(tmp_path: Path, mapping: dict[str, Any], record: dict[str, Any]) -> str:
    """Load a record into a folder; returns the lines."""
    stream = next(iter(mapping))
    properties: dict[str, Any] = {name: {} for name in record}
    schema = {"type": "SCHEMA", "stream": stream, "schema": {"properties": properties}, "key_properties": []}
    message = {"type": "RECORD", "stream": stream, "record": record}
    target = TargetInfluxDB(config={"url": f"file://{tmp_path}", "measurements": mapping})
    target.listen(io.BytesIO(b"".join(json.dumps(one).encode() + b"\n" for one in (schema, message))))  # type: ignore[arg-type] # the target reads bytes
    (path,) = tmp_path.iterdir()
    return gzip.decompress(path.read_bytes()).decode()


def test_example_of_rows_gives_the_shown_line(tmp_path: Path) -> None:
    mapping = json.loads(re.findall(r"the mapping `(\{.*?\}\})`", README)[0])
    record, line = json.loads(blocks("json")[0])["record"], blocks("text")[0]
    assert load(tmp_path, mapping, record) == line


def test_example_of_columns_gives_the_shown_lines(tmp_path: Path) -> None:
    mapping = json.loads(re.findall(r"per point\. `(\{.*?\})`", README)[0])
    assert sorted(load(tmp_path, {"rides": mapping}, json.loads(blocks("json")[1])).splitlines()) == sorted(
        blocks("text")[1].splitlines()
    )


def test_every_log_line_in_the_troubleshooting_table_exists_in_the_code() -> None:
    code = " ".join(path.read_text() for path in (FOLDER / "target_influxdb").rglob("*.py"))
    code = re.sub(r'"\s+f?"', "", code)  # sentences that are cut over lines
    table = README.split("## Troubleshooting")[1].split("## Development")[0]
    lines = re.findall(r"^\| `(.*?)` \|", table, re.MULTILINE)
    assert len(lines) > 10
    for line in lines:
        for part in re.split(r"'?\.\.\.'?|\bN\b|\(\.\.\.\)|40[0-9]|\b200\b", line):
            words = part.strip(" .;:,()'")
            assert words in code, (line, words)
