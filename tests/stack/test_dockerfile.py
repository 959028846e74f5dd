from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
STAGES = dict(re.findall(r"^FROM .+ AS (\S+)\n((?:(?!FROM ).*\n)*)", DOCKERFILE, re.MULTILINE))


def test_hadolint_finds_nothing() -> None:
    program = Path(sys.executable).with_name("hadolint")
    answer = subprocess.run([program, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout + answer.stderr) == (0, "")


def test_base_image_can_be_chosen_and_is_pinned() -> None:
    assert re.search(r"^ARG BASE=python:\d\.\d+-slim$", DOCKERFILE, re.MULTILINE)
    assert "FROM ${BASE} AS base" in DOCKERFILE


def test_what_runs_is_no_root_and_installs_nothing() -> None:
    assert list(STAGES)[-1] == "stack"
    assert re.findall(r"^USER (.+)$", STAGES["stack"], re.MULTILINE) == ["1000:1000"]
    assert "pip install" not in STAGES["stack"]


def test_everything_copied_exists_and_reaches_the_build() -> None:
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignore[0] == "*"
    copied = [
        path for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for path in line.split()
    ]
    assert [path for path in copied if not (ROOT / path).exists() or f"!{path}" not in ignore] == []
    assert {line[1:] for line in ignore if line.startswith("!")} == set(copied)


def test_tests_and_secrets_stay_out_of_the_image() -> None:
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    assert "**/tests" in ignore
    assert not {"!.env", "!."} & set(ignore)
