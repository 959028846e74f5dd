"""How a run went for each athlete, from what Meltano says."""

from __future__ import annotations

import json
from typing import Any

from scale import outcomes
from scale.outcomes import Log, Outcome

REVOKED = "Athlete i2 could not be read. Intervals.icu answered 401."


def tap(event: str, level: str = "info", **fields: Any) -> str:
    """A line of the tap."""
    return json.dumps({"name": "tap-intervals-icu", "event": event, "level": level, **fields})


def ended(**codes: int) -> str:
    """Meltano's line about the end of a run that failed."""
    return json.dumps({"event": "Block run completed", "success": False, "exit_codes": codes, "level": "error"})


def log(*lines: str) -> Log:
    """A log of these lines."""
    found = Log()
    for line in lines:
        found.add(line)
    return found


def outcome(athlete: str, how: str, reason: str = "") -> str:
    return tap(f"Athlete {athlete}: {how}", athlete_id=athlete, outcome=how, reason=reason, requests=3, records=4)


def test_failure_of_one_athlete_is_that_athletes_alone() -> None:
    found = log(
        outcome("i1", "complete"),
        outcome("i2", "failed", REVOKED),
        outcome("i3", "paused"),
        tap(REVOKED, "error"),
        ended(extractors=1),
    )
    assert found.problem(1) == ""
    assert found.outcomes() == {
        "i1": Outcome("i1", is_ok=True),
        "i2": Outcome("i2", is_ok=False, reason=REVOKED),
        "i3": Outcome("i3", is_ok=True, is_unfinished=True),
    }


def test_failure_of_the_database_fails_all_although_the_tap_read_them() -> None:
    said = json.dumps({"name": "target-influxdb", "event": "InfluxDB is away.", "level": "error"})
    found = log(outcome("i1", "complete"), outcome("i2", "failed", REVOKED), said, ended(extractors=1, loaders=1))
    assert found.problem(1) == "InfluxDB is away."


def test_run_that_died_without_a_word_is_a_problem_and_nobody_counts_as_synced() -> None:
    found = log(outcome("i1", "complete"))
    assert found.problem(-9) == "meltano ended with exit code -9"
    assert outcomes.missing(["i1", "i2"], found.outcomes()) == {
        "i2": "the run of the shard did not get to its end; see the task's log"
    }


def test_tap_that_fails_without_naming_an_athlete_is_a_problem() -> None:
    assert (
        log(tap("`api_url` is not an address.", "error"), ended(extractors=1)).problem(1)
        == "`api_url` is not an address."
    )


def test_summary_tells_of_no_others_where_there_are_none() -> None:
    assert outcomes.sentence({"i1": "InfluxDB is away."}, 1, {}).splitlines()[0] == (
        "1 of 1 athletes were not synced. The next run tries again."
    )


def test_summary_names_who_is_missing_why_and_since_when() -> None:
    told = {"i1": Outcome("i1", is_ok=True), "i2": Outcome("i2", is_ok=False, reason=REVOKED)}
    missing = outcomes.missing(["i1", "i2", "i3"], told)
    assert outcomes.sentence(missing, 3, {"i2": "2026-11-28 03:00"}).splitlines() == [
        "2 of 3 athletes were not synced; the others were. The next run tries again.",
        f"- i2 (last synced 2026-11-28 03:00): {REVOKED}",
        "- i3 (last synced not in the last weeks): the run of the shard did not get to its end; see the task's log",
    ]
