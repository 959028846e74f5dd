"""Small parts of the stack: its passwords, the demo's account, the image's plugins."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import click
import pytest

from sandbox import Account, AthleteParameters, Sandbox
from sync import image, vault
from sync.settings import load
from sync.source import with_source

ROOT = Path(__file__).resolve().parents[2]


def test_passwords_are_made_once_and_readable_by_all_containers(tmp_path: Path) -> None:
    assert vault.fill(tmp_path, {}) == dict.fromkeys(vault.FILES, "made")
    first = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert first.keys() == vault.FILES.keys()
    assert len(set(first.values())) == len(first)
    assert all(re.fullmatch(r"[\w-]{43}", value) for value in first.values())
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o444}
    assert set(vault.fill(tmp_path, {}).values()) == {"kept"}
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == first


def test_given_password_replaces_the_one_made(tmp_path: Path) -> None:
    vault.fill(tmp_path, {})
    done = vault.fill(tmp_path, {"STACK_GRAFANA_PASSWORD": "mine", "INFLUXDB_TOKEN": ""})
    assert done == {
        "influxdb-token": "kept",
        "influxdb-password": "kept",
        "grafana-password": "taken from STACK_GRAFANA_PASSWORD",
    }
    assert (tmp_path / "grafana-password").read_text() == "mine"


def test_demo_is_read_only_where_there_is_no_key(tmp_path: Path, unused_url: str) -> None:
    with Sandbox(Account(AthleteParameters(days=2, activities=0))) as sandbox:
        environ = {"SYNC_DEMO_URL": sandbox.url, "INTERVALS_API_KEY": "my-own-key"}
        assert with_source(load(environ, tmp_path)).environment["INTERVALS_API_KEY"] == "my-own-key"
        found = with_source(load(environ | {"INTERVALS_API_KEY": ""}, tmp_path)).environment
        assert (found["INTERVALS_API_URL"], found["INTERVALS_API_KEY"]) == (sandbox.url, sandbox.api_key)
    for environ in ({"SYNC_DEMO_URL": unused_url}, {}):
        with pytest.raises(click.ClickException, match="INTERVALS_API_KEY is not set"):
            with_source(load(environ, tmp_path), wait=0)


def test_image_lets_meltano_find_the_plugins_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "meltano.yml").write_bytes((ROOT / "meltano.yml").read_bytes())
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("tap-intervals-icu", "target-influxdb"):
        (programs / name).touch()
    assert image.share(tmp_path, tmp_path / ".venv") == ["tap-intervals-icu", "target-influxdb"]
    for kind in ("extractors/tap-intervals-icu", "loaders/target-influxdb"):
        shell, real = tmp_path / ".meltano" / kind / "venv", ROOT / ".meltano" / kind / "venv"
        assert (shell / "bin" / kind.split("/")[1]).exists()
        fingerprint = ".meltano_plugin_fingerprint"  # as a real installation leaves it
        assert (shell / fingerprint).read_text() == (real / fingerprint).read_text()
