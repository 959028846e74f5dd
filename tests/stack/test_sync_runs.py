"""What the point of a run tells each athlete."""

from __future__ import annotations

from sync.log import FAILED, RunSummary
from sync.runs import ALL_IS_WELL, message

OUTCOME = {"outcome": "complete", "requests": 1.0, "records": 0.0, "reason": ""}


def test_each_athlete_hears_of_their_own_even_where_one_id_begins_like_another() -> None:
    ids = ("i1000", "i10001", "i100012")
    summary = RunSummary(athletes=dict.fromkeys(ids, OUTCOME))
    summary.notices += ["Activities of athlete i10001: 5 come from Strava.", "A new version is out."]
    assert message("", summary)["messages"] == {
        "i1000": "A new version is out.",
        "i10001": "Activities of athlete i10001: 5 come from Strava. A new version is out.",
        "i100012": "A new version is out.",
    }


def test_failure_that_names_another_athlete_alone_is_told_with_the_id() -> None:
    failed = {"i1000": "Refused like i10001.", "i2": "Athlete i2 could not be read."}
    summary = RunSummary(athletes={id_: OUTCOME | {"outcome": FAILED, "reason": why} for id_, why in failed.items()})
    assert message("", summary)["message"] == (
        "Athlete i1000 failed. Refused like i10001. Athlete i2 could not be read."
    )


def test_run_without_news_says_that_all_is_well() -> None:
    assert message("", RunSummary())["message"] == ALL_IS_WELL
