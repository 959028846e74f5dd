"""One version in all places, and no release without an entry in the changelog."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import yaml

from release import places
from release.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

CHANGELOG = """# Changelog

## [Unreleased]

### Added

- One thing.

## [0.1.0]

- The first.
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with all files that name the version or the repository."""
    others = {f"{package}/{name}" for package in places.PACKAGES for name in ("meltano-hub.yml", "README.md")}
    for name in {place.file for place in places.PLACES} | others:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(places.ROOT / name, tmp_path / name)
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    return tmp_path


def test_all_places_name_one_version() -> None:
    assert places.VERSION.fullmatch(places.version())


def test_a_place_that_names_another_version_is_told(root: Path) -> None:
    path = root / "target-influxdb/pyproject.toml"
    path.write_text(path.read_text().replace(places.version(), "9.9.9"))
    with pytest.raises(places.ReleaseError, match=r"target-influxdb/pyproject.toml says 9\.9\.9"):
        places.version(root)


def test_a_release_is_prepared_in_all_places_and_its_entries_are_dated(root: Path) -> None:
    places.prepare("1.2.3", "2026-12-01", root)
    assert places.version(root) == "1.2.3"
    assert places.notes("1.2.3", root) == "### Added\n\n- One thing.\n"
    assert "## [Unreleased]\n\n## [1.2.3] - 2026-12-01\n\n### Added\n" in (root / "CHANGELOG.md").read_text()
    places.prepare("1.3.0.dev0", "2026-12-02", root)
    assert places.version(root) == "1.3.0.dev0"
    with pytest.raises(places.ReleaseError, match=r"there are no entries under \[Unreleased\]"):
        places.prepare("1.3.0", "2026-12-03", root)
    assert places.version(root) == "1.3.0.dev0"


@pytest.mark.parametrize("version", ["", "1.2", "v1.2.3", "1.2.3; rm", "1.2.3.4"])
def test_what_is_no_version_is_refused(version: str, root: Path) -> None:
    with pytest.raises(places.ReleaseError, match="is not a version"):
        places.prepare(version, "2026-12-01", root)


def test_a_tag_that_is_not_the_version_or_has_no_entry_fails_with_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "v9.9.9"]) == 1
    assert capsys.readouterr().err == f"The tag is v9.9.9, the version {places.version()}.\n"
    assert main(["notes", "9.9.9"]) == 1
    assert capsys.readouterr().err == "CHANGELOG.md: there are no entries under [9.9.9].\n"
    assert main(["notes", "0.1.0"]) == 0
    assert "`tap-intervals-icu`" in capsys.readouterr().out


def test_the_changelog_says_what_changed_since_the_last_release() -> None:
    if "dev" in places.version():
        assert places.notes("Unreleased")
    else:
        assert places.notes(places.version())


def test_the_repositorys_address_is_written_once_however_often_it_is_given(root: Path) -> None:
    for repository in ("https://example.org/old/name", "https://example.org/me/project/"):
        places.write_urls(repository, root)
    for package in places.PACKAGES:
        text = (root / package / "pyproject.toml").read_text()
        assert text.count("[project.urls]\n") == 1
        assert 'Repository = "https://example.org/me/project"\n' in text
        assert "example.org/old" not in text
        hub = yaml.safe_load((root / package / "meltano-hub.yml").read_text())
        before = yaml.safe_load((places.ROOT / package / "meltano-hub.yml").read_text())
        assert hub == {**before, "repo": "https://example.org/me/project"}


def test_links_of_a_readme_lead_into_the_repository_wherever_it_is_read(root: Path) -> None:
    path = root / "target-influxdb/README.md"
    path.write_text("[a](meltano-hub.yml) [b](../docs/time.md#x) [c](#here) [d](https://example.org/x)")
    places.write_urls("https://example.org/me/project", root)
    where = "https://example.org/me/project/blob/main"
    assert path.read_text() == (
        f"[a]({where}/target-influxdb/meltano-hub.yml) [b]({where}/docs/time.md#x) [c](#here) [d](https://example.org/x)"
    )


@pytest.mark.parametrize("address", ["", "me/project", "http://example.org/me/project", 'https://example.org/"x'])
def test_what_is_no_address_of_a_repository_is_refused(address: str, root: Path) -> None:
    with pytest.raises(places.ReleaseError, match="is not the address"):
        places.write_urls(address, root)
