"""Streams that are selected later, or not any more: exactly what is missing is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.tap import scene as scenes
from tests.tap.scene import NOTHING, STREAMS, UNCHANGED, Scene
from tests.tap.test_activity_edits import assert_in_step
from tests.tap.test_optional_streams import intervals, stored_intervals

if TYPE_CHECKING:
    from tests.tap.scene import Run

Select = Callable[..., None]
WITHOUT_SAMPLES = ("wellness", "activities")
CURVES = ("power_curves", "hr_curves", "pace_curves")


@pytest.fixture
def select(monkeypatch: pytest.MonkeyPatch) -> Select:
    """Let the tap sync these streams from now on."""
    catalog = scenes.catalog

    def do(*streams: str) -> None:
        monkeypatch.setattr(scenes, "catalog", lambda config: catalog(config, streams))

    return do


def sampled(scene: Scene) -> list[str]:
    return sorted(id_ for id_ in scene.account.activities if scene.account.streams(id_))


def test_runs_without_samples_cost_the_later_ones_nothing_but_what_they_left_out(scene: Scene, select: Select) -> None:
    scene.sync()
    select(*WITHOUT_SAMPLES)
    assert scene.sync().emitted == NOTHING
    new = scene.account.add(seconds=60)
    trimmed, renamed = scene.activities(inside=True)[1:3]
    scene.account.trim(trimmed, 12)
    scene.account.rename(renamed, "Renamed")
    assert scene.sync().emitted["activities"] == sorted([new, trimmed, renamed])
    select(*STREAMS)
    run = scene.sync()

    assert run.emitted["activity_streams"] == sorted([new, trimmed, renamed])
    assert run.requests == UNCHANGED + Counter({"streams": 3})
    assert_in_step(scene)


def test_samples_selected_later_come_for_all_activities(scene: Scene, select: Select) -> None:
    select(*WITHOUT_SAMPLES)
    scene.sync()
    select(*STREAMS)
    run = scene.sync()

    brought = {record["activity_id"] for record in run.records("activity_streams") if record["time"]}
    assert sorted(brought) == sampled(scene)
    assert run.requests == UNCHANGED + Counter({"activities by id": 1, "streams": len(brought)})
    assert_in_step(scene)


def test_activities_selected_later_come_without_their_samples_being_read_again(scene: Scene, select: Select) -> None:
    select("activity_streams")
    scene.sync()
    select(*STREAMS)
    run = scene.sync()

    assert run.emitted["activities"] == sorted(scene.account.activities)
    assert run.requests["streams"] == 0
    assert {name for name in run.emitted if name != "wellness"} == {"activities"}
    assert_in_step(scene)


def test_intervals_selected_later_come_in_bulk(scene: Scene, select: Select) -> None:
    scene.sync()
    select(*STREAMS, "activity_intervals")
    run = scene.sync()

    assert stored_intervals(scene) == intervals(scene.account)
    assert run.requests == UNCHANGED + Counter({"activities by id": 2})  # those of the window, and the older ones
    assert scene.sync().emitted == NOTHING


def test_sport_info_selected_later_comes_for_all_days(scene: Scene, select: Select) -> None:
    scene.sync()
    select(*STREAMS, "wellness_sport_info")
    run = scene.sync()

    expected = {
        (day, info["type"])
        for day, row in scene.account.wellness.items()
        if day <= str(scene.account.today)
        for info in row.get("sportInfo") or ()
    }
    assert {(record["id"], record["type"]) for record in run.records("wellness_sport_info")} == expected
    assert scene.sync().emitted == NOTHING


def test_other_layout_brings_all_samples_in_it(scene: Scene) -> None:
    scene.sync(activity_streams_layout="columns")
    run = scene.sync(activity_streams_layout="rows")

    assert run.emitted["activity_streams"] == sampled(scene)
    assert {"time", "timestamp"} <= run.records("activity_streams")[0].keys()
    assert scene.sync(activity_streams_layout="rows").emitted == NOTHING


def curve_requests(run: Run) -> int:
    return sum(count for kind, count in run.requests.items() if kind.replace("-", "_") in CURVES)


def test_curves_are_read_when_activities_changed_and_once_a_census_interval(scene: Scene, select: Select) -> None:
    select(*STREAMS, *CURVES)
    first = scene.sync()
    idle = scene.sync()
    scene.account.rename(scene.activities(inside=True)[1], "Renamed")
    edited = scene.sync()
    later = scene.sync(census_interval=0)

    assert curve_requests(first) > 0
    assert [curve_requests(run) for run in (idle, edited, later)] == [0, curve_requests(first), curve_requests(first)]
    assert idle.requests == UNCHANGED


def test_curves_are_not_read_again_while_a_backfill_waits_for_the_next_day(scene: Scene, select: Select) -> None:
    select(*STREAMS, *CURVES)
    scene.sync(requests_per_day=25)
    scene.state["bookmarks"]["activities"]["requests"][1] = 901  # of the 1,000 now, all but the reserve
    first, idle = (scene.sync(requests_per_day=1000) for _ in range(2))

    assert "to fetch" in idle.log
    assert curve_requests(first) > 0
    assert idle.requests == UNCHANGED


def test_curves_that_got_shorter_or_empty_leave_no_old_points(scene: Scene, select: Select) -> None:
    select(*STREAMS, *CURVES)
    scene.sync()
    before = {(name, *key) for name in CURVES for key in scene.database.get(name, {})}
    for id_ in scene.activities(inside=True) + scene.activities(inside=False)[-8:]:
        scene.account.delete(id_)
    scene.sync(census_interval=0)
    fresh = Scene(scene.sandbox)
    fresh.sync()

    kept, expected = ({(name, *key) for name in CURVES for key in one.database.get(name, {})} for one in (scene, fresh))
    assert kept == expected
    assert len(expected) < len(before)
