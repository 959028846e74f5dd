"""Who is synced, and in which shard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from scale import roster
from scale.roster import Member, Roster, RosterError, Status


def many(count: int, size: int = 3) -> Roster:
    """A roster to which so many were added, all backfilled."""
    members: Roster = {}
    for number in range(1, count + 1):
        athlete = f"i{number}"
        members[athlete] = roster.add(members, athlete, size)
        members[athlete] = roster.backfilled(members, athlete)
    return members


def test_athletes_fill_one_shard_after_the_other() -> None:
    assert roster.shards(many(7)) == {1: ["i1", "i2", "i3"], 2: ["i4", "i5", "i6"], 3: ["i7"]}


def test_place_of_one_who_was_removed_is_not_given_away_and_is_there_for_one_who_comes_back() -> None:
    members = many(7)
    members["i2"] = roster.remove(members, "i2")
    members["i8"] = roster.add(members, "i8", 3)
    assert members["i8"] == Member("i8", 3, Status.NEW)
    assert roster.shards(members) == {1: ["i1", "i3"], 2: ["i4", "i5", "i6"], 3: ["i7"]}
    members["i2"] = roster.add(members, "i2", 3)
    assert members["i2"] == Member("i2", 1, Status.ACTIVE, is_backfilled=True)


def test_new_athlete_is_backfilled_before_the_shard_syncs_them() -> None:
    members: Roster = {"i1": roster.add({}, "i1")}
    assert (roster.newcomers(members), roster.shards(members)) == ({1: ["i1"]}, {})
    members["i1"] = roster.backfilled(members, "i1")
    assert (roster.newcomers(members), roster.shards(members)) == ({}, {1: ["i1"]})


def test_pause_during_the_backfill_outlasts_it_and_resume_goes_on_where_it_was() -> None:
    members: Roster = {"i1": roster.add({}, "i1")}
    members["i1"] = roster.pause(members, "i1")
    assert roster.resume(members, "i1").status is Status.NEW
    members["i1"] = roster.backfilled(members, "i1")
    assert (roster.newcomers(members), roster.shards(members)) == ({}, {})
    members["i1"] = roster.resume(members, "i1")
    assert roster.shards(members) == {1: ["i1"]}


def test_event_reaches_active_athletes_alone() -> None:
    members = many(5)
    members["i2"] = roster.pause(members, "i2")
    assert roster.shards(members, ["i5", "i2", "i1", "unknown"]) == {1: ["i1"], 2: ["i5"]}


@pytest.mark.parametrize("athlete", ["", "0", "Jane", "i", "12x", "i1,i2"])
def test_what_is_no_athlete_id_is_refused(athlete: str) -> None:
    with pytest.raises(RosterError, match="no athlete id"):
        roster.add({}, athlete)


def test_what_can_not_be_done_is_one_sentence_with_the_command_that_helps() -> None:
    members = many(1)
    with pytest.raises(RosterError, match="rotate i1"):
        roster.add(members, "i1")
    for change in (roster.pause, roster.resume, roster.remove, roster.rotate):
        with pytest.raises(RosterError, match=r"i9 is not in the roster. `list`"):
            change(members, "i9")
    members["i1"] = roster.remove(members, "i1")
    with pytest.raises(RosterError, match="not in the roster"):
        roster.rotate(members, "i1")


STEPS = some.lists(
    some.tuples(some.sampled_from(["add", "pause", "resume", "remove", "backfilled"]), some.integers(1, 12)),
    max_size=60,
)


@given(STEPS)
def test_whatever_is_done_no_one_ever_changes_the_shard_and_none_grows_too_large(steps: list[tuple[str, int]]) -> None:
    members: Roster = {}
    for what, number in steps:
        athlete, before = f"i{number}", dict(members)
        try:
            made = roster.add(members, athlete, 3) if what == "add" else getattr(roster, what)(members, athlete)
        except (RosterError, KeyError):
            continue
        members[athlete] = made
        assert {id_: one.shard for id_, one in members.items() if id_ in before} == {
            id_: one.shard for id_, one in before.items()
        }
        assert max(map(len, roster.shards(members).values()), default=0) <= 3
