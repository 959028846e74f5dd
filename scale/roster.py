"""Who is synced, and in which shard; pure.

A shard is what one `meltano run` syncs, with one state. An athlete stays in the shard that they came into, as their
state lies there: shards are only ever appended to, and a place that was left is not given to somebody else.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHARD_SIZE = 25
ATHLETE_ID = re.compile(r"i?\d+")


class RosterError(Exception):
    """What was asked for can't be done; the text says why, and what to do."""


class Status(Enum):
    """Whether an athlete is synced."""

    NEW = "new"
    """Being backfilled, apart from the shard."""
    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"
    """The token is gone. Shard and state stay, for one who comes back."""


@dataclass(frozen=True)
class Member:
    """An athlete of the roster; `is_backfilled` tells that the state lies in the shard's."""

    athlete_id: str
    shard: int
    status: Status = Status.NEW
    is_backfilled: bool = False


Roster = dict[str, Member]
"""Members by athlete id."""


def add(roster: Mapping[str, Member], athlete_id: str, size: int = SHARD_SIZE) -> Member:
    """Return the member that a new athlete, or one who comes back, becomes.

    Raises:
        RosterError: The id is none, or is synced already.
    """
    if not ATHLETE_ID.fullmatch(athlete_id) or athlete_id == "0":
        raise RosterError(
            f"{athlete_id!r} is no athlete id: it is digits, mostly after an i, as in the profile's address."
        )
    known = roster.get(athlete_id)
    if known is None:
        return Member(athlete_id, free_shard(roster.values(), size))
    if known.status is not Status.REMOVED:
        raise RosterError(
            f"Athlete {athlete_id} is in the roster already ({known.status.value}). A new token: `rotate {athlete_id}`."
        )
    return replace(known, status=_running(known))


def free_shard(members: Iterable[Member], size: int) -> int:
    """Return the last shard while it has room, else the next one. Those who were removed keep their place."""
    taken = Counter(member.shard for member in members)
    last = max(taken, default=1)
    return last if taken[last] < size else last + 1


def pause(roster: Mapping[str, Member], athlete_id: str) -> Member:
    """Return the member, not synced until resumed."""
    return replace(_there(roster, athlete_id), status=Status.PAUSED)


def resume(roster: Mapping[str, Member], athlete_id: str) -> Member:
    """Return the member, synced again."""
    member = _there(roster, athlete_id)
    return replace(member, status=_running(member))


def remove(roster: Mapping[str, Member], athlete_id: str) -> Member:
    """Return the member, for good not synced; what the database holds of them stays."""
    return replace(_there(roster, athlete_id), status=Status.REMOVED)


def rotate(roster: Mapping[str, Member], athlete_id: str) -> Member:
    """Return the member as it is, if there is one whose token can be replaced."""
    return _there(roster, athlete_id)


def backfilled(roster: Mapping[str, Member], athlete_id: str) -> Member:
    """Return the member after the backfill; one who was paused meanwhile stays paused."""
    member = replace(roster[athlete_id], is_backfilled=True)
    return replace(member, status=Status.ACTIVE) if member.status is Status.NEW else member


def shards(roster: Mapping[str, Member], only: Iterable[str] = ()) -> dict[int, list[str]]:
    """Return the athletes to sync by shard, in order: all active ones, or `only` these as far as they are active."""
    wanted = set(only)
    active = (member for member in roster.values() if member.status is Status.ACTIVE)
    return _by_shard(member for member in active if not wanted or member.athlete_id in wanted)


def newcomers(roster: Mapping[str, Member]) -> dict[int, list[str]]:
    """Return the athletes to backfill, by the shard that they will be in, in order."""
    return _by_shard(member for member in roster.values() if member.status is Status.NEW)


def _there(roster: Mapping[str, Member], athlete_id: str) -> Member:
    member = roster.get(athlete_id)
    if member is None or member.status is Status.REMOVED:
        raise RosterError(f"Athlete {athlete_id} is not in the roster. `list` shows who is.")
    return member


def _running(member: Member) -> Status:
    return Status.ACTIVE if member.is_backfilled else Status.NEW


def _by_shard(members: Iterable[Member]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for member in sorted(members, key=lambda one: (one.shard, one.athlete_id)):
        found.setdefault(member.shard, []).append(member.athlete_id)
    return found
