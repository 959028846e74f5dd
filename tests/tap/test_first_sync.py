"""The first run brings everything, the second nothing."""

from __future__ import annotations

from collections import Counter

import pytest

from sandbox import Sandbox
from tests.accounts import account_of
from tests.tap.conftest import athlete
from tests.tap.scene import CENSUS, NOTHING, UNCHANGED, Scene


@pytest.mark.parametrize("layout", ["rows", "columns"])
def test_first_run_brings_all_the_account_holds_and_no_projected_day(scene: Scene, layout: str) -> None:
    run = scene.sync(activity_streams_layout=layout)

    assert run.error == ""
    assert scene.stored() == scene.truth()
    sampled = sum(1 for id_ in scene.account.activities if scene.account.streams(id_))
    assert run.requests == UNCHANGED + CENSUS + Counter({"streams": sampled, "activities by id": 1, "wellness": 1})


@pytest.mark.parametrize("layout", ["rows", "columns"])
def test_run_without_changes_emits_nothing_and_asks_three_times_or_five(scene: Scene, layout: str) -> None:
    scene.sync(activity_streams_layout=layout)
    second = scene.sync(activity_streams_layout=layout)
    census = scene.sync(activity_streams_layout=layout, census_interval=0)

    assert [second.emitted, census.emitted] == [NOTHING, NOTHING]
    assert [second.requests, census.requests] == [UNCHANGED, UNCHANGED + CENSUS]


def test_first_message_of_a_run_is_the_state_as_it_was_saved(scene: Scene) -> None:
    scene.sync()
    saved = scene.state
    scene.account.rename(scene.activities(inside=True)[0], "New")
    run = scene.sync(census_interval=0)

    bookmarks = {stream: bookmark for stream, bookmark in saved["bookmarks"].items() if bookmark}
    assert run.messages[0] == {"type": "STATE", "value": {"bookmarks": bookmarks}}
    assert run.state != saved


def test_plan_is_told_before_anything_is_fetched_and_the_outcome_in_the_end(scene: Scene) -> None:
    run = scene.sync()

    days, total = len(run.records("wellness")), len(run.records("activities"))
    lines = [line for line in run.log.splitlines() if line.startswith(("wellness of", "activities of"))]
    assert lines[:2] == [
        f"wellness of athlete {scene.account.id}: {days} to fetch",
        f"activities of athlete {scene.account.id}: {total} to fetch, about {total + 1} requests, less than a minute",
    ]
    assert [line.partition(" done in")[0] for line in lines[-2:]] == [
        f"wellness of athlete {scene.account.id}: {days}",
        f"activities of athlete {scene.account.id}: {total}",
    ]


def test_newest_activity_comes_first(scene: Scene) -> None:
    starts = [record["start_date_local"] for record in scene.sync().records("activities")]

    assert starts == sorted(starts, reverse=True)


def test_strava_stubs_are_counted_and_left_out(scene: Scene) -> None:
    run = scene.sync()

    assert len(scene.account.stubs) == 3
    assert "3 come from Strava" in run.log
    assert scene.account.stubs.keys().isdisjoint(record["id"] for record in run.records("activities"))


def test_empty_account_is_a_success() -> None:
    with Sandbox(account_of(athlete(days=0, activities=0, future_days=0, strava_stubs=0))) as sandbox:
        scene = Scene(sandbox)
        run = scene.sync()

        assert (run.error, run.emitted, scene.sync().emitted) == ("", NOTHING, NOTHING)
