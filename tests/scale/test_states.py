"""A newcomer's part of the state goes into the shard's."""

from __future__ import annotations

from typing import Any

from scale import states


def bookmark(athlete: str, **content: Any) -> dict[str, Any]:
    return {"context": {"athlete_id": athlete}, **content}


SHARD: dict[str, Any] = {
    "bookmarks": {"wellness": {"partitions": [bookmark("i1", finished="a"), bookmark("i2", finished="old")]}},
    "quotas": ["i1 2026-11-28 40"],
}
NEWCOMER: dict[str, Any] = {
    "bookmarks": {
        "wellness": {"partitions": [bookmark("i2", finished="b"), bookmark("i9", finished="other")]},
        "activities": {"partitions": [bookmark("i2", finished="c")]},
        "gear": {},
    },
    "quotas": ["i2 2026-11-28 900"],
}
JOINED: dict[str, Any] = {
    "bookmarks": {
        "wellness": {"partitions": [bookmark("i1", finished="a"), bookmark("i2", finished="b")]},
        "activities": {"partitions": [bookmark("i2", finished="c")]},
    },
    "quotas": ["i1 2026-11-28 40"],
}


def test_only_the_newcomers_part_is_taken_in_place_of_an_older_one() -> None:
    assert states.moved(SHARD, NEWCOMER, "i2") == JOINED


def test_done_twice_it_changes_nothing_more() -> None:
    assert states.moved(JOINED, NEWCOMER, "i2") == JOINED


def test_first_athlete_of_a_shard_makes_its_state() -> None:
    assert states.moved({}, NEWCOMER, "i2")["bookmarks"]["activities"] == JOINED["bookmarks"]["activities"]
