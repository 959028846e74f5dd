"""What GitHub runs: pinned, and in keeping with the rest of the project. The syntax is checked by `make lint`."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import yaml

from release.places import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
USES = re.compile(r"uses: ([\w./-]+)@(\S+)(.*)")
HOSTS = re.compile(r"\b(ghcr|gcr|quay|pypi|npmjs|pythonhosted|docker|crates|proxy\.golang)\.(io|org|com)\b")


def workflow(name: str) -> dict[str, Any]:
    """A workflow by its file's name."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / f".github/workflows/{name}.yml").read_text())
    return loaded


def test_every_action_is_pinned_to_one_commit_with_its_version_beside_it() -> None:
    found = {match.groups() for path in WORKFLOWS for match in USES.finditer(path.read_text())}
    assert len(found) > 8
    for _, commit, comment in found:
        assert re.fullmatch(r"[0-9a-f]{40}", commit)
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment)
    assert len({action for action, _, _ in found}) == len(found)


def test_rights_are_given_to_single_jobs_alone() -> None:
    for path in WORKFLOWS:
        whole = yaml.safe_load(path.read_text())
        assert whole["permissions"] == {}
        assert [
            name for name, job in whole["jobs"].items() if not job["permissions"] or not job["timeout-minutes"]
        ] == []


def test_nothing_is_published_before_the_tag_and_the_changelog_are_checked() -> None:
    jobs = workflow("release")["jobs"]
    assert [name for name, job in jobs.items() if "needs" not in job] == ["build"]
    steps = [step.get("run", "") for step in jobs["build"]["steps"]]
    assert any('python -m release check "$GITHUB_REF_NAME"' in step for step in steps)


def test_each_python_of_the_packages_is_tested() -> None:
    tested = workflow("test")["jobs"]["test"]["strategy"]["matrix"]["python"]
    for package in ("tap-intervals-icu", "target-influxdb"):
        named = re.findall(r"Python :: (3\.\d+)\"", (ROOT / package / "pyproject.toml").read_text())
        assert named == tested


def test_what_needs_a_changelog_entry_exists() -> None:
    script = workflow("test")["jobs"]["changelog"]["steps"][-1]["run"]
    (words,) = re.findall(r"code=\((.*?)\)", script)
    assert [word for word in words.split() if not list(ROOT.glob(word))] == []


def test_a_report_of_a_fault_asks_for_what_the_doctor_says() -> None:
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/fault.yml").read_text())
    fields = {field["id"]: field for field in form["body"] if "id" in field}
    assert fields["doctor"]["validations"]["required"]
    assert "tap-intervals-icu:doctor" in fields["doctor"]["attributes"]["description"]
    commands = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]["extractors"][0]["commands"]
    assert "doctor" in commands


def test_no_file_names_the_host_of_a_registry() -> None:
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]  # whoever owns the checkout
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    named = []
    for name in listed.stdout.split("\0"):
        path = ROOT / name
        if name and path.is_file():
            named += [f"{name}: {match[0]}" for match in HOSTS.finditer(path.read_text(errors="replace"))]
    assert named == []


def test_what_a_repository_must_set_up_is_written_down() -> None:
    text = "".join(path.read_text() for path in WORKFLOWS)
    needed = {*re.findall(r"vars\.(\w+)", text), *re.findall(r"environment: (\w+)", text)}
    written = set(re.findall(r"`(\w+)`", (ROOT / "docs/releasing.md").read_text()))
    assert needed == needed & written
    assert set(re.findall(r"secrets\.(\w+)", text)) == {"GITHUB_TOKEN"}
