"""What an answer lacks is deleted only where that is proven, and a deletion waits for nothing else."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.tap import scene as scenes
from tests.tap.scene import CENSUS, NOTHING, UNCHANGED, Scene
from tests.tap.tables import STREAMS
from tests.tap.test_activity_edits import assert_in_step
from tests.tap.test_optional_streams import intervals, stored_intervals


@pytest.mark.parametrize("status", [403, 422, 500])
def test_one_activity_that_no_list_of_ids_may_hold_costs_no_other(scene: Scene, status: int) -> None:
    bad = scene.activities(inside=False)[3]
    scene.sandbox.fail(f"/activities/.*{bad}", status=status)
    runs = scene.sync(), scene.sync()
    scene.sandbox.clear()

    for run in runs:
        assert run.error == (
            f"activities of athlete {scene.account.id} are incomplete. "
            f"1 of them could not be read ({bad}). The next run tries them again."
        )
    assert set(runs[0].emitted["activities"]) == scene.account.activities.keys() - {bad}
    assert runs[1].emitted == NOTHING
    scene.sync()
    assert_in_step(scene)


@pytest.mark.parametrize("kind", ["empty_list", "cut_list"])
def test_answer_without_some_activities_does_not_take_their_intervals_for_deleted(
    scene: Scene, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = scenes.catalog
    monkeypatch.setattr(scenes, "catalog", lambda config: catalog(config, (*STREAMS, "activity_intervals")))
    scene.sync()
    for id_ in scene.activities(inside=True)[1:4]:
        scene.account.rename(id_, "Renamed")
    scene.sandbox.fail("/activities/i", kind=kind)
    run = scene.sync()
    scene.sandbox.clear()

    assert "could not be read" in run.error
    assert stored_intervals(scene) == intervals(scene.account)
    assert scene.sync().error == ""
    assert stored_intervals(scene) == intervals(scene.account)
    assert scene.sync(census_interval=0).emitted == NOTHING


@pytest.mark.parametrize("status", [400, 401, 403, 422, 500])
def test_activity_that_vanished_but_is_not_proven_to_be_gone_costs_nothing(scene: Scene, status: int) -> None:
    scene.sync()
    gone, others = scene.activities(inside=True)[2], scene.activities(inside=False)[1:3]
    for id_ in (gone, *others):
        scene.account.delete(id_)
    scene.sandbox.fail(f"/activity/{gone}$", status=status)
    new = scene.account.add(seconds=60)
    run = scene.sync(census_interval=0)
    scene.sandbox.clear()

    assert run.error == ""
    assert new in run.emitted["activities"]
    assert f"-{gone}" not in run.emitted["activities"]
    scene.sync(census_interval=0)
    assert_in_step(scene)


def test_more_deletions_than_the_day_has_requests_are_worked_off_day_by_day(scene: Scene) -> None:
    scene.sync(requests_per_day=0)
    for id_ in scene.activities(inside=False):
        scene.account.delete(id_)
    new = scene.account.add(seconds=60)
    runs = []
    for _ in range(3):
        scene.state["bookmarks"]["activities"]["requests"] = ["2026-03-10", 80]  # 10 more before the reserve
        runs.append(scene.sync(census_interval=0, requests_per_day=100))

    assert [run.error for run in runs] == [""] * len(runs)
    assert all(run.requests["activity"] < 10 for run in runs)
    assert new in runs[0].emitted["activities"]
    gone = [id_ for run in runs for id_ in run.emitted.get("activities", []) if id_.startswith("-")]
    assert len(gone) == len(set(gone)) > 10
    assert_in_step(scene)


def test_deletions_do_not_wait_for_the_end_of_a_backfill(scene: Scene) -> None:
    scene.sandbox.fail("/streams", status=429, retry_after=7200, after=20)
    scene.sync(workers=1)
    newest = scene.activities(inside=True)[-1]
    scene.account.delete(newest)
    scene.sandbox.clear()
    scene.sandbox.fail("/streams", status=429, retry_after=7200)
    run = scene.sync(workers=1)

    assert f"-{newest}" in run.emitted["activities"]


def test_events_outside_the_range_of_dates_are_not_taken_for_deleted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = scenes.catalog
    monkeypatch.setattr(scenes, "catalog", lambda config: catalog(config, (*STREAMS, "events")))
    scene.sync()
    events = {row["id"]: row for row in scene.database["events"].values()}
    start = sorted(row["start_date_local"] for row in events.values())[len(events) // 2][:10]
    outside = {id_ for id_, row in events.items() if row["start_date_local"] < start}
    narrow, again = (scene.sync(start_date=start, census_interval=0) for _ in range(2))
    wide = scene.sync()

    assert outside
    assert ["events" in run.emitted for run in (narrow, again)] == [False, False]
    assert again.requests == UNCHANGED + CENSUS + Counter({"events": 1})
    assert set(map(int, wide.emitted["events"])) == outside
