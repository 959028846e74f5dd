"""What the service makes of its settings: variables, files, .env, folders; and what Meltano gets of them."""

from __future__ import annotations

import errno
import os
import re
from typing import TYPE_CHECKING

import click
import pytest

from sync import meltano_folder
from tests.stack.conftest import KEY, Stage

if TYPE_CHECKING:
    from pathlib import Path


def test_secrets_come_from_files_and_appear_nowhere(stage: Stage, tmp_path: Path) -> None:
    secrets = {"INTERVALS_API_KEY": KEY, "INFLUXDB_TOKEN": "token-4d2f81", "SYNC_NOTIFY_URLS": "json://user:pw@h/x"}
    files = {}
    endings = {"INTERVALS_API_KEY": ("utf-8-sig", "\r\n")}  # as Windows saves it
    for name, value in secrets.items():
        encoding, end = endings.get(name, ("utf-8", "\n"))
        (tmp_path / name).write_text(value + end, encoding=encoding)
        files[f"{name}_FILE"] = str(tmp_path / name)
    stage.behave("fail")
    code, output = stage.run("run-once", INTERVALS_API_KEY="", **files)
    assert code == 1
    (run, *_) = stage.calls
    assert {name: run["environment"][name] for name in secrets} == secrets
    kept = (stage.folder / "sync" / "status.json").read_text() + (stage.folder / "written").read_text()
    assert [value for value in secrets.values() if value in output + kept] == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"INTERVALS_API_KEY": ""}, "INTERVALS_API_KEY is not set."),
        ({"INTERVALS_API_KEY_FILE": "/x"}, "Both INTERVALS_API_KEY and INTERVALS_API_KEY_FILE are set"),
        ({"INFLUXDB_TOKEN_FILE": "/nowhere"}, "/nowhere can't be read (No such file or directory)."),
        ({"SYNC_INTERVAL_MINUTES": "often"}, "SYNC_INTERVAL_MINUTES: 'often' must be a number"),
        ({"SYNC_INTERVAL_MINUTES": "nan"}, "SYNC_INTERVAL_MINUTES: 'nan' must be a number"),
        ({"SYNC_INTERVAL_MINUTES": "inf"}, "SYNC_INTERVAL_MINUTES: 'inf' must be a number"),
        ({"SYNC_RUN": "sync"}, "SYNC_RUN: 'sync' must be two plugins of meltano.yml, an extractor and a loader"),
        ({"SYNC_RUN": "tap map target"}, "SYNC_RUN: 'tap map target' must be two plugins"),
        ({"SYNC_RUN": "tap --full-refresh"}, "SYNC_RUN: 'tap --full-refresh' must be two plugins"),
        ({"SYNC_RUN": "tap-a:doctor target-b"}, "SYNC_RUN: 'tap-a:doctor target-b' must be two plugins"),
        ({"SYNC_MELTANO": "/nowhere/meltano"}, "`make install` sets Meltano up."),
    ],
)
def test_settings_that_make_no_sense_end_in_one_sentence(stage: Stage, settings: dict[str, str], sentence: str) -> None:
    code, output = stage.run("run-once", **settings)
    assert code in {1, 2}
    assert sentence in output
    assert "Traceback" not in output
    assert KEY not in output


def test_other_plugins_are_run_under_their_own_names(stage: Stage) -> None:
    code, output = stage.run("run-once", SYNC_RUN="tap-a target-b")
    assert code == 0, output
    assert [call["arguments"] for call in stage.calls] == [["run", "tap-a", "target-b"], ["invoke", "target-b"]]
    assert [one["job"] for one in stage.records] == ["tap-a-to-target-b"]


def test_empty_variables_are_as_good_as_unset_and_dotenv_is_read(stage: Stage) -> None:
    (stage.folder / ".env").write_text(f"INTERVALS_API_KEY={KEY}\nINFLUXDB_TOKEN=\n")
    code, output = stage.run("run-once", INTERVALS_API_KEY="", INTERVALS_ATHLETE_ID="")
    assert code == 0, output
    found = stage.calls[0]["environment"]
    assert found["INTERVALS_API_KEY"] == KEY
    assert not {"INTERVALS_ATHLETE_ID", "INFLUXDB_TOKEN"} & found.keys()


def test_meltano_and_the_doctor_run_with_the_settings_of_the_sync(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("token-4711\n")
    settings = {"INFLUXDB_TOKEN_FILE": str(tmp_path / "token"), "INFLUXDB_TIMEOUT": ""}
    words = ("meltano", "state", "clear", "--force", "prod:a-to-b")
    assert stage.run(*words, **settings) == (0, "")
    assert stage.run("meltano", "invoke", "target-influxdb", "--help", **settings)[0] == 0
    assert stage.run("doctor", **settings)[0] == 0
    assert [call["arguments"] for call in stage.calls] == [
        list(words[1:]),
        ["invoke", "target-influxdb", "--help"],
        ["invoke", "tap-intervals-icu:doctor"],
    ]
    for call in stage.calls:
        assert call["environment"]["INFLUXDB_TOKEN"] == "token-4711"
        assert not {"INFLUXDB_TIMEOUT", "INFLUXDB_TOKEN_FILE"} & call["environment"].keys()


def test_dotenv_that_is_not_text_is_one_sentence(stage: Stage) -> None:
    (stage.folder / ".env").write_text("INTERVALS_API_KEY=key", encoding="utf-16")
    code, output = stage.run("run-once")
    assert (code, output) == (1, f"Error: {stage.folder}/.env is not plain text: save it again as UTF-8.\n")


def test_the_old_scripts_flags_reach_meltano(stage: Stage) -> None:
    stage.run("run-once", "--start-date", "2026-01-01", "--end-date", "2026-01-31", "--no-streams", "--full-refresh")
    call = stage.calls[0]
    assert call["arguments"] == ["run", "--full-refresh", "tap-intervals-icu", "target-influxdb"]
    names = ("INTERVALS_START_DATE", "INTERVALS_END_DATE")
    assert [call["environment"][name] for name in names] == ["2026-01-01", "2026-01-31"]
    assert call["environment"]["TAP_INTERVALS_ICU__SELECT_FILTER"] == '["!activity_streams"]'
    assert "TAP_INTERVALS_ICU__SELECT" not in call["environment"]


def test_folder_that_can_not_be_written_is_one_sentence(stage: Stage) -> None:
    (stage.folder / "file").touch()
    folder = stage.folder / "file" / "sync"
    assert stage.run("run-once", SYNC_DIRECTORY=str(folder)) == (1, f"Error: {folder}: Not a directory.\n")


def test_folder_of_another_user_is_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.touch", refuse)
    advice = f"Permission denied. {tmp_path} belongs to user {os.getuid()}, this runs as user {os.getuid()}: change its"
    with pytest.raises(click.ClickException, match=re.escape(advice)):
        meltano_folder.check_writable(tmp_path)
