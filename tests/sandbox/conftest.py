from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import requests

from sandbox import Account, AthleteParameters, Sandbox
from tests.accounts import account_of

LAST_DAY = date(2026, 11, 20)
Get = Callable[..., requests.Response]


def parameters(**changes: Any) -> AthleteParameters:
    return AthleteParameters(**{"last_day": LAST_DAY, "days": 100, "activities": 30, "seconds": 300, **changes})


@pytest.fixture
def account() -> Account:
    return account_of(parameters())


@pytest.fixture
def sandbox(account: Account) -> Iterator[Sandbox]:
    with Sandbox([account, account_of(parameters(athlete_id="i100002", activities=3))]) as running:
        yield running


@pytest.fixture
def get(sandbox: Sandbox) -> Get:
    def ask(path: str, **how: Any) -> requests.Response:
        how = {"auth": ("API_KEY", sandbox.api_key), "timeout": 10, **how}
        return requests.get(f"{sandbox.url}/api/v1/{path}", **how)

    return ask
