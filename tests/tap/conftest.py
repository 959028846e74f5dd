from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING

import aiohttp.web_response
import pytest

from sandbox import Account, AthleteParameters, Sandbox
from tap_intervals_icu.api import client
from tests.accounts import account_of
from tests.tap.scene import LAST_DAY, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


SMALL = {"last_day": LAST_DAY, "days": 45, "activities": 32, "seconds": 30, "sports": ("Ride", "Run", "Swim", "Yoga")}


def athlete(**changes: Any) -> AthleteParameters:
    return AthleteParameters(**{**SMALL, **changes})


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let retries follow at once; how long they wait is tested with the client."""
    monkeypatch.setattr(client, "LONGEST_BACKOFF", 0.01)


@pytest.fixture
def account() -> Account:
    return account_of(athlete())


@pytest.fixture
def sandbox(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    # The server's date is the account's: "today" is no other day when the tests run.
    clock = lambda: format_datetime(account.now, usegmt=True)  # noqa: E731 - one line
    monkeypatch.setattr(aiohttp.web_response, "rfc822_formatted_time", clock)
    with Sandbox(account) as running:
        yield running


@pytest.fixture
def scene(sandbox: Sandbox) -> Scene:
    return Scene(sandbox)
