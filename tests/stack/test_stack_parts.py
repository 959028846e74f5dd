"""Small parts of the stack: its passwords, the demo's account, the image's plugins."""

from __future__ import annotations

import os
import re
import signal
import stat
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from typing_extensions import override

from sandbox import Account, AthleteParameters, Sandbox
from sync import commands, image_plugins, runs, stack_secrets
from sync.account import check, with_source
from sync.comparison import Compared
from sync.log import Line, RunSummary
from sync.meltano_process import Meltano
from sync.runner import Outcome, Runner
from sync.settings import demo_bucket, load
from sync.verify import Verification

ROOT = Path(__file__).resolve().parents[2]


def test_passwords_are_made_once_and_readable_by_all_containers(tmp_path: Path) -> None:
    assert stack_secrets.fill(tmp_path, {}) == dict.fromkeys(stack_secrets.FILES, "made")
    first = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert first.keys() == stack_secrets.FILES.keys()
    assert len(set(first.values())) == len(first)
    assert all(re.fullmatch(r"[\w-]{43}", value) for value in first.values())
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o444}
    assert set(stack_secrets.fill(tmp_path, {}).values()) == {"kept"}
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == first


def test_passwords_that_are_given_count_at_the_first_start_alone_as_grafana_and_influxdb_take_them_then(
    tmp_path: Path,
) -> None:
    done = stack_secrets.fill(tmp_path, {"STACK_GRAFANA_PASSWORD": "mine"})
    assert done["grafana-password"] == "taken from STACK_GRAFANA_PASSWORD"
    done = stack_secrets.fill(tmp_path, {"STACK_GRAFANA_PASSWORD": "another", "STACK_INFLUXDB_PASSWORD": "another"})
    assert done == {
        "influxdb-token": "kept",
        "influxdb-password": "kept (STACK_INFLUXDB_PASSWORD counts at the first start only)",
        "grafana-password": "kept (STACK_GRAFANA_PASSWORD counts at the first start only)",
    }
    assert (tmp_path / "grafana-password").read_text() == "mine"


def test_token_of_another_database_is_taken_for_as_long_as_it_is_given_and_loses_no_other(tmp_path: Path) -> None:
    stack_secrets.fill(tmp_path, {})
    first = (tmp_path / "influxdb-token").read_text()
    for given, what, expected in (
        ("of-another", "taken from INFLUXDB_TOKEN", "of-another"),
        ("of-another", "kept", "of-another"),
        ("of-a-third", "taken from INFLUXDB_TOKEN", "of-a-third"),
        ("", "that of the first start again", first),
        ("", "kept", first),
    ):
        assert stack_secrets.fill(tmp_path, {"INFLUXDB_TOKEN": given})["influxdb-token"] == what
        assert (tmp_path / "influxdb-token").read_text() == expected


def test_demo_is_read_only_where_there_is_no_key_and_into_a_bucket_a_state_and_a_status_of_its_own(
    tmp_path: Path,
) -> None:
    environ = {"SYNC_DEMO_URL": "http://sandbox:8080", "INFLUXDB_BUCKET": "mine", "SYNC_DIRECTORY": str(tmp_path)}
    own = with_source(load(environ | {"INTERVALS_API_KEY": "my-own-key"}, tmp_path))
    assert (own.environment["INTERVALS_API_KEY"], own.environment["INFLUXDB_BUCKET"]) == ("my-own-key", "mine")
    assert (own.directory, own.state_id) == (tmp_path, "prod:tap-intervals-icu-to-target-influxdb")
    assert "MELTANO_RUN_STATE_ID_SUFFIX" not in own.environment
    demo = with_source(load(environ | {"INTERVALS_API_KEY": ""}, tmp_path))
    assert (demo.environment["INTERVALS_API_URL"], demo.environment["INTERVALS_API_KEY"]) == (
        "http://sandbox:8080",
        Sandbox(Account(AthleteParameters(days=2, activities=0))).api_key,
    )
    assert demo.environment["INFLUXDB_BUCKET"] == "mine_demo"
    assert (demo.directory, demo.state_id) == (tmp_path / "demo", f"{own.state_id}:demo")
    assert demo.environment["MELTANO_RUN_STATE_ID_SUFFIX"] == "demo"
    assert demo.environment["TAP_INTERVALS_ICU_ARCHIVE_PATH"] == "off"


