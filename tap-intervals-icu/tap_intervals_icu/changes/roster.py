"""The athletes whom a coach's key reads, as Intervals.icu lists them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec

from tap_intervals_icu.errors import ForbiddenError, QuotaPauseError, TapError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_intervals_icu.api.client import Client

logger = logging.getLogger("tap-intervals-icu")

ALL = "all"
"""What `athlete_ids` says for everybody."""

NEEDS_KEY = "`athlete_ids` is all: the list of athletes is read with an API key, not with a token. Set `api_key`."


class ListedAthlete(msgspec.Struct):
    """All that is read of an entry: it also holds e-mail, date of birth and more."""

    id: str | int | None = None


def read_roster(client: Client) -> list[str]:
    """Return the ids of those whom the owner of an API key coaches or follows, the owner first; one request.

    Raises:
        TapError: The list can't be read, or the credential is a token.
    """
    if client.credential.is_token:
        raise TapError(NEEDS_KEY)
    listed: list[ListedAthlete] = client.get("/athletes", shape=list[ListedAthlete])
    return list(dict.fromkeys(str(one.id) for one in listed if one.id is not None))


def all_athletes(read: Callable[[], list[str]], known: Iterable[str], failures: list[str]) -> tuple[list[str], bool]:
    """Return all athletes, and whether the list of them was read: else they are those of the runs before.

    Args:
        read: Reads the list.
        known: Those whom the state knows.
        failures: What is to be told at the end of the run; added to.

    Raises:
        TapError: The list can't be read, and nobody is known.
    """
    before = list(dict.fromkeys(known))
    try:
        names = read()
    except TapError as error:
        if not before or isinstance(error, ForbiddenError):
            raise
        if not isinstance(error, QuotaPauseError):
            failures.append(f"The list of athletes could not be read: those known before are synced. {error.message}")
        return before, False
    if not names:
        raise TapError("`athlete_ids` is all, and the list of athletes is empty.")
    new = [name for name in names if name not in before]
    if before and new:
        logger.info("New in the list of athletes: %s.", ", ".join(new))
    return names, True
