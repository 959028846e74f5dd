"""What a run emits and asks after wellness rows were edited: exactly these days."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from tests.tap.scene import CENSUS, NOTHING, UNCHANGED, Scene
from tests.tap.test_activity_edits import assert_in_step

EDITS: dict[str, dict[str, Any]] = {
    "corrected": {"restingHR": 39},
    "added late": {"hrv": 88.8, "menstrualPhase": "FOLLICULAR"},
    "cleared": {"weight": None, "steps": None, "sportInfo": None},
    "measured instead of carried over": {"weight": 70.1, "tempWeight": False},
    "custom": {"AwakeTime": "NaN", "RespRate": 15.5},
}


def edit(scene: Scene, days_ago: list[int], *, stamped: bool = True) -> list[str]:
    """Do each edit to a day of its own; returns the days."""
    days = [str(scene.account.today - timedelta(days=ago)) for ago in days_ago]
    for day, values in zip(days, EDITS.values(), strict=True):
        scene.account.edit_wellness(day, stamped=stamped, **values)
    return sorted(days)


@pytest.mark.parametrize("stamped", [True, False])
def test_edits_in_the_window_are_emitted(scene: Scene, *, stamped: bool) -> None:
    scene.sync()
    days = edit(scene, [0, 1, 5, 13, 14], stamped=stamped)
    run = scene.sync()

    assert run.emitted == {"wellness": days}
    assert run.requests == UNCHANGED
    assert_in_step(scene)


def test_stamped_edits_before_the_window_are_emitted_by_the_census(scene: Scene) -> None:
    scene.sync()
    days = edit(scene, [15, 16, 20, 30, 40])

    assert scene.sync().emitted == NOTHING
    run = scene.sync(census_interval=0)
    assert run.emitted == {"wellness": days}
    assert run.requests == UNCHANGED + CENSUS + Counter({"wellness": 1})
    assert_in_step(scene)


def test_edits_without_a_stamp_before_the_window_are_not_found(scene: Scene) -> None:
    scene.sync()
    edit(scene, [15, 16, 20, 30, 40], stamped=False)

    assert scene.sync(census_interval=0).emitted == NOTHING


def test_first_record_of_an_old_day_is_emitted(scene: Scene) -> None:
    day = str(scene.account.today - timedelta(days=40))
    del scene.account.wellness[day]
    scene.sync()
    scene.account.edit_wellness(day, restingHR=50)

    assert scene.sync(census_interval=0).emitted == {"wellness": [day]}
    assert_in_step(scene)


def test_projected_days_are_emitted_when_their_day_has_come(scene: Scene) -> None:
    first = scene.sync()
    tomorrow = str(scene.account.today + timedelta(days=1))
    assert tomorrow in scene.account.wellness
    assert tomorrow not in first.emitted["wellness"]

    scene.account.advance(days=1)
    run = scene.sync()

    assert max(run.emitted["wellness"]) == tomorrow
    assert run.requests == UNCHANGED + CENSUS  # the daily one
    assert_in_step(scene)


@pytest.mark.parametrize("change", ["corrected load", "moved back", "moved on"])
def test_fitness_moved_by_an_old_edit_is_emitted_even_where_no_stamp_tells(scene: Scene, change: str) -> None:
    old = scene.account.add(scene.account.today - timedelta(days=35), seconds=3600)
    scene.sync()
    stamps = {day: row["updated"] for day, row in scene.account.wellness.items()}
    if change == "corrected load":
        scene.account.set_load(old, 300)
    else:
        scene.account.move(old, days=-9 if change == "moved back" else 18)
    for day, stamp in stamps.items():
        scene.account.wellness[day]["updated"] = stamp
    scene.sync(census_interval=0)

    assert_in_step(scene)
