"""Backups of a real InfluxDB 1.6, and of a real 2.x if it is here: all comes back, and the next sync goes on."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import requests

from tests import oracle, readback, servers
from tests.stack.backup import Backup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox import Sandbox
    from tests.stack.real import Sync


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """An InfluxDB 1 of its own: where it is, and where a backup is asked for."""
    (tmp_path / "influxdb").mkdir()
    with servers.influxdb1(folder=tmp_path / "influxdb") as process:
        conf = (tmp_path / "influxdb" / "influxdb.conf").read_text()
        (rpc,) = re.findall(r'^bind-address = "(.+)"$', conf.split("[meta]")[0], re.MULTILINE)
        yield process.url, rpc


def test_database_and_state_come_back_as_they_were_and_the_next_sync_brings_what_changed_since(
    sync: Sync, sandbox: Sandbox, server: tuple[str, str], tmp_path: Path
) -> None:
    url, rpc = server
    volume = tmp_path / "state"
    settings = {
        "INFLUXDB_URL": url,
        "INFLUXDB_BUCKET": "intervals_icu",
        "MELTANO_DATABASE_URI": f"sqlite:///{volume}/meltano.db",
    }
    volume.mkdir()
    (tmp_path / "sync").mkdir()
    (volume / "sync").symlink_to(tmp_path / "sync")  # where the service is told to keep its status
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "influxdb-token").write_text("token")
    backup = Backup(tmp_path, {"INFLUXDB_URL": url, "INFLUXDB_RPC": rpc, "INFLUXDB_BUCKET": "intervals_icu"})
    code, output = backup("now")
    assert (code, "No run of the sync has ended yet" in output) == (1, True)

    assert sync.end(sync.start("run-once", **settings))[0] == 0
    full = readback.influxdb_points(url, "intervals_icu")
    code, output = backup("now")
    assert code == 0, output
    requests.post(f"{url}/query", params={"db": "intervals_icu", "q": "DROP MEASUREMENT wellness"}, timeout=30)
    requests.post(f"{url}/write?db=intervals_icu", data="wellness,athlete_id=ghost ctl=1", timeout=30)
    (volume / "meltano.db").write_text("a broken disk")

    code, output = backup("restore")
    assert code == 0, output
    assert readback.influxdb_points(url, "intervals_icu") == full
    (policy,) = servers.influxql(url, "SHOW RETENTION POLICIES ON intervals_icu")
    assert "8736h0m0s" in str(policy)
    sandbox.clear()
    code, output = sync.end(sync.start("run-once", **settings))
    assert code == 0, output
    assert [request.path for request in sandbox.requests if request.path.endswith("/streams")] == []
    after = readback.influxdb_points(url, "intervals_icu")
    assert {key: fields for key, fields in after.items() if not key[0].startswith("sync_")} == {
        key: fields for key, fields in full.items() if not key[0].startswith("sync_")
    }


def test_bucket_of_a_real_influxdb_2_and_the_state_come_back_as_they_were_and_the_next_sync_goes_on(
    sync: Sync, sandbox: Sandbox, tmp_path: Path
) -> None:
    volume = tmp_path / "state"
    for folder in (volume, tmp_path / "sync", tmp_path / "secrets"):
        folder.mkdir()
    (volume / "sync").symlink_to(tmp_path / "sync")
    with servers.influxdb2() as server:
        (tmp_path / "secrets" / "influxdb-token").write_text(server["token"])
        given = {"INFLUXDB_URL": server["url"], "INFLUXDB_ORG": server["org"], "INFLUXDB_BUCKET": "intervals_icu"}
        settings = given | {"INFLUXDB_TOKEN": server["token"], "MELTANO_DATABASE_URI": f"sqlite:///{volume}/meltano.db"}

        def stored() -> oracle.Points:
            points = readback.influxdb_points(server["url"], "intervals_icu", server["token"])
            return {key: fields for key, fields in points.items() if not key[0].startswith("sync_")}

        assert sync("run-once", **settings)[0] == 0
        full = stored()
        backup = Backup(tmp_path, given)
        assert backup("now")[0] == 0
        requests.post(
            f"{server['url']}/api/v2/write",
            params={"org": server["org"], "bucket": "intervals_icu"},
            headers={"Authorization": f"Token {server['token']}"},
            data="wellness,athlete_id=ghost ctl=1",
            timeout=30,
        ).raise_for_status()
        (volume / "meltano.db").write_text("a broken disk")
        for _ in range(2):
            code, output = backup("restore")
            assert code == 0, output
            assert stored() == full
        sandbox.clear()
        code, output = sync("run-once", **settings)
        assert code == 0, output
        assert [request.path for request in sandbox.requests if request.path.endswith("/streams")] == []
        assert stored() == full


def test_copy_of_the_state_is_whole_without_notes_of_runs(sync: Sync, tmp_path: Path) -> None:
    code, output = sync("run-once", INFLUXDB_URL=tmp_path.as_uri())
    assert code == 0, output

    def rows(database: Path, table: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(database)) as connection:
            return connection.execute(f"SELECT * FROM {table}").fetchall()

    copy, whole = tmp_path / "sync" / "state.db", sync.folder / ".meltano" / "meltano.db"
    for table in ("state", "alembic_version"):
        assert rows(copy, table) == rows(whole, table) != []
    assert (rows(copy, "runs"), len(rows(whole, "runs"))) == ([], 1)
