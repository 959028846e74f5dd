"""What a run emits and asks after activities were edited at the source: exactly that."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tap_intervals_icu.changes.feeds import ActivitiesFeed
from tests.tap.scene import CENSUS, NOTHING, UNCHANGED, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Account


class Edit(NamedTuple):
    """An edit, and whether it moves the samples (or what is copied into their records) and fitness."""

    do: Callable[[Account, str], object]
    samples: bool = False
    fitness: bool = False


STAMPED = {
    "rename": Edit(lambda account, id_: account.rename(id_, "Recovery", stamped=True), samples=True),
    "rate": Edit(lambda account, id_: account.rate(id_, 9, stamped=True), samples=True),
    "retype": Edit(lambda account, id_: account.retype(id_, "GravelRide", stamped=True), samples=True),
    "move by an hour": Edit(lambda account, id_: account.move(id_, hours=-1, stamped=True), samples=True),
    "edit intervals": Edit(lambda account, id_: account.edit_intervals(id_, stamped=True), samples=True),
    "remove streams": Edit(lambda account, id_: account.replace_streams(id_, [], stamped=True), samples=True),
    "trim": Edit(lambda account, id_: account.trim(id_, 12, stamped=True), samples=True, fitness=True),
    "correct load": Edit(lambda account, id_: account.set_load(id_, 150, stamped=True), samples=True, fitness=True),
}
SILENT = {
    "rename": Edit(lambda account, id_: account.rename(id_, "Recovery")),
    "rate": Edit(lambda account, id_: account.rate(id_, 9)),
    "retype": Edit(lambda account, id_: account.retype(id_, "GravelRide", stamped=False), samples=True),
    "move by an hour": Edit(lambda account, id_: account.move(id_, hours=-1, stamped=False), samples=True),
    "edit intervals": Edit(lambda account, id_: account.edit_intervals(id_, stamped=False)),
    "add weather": Edit(lambda account, id_: account.edit(id_, has_weather=True, average_wind_speed=3.2)),
    "add a custom field": Edit(lambda account, id_: account.edit(id_, PerformanceCondition=-3)),
    "correct load": Edit(lambda account, id_: account.set_load(id_, 150, stamped=False), fitness=True),
}


def edit(scene: Scene, edits: dict[str, Edit], *, inside: bool) -> dict[str, Edit]:
    """Do each edit to an activity of its own; returns them by id, oldest first."""
    ids = scene.activities(inside=inside)[-len(edits) :]
    done = dict(zip(ids, edits.values(), strict=True))
    for id_, each in done.items():
        each.do(scene.account, id_)
    return done


@pytest.mark.parametrize("edits", [STAMPED, SILENT], ids=["stamped", "silent"])
def test_edits_in_the_window_are_emitted(scene: Scene, edits: dict[str, Edit]) -> None:
    scene.sync()
    done = edit(scene, edits, inside=True)
    run = scene.sync()

    sampled = sorted(id_ for id_, each in done.items() if each.samples)
    assert run.emitted == {
        "activities": sorted(done),
        "activity_streams": sampled,
        "wellness": scene.days(first_day(scene, done)),
    }
    asked = sum(1 for id_ in sampled if scene.account.streams(id_))
    assert run.requests == UNCHANGED + Counter({"streams": asked})
    assert_in_step(scene)


def test_stamped_edits_before_the_window_are_emitted_by_the_census(scene: Scene) -> None:
    scene.sync()
    done = edit(scene, {name: each for name, each in STAMPED.items() if not each.fitness}, inside=False)
    before = scene.sync()
    run = scene.sync(census_interval=0)

    assert before.emitted == NOTHING
    assert run.emitted == {
        "activities": sorted(done),
        "activity_streams": sorted(done),
        # Which fitness has moved is not told: all of it is read again from the first edited day on.
        "wellness": scene.days(day_of(scene, min(done)), scene.day_before_window),
    }
    asked = sum(1 for id_ in done if scene.account.streams(id_))
    assert run.requests == UNCHANGED + CENSUS + Counter({"activities by id": 1, "streams": asked, "wellness": 1})
    assert_in_step(scene)


def test_edits_before_the_window_that_move_todays_fitness_are_emitted_at_once(scene: Scene) -> None:
    scene.sync()
    done = edit(scene, STAMPED, inside=False)
    run = scene.sync()

    assert "nothing since 2026-02-24 explains it: looking for an older edit" in run.log
    assert run.emitted == {
        "activities": sorted(done),
        "activity_streams": sorted(done),
        "wellness": scene.days(day_of(scene, min(done))),
    }
    asked = sum(1 for id_ in done if scene.account.streams(id_))
    assert run.requests == UNCHANGED + CENSUS + Counter({"activities by id": 1, "streams": asked, "wellness": 1})
    assert scene.sync().requests == UNCHANGED
    assert_in_step(scene)


def test_activity_deleted_before_the_window_is_found_at_once_where_it_moves_todays_fitness(scene: Scene) -> None:
    id_ = scene.activities(inside=False)[-1]
    scene.account.set_load(id_, 200)
    scene.sync()
    scene.account.delete(id_)
    run = scene.sync()

    assert run.emitted["activities"] == [f"-{id_}"]
    assert run.requests == UNCHANGED + CENSUS + Counter({"activity": 1, "wellness": 1})
    assert_in_step(scene)


def test_fitness_moved_by_what_the_window_shows_starts_no_census(scene: Scene) -> None:
    scene.sync()
    edit(scene, {name: each for name, each in (STAMPED | SILENT).items() if each.fitness}, inside=True)
    scene.account.add(seconds=3600)
    run = scene.sync()

    assert {name: count for name, count in run.requests.items() if "census" in name} == {}
    assert_in_step(scene)


def test_days_named_to_be_read_again_are_emitted_once_with_what_no_stamp_tells(scene: Scene) -> None:
    scene.sync()
    old = scene.activities(inside=False)[1:4]
    for id_ in old:
        scene.account.rename(id_, "Renamed")
    first, last = day_of(scene, old[0]), day_of(scene, old[-1])
    days = scene.days(first, last)
    runs = [scene.sync(read_again=f"{first}/{last}") for _ in range(2)]

    ids = sorted(id_ for id_ in scene.account.activities if day_of(scene, id_) in days)
    assert [run.emitted for run in runs] == [{"activities": ids, "wellness": days}, NOTHING]
    assert runs[0].requests == UNCHANGED + Counter({"activities by id": 1, "wellness": 1})
    assert_in_step(scene)


def test_activities_that_an_event_names_are_read_again_whole_however_old_and_without_a_stamp(scene: Scene) -> None:
    scene.sync()
    done = edit(scene, {name: each for name, each in SILENT.items() if not each.fitness}, inside=False)
    recent, gone = scene.activities(inside=True)[-1], scene.activities(inside=False)[0]
    scene.account.rename(recent, "Renamed")
    scene.account.delete(gone)
    named = [*done, recent, gone, "i999999999"]
    run = scene.sync(changed_activities=",".join(f"{scene.account.id}/{id_}" for id_ in named))

    assert run.emitted["activities"] == sorted([*done, recent, f"-{gone}"])
    assert run.emitted["activity_streams"] == sorted([*done, f"-{gone}"])
    asked = sum(1 for id_ in done if scene.account.streams(id_))
    assert run.requests["streams"] == asked
    assert (run.requests["activities census"], run.requests["wellness census"]) == (1, 0)
    assert scene.stored() == scene.truth()
    assert scene.sync(census_interval=0).emitted.keys() <= {"wellness"}  # whose stamps this run did not see
    assert_in_step(scene)


def test_event_of_a_recent_activity_costs_no_request_more(scene: Scene) -> None:
    scene.sync()
    recent = scene.activities(inside=True)[-1]
    scene.account.rename(recent, "Renamed")
    run = scene.sync(changed_activities=f"{scene.account.id}/{recent}, i9/i140000001")

    assert (run.emitted, run.requests) == ({"activities": [recent]}, UNCHANGED)
    assert_in_step(scene)


def test_activity_named_without_its_athlete_is_refused(scene: Scene) -> None:
    assert "'i140000001' is not ATHLETE/ACTIVITY" in scene.sync(changed_activities="i140000001").error


def test_many_changed_activities_cost_one_request_for_their_samples_each_and_a_few_in_bulk(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ActivitiesFeed, "ids_a_request", 5)  # 50 in life
    scene.sync()
    edited = scene.activities(inside=False)[:12]
    for id_ in edited:
        scene.account.rename(id_, "Renamed", stamped=True)
    run = scene.sync(census_interval=0)

    assert run.emitted["activities"] == sorted(edited)
    fitness = Counter({"wellness": run.requests["wellness"] - 1})
    assert run.requests - fitness == UNCHANGED + CENSUS + Counter({"streams": 12, "activities by id": 3})
    assert_in_step(scene)


def test_of_silent_edits_before_the_window_only_the_fitness_they_move_is_found(scene: Scene) -> None:
    scene.sync()
    done = edit(scene, SILENT, inside=False)

    assert scene.sync(census_interval=0).emitted == {"wellness": scene.days(first_day(scene, done))}


def test_mileage_of_the_gear_is_no_change_of_the_activity(scene: Scene) -> None:
    scene.sync()
    geared = [id_ for id_ in scene.activities(inside=True) if scene.account.activities[id_].get("gear")]
    for id_ in geared:
        gear = scene.account.activities[id_]["gear"]
        scene.account.edit(id_, gear={**gear, "distance": gear["distance"] + 1000})

    assert geared
    assert scene.sync(census_interval=0).emitted == NOTHING


def test_load_added_a_minute_after_the_upload_is_emitted_without_asking_for_samples_again(scene: Scene) -> None:
    scene.sync()
    id_ = scene.account.add(fresh=True, seconds=60)
    scene.sync()
    scene.account.settle(id_)
    run = scene.sync()

    assert run.emitted == {"activities": [id_]}
    assert run.requests == UNCHANGED
    assert_in_step(scene)


def test_old_activities_edited_with_one_common_stamp_are_all_emitted(scene: Scene) -> None:
    scene.sync()
    edited = scene.activities(inside=False)[2:6]
    stamp = "2026-03-10T21:00:00.000+00:00"
    for id_ in edited:
        scene.account.edit(id_, name="Renamed", icu_sync_date=stamp, analyzed=stamp)
    run = scene.sync(census_interval=0)

    assert run.emitted["activities"] == run.emitted["activity_streams"] == sorted(edited)
    assert_in_step(scene)


def day_of(scene: Scene, id_: str) -> str:
    return str(scene.account.activities[id_]["start_date_local"][:10])


def first_day(scene: Scene, done: dict[str, Edit]) -> str:
    """The first day whose fitness moved."""
    return min(day_of(scene, id_) for id_, each in done.items() if each.fitness)


def assert_in_step(scene: Scene) -> None:
    """Check that the database holds the truth, and that this is known to the tap."""
    assert scene.stored() == scene.truth()
    assert scene.sync(census_interval=0).emitted == NOTHING
