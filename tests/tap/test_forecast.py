"""Projected fitness of the days to come: a stream apart from the past, replaced and buried as plans change."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox
from tests.accounts import account_of
from tests.tap import scene as scenes
from tests.tap.conftest import athlete
from tests.tap.scene import NOTHING, UNCHANGED, Scene
from tests.tap.tables import STREAMS

if TYPE_CHECKING:
    from tests.tap.scene import Run

STACK = (*STREAMS, "events", "wellness_forecast")
READ = Counter({"wellness census": 1})
"""The request of the projections, as the scene names it: days with chosen properties."""
IDLE = UNCHANGED + Counter({"events": 1})


@pytest.fixture
def planned(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A scene whose tap syncs what the stack selects of this."""
    select(monkeypatch, *STACK)
    return scene


def select(monkeypatch: pytest.MonkeyPatch, *streams: str) -> None:
    catalog = scenes.catalog
    monkeypatch.setattr(scenes, "catalog", lambda config: catalog(config, streams))


def projected(scene: Scene) -> dict[str, tuple[Any, ...]]:
    """What the account projects: fitness, fatigue and load of each day after today."""
    rows = scene.account.wellness.items()
    return {day: figures(row) for day, row in rows if day > str(scene.account.today)}


def stored(scene: Scene) -> dict[str, tuple[Any, ...]]:
    return {row["id"]: figures(row) for row in scene.database.get("wellness_forecast", {}).values()}


def figures(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("ctl", "atl", "rampRate", "ctlLoad", "atlLoad"))


def buried(run: Run) -> set[str]:
    return {record["id"] for record in run.records("wellness_forecast") if "_sdc_deleted_at" in record}


def test_days_to_come_are_stored_apart_from_the_past(planned: Scene) -> None:
    run = planned.sync()
    today = str(planned.account.today)
    assert stored(planned) == projected(planned)
    assert len(stored(planned)) == 14
    assert max(record["id"] for record in run.records("wellness")) == today
    assert min(record["id"] for record in run.records("wellness_forecast")) > today
    assert {name for record in run.records("wellness_forecast") for name in record} <= {
        *("athlete_id", "id", "updated", "ctl", "atl", "rampRate", "ctlLoad", "atlLoad")
    }


def test_nothing_is_asked_while_neither_fitness_nor_plan_moved(planned: Scene) -> None:
    planned.sync()
    planned.account.edit_wellness(str(planned.account.today), steps=9000)  # moves no fitness
    assert planned.sync().requests == IDLE
    assert planned.sync().requests == IDLE


def test_a_new_activity_or_an_edit_of_an_old_one_replaces_the_projections(planned: Scene) -> None:
    planned.sync()
    before = stored(planned)
    planned.account.add(seconds=60)
    run = planned.sync()
    assert run.requests["wellness census"] == 1
    assert stored(planned) == projected(planned) != before
    (old, *_) = planned.activities(inside=False)
    planned.account.set_load(old, 500)
    planned.sync(census_interval=0)
    assert stored(planned) == projected(planned)
    assert planned.sync().requests == IDLE


def test_a_changed_plan_replaces_the_projections_of_the_days_after_it(planned: Scene) -> None:
    planned.sync()
    day = planned.account.today + timedelta(days=4)
    event = planned.account.add_event(category="WORKOUT", icu_training_load=200, start_date_local=f"{day}T00:00:00")
    run = planned.sync()
    assert run.requests == IDLE + READ
    changed = {record["id"] for record in run.records("wellness_forecast")}
    assert changed == {one for one in projected(planned) if one >= str(day)}
    planned.account.delete_event(event)
    planned.sync()
    assert stored(planned) == projected(planned)


def test_a_day_that_came_is_buried_and_goes_on_as_wellness(planned: Scene) -> None:
    planned.sync()
    tomorrow = str(planned.account.today + timedelta(days=1))
    planned.account.advance(days=1)
    run = planned.sync()
    assert buried(run) == {tomorrow}
    assert tomorrow in {record["id"] for record in run.records("wellness")}
    assert stored(planned) == projected(planned)
    assert planned.sync().emitted == NOTHING


def test_a_projection_that_vanished_with_its_plan_is_buried(planned: Scene) -> None:
    planned.sync()
    last = max(projected(planned))
    del planned.account.wellness[last]
    events = planned.account.calendar.events
    planned.account.edit_event(max(events, key=lambda id_: events[id_]["start_date_local"]), name="Moved")
    assert buried(planned.sync()) == {last}
    assert stored(planned) == projected(planned)


def test_a_failed_request_is_made_up_for_by_the_next_run(planned: Scene) -> None:
    planned.sync()
    planned.account.add(seconds=60)
    planned.sandbox.fail("fields=id%2Cctl", status=403)
    assert "wellness_forecast of athlete" in planned.sync().error
    planned.sandbox.clear()
    assert planned.sync().requests == IDLE + READ
    assert stored(planned) == projected(planned)


def test_without_the_calendar_each_run_asks_and_emits_what_changed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    select(monkeypatch, *STREAMS, "wellness_forecast")
    scene.sync()
    run = scene.sync()
    assert (run.requests, run.emitted) == (UNCHANGED + READ, NOTHING)
    day = scene.account.today + timedelta(days=4)
    scene.account.add_event(category="WORKOUT", icu_training_load=200, start_date_local=f"{day}T00:00:00")
    scene.sync()
    assert stored(scene) == projected(scene)


def test_the_last_date_bounds_what_is_projected_and_a_past_one_leaves_none(planned: Scene) -> None:
    today = planned.account.today
    planned.sync(end_date=str(today + timedelta(days=3)))
    assert set(stored(planned)) == {str(today + timedelta(days=ahead)) for ahead in (1, 2, 3)}
    planned.database.clear()
    planned.state = {}
    planned.sync(end_date=str(today))
    assert stored(planned) == {}


def test_a_projection_that_vanished_beyond_the_last_date_is_buried_when_that_moves_on(planned: Scene) -> None:
    planned.sync()
    today = planned.account.today
    last = max(projected(planned))
    planned.account.add(seconds=60)  # fitness moves: the projections are read
    planned.sync(end_date=str(today + timedelta(days=1)))
    del planned.account.wellness[last]
    planned.account.add(seconds=60)
    assert buried(planned.sync()) == {last}
    assert stored(planned) == projected(planned)


@pytest.mark.usefixtures("sandbox")  # it sets the server's clock
def test_each_athlete_has_projections_and_costs_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    select(monkeypatch, *STACK)
    accounts = [account_of(athlete(athlete_id=id_, activities=3)) for id_ in ("i100001", "i100002")]
    with Sandbox(accounts) as both:
        scene = Scene(both, athlete_ids="i100001,i100002")
        run = scene.sync()
        assert run.requests["wellness census"] == 4  # a census and the projections of each
        assert {key[0] for key in scene.database["wellness_forecast"]} == {"i100001", "i100002"}
