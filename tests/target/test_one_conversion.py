"""A record becomes points once, whatever it replaces and whatever else is in its batch."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from target_influxdb.points import mapper, tags_and_times
from target_influxdb.points.flatten import flatten
from target_influxdb.points.times import nanoseconds
from tests.target.loading import DATE, MOMENT, NUMBERS, TEXT, load, record, schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.target.conftest import Place

RIDES = {"time": "start", "time_offset": "t", "tags": ["id"], "replace": ["id"]}
DAYS = {"time": "day", "tags": ["id"], "replace": "time"}
START = "2026-05-04T07:30:00Z"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Counter[Any]:
    """How often each time, each clock and each nested value was read."""
    counter: Counter[Any] = Counter()

    def counted(function: Callable[..., Any], what: Callable[..., Any]) -> Callable[..., Any]:
        def count(*arguments: Any) -> Any:
            counter[what(*arguments)] += 1
            return function(*arguments)

        return count

    monkeypatch.setattr(tags_and_times, "nanoseconds", counted(nanoseconds, lambda value, _: value))
    monkeypatch.setattr(mapper, "clock_of", counted(tags_and_times.clock_of, lambda _, made: ("clock", made["id"])))
    monkeypatch.setattr(mapper, "flatten", counted(flatten, lambda _, value: ("nested", value["a"])))
    return counter


def test_columnar_record_that_replaces_is_mapped_once(v1: Place, read: Counter[Any]) -> None:
    properties = {"id": TEXT, "start": MOMENT, "t": NUMBERS, "w": NUMBERS}
    rides = [record("rides", id=str(one), start=START, t=[0, 1.5], w=[one, None]) for one in range(4)]
    for _ in range(2):  # the second time they replace what is there
        load({**v1.config, "measurements": {"rides": RIDES}}, schema("rides", properties, ["id"]), *rides)
        assert {key: count for key, count in read.items() if key != START} == {("clock", one): 1 for one in "0123"}
        assert read[START] == 4
        read.clear()


def test_row_that_replaces_is_mapped_once_also_beside_a_tombstone_and_one_that_is_refused(
    v1: Place, read: Counter[Any], tmp_path: Path
) -> None:
    days = [f"2026-05-{day:02}" for day in range(1, 8)]
    rows = [record("days", id="a", day=day, nested={"a": day}) for day in days]
    wrong = record("days", id="a", day="soon", nested={"a": "soon"})
    buried = record("days", id="a", day="2026-04-30", _sdc_deleted_at=START)
    config = {**v1.config, "measurements": {"days": DAYS}, "rejects_path": str(tmp_path)}
    for _ in range(2):
        load(
            config,
            schema("days", {"id": TEXT, "day": DATE, "nested": {"type": "object"}}, ["id", "day"]),
            *(*rows[:4], wrong, buried, *rows[4:]),
        )
        times, nested = (*days, "2026-04-30", "soon"), [("nested", day) for day in days]
        assert read == Counter[Any]([*times, *nested])
        read.clear()
