"""The calendar: changes from the look-back window on in each run, older ones by the census; a small state."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from typing import Any

import pytest

from tap_intervals_icu.changes.calendar_state import CalendarState, Event
from tests.tap import scene as scenes
from tests.tap.scene import NOTHING, Scene


@pytest.fixture
def calendar(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A scene whose tap syncs the events alone: three a week, and some of years ago."""
    catalog = scenes.catalog
    monkeypatch.setattr(scenes, "catalog", lambda config: catalog(config, ("events",)))
    for days in (400, 401, 420, 800, 2000):
        plan(scene, -days)
    return scene


def plan(scene: Scene, days: int) -> int:
    """Add an event so many days after today; returns its id."""
    return scene.account.add_event(category="NOTE", name="Some note", start_date_local=midnight(scene, days))


def midnight(scene: Scene, days: int) -> str:
    return f"{scene.account.today + timedelta(days=days)}T00:00:00"


def events(scene: Scene, first: int, last: int) -> list[int]:
    """Ids of the account's events between two days counted from today, by their day."""
    found = scene.account.calendar.events.values()
    chosen = [row for row in found if midnight(scene, first) <= row["start_date_local"] <= midnight(scene, last)]
    return [row["id"] for row in sorted(chosen, key=lambda row: row["start_date_local"])]


def assert_in_step(scene: Scene) -> None:
    stored = {row["id"]: (row["name"], row["start_date_local"]) for row in scene.database["events"].values()}
    assert stored == {
        row["id"]: (row["name"], row["start_date_local"]) for row in scene.account.calendar.events.values()
    }


def test_changes_from_the_window_on_are_found_by_each_run(calendar: Scene) -> None:
    calendar.sync()
    first, second, *_, last = events(calendar, -14, 400)
    calendar.account.edit_event(first, name="Done otherwise")
    calendar.account.delete_event(second)
    calendar.account.edit_event(last, name="Planned otherwise")
    new = plan(calendar, 3)

    run = calendar.sync()

    assert run.emitted["events"] == sorted([str(first), f"-{second}", str(last), str(new)])
    assert run.requests == {"athlete": 1, "events": 1, str(second): 1}
    assert_in_step(calendar)
    assert calendar.sync().emitted == NOTHING


def test_events_deleted_while_the_dates_leave_them_out_are_buried_when_these_are_as_before(calendar: Scene) -> None:
    calendar.sync()
    gone = [events(calendar, -2100, -1900)[0], events(calendar, -40, -20)[0]]
    calendar.sync(start_date=str(calendar.account.today))
    for event in gone:
        calendar.account.delete_event(event)
    assert calendar.sync(start_date=str(calendar.account.today)).emitted == NOTHING
    calendar.sync()

    assert_in_step(calendar)


