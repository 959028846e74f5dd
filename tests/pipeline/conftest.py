"""A synthetic account, its server, and Meltano projects that sync it."""

from __future__ import annotations

import shutil
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from sandbox import Account, AthleteParameters, Sandbox
from sandbox.project import copy_project
from tests.pipeline.meltano import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEY = "key-5f0c1e9d7b"  # found in no other text, so that tests can look for it
TOKEN = "token-3b9ad04c16"  # which a server without users does not look at


def athlete(timezone: str = "Europe/Madrid", **changes: Any) -> AthleteParameters:
    """Return a small athlete whose last day is today, as the tap's look-back counts from there."""
    today = datetime.now(ZoneInfo(timezone)).date()
    defaults: dict[str, Any] = {"days": 60, "activities": 12, "seconds": 300, "timezone": timezone, "last_day": today}
    return AthleteParameters(**(defaults | changes))


@pytest.fixture(scope="module")
def account() -> Account:
    """The account of one athlete, for all tests of a module; they may edit it."""
    return Account(athlete())


@pytest.fixture(scope="module")
def sandbox(account: Account) -> Iterator[Sandbox]:
    """The server of that account."""
    with Sandbox(account, api_key=KEY) as server:
        yield server


@pytest.fixture(scope="module")
def make_project(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[Callable[..., Project]]:
    """Make Meltano projects for a sandbox; afterwards, no output and no file of theirs may hold a secret."""
    projects: list[Project] = []

    def make(sandbox: Sandbox, *plugins: str, **settings: str) -> Project:
        source = {
            "INTERVALS_API_URL": sandbox.url,
            "INTERVALS_API_KEY": sandbox.api_key,
            "INFLUXDB_TOKEN": TOKEN,
            "TAP_INTERVALS_ICU_REQUESTS_PER_SECOND": "0",
        }
        folder = copy_project(tmp_path_factory.mktemp("meltano") / "project")
        shutil.copy(empty_database, folder / ".meltano")
        project = Project(folder, source | settings)
        if plugins:
            project.extractor, project.loader = plugins
        projects.append(project)
        return project

    yield make
    for project in projects:
        project.assert_secrets_are_nowhere()
