"""Answers that are incomplete, refused in part, or hold what nobody expects: each costs itself alone."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.tap.scene import CENSUS, NOTHING, UNCHANGED, Scene
from tests.tap.test_activity_edits import assert_in_step, day_of

ACTIVITIES_CENSUS = r"/activities\?.*fields"


@pytest.mark.parametrize("pattern", [ACTIVITIES_CENSUS, r"/wellness\?.*fields"])
@pytest.mark.parametrize("kind", ["empty_list", "cut_list"])
def test_edits_that_a_cut_census_hides_are_found_by_the_next_one(scene: Scene, pattern: str, kind: str) -> None:
    scene.sync()
    old = scene.activities(inside=False)
    for id_ in (old[0], old[-1]):
        scene.account.rename(id_, "Renamed", stamped=True)
    for ago in (40, 20):
        scene.account.edit_wellness(str(scene.account.today - timedelta(days=ago)), weight=None, restingHR=44)
    scene.sandbox.fail(pattern, kind=kind)
    scene.sync(census_interval=0)
    scene.sandbox.clear()
    scene.sync(census_interval=0)

    assert_in_step(scene)


def test_first_census_that_lacks_what_the_window_shows_is_taken_again_by_the_next_run(scene: Scene) -> None:
    scene.sandbox.fail(ACTIVITIES_CENSUS, kind="empty_list")
    run = scene.sync()
    scene.sandbox.clear()

    assert "The list of all activities was not complete" in run.log
    assert scene.sync().emitted["activities"] == scene.activities(inside=False) or scene.stored() == scene.truth()
    assert_in_step(scene)


@pytest.mark.parametrize("name", ["activities", "wellness"])
def test_list_that_is_too_long_for_the_server_is_asked_for_in_parts(scene: Scene, name: str) -> None:
    scene.sandbox.fail(rf"/{name}\?oldest=(1900|2000)-01-01&newest=2(02|1)", status=502)
    run = scene.sync()

    assert run.error == ""
    assert f"{name} from 2000-01-01 to 202" in run.log
    assert "asking for it in two parts" in run.log
    assert scene.stored() == scene.truth()


ODD_YEARS = ["1969-12-31T19:00:00", "2044-01-09T07:30:00", "2126-02-06T06:28:15"]


@pytest.mark.parametrize("layout", ["rows", "columns"])
def test_activities_that_a_devices_clock_put_into_another_century_are_brought(scene: Scene, layout: str) -> None:
    for id_, start in zip(scene.activities(inside=False), ODD_YEARS, strict=False):
        scene.account.activities[id_] |= {"start_date_local": start, "start_date": f"{start}Z"}
    run = scene.sync(activity_streams_layout=layout)

    assert run.requests["activities census"] == 1
    assert scene.stored() == scene.truth()
    assert scene.sync(activity_streams_layout=layout, census_interval=0).requests == UNCHANGED + CENSUS


@pytest.mark.parametrize("status", [400, 422, 500])
def test_years_that_the_server_does_not_list_are_named_and_nothing_of_them_is_taken_for_deleted(
    scene: Scene, status: int
) -> None:
    early, late, deleted, *_ = scene.activities(inside=False)
    for id_, start in ((early, ODD_YEARS[0]), (late, ODD_YEARS[1])):
        scene.account.activities[id_] |= {"start_date_local": start, "start_date": f"{start}Z"}
    scene.sync()
    scene.account.delete(deleted)
    scene.sandbox.fail(r"/activities\?oldest=(1900|2027-)", status=status)
    run = scene.sync(census_interval=0)
    scene.sandbox.clear()

    assert run.error == ""
    assert run.emitted["activities"] == [f"-{deleted}"]
    for days in ("from 1900-01-01 to 1999-12-31", "from 2027-03-12 to 2199-12-31"):
        assert f"activities of athlete {scene.account.id}, {days}, are left out." in run.log
    assert_in_step(scene)


NOT_A_NUMBER = float("nan"), float("inf"), float("-inf")


@pytest.mark.parametrize("layout", ["rows", "columns"])
def test_bare_nan_in_any_list_or_stream_is_null_and_costs_no_request(scene: Scene, layout: str) -> None:
    rides = [scene.activities(inside=True)[-1], scene.activities(inside=False)[0]]
    days = [scene.days("2026")[-1], scene.days("2026")[0]]
    streams: list[dict[str, Any]] = [
        {"type": "time", "data": [0, 1, 2, 3]},
        {"type": "watts", "data": [100, float("nan"), 102, 103]},
        {"type": "Stamina", "data": [99.5, *NOT_A_NUMBER]},
    ]
    for id_ in rides:
        scene.account.replace_streams(id_, streams)
        scene.account.activities[id_] |= {"EPOC": float("nan"), "zones": [1, float("inf")], "name": "NaN, Infinity"}
    for day in days:
        scene.account.wellness[day] |= {"AwakeTime": float("-inf")}
    run = scene.sync(activity_streams_layout=layout)

    assert (run.error, run.requests.total()) == (
        "",
        5 + 2 + sum(map(bool, map(scene.account.streams, scene.account.activities))),
    )
    for id_ in rides:
        scene.account.activities[id_] |= {"EPOC": None, "zones": [1, None]}
        streams[1]["data"][1], streams[2]["data"][1:] = None, [None] * 3
    for day in days:
        scene.account.wellness[day] |= {"AwakeTime": None}
    assert scene.stored() == scene.truth()


def test_stamp_ahead_of_the_servers_clock_hides_no_other_edit(scene: Scene) -> None:
    ahead, hidden = scene.days("2026")[2], scene.days("2026")[5]
    scene.account.wellness[ahead]["updated"] = "2026-04-10T05:00:00.000+00:00"
    first = scene.sync()
    scene.account.edit_wellness(hidden, restingHR=41)
    second = scene.sync(census_interval=0)
    scene.account.edit_wellness(ahead, stamped=False, restingHR=42)
    scene.account.wellness[ahead]["updated"] = "2026-04-11T05:00:00.000+00:00"
    third = scene.sync(census_interval=0)
    scene.account.advance(days=40)
    scene.sync()

    assert first.state["bookmarks"]["wellness"]["partitions"][0]["replication_key_value"] < "2026-04"
    assert [second.emitted, third.emitted] == [{"wellness": [hidden]}, {"wellness": [ahead]}]
    assert_in_step(scene)


def test_state_of_version_0_1_that_a_stamp_from_the_future_had_raised_hides_nothing_any_more(scene: Scene) -> None:
    scene.sync()
    (memory,) = scene.state["bookmarks"]["wellness"]["partitions"]
    memory["stamp"] = "2126-04-10T05:00:00.000+00:00"
    for name in ("ahead", "absent", "fitness", "read_again"):
        del memory[name]
    scene.account.edit_wellness(scene.days("2026")[5], restingHR=41)
    run = scene.sync(census_interval=0)

    assert run.emitted == {"wellness": [scene.days("2026")[5]]}
    assert_in_step(scene)


def test_longer_look_back_brings_edits_without_a_stamp_and_no_samples_again(scene: Scene) -> None:
    scene.sync()
    first = str(scene.account.today - timedelta(days=28))
    old = [id_ for id_ in scene.activities(inside=False) if day_of(scene, id_) >= first]
    scene.account.rename(old[0], "Renamed")
    run = scene.sync(lookback_days=30)

    assert set(old) <= set(run.emitted["activities"])
    assert run.requests == UNCHANGED
    assert_in_step(scene)


@pytest.mark.parametrize("layout", ["rows", "columns"])
def test_edited_activity_without_samples_says_that_there_are_none(scene: Scene, layout: str) -> None:
    scene.sync(activity_streams_layout=layout)
    (id_, *_) = [name for name in scene.account.activities if not scene.account.streams(name)]
    scene.account.rename(id_, "Renamed", stamped=True)
    run = scene.sync(activity_streams_layout=layout, census_interval=0)

    assert run.emitted["activities"] == [id_]
    assert [record["time"] for record in run.records("activity_streams")] == ([] if layout == "rows" else [[]])


def test_stamped_edit_of_the_same_samples_deletes_none_of_their_rows(scene: Scene) -> None:
    paused = scene.activities(inside=True)[1]
    scene.account.replace_streams(paused, [{"type": "time", "data": [0, 1, 40, 41]}])
    scene.sync(activity_streams_layout="rows")
    scene.account.rename(paused, "Renamed", stamped=True)
    run = scene.sync(activity_streams_layout="rows")

    assert run.emitted == {"activities": [paused], "activity_streams": [paused]}


ODD_PROFILE: dict[str, Any] = {
    "timezone": "America",
    "custom_items": [None, {"type": "INPUT_FIELD", "content": "text"}, {"content": {"code": 7}}],
    "sportSettings": [None, {"types": [None]}, {"types": "Ride"}, 7],
}


def test_profile_with_odd_parts_is_read_all_the_same(scene: Scene) -> None:
    body = json.dumps({"id": scene.account.id, **ODD_PROFILE})
    scene.sandbox.fail("/athlete/0$", status=200, body=body)
    run = scene.sync()

    assert run.error == ""
    assert "Time zone 'America' of athlete" in run.log
    assert scene.stored() == scene.truth()


ODD_ROWS: list[dict[str, Any]] = [
    {},
    {"id": None, "start_date_local": "2026-03-01T10:00:00", "type": "Ride", "updated": None},
    {"id": "i9", "start_date_local": "0000-00-00", "type": "Ride"},
    {"id": "i8", "start_date_local": 7, "type": "Ride"},
]


@pytest.mark.parametrize("pattern", [r"/activities\?(?!.*fields)", r"/wellness\?oldest=2026-02-2"])
def test_rows_without_id_or_date_are_left_out(scene: Scene, pattern: str) -> None:
    scene.sync()
    scene.sandbox.fail(pattern, status=200, body=json.dumps(ODD_ROWS))
    run = scene.sync()
    scene.sandbox.clear()

    assert (run.error, run.emitted) == ("", NOTHING)
    assert run.log.count("rows without id or date are left out") == 1
    assert_in_step(scene)


def test_numbers_and_texts_for_stamps_do_no_harm(scene: Scene) -> None:
    odd, other = scene.activities(inside=True)[:2]
    scene.account.activities[odd]["icu_sync_date"] = 1_770_000_000
    scene.account.activities[other]["analyzed"] = ""
    day = scene.days("2026-03-01")[0]
    scene.account.wellness[day] |= {"updated": 1_770_000_000, "sportInfo": [None, {"type": None}]}
    run = scene.sync()

    assert run.error == ""
    assert scene.sync(census_interval=0).emitted == NOTHING


def test_dates_in_the_wrong_order_end_with_one_sentence(scene: Scene) -> None:
    run = scene.sync(start_date="2026-03-02", end_date="2026-03-01")

    assert run.error == "start_date 2026-03-02 is later than end_date 2026-03-01: there are no days to read."
