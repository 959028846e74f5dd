"""Random edits, days that pass, faults and kills: in the end the database holds the truth, and nothing is emitted."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from tap_intervals_icu.records import parts
from tap_intervals_icu.singer import streams as base
from tests.tap.test_activity_edits import SILENT, STAMPED, assert_in_step
from tests.tap.test_faults import PASSING, PLACES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tap.scene import Scene

SEEDS = [11, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(20, 32))]


def edit_activity(scene: Scene, rng: Random) -> None:
    """Do any edit that the tap is meant to find: stamped, or in the look-back window."""
    inside = rng.random() < 0.5
    ids = scene.activities(inside=inside)
    if ids:
        edits = {**STAMPED, **SILENT} if inside and rng.random() < 0.5 else STAMPED
        edit = rng.choice(list(edits.values()))
        id_ = rng.choice(ids)
        if edit is not STAMPED["trim"] or len(scene.account.streams(id_)[0]["data"]) > 12:
            edit.do(scene.account, id_)


def move(scene: Scene, rng: Random) -> None:
    id_ = rng.choice(sorted(scene.account.activities))
    day = scene.account.activities[id_]["start_date_local"][:10]
    days = rng.randint(-20, (scene.account.today - scene.account.today.fromisoformat(day)).days)
    scene.account.move(id_, days=days, stamped=rng.random() < 0.5)


def upload(scene: Scene, rng: Random) -> None:
    scene.account.add(scene.account.today - timedelta(days=rng.randint(0, 40)), seconds=rng.choice([30, 900]))


def delete(scene: Scene, rng: Random) -> None:
    scene.account.delete(rng.choice(sorted(scene.account.activities)))


def upload_again(scene: Scene, rng: Random) -> None:
    scene.account.reupload(rng.choice(sorted(scene.account.activities)))


def edit_wellness(scene: Scene, rng: Random) -> None:
    ago = rng.randint(0, 40)
    day = str(scene.account.today - timedelta(days=ago))
    scene.account.edit_wellness(day, stamped=ago > 10 or rng.random() < 0.5, restingHR=rng.randint(40, 60), weight=None)


def let_days_pass(scene: Scene, rng: Random) -> None:
    scene.account.advance(days=rng.choice([0.3, 1, 3]))


def commit_faults(scene: Scene, rng: Random) -> None:
    kinds = [fault for name, fault in PASSING.items() if name not in {"slow", "no answer"}]
    for place in rng.sample(PLACES, 2):
        scene.sandbox.fail(place, **rng.choice(kinds), times=rng.randint(1, 3), after=rng.randint(0, 2))


EVENTS: list[Callable[[Scene, Random], None]] = [
    edit_activity,
    edit_activity,
    move,
    upload,
    delete,
    upload_again,
    edit_wellness,
    let_days_pass,
    commit_faults,
]


@pytest.mark.parametrize(("layout", "most"), [("rows", 0), ("columns", parts.VALUES_IN_A_PART), ("columns", 70)])
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_the_database_ends_up_with_the_truth(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, layout: str, most: int, seed: int
) -> None:
    monkeypatch.setattr(base, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(parts, "VALUES_IN_A_PART", most)
    rng = Random(seed)
    scene.settings["activity_streams_layout"] = layout
    for _ in range(5):
        for event in rng.choices(EVENTS, k=rng.randint(0, 4)):
            event(scene, rng)
        scene.sync(killed=rng.random() * 1.5)  # a third of the runs are not
        scene.sync()
        scene.sandbox.clear()
    scene.sync(census_interval=0)

    assert_in_step(scene)
