"""Best values of each activity: of the shape that the live service gives, and of shapes that nobody knows yet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tap.canned import ATHLETE, Answers, records

STREAMS = ("activities", "activity_bests")
LONG = {"id": "i900000011", "start_date_local": "2026-09-19T09:11:22", "weight": 70}
SHORT = {"id": "i900000012", "start_date_local": "2025-09-24T16:25:25", "weight": None}
RIDE = {"id": "i900000013", "start_date_local": "2026-09-20T10:00:00", "weight": 71.5}
POWER = {"after_kj": None, "secs": [5, 60, 300, 1200, 3600], "curves": [RIDE | {"watts": [900, 500, 320, 280, 0]}]}
LADDER = [400, 1000, 5000, 10000, 21097.5, 42195]


def times(*curves: dict[str, Any], distances: list[float] | None = None) -> dict[str, Any]:
    """An answer of the list of best times."""
    return {"distances": distances or LADDER, "gap": False, "curves": list(curves)}


@pytest.fixture
def answers() -> Answers:
    """A ride; a run of 12 km and one of 6 km, whose times end where the run did."""
    return Answers(
        profile={"sportSettings": [{"types": ["Ride"]}, {"types": ["Run"]}]},
        curves={
            "activity_power_curves/Ride": POWER,
            "activity_pace_curves/Run": times(
                LONG | {"secs": [105, 280, 1457, 3100]}, SHORT | {"secs": [106, 282, 1461]}
            ),
        },
    )


STORED = {
    "i900000013": {"power_5s": 900, "power_1m": 500, "power_5m": 320, "power_20m": 280, "weight": 71.5},
    "i900000011": {"time_400m": 105, "time_1km": 280, "time_5km": 1457, "time_10km": 3100, "weight": 70},
    "i900000012": {"time_400m": 106, "time_1km": 282, "time_5km": 1461},
}


def found(messages: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The values of each record by its activity."""
    key = {"athlete_id", "id", "type", "start_date_local"}
    return {
        record["id"]: {name: value for name, value in record.items() if name not in key and value is not None}
        for record in records(messages, "activity_bests")
    }


def state_of(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """The last state of a run."""
    state: dict[str, Any] = [one["value"] for one in messages if one["type"] == "STATE"][-1]
    return state


def test_activity_that_is_shorter_than_the_longest_distance_keeps_its_times(answers: Answers) -> None:
    messages, error, log = answers.sync("columns", STREAMS)

    assert error == ""
    assert found(messages) == STORED
    assert "report" not in log


def test_distances_with_float_noise_are_those_that_were_asked_for(answers: Answers) -> None:
    noisy = [399.99997, 1000.0001, 5000, 10000, 21097.5, 42195]
    answers.curves["activity_pace_curves/Run"] = times(LONG | {"secs": [105, 280]}, distances=noisy)

    assert found(answers.sync("columns", STREAMS)[0])["i900000011"] == {"time_400m": 105, "time_1km": 280, "weight": 70}


def test_activity_without_any_value_is_no_news(answers: Answers) -> None:
    answers.curves["activity_pace_curves/Run"] = times(LONG | {"secs": None}, SHORT | {"secs": []}, SHORT)
    messages, _, log = answers.sync("columns", STREAMS)

    assert set(found(messages)) == {"i900000013"}
    assert "report" not in log


@pytest.mark.parametrize(
    ("odd", "names"),
    [
        ({"best": [105, 280]}, "best, id, start_date_local, weight"),
        ({"secs": {"400": 105}}, "id, secs, start_date_local, weight"),
        ({"secs": [1] * 7}, "id, secs, start_date_local, weight"),
    ],
)
def test_unknown_shape_is_told_once_with_its_names_and_deletes_nothing(
    answers: Answers, odd: dict[str, Any], names: str
) -> None:
    state = state_of(answers.sync("columns", STREAMS)[0])
    state["bookmarks"]["activity_bests"]["partitions"][0].pop("read")
    answers.curves["activity_pace_curves/Run"] = times(LONG | odd, SHORT | odd)
    messages, error, log = answers.sync("columns", STREAMS, state)

    assert error == ""
    assert not [one for one in records(messages, "activity_bests") if "_sdc_deleted_at" in one]
    (line,) = (line for line in log.splitlines() if "report" in line)
    assert f"activity_bests of athlete {ATHLETE}, Run: best values of 2 activities are left out (0 are read)" in line
    assert f"curves, distances, gap; of an activity: {names}." in line


def test_distance_that_the_answer_lacks_is_named(answers: Answers) -> None:
    answers.curves["activity_pace_curves/Run"] = times(LONG | {"secs": [105, 280]}, distances=[402.335, 1000])
    messages, _, log = answers.sync("columns", STREAMS)

    assert found(messages)["i900000011"] == {"time_1km": 280, "weight": 70}
    assert "Run: Intervals.icu has no best values at 400, 5000, 10000, 21097.5, 42195. Please report this." in log


def test_best_values_are_read_again_after_a_clock_that_was_wrong(answers: Answers) -> None:
    state = state_of(answers.sync("columns", STREAMS)[0])
    answers.curves["activity_pace_curves/Run"] = times(LONG | {"secs": [99, 280, 1457, 3100]})
    assert found(answers.sync("columns", STREAMS, state)[0]) == {}  # read today, and no activity has changed
    state["bookmarks"]["activity_bests"]["partitions"][0]["read"] = "2099-01-01T00:00:00+00:00"
    assert found(answers.sync("columns", STREAMS, state)[0])["i900000011"]["time_400m"] == 99
