"""Faults of the API: what fails comes with the next run, and never costs the rest."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tap_intervals_icu.api import client
from tests.tap.scene import NOTHING, UNCHANGED, Scene

if TYPE_CHECKING:
    from tests.tap.tables import Table

PASSING: dict[str, dict[str, Any]] = {
    "500": {"status": 500},
    "503, try again at once": {"status": 503, "retry_after": 0},
    "429 of the limit per second": {"status": 429},
    "connection reset": {"kind": "reset"},
    "reset amid the body": {"kind": "reset_body"},
    "truncated JSON": {"kind": "truncated"},
    "empty answer": {"kind": "empty"},
    "HTML with status 200": {"kind": "html"},
    "broken gzip": {"kind": "bad_gzip"},
    "slow": {"kind": "trickle", "seconds": 0.01},
    "no answer": {"kind": "hang", "seconds": 1.5},
}
PLACES = ["/athlete/0$", r"/wellness\?", r"/activities\?", r"/activities/i", "/streams"]
STREAMS_OF = "/activity/{}/streams"


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_passing_fault_anywhere_costs_nothing(scene: Scene, fault: dict[str, Any]) -> None:
    for place in PLACES:
        scene.sandbox.fail(place, **fault, times=1, after=1 if place == "/streams" else 0)
    run = scene.sync(request_timeout=1)

    assert run.error == ""
    assert scene.stored() == scene.truth()


@pytest.mark.parametrize("status", [401, 403])
def test_activity_whose_streams_the_key_may_not_read_is_named_and_costs_no_other(scene: Scene, status: int) -> None:
    hidden = scene.activities(inside=True)[-2]
    scene.sandbox.fail(STREAMS_OF.format(hidden), status=status)
    runs = scene.sync(), scene.sync()

    sentence = f"The streams of 1 activity could not be read ({hidden}). The next run tries them again."
    assert {run.error for run in runs} == {f"activities of athlete {scene.account.id} are incomplete. {sentence}"}
    assert set(runs[0].emitted["activities"]) == scene.account.activities.keys() - {hidden}
    assert runs[1].emitted == NOTHING
    assert runs[1].requests == UNCHANGED + Counter({"streams": 1, "athlete": 1})  # is it the key in general?


@pytest.mark.parametrize("status", [404, 410, 422])
def test_activity_whose_streams_are_not_handed_out_is_stored_without_them(scene: Scene, status: int) -> None:
    hidden = scene.activities(inside=True)[-2]
    scene.sandbox.fail(STREAMS_OF.format(hidden), status=status)
    run = scene.sync()

    assert run.error == ""
    assert f"Activity {hidden} has no streams" in run.log
    assert scene.stored() == without_samples(scene, hidden)
    assert scene.sync().emitted == NOTHING


def test_activities_whose_streams_fail_are_named_and_tried_again_by_the_next_run(scene: Scene) -> None:
    broken = scene.activities(inside=True)[-2], scene.activities(inside=False)[2]
    for id_ in broken:
        scene.sandbox.fail(STREAMS_OF.format(id_), status=500)
    first = scene.sync()
    second = scene.sync()
    asked = Counter(request.path for request in scene.sandbox.requests)
    scene.sandbox.clear()

    sentence = f"The streams of 2 activities could not be read ({', '.join(broken)}). The next run tries them again."
    for run in (first, second):
        assert run.error == f"activities of athlete {scene.account.id} are incomplete. {sentence}"
    assert set(first.emitted["activities"]) == scene.account.activities.keys() - set(broken)
    assert second.emitted == NOTHING
    assert {asked[f"/api/v1/activity/{id_}/streams"] for id_ in broken} == {2 * client.TRIES}
    last = scene.sync()
    assert last.emitted == {"activities": sorted(broken), "activity_streams": sorted(broken)}
    assert scene.stored() == scene.truth()


def test_block_of_activities_whose_streams_fail_does_not_hide_the_older_ones(scene: Scene) -> None:
    broken = scene.activities(inside=True)[-6:]
    for id_ in broken:
        scene.sandbox.fail(STREAMS_OF.format(id_), status=500)
    run = scene.sync()

    assert run.error
    assert set(run.emitted["activities"]) == scene.account.activities.keys() - set(broken)


ODD_STREAMS: dict[str, list[dict[str, Any]]] = {
    "time is no list": [{"type": "time", "data": {"0": 1}}],
    "time holds texts": [{"type": "time", "data": [0, "one", 2]}, {"type": "watts", "data": [1, 2, 3]}],
    "time beyond the calendar": [{"type": "time", "data": [0, 10**15]}, {"type": "watts", "data": [1, 2]}],
    "time holds lists": [{"type": "time", "data": [[0], [1]]}, {"type": "watts", "data": [1, 2]}],
    "data is a text": [{"type": "time", "data": [0, 1]}, {"type": "watts", "data": "none"}],
}


@pytest.mark.parametrize("layout", ["rows", "columns"])
@pytest.mark.parametrize("streams", ODD_STREAMS.values(), ids=ODD_STREAMS)
def test_activity_with_unreadable_streams_does_not_cost_the_others(
    scene: Scene, streams: list[dict[str, Any]], layout: str
) -> None:
    odd = scene.activities(inside=True)[-2]
    scene.account.replace_streams(odd, [{"custom": False, **stream} for stream in streams])
    run = scene.sync(activity_streams_layout=layout)

    others = scene.account.activities.keys() - {odd}
    assert set(run.emitted["activities"]) >= others
    assert odd in run.error or odd in run.log


@pytest.mark.parametrize(
    ("status", "advice"), [(401, "The API key is not valid"), (403, "has no right to this athlete's data")]
)
def test_key_revoked_in_mid_run_ends_it_with_one_sentence_and_keeps_what_is_out(
    scene: Scene, status: int, advice: str
) -> None:
    before = 5 + 2  # the lists, and the first of what they name
    scene.sandbox.fail("/", status=status, after=before + 8)
    run = scene.sync(workers=1)
    scene.sandbox.clear()

    assert advice in run.error
    assert len(run.error.splitlines()) == 1
    assert len(run.records("activity_streams")) == 8
    second = scene.sync()
    done = {record["id"] for record in run.records("activities")}
    assert done.isdisjoint(second.emitted["activities"])
    assert scene.stored() == scene.truth()


@pytest.mark.parametrize("kind", [{"api_key": "wrong"}, {"api_key": "", "access_token": "wrong"}])
def test_wrong_key_ends_with_one_sentence_after_one_request(scene: Scene, kind: dict[str, Any]) -> None:
    run = scene.sync(**kind)

    assert len(run.error.splitlines()) == 1
    assert run.error.startswith("Athlete 0 could not be read. Intervals.icu answered 40")
    assert (run.emitted, run.requests) == (NOTHING, Counter({"athlete": 1}))


def test_bearer_token_brings_the_same(scene: Scene) -> None:
    run = scene.sync(api_key="", access_token=scene.sandbox.state.access_token)

    assert run.error == ""
    assert scene.stored() == scene.truth()


def test_redirect_to_another_host_ends_with_one_sentence(scene: Scene) -> None:
    scene.sandbox.fail("/activities/i", kind="redirect", location="http://elsewhere.example")
    run = scene.sync()

    assert "redirects to http://elsewhere.example: the key is not sent there" in run.error
    assert scene.sync().requests[("activities by id")] == 1


def test_failing_list_of_one_stream_leaves_the_other_complete(scene: Scene) -> None:
    scene.sandbox.fail(r"/activities/i", status=500)
    run = scene.sync()
    scene.sandbox.clear()

    assert run.error.startswith(f"activities of athlete {scene.account.id} are incomplete.")
    assert len(run.records("wellness")) == len(scene.days("0"))
    scene.sync()
    assert scene.stored() == scene.truth()
    assert scene.sync().requests == UNCHANGED


def without_samples(scene: Scene, id_: str) -> dict[str, Table]:
    tables = scene.truth()
    samples = tables["activity_streams"]
    return tables | {"activity_streams": {key: row for key, row in samples.items() if key[1] != id_}}
