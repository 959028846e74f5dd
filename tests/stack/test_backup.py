"""What the script backup.sh keeps, restores and refuses, beside a scripted InfluxDB 2."""

from __future__ import annotations

import gzip
import os
import shutil
import stat
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.stack import fake_influx
from tests.stack.backup import SCRIPT, Backup
from tests.stack.conftest import Stage, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state volume as a run leaves it, and secrets."""
    (tmp_path / "state" / "sync").mkdir(parents=True)
    (tmp_path / "state" / "sync" / "state.db").write_text("state of the backup")
    (tmp_path / "state" / "meltano.db").write_text("state of the backup, with notes")
    (tmp_path / "secrets").mkdir()
    for name in ("influxdb-token", "grafana-password"):
        (tmp_path / "secrets" / name).write_text(f"secret-{name}")
    return tmp_path / "state"


@pytest.fixture
def influx2(tmp_path: Path, state: Path) -> Iterator[Backup]:
    """The script beside a scripted InfluxDB 2, whose buckets are files in a folder."""
    assert state.exists()
    (tmp_path / "buckets").mkdir()
    (tmp_path / "buckets" / "intervals_icu").write_text("points of the backup")
    with fake_influx.influxdb2(tmp_path / "buckets") as url:
        yield Backup(tmp_path, {"INFLUXDB_URL": url, "INFLUXDB_BUCKET": "intervals_icu", "INFLUXDB_ORG": "org"})


def test_backup_holds_database_state_rejects_and_secrets_readable_by_their_owner_alone(influx2: Backup) -> None:
    (influx2.folder / "state" / "rejects").mkdir()
    (influx2.folder / "state" / "rejects" / "one.lp").write_text("refused")
    code, output = influx2("now")
    assert code == 0, output
    (name,) = influx2.names
    root = influx2.folder / "backup" / name
    (shard,) = (root / "influxdb").glob("*.tar.gz")
    assert gzip.decompress(shard.read_bytes()) == b"points of the backup"
    held = {
        path.relative_to(root).as_posix(): path.read_text()
        for path in root.rglob("*")
        if path.is_file() and path != shard and path.name not in {"log", "bucket.json"}
    }
    assert held == {
        "state/meltano.db": "state of the backup",
        "state/rejects/one.lp": "refused",
        "secrets/influxdb-token": "secret-influxdb-token",
        "secrets/grafana-password": "secret-grafana-password",
    }
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in [root, *root.rglob("*")]} == {0}
    assert "secret-" not in output


def test_newest_are_kept_and_one_command_restores_the_newest_or_one_that_is_named(influx2: Backup) -> None:
    for day in ("01", "02", "03"):
        influx2("now")
        (name,) = [one for one in influx2.names if not one.startswith("2001-01-")]
        path = influx2.folder / "backup" / name
        (path / "influxdb" / "7.tar.gz").write_bytes(gzip.compress(f"points of day {day}".encode()))
        path.rename(path.with_name(f"2001-01-{day}T000000Z"))
    assert influx2("now", STACK_BACKUP_KEEP="3")[0] == 0
    assert [name[:10] for name in influx2.names[:2]] == ["2001-01-02", "2001-01-03"]
    assert len(influx2.names) == 3
    bucket = influx2.folder / "buckets" / "intervals_icu"
    for words, content in (([], "points of the backup"), (["2001-01-02T000000Z"], "points of day 02")):
        bucket.write_text("of now")
        (influx2.folder / "state" / "meltano.db").write_text("state of now")
        code, output = influx2("restore", *words)
        assert code == 0, output
        assert {path.name: path.read_text() for path in bucket.parent.iterdir()} == {"intervals_icu": content}
        assert (influx2.folder / "state" / "meltano.db").read_text() == "state of the backup"
    code, output = influx2("restore", "2001-01-01T000000Z")
    assert code == 1
    assert "There is no backup '2001-01-01T000000Z'. There are: " in output
    assert bucket.read_text() == "points of day 02"


def test_backup_that_fails_leaves_nothing_behind_and_costs_no_older_one(influx2: Backup) -> None:
    assert influx2("now", STACK_BACKUP_KEEP="1")[0] == 0
    before = influx2.names
    influx2.refuse("GET backup/shards")
    code, output = influx2("now", STACK_BACKUP_KEEP="1")
    assert (code, influx2.names) == (1, before)
    assert "unauthorized access" in output
    assert "The database could not be backed up: see above." in output
    assert [path.name for path in (influx2.folder / "backup").iterdir()] == before


@pytest.mark.parametrize(
    ("refused", "kept"),
    [
        ("POST restore/bucketMetadata", {"intervals_icu": "of now"}),
        ("POST restore/shards", {"intervals_icu": "of now", "intervals_icu.restored": ""}),
        ("PATCH", {"intervals_icu.restored": "points of the backup"}),
    ],
)
def test_restore_that_fails_loses_no_point_and_can_be_repeated(
    influx2: Backup, refused: str, kept: dict[str, str]
) -> None:
    assert influx2("now")[0] == 0
    buckets = influx2.folder / "buckets"
    (buckets / "intervals_icu").write_text("of now")
    influx2.refuse(refused)
    code, output = influx2("restore")
    assert code == 1
    assert "The database could not be restored: see above. Try again" in output
    assert {path.name: path.read_text() for path in buckets.iterdir()} == kept
    assert not (influx2.folder / "state" / "sync" / "hold").exists()
    influx2.refuse_nothing()
    assert influx2("restore")[0] == 0
    assert {path.name: path.read_text() for path in buckets.iterdir()} == {"intervals_icu": "points of the backup"}


def test_service_makes_one_at_once_if_the_newest_is_too_old_and_is_healthy_while_it_is_not(influx2: Backup) -> None:
    for words in ("healthy", 1), ("list", 0), ("restore", 1):
        code, output = influx2(words[0])
        assert (code, "There is no backup yet." in output) == (words[1], True)
    service = influx2.start("serve")
    wait_until(lambda: influx2.names)
    service.terminate()
    output, _ = service.communicate(timeout=30)
    assert "A backup every 24 h; the newest 7 are kept." in output
    assert influx2("healthy") == (0, "")
    influx2.refuse("GET backup")
    service = influx2.start("serve")  # would tell, if it made another one
    assert service.stdout
    assert "A backup every" in service.stdout.readline()
    service.terminate()
    assert service.communicate(timeout=30)[0] == ""
    path = influx2.folder / "backup" / influx2.names[0]
    os.utime(path, (time.time() - 49 * 3600,) * 2)
    code, output = influx2("healthy")
    assert (code, "The newest backup is older than 48 hours." in output) == (1, True)


def test_copy_that_fails_is_told_and_leaves_no_part_of_a_backup(influx2: Backup) -> None:
    (influx2.folder / "secrets" / "loop").symlink_to("loop")  # no one can copy that, not even root
    code, output = influx2("now")
    assert (code, list((influx2.folder / "backup").iterdir())) == (1, [])
    assert "The backup could not be written: see above. Is there room for it in " in output


def test_folder_that_can_not_be_written_is_told_with_what_to_do(influx2: Backup) -> None:
    (influx2.folder / "backup").write_text("in the way, also of root")
    process = subprocess.run(
        ["/bin/sh", str(SCRIPT), "now"],
        env=influx2.settings
        | {"BACKUP_FOLDER": str(influx2.folder / "backup"), "BACKUP_STATE": str(influx2.folder / "state")}
        | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert f"Nothing can be written to {influx2.folder}/backup: its owner must be user {os.getuid()}" in process.stderr


@pytest.mark.parametrize("value", ["0", "-1", "7d", "1.5"])
def test_settings_that_make_no_sense_delete_nothing(influx2: Backup, value: str) -> None:
    assert influx2("now")[0] == 0
    code, output = influx2("now", STACK_BACKUP_KEEP=value)
    assert (code, len(influx2.names)) == (1, 1)
    assert f"must be whole numbers from 1 on, not '{value}'." in output


def test_no_sync_starts_while_a_restore_is_on_and_the_restore_waits_for_the_sync_in_hand(
    stage: Stage, influx2: Backup
) -> None:
    assert influx2("now")[0] == 0
    shutil.rmtree(influx2.folder / "state" / "sync")
    (influx2.folder / "state" / "sync").symlink_to(stage.folder / "sync")
    stage.behave("hang")
    run = stage.start("run-once")
    wait_until((stage.folder / "hanging").exists)
    restore = influx2.start("restore")
    wait_until((stage.folder / "sync" / "hold").exists)
    assert restore.stdout
    assert "A sync is running: waiting for its end." in restore.stdout.readline()
    run.terminate()
    run.communicate(timeout=30)
    assert restore.wait(timeout=30) == 0
    restore.communicate()
    runs = stage.runs
    stage.behave("succeed")
    (stage.folder / "sync" / "hold").touch()
    code, output = stage.run("run-once")
    assert (code, stage.runs) == (75, runs)
    assert "A backup is being restored: this sync is skipped." in output
    os.utime(stage.folder / "sync" / "hold", (time.time() - 7 * 3600,) * 2)  # one that was killed
    assert stage.run("run-once")[0] == 0


def test_archive_is_in_the_backup_whole_and_comes_back_where_there_is_none(influx2: Backup, state: Path) -> None:
    archive, copy = state / "archive" / "archive.db", influx2.folder / "backup" / "archive.db"
    archive.parent.mkdir()
    archive.write_text("samples")
    assert influx2("now")[0] == 0
    assert copy.read_text() == "samples"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600

    archive.write_text("samples of a run in hand")
    log = archive.with_name("archive.db-wal")
    log.touch()
    influx2.settings["BACKUP_TRIES"] = "1"
    code, output = influx2("now")
    assert (code, copy.read_text()) == (0, "samples")
    assert "The archive is in use, or there is no room: its copy stays as it was." in output
    log.unlink()
    assert influx2("restore")[0] == 0
    assert archive.read_text() == "samples of a run in hand"

    shutil.rmtree(archive.parent)
    assert influx2("restore")[0] == 0
    assert [(file.name, file.read_text()) for file in archive.parent.iterdir()] == [("archive.db", "samples")]
