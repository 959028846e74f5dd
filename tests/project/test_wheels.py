"""What would be published: wheels and sdists, installed and run as a stranger would, without this project."""

from __future__ import annotations

import email
import gzip
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from demo.__main__ import expected
from release import places
from sandbox import Account, AthleteParameters, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = places.ROOT
BIN = Path(sys.executable).parent
PACKAGES = {"tap-intervals-icu": "tap_intervals_icu", "target-influxdb": "target_influxdb"}
REPOSITORY = "https://example.org/me/project"
OURS = ("INTERVALS_", "INFLUXDB_", "TAP_", "TARGET_", "MELTANO_", "VIRTUAL_ENV", "PYTHONPATH")
LONG = (pytest.mark.long, pytest.mark.timeout(900))


def run(*words: object, cwd: Path | None = None, stdin: str | None = None, **env: str) -> str:
    """The standard output of a command that has nothing of this project in its environment."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd, env=inherited | env, input=stdin, capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    """Wheel and sdist of each package, built as a release builds them: the wheel from the sdist."""
    folder = tmp_path_factory.mktemp("built")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    places.write_urls(REPOSITORY, folder)
    found = {}
    for package, module in PACKAGES.items():
        run(BIN / "uv", "build", "--quiet", "--out-dir", folder / "dist", folder / package)
        (wheel,), (sdist,) = ((folder / "dist").glob(f"{module}-*{end}") for end in (".whl", ".tar.gz"))
        found[package] = (wheel, sdist)
    return found


@pytest.fixture(scope="module")
def account() -> Account:
    """A synthetic athlete."""
    return Account(AthleteParameters(days=30, activities=5, seconds=60))


@pytest.fixture(scope="module")
def sandbox(account: Account) -> Iterator[Sandbox]:
    """The athlete behind the API's shape."""
    with Sandbox(account) as server:
        yield server


def points(folder: Path) -> dict[str, int]:
    """How many lines of line protocol a folder holds, by measurement."""
    text = "".join(gzip.decompress(file.read_bytes()).decode() for file in folder.glob("*.gz"))
    names = [line.split(",")[0] for line in text.splitlines()]
    return {name: names.count(name) for name in ("wellness", "activities", "activity_streams")}


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_has_the_licence_of_the_project(package: str) -> None:
    assert (ROOT / package / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


@pytest.mark.parametrize("package", PACKAGES)
def test_wheel_and_sdist_hold_the_package_alone_with_whole_metadata(
    package: str, built: dict[str, tuple[Path, Path]]
) -> None:
    wheel, sdist = built[package]
    module = PACKAGES[package]
    sources = {
        path.relative_to(ROOT / package).as_posix()
        for path in (ROOT / package / module).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as content:
        names = set(content.namelist())
        (described,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_string(content.read(described).decode())
    about = described.removesuffix("METADATA")
    assert {name for name in names if not name.startswith(about)} == sources
    assert f"{module}/py.typed" in sources
    assert f"{about}licenses/LICENSE" in names
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    assert packed >= sources | {"README.md", "LICENSE", "pyproject.toml", "meltano-hub.yml"}
    assert {name.split("/")[0] for name in packed} <= {
        *(module, "tests", "README.md", "LICENSE", "pyproject.toml", "meltano-hub.yml", "PKG-INFO", ".gitignore")
    }
    assert (metadata["Name"], metadata["Version"]) == (package, places.version())
    assert (metadata["License-Expression"], metadata["License-File"]) == ("MIT", "LICENSE")
    assert metadata["Requires-Python"] == ">=3.10"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert f"Repository, {REPOSITORY}" in metadata.get_all("Project-URL", [])
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])


@pytest.mark.parametrize("kind", [pytest.param(0, id="wheel", marks=LONG), pytest.param(1, id="sdist", marks=LONG)])
def test_packages_install_and_run_in_a_fresh_environment_from_these_files_alone(
    kind: int, built: dict[str, tuple[Path, Path]], account: Account, sandbox: Sandbox, tmp_path: Path
) -> None:
    programs = tmp_path / "venv" / "bin"
    run(BIN / "uv", "venv", "--quiet", "--python", sys.executable, programs.parent)
    install = (BIN / "uv", "pip", "install", "--quiet", "--python", programs / "python")
    run(*install, "-c", ROOT / "constraints.txt", *(files[kind] for files in built.values()), cwd=tmp_path)
    for package in PACKAGES:
        about = json.loads(run(programs / package, "--about", "--format=json", cwd=tmp_path))
        assert (about["name"], about["version"]) == (package, places.version())
    assert "Usage: tap-intervals-icu-doctor" in run(programs / "tap-intervals-icu-doctor", "--help", cwd=tmp_path)
    access = {"TAP_INTERVALS_ICU_API_URL": sandbox.url, "TAP_INTERVALS_ICU_API_KEY": sandbox.api_key}
    doctor = run(programs / "tap-intervals-icu-doctor", cwd=tmp_path, **access)
    assert sandbox.api_key not in doctor
    layout = {"TAP_INTERVALS_ICU_ACTIVITY_STREAMS_LAYOUT": "columns"}
    singer = run(programs / "tap-intervals-icu", "--config", "ENV", cwd=tmp_path, **access, **layout)
    config = tmp_path / "config.json"
    mapping = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]["loaders"][0]["config"]["measurements"]
    config.write_text(json.dumps({"url": (tmp_path / "points").as_uri(), "measurements": mapping}))
    state = run(programs / "target-influxdb", "--config", config, cwd=tmp_path, stdin=singer)
    assert "activities" in json.loads(state.splitlines()[-1])["bookmarks"]
    assert points(tmp_path / "points") == expected(account)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_new_meltano_project_takes_both_plugins_from_their_hub_definitions(
    built: dict[str, tuple[Path, Path]], account: Account, sandbox: Sandbox, tmp_path: Path
) -> None:
    meltano = (BIN / "meltano", "--log-level=warning")
    quiet = {"MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false", "MELTANO_CLI_DISABLE_VERSION_CHECK": "true"}
    run(*meltano, "init", "training", cwd=tmp_path, **quiet)
    project = tmp_path / "training"
    for package, kind in zip(PACKAGES, ("extractor", "loader"), strict=True):
        definition = yaml.safe_load((ROOT / package / "meltano-hub.yml").read_text())
        assert definition["pip_url"] == package
        # as long as nothing is published, the wheel stands for the package of this name
        definition["pip_url"] = f"-c {ROOT / 'constraints.txt'} {built[package][0]}"
        given = tmp_path / f"{package}.yml"
        given.write_text(yaml.safe_dump(definition))
        run(*meltano, "add", "--plugin-type", kind, "--from-ref", given, package, cwd=project, **quiet)
    settings = {
        "TAP_INTERVALS_ICU_API_URL": sandbox.url,
        "TAP_INTERVALS_ICU_API_KEY": sandbox.api_key,
        "TAP_INTERVALS_ICU_ACTIVITY_STREAMS_LAYOUT": "columns",
        "TARGET_INFLUXDB_URL": (tmp_path / "points").as_uri(),
        "TARGET_INFLUXDB_MEASUREMENTS": '{"activity_streams": {"time": "start_date_local", "time_offset": "time"}}',
    }
    run(*meltano, "run", "tap-intervals-icu", "target-influxdb", cwd=project, **quiet, **settings)
    assert points(tmp_path / "points") == expected(account)
    assert "ok" in run(*meltano, "invoke", "tap-intervals-icu:doctor", cwd=project, **quiet, **settings)
