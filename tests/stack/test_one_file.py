"""In a folder that holds only compose.yaml and .env: what the stack names exists, or is made by it.

Without a container engine: the services' own commands and scripts are run, with folders in place of volumes.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml

from sandbox.project import environment
from sync import meltano_folder, stack_secrets
from sync import volumes as volumes_module
from sync.settings import load
from tests.stack.test_compose import OVERRIDES, ROOT, SERVICES, merged, read

if TYPE_CHECKING:
    from collections.abc import Mapping


def mounts(service: Mapping[str, Any]) -> dict[str, str]:
    """Return the volume of each path in a container."""
    parts = [mount.split(":") for mount in service.get("volumes", [])]
    return {path: volume for volume, path, *_ in parts}


def variables(service: Mapping[str, Any]) -> dict[str, str]:
    """Return a service's environment as its processes see it."""
    return {name: "" if value is None else str(value) for name, value in service.get("environment", {}).items()}


def outside(path: str, service: Mapping[str, Any], volumes: Path) -> Path:
    """Return where a path of a container is here."""
    found = max((one for one in mounts(service) if Path(path).is_relative_to(one)), key=len)
    return volumes / mounts(service)[found] / Path(path).relative_to(found)


@pytest.fixture
def volumes(tmp_path: Path) -> Path:
    """A folder per volume, after the first start of the service `secrets`."""
    prepare(tmp_path)
    return tmp_path


def prepare(folder: Path, **environ: str) -> str:
    """Run the command of the service `secrets` with folders for its volumes to a good end; return its log."""
    code, output = start(folder, **environ)
    assert code == 0, output
    return output


def start(folder: Path, **environ: str) -> tuple[int, str]:
    """Run it to its end; return exit code and log."""
    service = read("compose.yaml", **environ)["services"]["secrets"]
    root = folder / "root"
    root.mkdir(exist_ok=True)
    for path, volume in mounts(service).items():
        (folder / volume).mkdir(exist_ok=True)
        (root / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        if not (root / path.lstrip("/")).exists():
            (root / path.lstrip("/")).symlink_to(folder / volume)
    command = [sys.executable, *(f"{root}{word}" if word[0] == "/" else word for word in service["command"][1:])]
    env = environment(**variables(service)) | {"PYTHONPATH": str(ROOT)}
    answer = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return answer.returncode, answer.stdout + answer.stderr


def test_stack_needs_no_file_beside_it_and_builds_nothing() -> None:
    for service in SERVICES.values():
        assert "build" not in service
        assert "env_file" not in service
        assert [path for path, volume in mounts(service).items() if not re.fullmatch(r"[\w-]+", volume)] == []
    assert not {"configs", "secrets"} & read("compose.yaml").keys()


def test_secrets_step_lays_out_what_grafana_reads_where_it_looks(volumes: Path) -> None:
    grafana = SERVICES["grafana"]
    provisioning = outside("/etc/grafana/provisioning", grafana, volumes)  # Grafana's own default
    assert {one.name for one in provisioning.iterdir()} >= {"alerting", "dashboards", "datasources", "plugins"}
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "intervals.yaml").read_text())["providers"]
    boards = outside(provider["options"]["path"], grafana, volumes)
    assert files(boards) == files(ROOT / "grafana" / "dashboards")
    home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert outside(home, grafana, volumes).is_file()
    (source,) = yaml.safe_load((provisioning / "datasources" / "intervals.yaml").read_text())["datasources"]
    assert "secureJsonData" in source
    laid = [path for name in ("boards", "provisioning", "tools") for path in (volumes / name).rglob("*")]
    assert [path for path in laid if path.is_file() and stat.S_IMODE(path.stat().st_mode) != 0o644] == []  # any user
    folders = [path for path in laid if path.is_dir()]  # laid anew by whoever STACK_UID is then
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o777}