def test_what_is_verified_and_repaired_is_the_state_of_the_demo_where_the_demo_is_read(tmp_path: Path) -> None:
    asked: list[tuple[str, ...]] = []

    class Noting(Meltano):
        @override
        def ask(self, *arguments: str, say: str = "", **extra: str) -> tuple[int, str, str]:
            asked.append(arguments)
            return 0, "{}", ""

    settings = with_source(load({"SYNC_DEMO_URL": "http://sandbox:8080"}, tmp_path))
    check = Verification(settings, Noting(settings))
    check.prepare([], recount=False)
    states = [words for words in asked if words[0] == "state"]
    assert [words[1] for words in states] == ["get", "set"]
    assert all("prod:tap-intervals-icu-to-target-influxdb:demo" in words for words in states)


def test_repair_that_is_stopped_ends_there_and_later_signals_end_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(Runner):
        @override
        def attempt(self, *_: Any, **__: Any) -> Outcome:
            os.kill(os.getpid(), signal.SIGINT)
            return Outcome.STOPPED

    compared: list[Compared] = []

    def compare(_: Verification) -> list[Compared]:
        compared.append(Compared("i1", "wellness", "2026-01-02", missing={"2026-01-01": "2026-01-01"}))
        return compared

    monkeypatch.setattr(commands, "Runner", Stopped)
    monkeypatch.setattr(commands, "load", lambda: load({"SYNC_DEMO_URL": "http://sandbox:8080"}, tmp_path))
    monkeypatch.setattr(commands, "start_logging", lambda *_: None)
    monkeypatch.setattr("sync.meltano_folder.prepare", lambda *_: None)
    monkeypatch.setattr(Verification, "prepare", lambda *_, **__: None)
    monkeypatch.setattr(Verification, "compare", compare)
    before = signal.getsignal(signal.SIGINT)
    done = CliRunner().invoke(commands.main, ["verify", "--repair"])
    assert (done.exit_code, len(compared)) == (143, 1), done.output
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(("name", "demo"), [("db", "db_demo"), ("db/policy", "db_demo/policy")])
def test_policy_stays_behind_the_name_of_the_demos_database(name: str, demo: str) -> None:
    assert demo_bucket(name) == demo


def test_without_key_and_demo_one_sentence_says_what_to_do(tmp_path: Path, unused_url: str) -> None:
    with pytest.raises(click.ClickException, match="INTERVALS_API_KEY is not set"):
        with_source(load({}, tmp_path))
    with pytest.raises(click.ClickException, match="INTERVALS_API_KEY is not set"):
        check(with_source(load({"SYNC_DEMO_URL": unused_url}, tmp_path)), is_stopping=lambda: True)
    with Sandbox(Account(AthleteParameters(days=2, activities=0))) as sandbox:
        check(with_source(load({"SYNC_DEMO_URL": sandbox.url}, tmp_path)))


def test_image_lets_meltano_find_the_plugins_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "meltano.yml").write_bytes((ROOT / "meltano.yml").read_bytes())
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("tap-intervals-icu", "target-influxdb"):
        (programs / name).touch()
    assert image_plugins.share(tmp_path, tmp_path / ".venv") == ["tap-intervals-icu", "target-influxdb"]
    for kind in ("extractors/tap-intervals-icu", "loaders/target-influxdb"):
        shell, real = tmp_path / ".meltano" / kind / "venv", ROOT / ".meltano" / kind / "venv"
        assert (shell / "bin" / kind.split("/")[1]).exists()
        fingerprint = ".meltano_plugin_fingerprint"  # as a real installation leaves it
        assert (shell / fingerprint).read_text() == (real / fingerprint).read_text()


def test_message_of_a_run_is_what_is_wrong_what_the_athlete_should_know_or_that_all_is_well() -> None:
    summary = RunSummary()
    assert runs.message("", summary)["message"] == "All is well."
    pause = "activities of athlete i1: planned pause. The first run after 2026-11-29 00:00 UTC goes on."
    for _ in range(2):  # each is said once
        summary.add(Line(pause, "tap-intervals-icu", fields={"notice": True}))
    assert runs.message("", summary)["message"] == pause
    summary.rejected = 2
    refused = "The database refused 2 line(s): rejects/ has them, with the reasons."
    assert runs.message("It failed.", summary)["message"] == f"It failed. {pause} {refused}"
    text = runs.message("x" * 5000, summary)["message"]
    assert len(text) == 1000
