"""Streams that are selected later, or not any more: exactly what is missing is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import curve_answers
from tap_intervals_icu.changes.idset import unpack
from tap_intervals_icu.tap import TapIntervalsIcu
from tests.tap import scene as scenes
from tests.tap.scene import NOTHING, UNCHANGED, Scene
from tests.tap.tables import STREAMS
from tests.tap.test_activity_edits import assert_in_step
from tests.tap.test_optional_streams import intervals, stored_intervals

if TYPE_CHECKING:
    from sandbox import Account
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


@pytest.mark.parametrize("layout", ["rows", "columns"])
def test_times_are_there_whatever_else_is_selected(scene: Scene, monkeypatch: pytest.MonkeyPatch, layout: str) -> None:
    config = scene.settings | {"activity_streams_layout": layout}
    catalog = TapIntervalsIcu(config=config).catalog_dict
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            is_stream = not entry["breadcrumb"] and stream["tap_stream_id"] in {*STREAMS, "activity_intervals"}
            entry["metadata"]["selected"] = is_stream or "watts" in entry["breadcrumb"]
    tap = TapIntervalsIcu(config=config, catalog=catalog)
    monkeypatch.setattr(scenes, "catalog", lambda _: scenes.Selected(tap.catalog, tap.mapper))
    run = scene.sync(activity_streams_layout=layout)

    custom = {"FuelRate", "Sweatloss", "AerobicEffect", "EPOC"}  # of which no catalog knows
    names = {stream: set[str]().union(*run.records(stream)) - custom for stream in run.emitted}
    key = {"athlete_id", "activity_id"}
    own = {"rows": {"time", "timestamp"}, "columns": {"time", "start_date", "record_part"}}[layout]
    assert names["activity_streams"] == key | own | {"start_date_local", "watts"}
    assert names["activity_intervals"] == key | {"position", "start_date", "start_date_local", "start_time"}
    assert names["activities"] == {"athlete_id", "id", "updated", "start_date_local"}


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


@pytest.mark.parametrize("layout", ["rows", "columns"])
@pytest.mark.parametrize("left_out", ["activities", "activity_streams"])
def test_activities_deleted_while_a_stream_is_left_out_are_buried_there_when_it_is_read_again(
    scene: Scene, select: Select, layout: str, left_out: str
) -> None:
    scene.settings["activity_streams_layout"] = layout
    scene.sync()
    deleted = [scene.activities(inside=False)[0], scene.activities(inside=True)[0]]
    for id_ in deleted:
        scene.account.delete(id_)
    select(*(name for name in STREAMS if name != left_out))
    scene.sync(census_interval=0)
    assert scene.sync(census_interval=0).emitted == NOTHING
    select(*STREAMS)
    run = scene.sync()

    assert run.emitted[left_out] == sorted(f"-{id_}" for id_ in deleted)
    assert run.requests == UNCHANGED
    assert_in_step(scene)
    (known,) = scene.state["bookmarks"]["activities"]["partitions"]
    assert unpack(known["finished"]).keys() == scene.account.activities.keys()


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


def bests(account: Account) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Best values that the account holds, by athlete and activity."""
    days = {"oldest": "2000-01-01", "newest": "2100-01-01"}
    points = {
        "secs": {5: "power_5s", 60: "power_1m", 300: "power_5m", 1200: "power_20m", 3600: "power_60m"},
        "distances": {400: "time_400m", 1000: "time_1km", 5000: "time_5km", 10_000: "time_10km"},
    }
    power = {"type": "Ride", "secs": ",".join(map(str, points["secs"]))}
    answered = [("Ride", "secs", "watts", curve_answers.activity_power_curves(account, days | power))]
    answered += [
        (sport, "distances", "secs", curve_answers.activity_pace_curves(account, days | {"type": sport}))
        for sport in ("Run", "Swim")
    ]
    found = {}
    for sport, axis, values, answer in answered:
        for one in answer["curves"]:
            pairs = zip(answer[axis], one[values], strict=False)  # times end where the activity did
            best = {points[axis][point]: value for point, value in pairs if value and point in points[axis]}
            if best:
                found[account.id, one["id"]] = {"type": sport, "start_date_local": one["start_date_local"], **best}
    return found


def test_bests_of_activities_are_those_of_the_account_and_cost_three_requests_when_activities_changed(
    scene: Scene, select: Select
) -> None:
    def stored() -> dict[tuple[Any, ...], dict[str, Any]]:
        rows = scene.database.get("activity_bests", {})
        kept = ("type", "start_date_local", "power_", "time_")
        return {key: {name: row[name] for name in row if name.startswith(kept)} for key, row in rows.items()}

    def asked(run: Run) -> int:
        return sum(count for kind, count in run.requests.items() if kind.startswith("activity-"))

    select(*STREAMS, "activity_bests")
    first = scene.sync()
    assert stored() == bests(scene.account)
    assert len(stored()) > 4
    idle = scene.sync()
    for id_ in scene.activities(inside=True)[:4]:
        scene.account.delete(id_)
    edited = scene.sync()
    assert stored() == bests(scene.account)
    later = scene.sync(census_interval=0)
    assert [asked(run) for run in (first, idle, edited, later)] == [3, 0, 3, 3]
    assert "activity_bests" not in later.emitted
