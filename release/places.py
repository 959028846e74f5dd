"""Where a version and the repository's address stand, and what the changelog says; pure apart from files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("tap-intervals-icu", "target-influxdb")
VERSION = re.compile(r"\d+\.\d+\.\d+(\.dev\d+)?")
SECTION = re.compile(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?\n(.*?)(?=^## \[|\Z)", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r"^- \S", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#)([^)\s]+)\)")
URLS = re.compile(r"\n\[project\.urls\]\n(?:[^\[\n].*\n)*")


class ReleaseError(Exception):
    """What keeps a release from being made, in a sentence."""


class Place(NamedTuple):
    """A file that names the version: all of it, or major and minor alone, as images are followed."""

    file: str
    pattern: re.Pattern[str]
    whole: bool = True

    def expected(self, version: str) -> str:
        """Return what has to stand here."""
        return version if self.whole else ".".join(version.split(".")[:2])


PLACES = (
    *(Place(f"{package}/pyproject.toml", re.compile(r'^version = "([^"]+)"$', re.MULTILINE)) for package in PACKAGES),
    Place("compose.yaml", re.compile(r"\$\{STACK_VERSION:-([^}]+)\}"), whole=False),
    Place(".env.example", re.compile(r"^#STACK_VERSION=(.+)$", re.MULTILINE), whole=False),
)


def version(root: Path = ROOT) -> str:
    """Return the version of the first package, which all others follow.

    Raises:
        ReleaseError: A place names another one.
    """
    found = PLACES[0].pattern.search((root / PLACES[0].file).read_text(encoding="utf-8"))
    if not found or not VERSION.fullmatch(found[1]):
        raise ReleaseError(f'{PLACES[0].file}: there is no line such as version = "0.2.0".')
    for place in PLACES:
        for named in place.pattern.findall((root / place.file).read_text(encoding="utf-8")):
            if named != place.expected(found[1]):
                raise ReleaseError(
                    f"{place.file} says {named}, {PLACES[0].file} says {found[1]}: "
                    "`python -m release prepare` writes one version to both."
                )
    return found[1]


def notes(wanted: str, root: Path = ROOT) -> str:
    """Return what the changelog says about a version.

    Raises:
        ReleaseError: It says nothing.
    """
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    sections: dict[str, str] = {name: body for name, _, body in SECTION.findall(text)}
    if not ENTRY.search(sections.get(wanted, "")):
        raise ReleaseError(f"CHANGELOG.md: there are no entries under [{wanted}].")
    return sections[wanted].strip() + "\n"


def prepare(new: str, date: str, root: Path = ROOT) -> None:
    """Write a version to all places, and make of the changelog's Unreleased its section, dated YYYY-MM-DD.

    A version of development (0.3.0.dev0) leaves the changelog alone.

    Raises:
        ReleaseError: It is not a version, or there is nothing to release.
    """
    if not VERSION.fullmatch(new):
        raise ReleaseError(f"{new!r} is not a version such as 0.2.0 or 0.3.0.dev0.")
    if "dev" not in new:
        notes("Unreleased", root)
        _rewrite(
            root / "CHANGELOG.md",
            re.compile(r"^## (\[Unreleased\])$", re.MULTILINE),
            f"[Unreleased]\n\n## [{new}] - {date}",
        )
    for place in PLACES:
        _rewrite(root / place.file, place.pattern, place.expected(new))


def write_urls(repository: str, root: Path = ROOT) -> None:
    """Write the repository's address into both packages' metadata, links, and definitions for the Meltano hub.

    They name none in the checkout, as only who publishes knows it.

    Raises:
        ReleaseError: It is not an address.
    """
    repository = repository.rstrip("/")
    if not re.fullmatch(r"https://[\w.-]+/[\w./-]+", repository):
        raise ReleaseError(
            f"{repository!r} is not the address of a repository, such as https://example.org/me/project."
        )
    for package in PACKAGES:
        folder = f"{repository}/blob/main"
        urls = {
            "Repository": repository,
            "Documentation": f"{folder}/{package}/README.md",
            "Changelog": f"{folder}/CHANGELOG.md",
            "Issues": f"{repository}/issues",
        }
        table = "\n[project.urls]\n" + "".join(f'{name} = "{url}"\n' for name, url in urls.items())
        path = root / package / "pyproject.toml"
        text = URLS.sub("", path.read_text(encoding="utf-8"))
        path.write_text(text.rstrip("\n") + "\n" + table, encoding="utf-8")
        path = root / package / "README.md"
        path.write_text(_absolute(path.read_text(encoding="utf-8"), f"{folder}/{package}"), encoding="utf-8")
        path = root / package / "meltano-hub.yml"
        text = re.sub(r"^repo: .*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        path.write_text(text.replace("\nsettings:\n", f"\nrepo: {repository}\nsettings:\n", 1), encoding="utf-8")


def _absolute(text: str, folder: str) -> str:
    """Return a README whose links lead into the repository, as they are read elsewhere, too."""
    return LINK.sub(lambda link: f"]({urljoin(folder + '/', link[1])})", text)


def _rewrite(path: Path, pattern: re.Pattern[str], value: str) -> None:
    """Put a value into the pattern's group, wherever it is found."""
    text = path.read_text(encoding="utf-8")
    path.write_text(pattern.sub(lambda found: found[0].replace(found[1], value, 1), text), encoding="utf-8")
