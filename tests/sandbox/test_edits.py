"""Edits: what changes, and what does not."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest

from sandbox import Account
from tests.sandbox.conftest import LAST_DAY, parameters

FITNESS = {"ctl", "atl", "rampRate", "ctlLoad", "atlLoad", "sportInfo", "updated"}
STAMPS = {"icu_sync_date", "analyzed"}


class Watch:
    """Differences of an account to what it was."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.wellness = copy.deepcopy(account.wellness)
        self.activities = copy.deepcopy(account.activities)
        self.streams = {name: account.streams(name) for name in account.activities}

    def activities_changed(self) -> dict[str, set[str]]:
        """Changed keys (without gear, whose distance moves everywhere) by id."""
        now, result = self.account.activities, {}
        for name in now.keys() | self.activities.keys():
            old, new = self.activities.get(name, {}), now.get(name, {})
            keys = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)} - {"gear"}
            if keys:
                result[name] = keys
        return result

    def days_changed(self) -> dict[str, set[str]]:
        now = self.account.wellness
        found = {
            day: {
                key
                for key in row.keys() | self.wellness.get(day, {}).keys()
                if row[key] != self.wellness.get(day, {}).get(key)
            }
            for day, row in now.items()
        }
        return {day: keys for day, keys in found.items() if keys}

    def streams_changed(self) -> set[str]:
        return {name for name in self.account.recordings if self.account.streams(name) != self.streams.get(name)}


@pytest.fixture
def watch(account: Account) -> Watch:
    return Watch(account)


