"""A tap that is killed goes on from its last STATE line: nothing is lost, and little is repeated."""

from __future__ import annotations

import random
import signal
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from sandbox import Account, Sandbox
from tap_intervals_icu.changes.idset import unpack
from tests.tap.conftest import athlete
from tests.tap.process import messages, start
from tests.tap.scene import NOTHING, Run, Scene, leaked

if TYPE_CHECKING:
    from pathlib import Path

SAMPLED = "/api/v1/activity/{}/streams"


def finished(scene: Scene) -> set[str]:
    """Ids of the activities that the last STATE line calls finished."""
    partitions = scene.state.get("bookmarks", {}).get("activities", {}).get("partitions", [])
    return {id_ for partition in partitions for id_ in unpack(partition.get("finished", ""))}


def count_samples(folder: Path) -> int:
    return (folder / "output").read_bytes().count(b'"stream":"activity_streams","record"')


def run_until_killed(scene: Scene, folder: Path, records: int, *, how: signal.Signals, checkpoint: float) -> Run:
    """Kill a run after so many records of samples; store what it wrote."""
    process = start(scene, folder, checkpoint=checkpoint)
    while process.poll() is None and count_samples(folder) < records:
        time.sleep(0.002)
    process.send_signal(how)
    assert process.wait(timeout=10) in {-how, 128 + how, 0}
    output = (folder / "output").read_bytes()
    run = Run(messages(output), scene.asked(), "", (folder / "log").read_text())
    assert leaked(scene.sandbox, output.decode() + run.log) == []
    scene.store(run)
    return run


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_backfill_killed_again_and_again_covers_everything_and_asks_for_nothing_finished(
    scene: Scene, tmp_path: Path, how: signal.Signals
) -> None:
    scene.sandbox.state.latency = 0.01
    for records in (1, 4, 7, 3, 100):
        done = finished(scene)
        scene.sandbox.clear()
        run_until_killed(scene, tmp_path, records, how=how, checkpoint=0.0)
        assert {SAMPLED.format(id_) for id_ in done}.isdisjoint(request.path for request in scene.sandbox.requests)

    assert len(finished(scene)) == len(scene.account.activities)
    assert scene.stored() == scene.truth()
    assert scene.sync().emitted == NOTHING


@pytest.mark.long
def test_killed_run_repeats_at_most_five_seconds_of_work(tmp_path: Path) -> None:
    rng, tries = random.Random(1), 0
    account = Account(athlete(last_day=datetime.now(timezone.utc).date(), timezone="UTC", days=200, activities=200))
    with Sandbox(account, latency=0.1) as sandbox:
        scene = Scene(sandbox, workers=1)
        while len(finished(scene)) < len(account.activities):
            tries += 1
            sandbox.requests.clear()
            process = start(scene, tmp_path)
            time.sleep(rng.uniform(6, 12))
            process.kill()
            killed = time.time()
            process.wait(timeout=10)
            scene.store(Run(messages((tmp_path / "output").read_bytes()), scene.asked(), "", ""))
            # A second more, for the activities that are fetched ahead.
            early = [seen.path for seen in sandbox.requests if "/streams" in seen.path and seen.time < killed - 6]
            assert set(early) <= {SAMPLED.format(id_) for id_ in finished(scene)}

        assert tries > 1
        assert scene.stored() == scene.truth()
