"""The day's requests: what a backfill leaves to new data, and to the backfills of other athletes."""

from __future__ import annotations

import pytest

from tap_intervals_icu.api.quota import DailyQuota


@pytest.mark.parametrize(("athletes", "left"), [(1, 900), (2, 800), (5, 500), (40, 500)])
def test_backfill_leaves_a_tenth_for_each_athlete_and_half_at_most(athletes: int, left: int) -> None:
    quota = DailyQuota.load(1000, ["2026-03-10", 0], athletes)
    assert (quota.left(backfill=True), quota.left()) == (left, 1000)


def test_what_one_backfill_does_not_use_goes_to_the_others() -> None:
    quota = DailyQuota(1000, athletes=3)
    shares = []
    for waiting, wanted in ((3, 1000), (2, 10), (1, 1000)):
        quota.share_out(waiting)
        shares.append(quota.left(backfill=True))
        quota.used += min(wanted, shares[-1])
    assert shares == [234, 233, 456]
    assert quota.left() == 300