@pytest.fixture
def ride(account: Account) -> str:
    """An activity in the middle with a recording."""
    names = [name for name, record in account.activities.items() if record.get("stream_types")]
    return names[len(names) // 2]


@pytest.mark.parametrize("stamped", [False, True])
@pytest.mark.parametrize(
    "edit",
    [
        ("rename", {"name": "Renamed"}, "name"),
        ("retype", {"sport": "Kayaking"}, "type"),
        ("edit_intervals", {}, "icu_intervals_edited"),
        ("edit", {"description": "New text"}, "description"),
    ],
)
def test_an_edit_without_load_changes_its_key_alone(
    watch: Watch, ride: str, edit: tuple[str, dict[str, Any], str], *, stamped: bool
) -> None:
    name, arguments, key = edit
    getattr(watch.account, name)(ride, **arguments, stamped=stamped)
    assert watch.activities_changed() == {ride: {key} | STAMPS if stamped else {key}}
    assert watch.days_changed() == {}
    assert watch.streams_changed() == set()


def test_a_stamped_edit_is_later_than_everything_before(account: Account, ride: str) -> None:
    latest = max(record["icu_sync_date"] for record in account.activities.values())
    account.rename(ride, "One", stamped=True)
    first = account.activities[ride]["icu_sync_date"]
    account.rename(ride, "Two", stamped=True)
    assert latest < first < account.activities[ride]["icu_sync_date"]


def test_rating_changes_the_rpe_and_what_follows_from_it(account: Account, watch: Watch, ride: str) -> None:
    account.rate(ride, 9)
    record = account.activities[ride]
    assert record["icu_rpe"] == 9
    assert record["session_rpe"] == round(9 * record["moving_time"] / 60)
    assert watch.activities_changed().keys() == {ride}
    assert watch.days_changed() == {}


def test_edited_intervals_are_two_halves_that_cover_the_recording(account: Account, ride: str) -> None:
    before = account.intervals(ride)["icu_intervals"]
    account.edit_intervals(ride)
    after = account.intervals(ride)["icu_intervals"]
    assert len(before) > 2
    assert [part["start_index"] for part in after] == [0, after[0]["end_index"]]
    assert after[-1]["end_index"] == account.recordings[ride].samples


def test_a_changed_load_moves_fitness_of_that_day_and_all_later_ones(account: Account, watch: Watch, ride: str) -> None:
    account.set_load(ride, 400)
    day = account.activities[ride]["start_date_local"][:10]
    changed = watch.days_changed()
    assert set(changed) == {name for name in account.wellness if name >= day}
    assert all(keys <= FITNESS and {"ctl", "atl", "updated"} <= keys for keys in changed.values())
    assert len({account.wellness[name]["updated"] for name in changed}) == 1
    assert watch.activities_changed() == {ride: {"icu_training_load"} | STAMPS}


def test_trimming_shortens_every_channel_and_lowers_the_load(account: Account, watch: Watch, ride: str) -> None:
    account.trim(ride, 100)
    assert watch.streams_changed() == {ride}
    assert {len(stream["data"]) for stream in account.streams(ride)} == {100}
    record = account.activities[ride]
    times = account.streams(ride)[0]["data"]
    assert record["moving_time"] == 100 * record["icu_median_time_delta"]
    assert record["elapsed_time"] == times[-1] + record["icu_median_time_delta"]
    assert record["icu_training_load"] < watch.activities[ride]["icu_training_load"]
    assert min(watch.days_changed()) == record["start_date_local"][:10]


def test_a_recording_cannot_be_trimmed_to_more_than_it_has(account: Account, ride: str) -> None:
    with pytest.raises(ValueError, match="cannot be trimmed"):
        account.trim(ride, 10**6)


def test_deleting_removes_one_activity_and_its_load(account: Account, watch: Watch, ride: str) -> None:
    day = account.activities[ride]["start_date_local"][:10]
    account.delete(ride)
    assert watch.activities_changed().keys() == {ride}
    assert ride not in account.recordings
    assert min(watch.days_changed()) == day


@pytest.mark.parametrize("back", [0, 30])
def test_adding_is_stamped_now_whenever_it_took_place(account: Account, watch: Watch, back: int) -> None:
    day = LAST_DAY - timedelta(days=back)
    name = account.add(day, "Run", "Tempo", seconds=900)
    record = account.activities[name]
    assert record["start_date_local"][:10] == day.isoformat()
    assert record["moving_time"] == len(account.streams(name)[0]["data"]) == 900
    others = [other["icu_sync_date"] for key, other in account.activities.items() if key != name]
    assert record["created"] == record["icu_sync_date"] > max(others)
    assert watch.activities_changed().keys() == {name}
    assert min(watch.days_changed()) == day.isoformat()


def test_a_fresh_activity_gets_its_snapshots_later(account: Account) -> None:
    name = account.add(sport="Ride", fresh=True)
    before = dict(account.activities[name])
    account.settle(name)
    after = account.activities[name]
    assert {key for key in after if key not in before} >= {"icu_ctl", "icu_atl"}
    assert all(after[key] == value for key, value in before.items())


def test_uploading_again_gives_a_new_id_and_leaves_fitness(account: Account, watch: Watch, ride: str) -> None:
    streams = account.streams(ride)
    new = account.reupload(ride)
    assert ride not in account.activities
    assert account.streams(new) == streams
    assert watch.activities_changed().keys() == {ride, new}
    assert watch.days_changed() == {}


def test_moving_an_activity_moves_both_starts_and_its_load(account: Account, watch: Watch, ride: str) -> None:
    account.move(ride, days=-2)
    assert watch.activities_changed() == {ride: {"start_date", "start_date_local"} | STAMPS}
    assert min(watch.days_changed()) == account.activities[ride]["start_date_local"][:10]


@pytest.mark.parametrize("stamped", [False, True])
def test_wellness_is_corrected_cleared_and_added_late(account: Account, watch: Watch, *, stamped: bool) -> None:
    known = [day for day, row in account.wellness.items() if row["hrv"] is not None]
    account.edit_wellness(known[3], hrv=99.5, stamped=stamped)
    account.edit_wellness(known[5], hrv=None, stamped=stamped)
    late = {"updated"} if stamped else set()
    assert watch.days_changed() == {known[3]: {"hrv"} | late, known[5]: {"hrv"} | late}


def test_wellness_of_a_day_without_record_is_a_whole_row(account: Account) -> None:
    day = (LAST_DAY - timedelta(days=50)).isoformat()
    gone = account.wellness.pop(day)
    account.edit_wellness(day, weight=70.5)
    row = account.wellness[day]
    assert row["weight"] == 70.5
    assert (row["ctl"], row["atl"], row["rampRate"]) == (gone["ctl"], gone["atl"], gone["rampRate"])


def test_a_carried_over_weight_is_replaced_by_a_measured_one(account: Account, watch: Watch) -> None:
    day = next(day for day, row in account.wellness.items() if row["tempWeight"])
    account.replace_weight(day, 69.9)
    assert watch.days_changed() == {day: {"weight", "tempWeight", "updated"}}


def test_streams_can_be_replaced_by_any(account: Account, watch: Watch, ride: str) -> None:
    account.replace_streams(ride, [{"type": "time", "data": [0, 1, 1, 9]}], stamped=False)
    assert account.streams(ride) == [{"type": "time", "data": [0, 1, 1, 9]}]
    assert account.streams(ride, ("watts",)) == []
    assert watch.activities_changed() == {ride: {"stream_types"}}


def test_a_planned_workout_moves_projected_fitness_only(account: Account, watch: Watch) -> None:
    tomorrow = (LAST_DAY + timedelta(days=1)).isoformat()
    event = account.add_event(category="WORKOUT", icu_training_load=90, start_date_local=f"{tomorrow}T00:00:00")
    assert min(watch.days_changed()) == tomorrow
    account.delete_event(event)
    assert all(keys == {"updated"} for keys in watch.days_changed().values())


def test_advancing_makes_rows_up_to_the_new_today_and_nothing_by_itself_moves_the_clock(account: Account) -> None:
    before = account.now
    account.loads()
    assert account.now == before
    account.advance(days=30)
    assert account.today == LAST_DAY + timedelta(days=30)
    assert (LAST_DAY + timedelta(days=30)).isoformat() in account.wellness
    assert account.activities[account.add()]["start_date_local"][:10] == account.today.isoformat()


def test_equal_edits_give_equal_accounts() -> None:
    twins = [Account(parameters()) for _ in range(2)]
    for account in twins:
        name = account.add(LAST_DAY - timedelta(days=9), "Run")
        account.trim(name, 50)
        account.delete(next(iter(account.activities)))
    assert twins[0].activities == twins[1].activities
    assert twins[0].wellness == twins[1].wellness
