"""Synthetic accounts for tests."""

from __future__ import annotations

import pickle
from functools import lru_cache
from typing import TYPE_CHECKING

from sandbox import Account

if TYPE_CHECKING:
    from sandbox import AthleteParameters


def account_of(parameters: AthleteParameters) -> Account:
    """Return an account as `Account(parameters)` makes it, for the caller alone to edit.

    It is a copy: that takes a thirtieth of the time, and many tests begin with the same account.
    """
    copied = pickle.loads(_made(parameters))
    assert isinstance(copied, Account)
    return copied


@lru_cache(maxsize=64)
def _made(parameters: AthleteParameters) -> bytes:
    return pickle.dumps(Account(parameters))
