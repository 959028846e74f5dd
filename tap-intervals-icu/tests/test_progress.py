"""A model of server and runs: whatever happens between them, what was emitted becomes what is there."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from typing_extensions import override

from tap_intervals_icu.changes.detect import Listed, Progress, digest
from tap_intervals_icu.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Collection

TODAY = 740_000
IDS = [f"i{number}" for number in range(8)]
DAYS = st.integers(TODAY - 30, TODAY)
STREAMS = ("record", "samples")
STATE_KEYS = [
    "finished",
    "pending",
    "stamp",
    "window",
    "children",
    "census",
    "unseen",
    "unseen_stamp",
    "lacking",
    "marked",
    "ahead",
    "absent",
    "buried",
    "fitness",
    "read_again",
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
        self.emitted: dict[str, dict[str, Activity]] = {}
        """By id and stream; samples do not depend on the name."""
        self.streams = {"record", "samples"}
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

    @rule(hidden=st.sets(st.sampled_from(IDS)), census=st.booleans())
    def run_with_cut_lists(self, *, hidden: set[str], census: bool) -> None:
        self.run(census=census, hidden=hidden)

    @rule(streams=st.sets(st.sampled_from(STREAMS)))
    def select_streams(self, streams: set[str]) -> None:
        self.streams = streams

    def run(
        self,
        *,
        census: bool = True,
        first: int = 0,
        records: int = 99,
        written: int = 99,
        hidden: Collection[str] = (),
    ) -> int:
        """Emit the newest `records` of what is due from `first` on; the state of the first `written` is kept.

        Lists lack the `hidden` rows.
        """
        progress = Progress.load(json.loads(json.dumps(self.state)))
        progress.select(sorted(self.streams))
        seen = {id_: row for id_, row in self.server.items() if id_ not in hidden}
        if census or not progress.census:
            progress.observe_census([row.listed(id_, whole=False) for id_, row in seen.items()])
            progress.census = "taken"
            self.forget_deleted(progress, 0)
        window = TODAY - self.lookback
        recent = {id_: row for id_, row in seen.items() if row.day >= window}
        progress.observe_window([row.listed(id_, whole=True) for id_, row in recent.items()], window)
        self.forget_deleted(progress, window)
        wanted = (id_ for id_, day in progress.pending.items() if day >= first and id_ not in progress.unseen)
        due = [id_ for id_ in wanted if id_ in self.server]
        for count, id_ in enumerate(sorted(due, key=lambda id_: (progress.pending[id_], id_), reverse=True), 1):
            if count > records:
                return count
            row = self.server[id_]
            listed = row.listed(id_, whole=id_ in recent)
            for stream in self.streams:
                if stream == "record" or progress.needs(stream, listed):
                    self.emitted.setdefault(id_, {})[stream] = row if stream == "record" else replace(row, name=0)
            progress.finish(listed)
            if count <= written:
                self.state = progress.dump()
        if written >= len(due):
            self.state = progress.dump()
        return len(due)

    def forget_deleted(self, progress: Progress, first: int) -> None:
        """Prove what is gone, and find what moved, as the API is asked for each row that was not listed."""
        listed = {id_ for id_, row in self.server.items() if row.day >= first}
        for id_ in progress.missing(listed, date.fromordinal(max(first, 1)), date.max):
            if id_ in self.server:
                progress.move(self.server[id_].listed(id_, whole=False))
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
        self.streams = set(STREAMS)
        self.run()
        emitted = self.run()

        assert self.emitted == {
            id_: {"record": row, "samples": replace(row, name=0)} for id_, row in self.server.items()
        }
        assert emitted == 0


TestSync = Sync.TestCase
TestSync.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)


def test_samples_are_asked_for_again_only_when_what_they_depend_on_changed() -> None:
    row = Activity(TODAY, 1).listed("i1", whole=True)
    renamed, retyped = replace(row, digest="other"), replace(row, detail="other", digest="another")
    progress = Progress()
    progress.select(STREAMS)
    assert progress.needs("samples", row)
    progress.finish(row)

    assert progress.observe_window([renamed], TODAY - 14) == [renamed]
    assert not progress.needs("samples", renamed)
    assert progress.observe_window([retyped], TODAY - 14) == [retyped]
    assert progress.needs("samples", retyped)


def test_extent_is_in_no_state_before_its_row_is_finished_and_gone_with_the_row() -> None:
    row = Activity(TODAY, 1).listed("i1", whole=True)
    progress = Progress(extents={"samples": {"i1": 100}})
    progress.note_extent("samples", 40)
    assert Progress.load(progress.dump()).extent("samples", "i1") == 100  # the other 60 are not buried yet
    progress.finish(row)
    assert Progress.load(progress.dump()).extent("samples", "i1") == 40

    progress.note_extent("samples", 0)
    progress.forget("i1")
    progress.finish(replace(row, id="i2"))
    assert progress.extents == {"samples": {}}


def test_state_that_was_cut_is_refused_with_what_to_do() -> None:
    progress = Progress(finished={"i1": TODAY})
    for damage in ({"finished": progress.dump()["finished"][:-3]}, {"window": ["i1"]}, {"pending": 7}):
        with pytest.raises(StateError, match="start again with --full-refresh"):
            Progress.load(progress.dump() | damage)


def test_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": [{"c": 2, "d": 3}]}) == digest({"b": [{"d": 3, "c": 2}], "a": 1})
    assert digest({"a": 1}) != digest({"a": 1.5})