@pytest.mark.parametrize("what", ["deleted", "of another kind"])
def test_event_that_sets_the_fitness_model_no_more_is_buried(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    catalog = scenes.catalog
    monkeypatch.setattr(scenes, "catalog", lambda config: catalog(config, ("fitness_model_events",)))
    scene.sync()
    gone = next(row["id"] for row in scene.account.calendar.events.values() if row["category"] == "SET_EFTP")
    if what == "deleted":
        scene.account.delete_event(gone)
    else:
        scene.account.edit_event(gone, category="NOTE")

    assert scene.sync().emitted["fitness_model_events"] == [f"-{gone}"]
    assert scene.sync().emitted == NOTHING


def test_changes_before_the_window_are_found_by_the_census(calendar: Scene) -> None:
    calendar.sync()
    old, deleted = events(calendar, -40, -20)[:2]
    years_ago = events(calendar, -2100, -1900)
    calendar.account.edit_event(old, name="Done otherwise")
    calendar.account.edit_event(years_ago[0], name="Done otherwise")
    calendar.account.delete_event(deleted)
    added = plan(calendar, -3000)

    assert calendar.sync().emitted == NOTHING
    run = calendar.sync(census_interval=0)

    assert {str(old), f"-{deleted}", str(years_ago[0]), str(added)} <= set(run.emitted["events"])
    assert not {str(one) for one in events(calendar, -801, -799)} & set(run.emitted["events"])  # of another year
    assert_in_step(calendar)
    assert calendar.sync(census_interval=0).emitted == NOTHING


@pytest.mark.parametrize(("before", "after"), [(-400, 3), (3, -400), (-400, -800), (3, 200), (200, 500), (-30, -2)])
def test_an_event_that_moves_is_stored_where_it_is_now(calendar: Scene, before: int, after: int) -> None:
    moving = plan(calendar, before)
    calendar.sync()
    calendar.account.edit_event(moving, start_date_local=midnight(calendar, after))

    calendar.sync()
    run = calendar.sync(census_interval=0)
    if -14 <= before <= 366 or -14 <= after <= 366:
        assert run.emitted == NOTHING  # it was found at once

    if after <= 366:
        assert_in_step(calendar)
    assert calendar.sync(census_interval=0).emitted == NOTHING


def test_nothing_comes_again_because_time_goes_by(calendar: Scene) -> None:
    calendar.sync()
    for _ in range(5):
        calendar.account.advance(days=9)
        assert calendar.sync().emitted == NOTHING
        assert calendar.sync(census_interval=0).emitted == NOTHING
    assert_in_step(calendar)


def test_nothing_is_emitted_or_lost_by_the_state_of_version_0_1(calendar: Scene) -> None:
    calendar.sync(lookback_days=10_000)
    old_deleted, old_edited = events(calendar, -2100, -401)[:2]
    for partition in calendar.state["bookmarks"]["events"]["partitions"]:
        assert len(partition["seen"]) == len(calendar.account.calendar.events)
        seen = partition["seen"]
        partition.clear()
        partition |= {"context": {"athlete_id": calendar.account.id}, "seen": seen}
    untouched = json.loads(json.dumps(calendar.state))

    assert calendar.sync().emitted == NOTHING
    calendar.state = untouched
    calendar.account.delete_event(old_deleted)
    calendar.account.edit_event(old_edited, name="Done otherwise")
    assert calendar.sync().emitted["events"] == sorted([f"-{old_deleted}", str(old_edited)])
    assert_in_step(calendar)
    assert calendar.sync(census_interval=0).emitted == NOTHING


def test_a_range_of_dates_that_grows_brings_what_is_new_in_it_and_deletes_nothing(calendar: Scene) -> None:
    start = midnight(calendar, -20)[:10]
    calendar.sync(start_date=start)
    assert {row["id"] for row in calendar.database["events"].values()} == set(events(calendar, -20, 366))
    calendar.sync()
    assert_in_step(calendar)
    run = calendar.sync(start_date=start)
    assert run.requests == {"athlete": 1, "events": 1}  # what is outside is not asked for
    assert not [one for one in run.records("events") if "_sdc_deleted_at" in one]
    calendar.sync()
    assert_in_step(calendar)


@pytest.mark.parametrize("kind", ["empty_list", "cut_list"])
def test_a_list_that_is_empty_or_cut_deletes_nothing(calendar: Scene, kind: str) -> None:
    calendar.sync()
    calendar.sandbox.fail(r"/events\\?", kind=kind)

    assert not [one for one in calendar.sync().records("events") if "_sdc_deleted_at" in one]
    assert not [one for one in calendar.sync(census_interval=0).records("events") if "_sdc_deleted_at" in one]

    calendar.sandbox.clear()
    calendar.sync(census_interval=0)
    assert_in_step(calendar)


@pytest.mark.parametrize("seed", range(4))
def test_any_changes_are_stored_after_the_next_census(calendar: Scene, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(12):
        for _ in range(rng.randint(0, 3)):
            change(calendar, rng)
        if rng.random() < 0.3:
            calendar.account.advance(days=rng.choice([0.3, 1, 8]))
        interval = rng.choice([0, 86_400])
        if rng.random() < 0.3:
            calendar.sync(killed=rng.random(), census_interval=interval)
        calendar.sync(census_interval=interval)
    calendar.sync(census_interval=0)
    assert_in_step(calendar)
    assert calendar.sync(census_interval=0).emitted == NOTHING


def change(scene: Scene, rng: random.Random) -> None:
    known = sorted(scene.account.calendar.events)
    days = rng.choice([-900, -400, -100, -30, -15, -14, -3, 0, 5, 100])
    match rng.randint(0, 3):
        case 0:
            plan(scene, days)
        case 1:
            scene.account.delete_event(rng.choice(known))
        case 2:
            scene.account.edit_event(rng.choice(known), name=f"Note {rng.random()}")
        case _:
            scene.account.edit_event(rng.choice(known), start_date_local=midnight(scene, days))


def test_the_state_of_twenty_years_stays_small() -> None:
    rng, today = random.Random(1), date(2026, 3, 10)
    ids = sorted(rng.sample(range(40_000_000, 90_000_000), 20 * 200))
    all_events = [
        Event(str(id_), today.toordinal() + 60 - position * 2, f"{rng.getrandbits(64):016x}")
        for position, id_ in enumerate(reversed(ids))
    ]
    planned = CalendarState()
    planned.note_all(all_events, today.toordinal() - 14)
    state: dict[str, Any] = planned.dump()
    assert len(json.dumps(state)) < 16_000
    assert CalendarState.load(state) == planned
