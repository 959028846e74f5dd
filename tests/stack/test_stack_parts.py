"""Small parts of the stack: its passwords, the demo's account, the image's plugins, resets of other servers."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import click
import pytest
import responses

from sandbox import Account, AthleteParameters, Sandbox
from sync import image, vault
from sync.reset import Database
from sync.settings import load
from sync.source import with_source

ROOT = Path(__file__).resolve().parents[2]
URL = "http://influxdb.test:8086"
YEAR = 31_449_600


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
        with pytest.raises(click.UsageError, match="INTERVALS_API_KEY is not set"):
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


def asked() -> list[tuple[str | None, str, Any]]:
    """Return method, path and body of the requests so far."""
    return [
        (call.request.method, str(call.request.path_url), json.loads(call.request.body) if call.request.body else None)
        for call in responses.calls
    ]


@responses.activate
def test_reset_of_influxdb_2_keeps_retention_and_description_of_the_bucket() -> None:
    rule = {"type": "expire", "everySeconds": 315_360_000, "shardGroupDurationSeconds": YEAR}
    old = {"orgID": "o1", "name": "sport", "description": "mine", "retentionRules": [rule]}
    responses.get(f"{URL}/ping", status=204, headers={"X-Influxdb-Version": "v2.7.12"})
    responses.get(f"{URL}/api/v2/buckets", json={"buckets": [{"id": "b1", **old}]})
    responses.get(f"{URL}/api/v2/orgs", json={"orgs": [{"id": "o1"}]})
    responses.post(f"{URL}/api/v2/buckets", status=201, json={"id": "b2"})
    responses.delete(f"{URL}/api/v2/buckets/b1", status=204)
    responses.patch(f"{URL}/api/v2/buckets/b2", json={})
    Database({"url": f"{URL}/", "bucket": "sport", "org": "me", "token": "secret"}).recreate()
    assert {call.request.headers["Authorization"] for call in responses.calls} == {"Token secret"}
    assert asked() == [
        ("GET", "/ping", None),
        ("GET", "/api/v2/buckets?name=sport&org=me", None),
        ("GET", "/api/v2/orgs?org=me", None),
        ("POST", "/api/v2/buckets", {**old, "name": "sport.new"}),
        ("DELETE", "/api/v2/buckets/b1", None),
        ("PATCH", "/api/v2/buckets/b2", {"name": "sport"}),
    ]


@responses.activate
def test_reset_of_influxdb_2_makes_a_missing_bucket_with_shards_of_a_year() -> None:
    responses.get(f"{URL}/ping", status=204, headers={"X-Influxdb-Version": "v2.9.1"})
    responses.get(f"{URL}/api/v2/buckets", status=404, json={"code": "not found"})
    responses.get(f"{URL}/api/v2/orgs", json={"orgs": [{"id": "o1"}]})
    responses.post(f"{URL}/api/v2/buckets", status=201, json={})
    Database({"url": URL, "bucket": "sport", "org": "me"}).recreate()
    rule = {"type": "expire", "everySeconds": 0, "shardGroupDurationSeconds": YEAR}
    assert asked()[-1][2] == {"orgID": "o1", "name": "sport", "retentionRules": [rule]}


@responses.activate
def test_reset_of_influxdb_2_deletes_nothing_without_the_right_to_create() -> None:
    responses.get(f"{URL}/ping", status=204, headers={"X-Influxdb-Version": "v2.9.1"})
    responses.get(f"{URL}/api/v2/buckets", json={"buckets": [{"id": "b1", "name": "sport"}]})
    responses.get(f"{URL}/api/v2/orgs", json={"orgs": [{"id": "o1"}]})
    responses.post(f"{URL}/api/v2/buckets", status=403, json={"code": "forbidden"})
    with pytest.raises(click.ClickException, match="answered 403 to POST /api/v2/buckets"):
        Database({"url": URL, "bucket": "sport", "org": "me"}).recreate()
    assert "DELETE" not in {call.request.method for call in responses.calls}


@responses.activate
def test_reset_of_influxdb_3_deletes_and_creates_the_database() -> None:
    responses.get(f"{URL}/ping", json={}, headers={"X-Influxdb-Version": "3.11.1"})
    responses.delete(f"{URL}/api/v3/configure/database", status=404)
    responses.post(f"{URL}/api/v3/configure/database")
    Database({"url": URL, "bucket": "sport"}).recreate()
    assert asked()[1:] == [
        ("DELETE", "/api/v3/configure/database?db=sport", None),
        ("POST", "/api/v3/configure/database", {"db": "sport"}),
    ]


@responses.activate
def test_reset_names_what_a_server_refuses() -> None:
    responses.get(f"{URL}/ping", status=204, headers={"X-Influxdb-Version": "1.8.10"})
    responses.post(f"{URL}/query", status=401, json={"error": "authorization failed"})
    with pytest.raises(click.ClickException, match=r"answered 401 to POST /query: .*authorization failed"):
        Database({"url": f"http://user:pw@{URL[7:]}", "bucket": "sport"}).recreate()
