"""What would be published: both wheels, installed as a stranger would."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
PACKAGES = {"tap-intervals-icu": "tap_intervals_icu", "target-influxdb": "target_influxdb"}


def run(*words: object) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=250)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_has_the_licence_of_the_project(package: str) -> None:
    assert (ROOT / package / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


@pytest.mark.long
@pytest.mark.timeout(600)
def test_wheels_install_and_run_outside_of_the_project(tmp_path: Path) -> None:
    wheels = {}
    for package, module in PACKAGES.items():
        run(UV, "build", "--quiet", "--wheel", "--out-dir", tmp_path / "wheels", ROOT / package)
        (wheel,) = (tmp_path / "wheels").glob(f"{module}-*.whl")
        with zipfile.ZipFile(wheel) as content:
            names = content.namelist()
        assert [name for name in names if name.endswith("/licenses/LICENSE")] != []
        assert {name.split("/")[0].split("-")[0] for name in names} == {module}
        wheels[package] = wheel
    programs = tmp_path / "venv" / "bin"
    run(UV, "venv", "--quiet", "--python", sys.executable, programs.parent)
    run(
        UV,
        "pip",
        "install",
        "--quiet",
        "--python",
        programs / "python",
        "-c",
        ROOT / "constraints.txt",
        *wheels.values(),
    )
    for package, wheel in wheels.items():
        about = json.loads(run(programs / package, "--about", "--format=json"))
        assert (about["name"], about["version"]) == (package, wheel.name.split("-")[1])
    assert "Usage: tap-intervals-icu-doctor" in run(programs / "tap-intervals-icu-doctor", "--help")
