"""A whole day of a coach with forty athletes and one key, run by run, by the clock of the sandbox."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from sandbox import Account, RateLimit, Sandbox
from sync.interval import interval_that_fits, with_cost
from sync.settings import Settings
from tests.tap.conftest import athlete
from tests.tap.scene import LAST_DAY, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

ATHLETES = 40
WANTED, A_DAY = Settings.interval, Settings.requests_a_day
"""What the service has where nothing is configured: 15 minutes, 5,000 requests."""
MIDNIGHT = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, tzinfo=timezone.utc) + timedelta(days=1)


@pytest.fixture
def team() -> Iterator[Scene]:
    """Forty small accounts behind the limits of a personal key, which go by the accounts' clock."""
    apart: dict[int, Account] = {}
    for number in range(100001, 100200):
        parameters = athlete(athlete_id=f"i{number}", timezone="UTC", activities=3)
        if len(apart) < ATHLETES and parameters.number not in apart:
            apart[parameters.number] = Account(parameters)
    accounts = list(apart.values())
    assert len(accounts) == ATHLETES
    with Sandbox(accounts, own_clock=True, rate_limit=RateLimit(per_second=0)) as sandbox:
        limiter = sandbox.state.limiter
        assert limiter

        def clock() -> float:
            return accounts[0].now.timestamp()

        limiter.clock = clock
        yield Scene(sandbox, athlete_ids=",".join(["0", *(one.id for one in accounts[1:])]))


def advance_to(team: Scene, moment: datetime) -> None:
    """Let time pass for all."""
    for account in team.accounts:
        account.advance(seconds=(moment - account.now).total_seconds())


def live(team: Scene, begin: datetime, end: datetime) -> None:
    """Let each athlete weigh in three times, train once, and have the session analysed a little later, in a day."""
    for index, account in enumerate(team.accounts):
        trains = MIDNIGHT + timedelta(days=1) * (index + 0.5) / ATHLETES
        if begin <= trains < end:
            account.add(sport="Ride", seconds=30, fresh=True)
        for id_ in [*account.waiting] if end > trains + timedelta(minutes=10) else ():
            account.settle(id_)
        for part in (0.3, 0.5, 0.8):
            if begin <= MIDNIGHT + timedelta(days=part, minutes=index) < end:
                account.edit_wellness(str(account.today), weight=70 + index + part, steps=round(9000 * part))


@pytest.mark.long
def test_forty_athletes_who_train_every_day_need_less_than_5000_requests_out_of_the_box(team: Scene) -> None:
    """Nothing is configured: 15 minutes are wanted, and the service lengthens them by what its runs cost."""
    assert team.sync().error == ""
    advance_to(team, MIDNIGHT)
    team.sandbox.clear()
    now, interval, runs = MIDNIGHT, WANTED, 0
    costs: list[float] = []
    while now < MIDNIGHT + timedelta(days=1):
        run = team.sync()
        runs += 1
        assert (run.error, "requests are used up" in run.log) == ("", False)
        costs = with_cost(costs, sum(run.requests.values()))
        interval = interval_that_fits(WANTED, costs, A_DAY, interval)
        live(team, now, now + timedelta(seconds=interval))
        now += timedelta(seconds=interval)
        advance_to(team, now)
    used = len(team.sandbox.requests)
    assert used <= A_DAY
    assert [one for one in team.sandbox.requests if one.status != 200] == []
    assert runs >= 48
    assert team.sync().error == ""
    assert team.stored() == team.truth()
