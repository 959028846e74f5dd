"""A model of server and runs: whatever happens between them, what was emitted becomes what is there."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from typing_extensions import override

from tap_intervals_icu.progress import Listed, Progress, digest

TODAY = 740_000
IDS = [f"i{number}" for number in range(8)]
DAYS = st.integers(TODAY - 30, TODAY)
STATE_KEYS = [
    "finished",
    "pending",
    "stamp",
    "window",
    "ends",
    "interval_counts",
    "census",
    "unseen",
    "unseen_stamp",
    "lacking",
]


@dataclass(frozen=True)
class Activity:
    day: int
    stamp: int
    name: int = 0

    def listed(self, id_: str, *, whole: bool) -> Listed:
        stamp = f"{self.stamp:09}"
        return Listed(
            id_, self.day, stamp, digest([stamp, self.day]), digest([stamp, self.day, self.name]) if whole else ""
        )


class Sync(RuleBasedStateMachine):
    """Edits of a server, and runs that may be killed: their state is the last one that was written."""

    def __init__(self) -> None:
        super().__init__()
        self.server: dict[str, Activity] = {}
        self.emitted: dict[str, Activity] = {}
        self.state: dict[str, Any] = {}
        self.clock = 0
        self.lookback = 14

    def tick(self) -> int:
        self.clock += 1
        return self.clock

    @initialize(days=st.lists(DAYS, max_size=5))
    def upload_some(self, days: list[int]) -> None:
        self.server = {id_: Activity(day, self.tick()) for id_, day in zip(IDS, days, strict=False)}

    @rule(id_=st.sampled_from(IDS), day=DAYS)
    def upload(self, id_: str, day: int) -> None:
        if id_ not in self.server:
            self.server[id_] = Activity(day, self.tick())

    @rule(id_=st.sampled_from(IDS), name=st.integers(0, 3))
    def rename_with_a_stamp(self, id_: str, name: int) -> None:
        if id_ in self.server:
            self.server[id_] = replace(self.server[id_], name=name, stamp=self.tick())

    @rule(id_=st.sampled_from(IDS), day=DAYS)
    def move_without_a_stamp(self, id_: str, day: int) -> None:
        if id_ in self.server:
            self.server[id_] = replace(self.server[id_], day=day)

    @rule(id_=st.sampled_from(IDS), name=st.integers(0, 3))
    def rename_without_a_stamp_in_the_window(self, id_: str, name: int) -> None:
        if id_ in self.server and self.server[id_].day >= TODAY - self.lookback and self.emitted.get(id_):
            self.server[id_] = replace(self.server[id_], name=name)
            self.run(census=False, first=TODAY - self.lookback)  # before it leaves the window

    @rule(id_=st.sampled_from(IDS))
    def delete(self, id_: str) -> None:
        # What a killed run emitted after its last state is not known to be there, should it be gone with the next run.
        if id_ not in self.emitted or id_ in Progress.load(self.state).finished:
            self.server.pop(id_, None)

    @rule(days=st.integers(0, 20))
    def look_back_on_more_or_fewer_days(self, days: int) -> None:
        self.lookback = days

    @rule(census=st.booleans(), first=DAYS, records=st.integers(0, 8), written=st.integers(0, 8))
    def run_and_be_killed(self, *, census: bool, first: int, records: int, written: int) -> None:
        self.run(census=census, first=first, records=records, written=written)

    @rule(census=st.booleans(), first=DAYS)
    def run_to_the_end(self, *, census: bool, first: int) -> None:
        self.run(census=census, first=first)

    def run(self, *, census: bool = True, first: int = 0, records: int = 99, written: int = 99) -> int:
        """Emit the newest `records` of what is due from `first` on; the state of the first `written` is kept."""
        progress = Progress.load(json.loads(json.dumps(self.state)))
        if census or not progress.census:
            progress.observe_census([row.listed(id_, whole=False) for id_, row in self.server.items()])
            progress.census = ["taken", ""]
            self.forget_deleted(progress, 0)
        window = TODAY - self.lookback
        recent = {id_: row for id_, row in self.server.items() if row.day >= window}
        progress.observe_window([row.listed(id_, whole=True) for id_, row in recent.items()])
        self.forget_deleted(progress, window)
        due = [id_ for id_, day in progress.pending.items() if day >= first and id_ in self.server]
        for count, id_ in enumerate(sorted(due, key=lambda id_: (progress.pending[id_], id_), reverse=True), 1):
            if count > records:
                return count
            self.emitted[id_] = self.server[id_]
            progress.finish(self.server[id_].listed(id_, whole=id_ in recent))
            if count <= written:
                self.state = progress.dump()
        if written >= len(due):
            self.state = progress.dump()
        return len(due)

    def forget_deleted(self, progress: Progress, first: int) -> None:
        listed = {id_ for id_, row in self.server.items() if row.day >= first}
        for id_ in progress.missing(listed, date.fromordinal(max(first, 1)), date.max):
            if id_ in self.server:
                progress.pending[id_] = self.server[id_].day
            else:
                progress.forget(id_)
                self.emitted.pop(id_, None)

    @invariant()
    def state_has_always_the_same_keys_with_texts_and_lists(self) -> None:
        if self.state:
            assert list(self.state) == STATE_KEYS
            assert {type(value) for value in self.state.values()} <= {str, list}

    @override
    def teardown(self) -> None:
        self.run()
        emitted = self.run()

        assert self.emitted == self.server
        assert emitted == 0


TestSync = Sync.TestCase
TestSync.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)


def test_detail_is_asked_for_again_only_when_it_changed() -> None:
    row = Activity(TODAY, 1).listed("i1", whole=True)
    renamed, retyped = replace(row, digest="other"), replace(row, detail="other", digest="another")
    progress = Progress()
    assert progress.needs_detail(row)
    progress.finish(row)

    assert [progress.needs_detail(row), progress.needs_detail(renamed)] == [False, False]
    assert progress.needs_detail(retyped)


def test_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": [{"c": 2, "d": 3}]}) == digest({"b": [{"d": 3, "c": 2}], "a": 1})
    assert digest({"a": 1}) != digest({"a": 1.5})
