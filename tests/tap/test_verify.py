"""The census for `verify`, and states that bring exactly some rows again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_intervals_icu.tap import TapIntervalsIcu
from tap_intervals_icu.verify.census import STREAMS, census, selected
from tap_intervals_icu.verify.repair import repaired
from tests import oracle
from tests.tap.scene import LAST_DAY

if TYPE_CHECKING:
    from sandbox import Account
    from tests.tap.scene import Scene


def lines(scene: Scene, **settings: Any) -> list[dict[str, Any]]:
    tap = TapIntervalsIcu(config={**scene.settings, **settings})
    return list(census(tap.find_athlete("0"), scene.state, STREAMS))


def counts(scene: Scene) -> dict[str, int | None]:
    return {line["id"]: line["samples"] for line in lines(scene) if line["stream"] == "activities"}


def truth(account: Account) -> dict[str, int]:
    """How many values the fullest channel of each activity has; stubs from Strava left out."""
    found = {}
    for id_, row in account.activities.items():
        samples = oracle.samples(account, id_).values()
        channels = {name for sample in samples for name in sample}
        if row.get("type"):
            found[id_] = max((sum(one[name] is not None for one in samples) for name in channels), default=0)
    return found


def test_the_census_is_the_account_with_the_number_of_samples_for_three_requests(scene: Scene) -> None:
    scene.sync()
    before = len(scene.sandbox.requests)
    head, *rows = lines(scene)
    assert len(scene.sandbox.requests) - before == 3
    today = LAST_DAY.isoformat()
    days = {"first": "1900-01-01", "last": "2199-12-31", "today": today}
    assert head == {"stream": "athlete", "athlete_id": scene.account.id, "streams": list(STREAMS), **days}
    listed = {row["id"] for row in rows if row["stream"] == "wellness"}
    assert listed == {row["id"] for row in oracle.wellness(scene.account)}
    assert counts(scene) == truth(scene.account)


def test_counts_follow_edits_and_are_unknown_before_the_sync(scene: Scene) -> None:
    assert set(counts(scene).values()) == {None}
    scene.sync()
    scene.account.trim(next(name for name, count in truth(scene.account).items() if count), 10)
    new = scene.account.add(seconds=30)
    assert counts(scene)[new] is None
    scene.sync(census_interval=0)
    assert counts(scene) == truth(scene.account)


def test_a_state_of_an_older_version_knows_no_counts(scene: Scene) -> None:
    scene.sync()
    for one in scene.state["bookmarks"]["activities"]["partitions"]:
        one["children"] = [line for line in one["children"] if not line.startswith("samples ")]
    assert set(counts(scene).values()) == {None}
    assert scene.sync().emitted == {}


def test_only_configured_days_are_listed(scene: Scene) -> None:
    rows = lines(scene, start_date="2026-02-10", end_date="2026-02-25")
    assert (rows[0]["first"], rows[0]["last"]) == ("2026-02-10", "2026-02-25")
    starts = {row["start_date_local"][:10] for row in rows if row["stream"] == "activities"}
    days = {row["id"] for row in rows if row["stream"] == "wellness"}
    assert starts
    assert all("2026-02-10" <= one <= "2026-02-25" for one in starts | days)


def test_a_repaired_state_brings_exactly_what_is_due_and_buries_what_is_gone(scene: Scene) -> None:
    scene.sync()
    account = scene.account
    again, *_, gone = (name for name, count in truth(account).items() if count)
    account.delete(gone)
    athlete_id, day = account.id, account.activities[again]["start_date_local"][:10]
    wish = {"activities": {again: day}, "wellness": {"2026-02-13": "2026-02-13"}, "gone": {gone: day, "i9": day}}
    before = scene.state
    scene.state = repaired(before, {athlete_id: wish})
    run = scene.sync()
    assert run.error == ""
    assert run.emitted["activities"] == sorted(["-i9", f"-{gone}", again])
    assert run.emitted["activity_streams"] == sorted(["-i9", f"-{gone}", again])
    assert "2026-02-13" in run.emitted["wellness"]
    assert scene.sync(census_interval=0).emitted == {}


def test_an_empty_state_is_repaired_as_well(scene: Scene) -> None:
    scene.state = repaired({}, {scene.account.id: {"wellness": {"2026-02-13": "2026-02-13"}}})
    assert "2026-02-13" in scene.sync().emitted["wellness"]


@pytest.mark.parametrize(
    ("patterns", "filters", "expected"),
    [
        ([], [], list(STREAMS)),
        (["*.*"], [], list(STREAMS)),
        (["wellness.*", "activities.*", "!activities.skyline_chart_bytes", "activity_streams.*"], [], list(STREAMS)),
        (["*.*", "!activity_streams.*"], [], ["wellness", "activities"]),
        (["wellness.id", "wellness.hrv"], [], ["wellness"]),
        (["*.*"], ["!activity_streams"], ["wellness", "activities"]),
        (["*.*"], ["wellness"], ["wellness"]),
    ],
)
def test_streams_are_selected_as_meltano_selects(patterns: list[str], filters: list[str], expected: list[str]) -> None:
    assert selected(patterns, filters) == expected