def test_every_path_that_a_service_names_is_made_or_in_its_image(volumes: Path) -> None:
    for name, service in SERVICES.items():
        words = str([service.get("entrypoint"), service.get("command"), service["healthcheck"], variables(service)])
        if name in {"sync", "grafana", "influxdb", "backup"}:
            for path in re.findall(r"/(?:secrets|stack)/[\w./-]+", words):
                assert outside(path, service, volumes).is_file(), path
        for module in re.findall(r"'-m', '(\w+)'", words):
            assert (ROOT / module / "__main__.py").is_file()
            assert re.search(rf"^COPY {module} {module}$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_first_start_tells_the_password_of_grafana_once_and_always_how_to_see_it(tmp_path: Path) -> None:
    first, second = prepare(tmp_path), prepare(tmp_path)
    password = (tmp_path / "secrets" / "grafana-password").read_text()
    assert f"Grafana: port 3000 of this machine, user admin, password {password}" in first
    assert password not in second
    for output in (first, second):
        assert "docker compose exec grafana cat /secrets/grafana-password" in output
        for name in stack_secrets.FILES.keys() - {"grafana-password"}:
            assert (tmp_path / "secrets" / name).read_text() not in output


def test_password_that_was_chosen_is_not_told(tmp_path: Path) -> None:
    assert "my-own-password" not in prepare(tmp_path, STACK_GRAFANA_PASSWORD="my-own-password")
    assert (tmp_path / "secrets" / "grafana-password").read_text() == "my-own-password"


def test_new_version_replaces_boards_removes_those_that_are_gone_and_keeps_the_secrets(volumes: Path) -> None:
    secrets = files(volumes / "secrets")
    (volumes / "boards" / "intervals-today.json").write_text('{"title": "of the version before"}')
    (volumes / "boards" / "intervals-dropped.json").write_text("{}")
    (volumes / "provisioning" / "datasources" / "old.yaml").write_text("{}")
    prepare(volumes)
    assert files(volumes / "boards") == files(ROOT / "grafana" / "dashboards")
    assert files(volumes / "provisioning" / "datasources").keys() == {"intervals.yaml"}
    assert files(volumes / "secrets") == secrets


@pytest.mark.parametrize("volume", ["secrets", "boards"])
def test_volume_that_can_not_be_written_is_told_in_one_sentence(tmp_path: Path, volume: str) -> None:
    prepare(tmp_path)
    file = next((tmp_path / volume).iterdir())
    file.unlink()
    (tmp_path / volume / f".{file.name}.new").mkdir()  # in the way, also of root
    (tmp_path / volume / f"{file.name}.new").mkdir()
    code, output = start(tmp_path)
    assert code == 1
    assert re.search(rf"^Error: .*/{volume}/.*{re.escape(file.name)}.new: Is a directory\.$", output, re.MULTILINE)
    assert "Traceback" not in output


def test_full_disk_and_files_of_another_user_are_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    full = OSError(errno.ENOSPC, "No space left on device", "source", None, str(tmp_path / "file"))
    assert meltano_folder.reason(full, tmp_path) == (
        f"{tmp_path}/file: No space left on device. The disk is full: make room, then start again."
    )
    foreign = PermissionError(errno.EPERM, "Operation not permitted", str(tmp_path / "file"))
    assert meltano_folder.reason(foreign, tmp_path) == (
        f"{tmp_path}/file: Operation not permitted. {tmp_path}/file belongs to user {os.getuid()}, this runs as user "
        f"{os.getuid()}: change its owner, or run as that user (STACK_UID and STACK_GID in .env)."
    )


def test_alert_rules_are_laid_out_where_they_are_wanted_and_taken_away_where_they_are_not(tmp_path: Path) -> None:
    alerting = tmp_path / "provisioning" / "alerting"
    for given, laid in ({}, {}), ({"STACK_ALERTS": "true"}, files(ROOT / "grafana" / "alerting")), ({}, {}):
        prepare(tmp_path, **given)
        assert files(alerting) == laid


def test_boards_in_imperial_units_are_laid_out_where_they_are_wanted(tmp_path: Path) -> None:
    project, laid = tmp_path / "project", tmp_path / "stack"
    (project / "grafana").mkdir(parents=True)
    for name in ("sync", "grafana/dashboards", "grafana/provisioning"):
        (project / name).symlink_to(ROOT / name)
    with pytest.raises(click.ClickException, match="`make boards-imperial` writes them"):
        volumes_module.lay_out(project, laid, units="imperial")
    with pytest.raises(click.ClickException, match="STACK_UNITS: there is no 'feet', only metric, imperial"):
        volumes_module.lay_out(project, laid, units="feet")
    imperial = project / "grafana" / "dashboards-imperial"
    convert = [sys.executable, "-m", "grafana.imperial", str(ROOT / "grafana/dashboards"), str(imperial)]
    subprocess.run(convert, check=True, capture_output=True, cwd=ROOT)
    for units, source in (
        ("imperial", imperial),
        ("metric", ROOT / "grafana/dashboards"),
        ("", ROOT / "grafana/dashboards"),
    ):
        volumes_module.lay_out(project, laid, units=units)
        assert files(laid / "boards") == files(source)
    assert files(imperial).keys() == files(ROOT / "grafana/dashboards").keys()


def test_goals_of_the_year_are_in_the_board_that_is_laid_out_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    def variables(folder: Path) -> dict[str, str]:
        board = json.loads((folder / "intervals-progress.json").read_text(encoding="utf-8"))
        assert all(
            one["current"]["value"] == one["query"] for one in board["templating"]["list"] if one["name"] == "km"
        )
        return {one["name"]: one["query"] for one in board["templating"]["list"]}

    committed = ROOT / "grafana/dashboards"
    for given, goals in ({"STACK_GOALS": "km=5000, load = 12000"}, {"km": "5000", "load": "12000"}), ({}, {}):
        prepare(tmp_path, **given)
        assert variables(tmp_path / "boards") == variables(committed) | goals
        others = files(committed).keys() - {"intervals-progress.json"}
        laid = files(tmp_path / "boards")
        assert {name: json.loads(laid[name]) for name in others} == {
            name: json.loads(files(committed)[name]) for name in others
        }
    code, output = start(tmp_path, STACK_GOALS="km=5000,miles=3000")
    assert code == 1
    assert "STACK_GOALS: 'miles=3000' is no goal. Write whole numbers for any of km, hours, load" in output


def test_data_source_with_user_and_password_can_be_chosen_and_a_wrong_name_is_refused(tmp_path: Path) -> None:
    prepare(tmp_path, STACK_GRAFANA_DATASOURCES="datasources-1.x")
    laid = tmp_path / "provisioning" / "datasources" / "intervals.yaml"
    assert laid.read_bytes() == (ROOT / "grafana/provisioning/datasources-1.x/intervals.yaml").read_bytes()
    code, output = start(tmp_path, STACK_GRAFANA_DATASOURCES="datasources-2")
    assert code == 1
    assert "there is no 'datasources-2', only datasources, datasources-1.x." in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("override", "given", "bucket"),
    [
        ("", {"INTERVALS_API_KEY": "my-key"}, "intervals_icu"),
        ("", {"INTERVALS_API_KEY": "my-key", "INFLUXDB_BUCKET": "mine"}, "mine"),
        ("", {}, "intervals_icu_demo"),
        ("", {"INFLUXDB_BUCKET": "mine"}, "mine_demo"),
        ("compose.secrets.yaml", {}, "intervals_icu"),
    ],
)
def test_sync_writes_where_grafana_reads_with_a_key_and_without(
    volumes: Path, override: str, given: dict[str, str], bucket: str
) -> None:
    services = merged("compose.yaml", *([override] if override else []), **given)["services"]
    (volumes / "key").write_text("my-key")
    script = services["grafana"]["entrypoint"][-1].replace("/secrets/", f"{volumes}/secrets/")
    script = script.replace("exec /run.sh", "exec env")
    answer = subprocess.run(
        ["/bin/sh", "-ec", script], env=variables(services["grafana"]), capture_output=True, text=True, check=True
    )
    seen = dict(line.split("=", 1) for line in answer.stdout.splitlines())
    assert (seen["INFLUXDB_BUCKET"], seen["INFLUXDB_TOKEN"]) == (
        bucket,
        (volumes / "secrets" / "influxdb-token").read_text(),
    )
    env = variables(services["sync"]) | {"INFLUXDB_TOKEN_FILE": f"{volumes}/secrets/influxdb-token"}
    env |= {"INTERVALS_API_KEY_FILE": f"{volumes}/key"} if override else {}
    assert load(env, volumes).environment["INFLUXDB_BUCKET"] == bucket


@pytest.mark.parametrize("override", ["", *OVERRIDES])
def test_where_no_account_is_named_grafana_shows_the_demo(override: str) -> None:
    grafana = merged("compose.yaml", *([override] if override else []))["services"]["grafana"]
    assert (grafana["environment"]["STACK_ACCOUNT"] or "") == ("own" if override == "compose.secrets.yaml" else "")


def files(folder: Path) -> dict[str, bytes]:
    """Return the contents of the files of a folder by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
