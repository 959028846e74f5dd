"""Activities that come, go or change their day, and lists that do not tell the truth."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest

from tests.tap.scene import CENSUS, NOTHING, UNCHANGED, Scene
from tests.tap.test_activity_edits import assert_in_step, day_of

BY_ID = Counter({"activities by id": 1})
LISTS = {"list of the window": r"/activities\?(?!.*fields)", "census": r"/activities\?.*fields"}


def test_uploads_of_any_day_are_emitted_with_their_samples_and_the_fitness_that_they_move(scene: Scene) -> None:
    scene.sync()
    ids = [scene.account.add(scene.account.today - timedelta(days=ago), seconds=600) for ago in (0, 3, 13, 20, 40)]
    run = scene.sync(census_interval=0)

    assert run.emitted == {
        "activities": sorted(ids),
        "activity_streams": sorted(ids),
        "wellness": scene.days(day_of(scene, ids[-1])),
    }
    assert run.requests == UNCHANGED + CENSUS + BY_ID + Counter({"streams": 5, "wellness": 1})
    assert_in_step(scene)


@pytest.mark.parametrize("layout", ["rows", "columns"])
@pytest.mark.parametrize("inside", [True, False])
def test_deleted_activity_of_any_age_leaves_a_tombstone_and_moves_fitness(
    scene: Scene, layout: str, *, inside: bool
) -> None:
    scene.settings["activity_streams_layout"] = layout
    scene.sync()
    id_ = scene.activities(inside=inside)[1]
    day = day_of(scene, id_)
    scene.account.set_load(id_, 200)
    scene.sync(census_interval=0)
    scene.account.delete(id_)
    run = scene.sync(census_interval=0)

    assert run.emitted == {
        "activities": [f"-{id_}"],
        "activity_streams": [f"-{id_}"],
        "wellness": scene.days(day),
    }
    assert run.requests == UNCHANGED + CENSUS + Counter({"activity": 1, "wellness": 0 if inside else 1})
    assert_in_step(scene)


def test_file_uploaded_again_replaces_the_activity_by_one_with_a_new_id(scene: Scene) -> None:
    scene.sync()
    old = scene.activities(inside=True)[1]
    new = scene.account.reupload(old)
    run = scene.sync()

    assert run.emitted == {"activities": [f"-{old}", new], "activity_streams": [f"-{old}", new]}
    assert run.requests == UNCHANGED + Counter({"activity": 1, "streams": 1})
    assert_in_step(scene)


@pytest.mark.parametrize("stamped", [True, False])
@pytest.mark.parametrize(("inside", "days"), [(True, -25), (False, 1), (False, 25)])
def test_activity_moved_to_another_day_is_emitted_there(
    scene: Scene, days: int, *, inside: bool, stamped: bool
) -> None:
    scene.sync()
    id_ = scene.activities(inside=inside)[-2]
    scene.account.move(id_, days=days, stamped=stamped)
    run = scene.sync(census_interval=0)

    assert [run.emitted["activities"], run.emitted["activity_streams"]] == [[id_], [id_]]
    assert_in_step(scene)


@pytest.mark.parametrize("pattern", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("kind", ["empty_list", "cut_list"])
def test_empty_or_cut_list_is_not_taken_for_deletions(scene: Scene, pattern: str, kind: str) -> None:
    scene.sync()
    scene.sandbox.fail(pattern, kind=kind)
    run = scene.sync(census_interval=0)
    scene.sandbox.clear()

    assert (run.error, run.emitted) == ("", NOTHING)
    assert "the list is not complete" in run.log
    assert run.requests - UNCHANGED - CENSUS == Counter({"activity": 3})
    assert_in_step(scene)


def test_deleted_activity_that_still_answers_in_full_costs_no_other_deletion(scene: Scene) -> None:
    scene.sync()
    ids = scene.activities(inside=True)[-3:]
    still = scene.account.activities[ids[2]]
    for id_ in ids:
        scene.account.delete(id_)
    scene.sandbox.fail(f"/activity/{ids[2]}$", status=200, body=json.dumps(still))
    runs = scene.sync(), scene.sync()
    scene.sandbox.clear()

    assert runs[0].error == ""
    assert runs[0].emitted["activities"] == sorted(f"-{id_}" for id_ in ids[:2])
    assert f"Activity {ids[2]} is no longer listed, but can still be read" in runs[1].log
    assert runs[1].requests == UNCHANGED + Counter({"activity": 1})
    assert scene.sync().emitted["activities"] == [f"-{ids[2]}"]
    assert_in_step(scene)


@pytest.mark.parametrize("inside", [True, False])
def test_deleted_activity_that_answers_as_a_stub_is_taken_for_deleted_a_day_later(
    scene: Scene, *, inside: bool
) -> None:
    scene.sync()
    id_ = scene.activities(inside=inside)[-1]
    stub = {"id": id_, "icu_athlete_id": scene.account.id, "start_date_local": None, "type": None}
    scene.account.delete(id_)
    scene.sandbox.fail(f"/activity/{id_}$", status=200, body=json.dumps(stub))
    runs = [scene.sync(census_interval=0) for _ in range(2)]
    scene.account.advance(hours=21)
    runs.append(scene.sync(census_interval=0))

    assert [run.error for run in runs] == ["", "", ""]
    assert "activities" not in {**runs[0].emitted, **runs[1].emitted}
    assert [f"Activity {id_} is no longer listed, and nothing is left of it but a stub" in run.log for run in runs] == [
        True,
        False,
        False,
    ]
    assert runs[2].emitted["activities"] == [f"-{id_}"]
    assert_in_step(scene)


def test_stub_that_is_listed_again_is_not_taken_for_deleted(scene: Scene) -> None:
    scene.sync()
    id_ = scene.activities(inside=True)[-1]
    stub = json.dumps({"id": id_})
    scene.sandbox.fail(LISTS["list of the window"], kind="cut_list", keep=len(scene.activities(inside=True)) // 2)
    scene.sandbox.fail(f"/activity/{id_}$", status=200, body=stub)
    scene.sync()
    scene.sandbox.clear()
    scene.sync()
    scene.account.advance(hours=21)

    assert f"-{id_}" not in scene.sync().emitted.get("activities", [])
    assert_in_step(scene)


def test_empty_list_makes_no_stub_a_deletion(scene: Scene) -> None:
    scene.sync()
    scene.sandbox.fail(r"/activities\?", kind="empty_list")
    scene.sandbox.fail(r"/activity/[^/]+$", status=200, body='{"id": "i1"}')
    for _ in range(2):
        assert "activities" not in scene.sync(census_interval=0).emitted
        scene.account.advance(hours=21)
    scene.sandbox.clear()
    scene.sync(census_interval=0)

    assert_in_step(scene)


@pytest.mark.parametrize("status", [403, 422, 429, 500])
def test_only_404_or_410_proves_a_deletion(scene: Scene, status: int) -> None:
    scene.sync()
    scene.sandbox.fail(r"/activities\?", kind="empty_list")
    scene.sandbox.fail(r"/activity/[^/]+$", status=status)
    run = scene.sync(census_interval=0)
    scene.sandbox.clear()

    assert "activities" not in run.emitted
    assert_in_step(scene)


@pytest.mark.parametrize("kind", ["empty_list", "cut_list"])
@pytest.mark.parametrize("pattern", [r"/activities/i", r"/wellness\?oldest=2026-0[12](?!.*fields)"])
def test_edits_that_an_incomplete_answer_lacks_are_emitted_by_the_next_run(
    scene: Scene, pattern: str, kind: str
) -> None:
    scene.sync()
    for id_ in scene.activities(inside=False)[2:6]:
        scene.account.set_load(id_, 90)
    scene.sandbox.fail(pattern, kind=kind)
    scene.sync(census_interval=0)
    scene.sandbox.clear()
    scene.sync()

    assert_in_step(scene)


def test_earlier_start_date_loads_exactly_the_new_part(scene: Scene) -> None:
    start, earlier = (scene.account.today - timedelta(days=ago) for ago in (25, 40))
    scene.sync(start_date=str(start))
    run = scene.sync(start_date=str(earlier))

    new = [str(earlier + timedelta(days=days)) for days in range((start - earlier).days)]
    assert run.emitted == {
        "wellness": [day for day in scene.days(new[0], new[-1]) if day in new],
        "activities": [id_ for id_ in scene.account.activities if day_of(scene, id_) in new],
        "activity_streams": [id_ for id_ in scene.activities(inside=False) if day_of(scene, id_) in new],
    }
    scene.sync()
    assert_in_step(scene)


def test_edits_made_while_the_start_date_was_later_are_found_when_it_is_moved_back(scene: Scene) -> None:
    scene.sync()
    scene.account.rename(scene.activities(inside=False)[2], "Renamed", stamped=True)
    scene.account.rename(scene.activities(inside=True)[-1], "Newer stamp", stamped=True)
    narrow = scene.sync(start_date=str(scene.account.today - timedelta(days=5)), census_interval=0)
    assert len(narrow.emitted["activities"]) == 1
    scene.sync()

    assert_in_step(scene)


def test_edit_without_a_stamp_of_days_that_start_date_leaves_out_for_a_while_is_found(scene: Scene) -> None:
    scene.sync()
    moved = scene.activities(inside=True)[0]
    scene.account.move(moved, hours=-1, stamped=False)
    scene.sync(start_date=str(scene.account.today))
    run = scene.sync()

    assert run.emitted["activity_streams"] == [moved]
    assert_in_step(scene)


def test_activity_that_was_to_be_read_again_and_is_deleted_by_then_is_a_deletion_and_no_failure(scene: Scene) -> None:
    scene.sync()
    id_ = scene.activities(inside=True)[0]
    day = day_of(scene, id_)
    scene.account.delete(id_)
    run = scene.sync(read_again=day)

    assert (run.error, run.emitted["activities"]) == ("", [f"-{id_}"])
    assert_in_step(scene)


def test_old_activity_that_was_to_be_read_again_and_is_not_there_any_more_has_the_next_run_look_for_it(
    scene: Scene,
) -> None:
    id_ = scene.activities(inside=False)[2]
    scene.account.set_load(id_, 0)  # else fitness would tell
    scene.sync()
    day = day_of(scene, id_)
    scene.account.delete(id_)
    asked = scene.sync(read_again=day)
    run = scene.sync(read_again=day)

    assert f"1 of them could not be read ({id_})" in asked.error
    assert (run.error, run.emitted["activities"]) == ("", [f"-{id_}"])
    assert_in_step(scene)
