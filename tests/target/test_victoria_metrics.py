"""VictoriaMetrics, by its /api/v2/write and the official client: numbers only, whole series deleted."""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests import servers
from tests.target.loading import DATE, NUMBER, NUMBERS, TEXT, load, record, schema, state

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = schema(
    "vm_streams", {"id": TEXT, "type": TEXT, "start": TEXT, "time": NUMBERS, "w": NUMBERS, "note": {}}, ["id"]
)
DAYS = schema(
    "vm_days", {"id": TEXT, "day": DATE, "x": NUMBER, "flag": {"type": "boolean"}, "text": TEXT}, ["id", "day"]
)
MAPPING = {
    "vm_streams": {"time": "start", "time_offset": "time", "tags": ["id", "type"], "replace": ["id"]},
    "vm_days": {"time": "day", "tags": ["id"], "replace": "time"},
}


def numbers(url: str, prefix: str) -> dict[tuple[Any, ...], float]:
    """Newest value per (name, tags, milliseconds)."""
    requests.get(f"{url}/internal/force_flush", timeout=10)
    query = {"match[]": f'{{__name__=~"{prefix}.*"}}'}
    answer = requests.get(f"{url}/api/v1/export", query, timeout=10).content
    found: dict[tuple[Any, ...], float] = {}
    for line in filter(None, answer.split(b"\n")):
        one = json.loads(line)
        name = one["metric"].pop("__name__")
        tags = frozenset((key, value) for key, value in one["metric"].items() if key != "db")
        found.update({(name, tags, at): value for at, value in zip(one["timestamps"], one["values"], strict=True)})
    return found


def ride(activity: str, kind: str, *watts: float) -> dict[tuple[Any, ...], float]:
    tags = frozenset({("id", activity), ("type", kind)})
    start = 1_777_879_800_000
    return {("vm_streams_w", tags, start + 1000 * second): value for second, value in enumerate(watts)}


def columns(activity: str, kind: str | None, *watts: float, **more: Any) -> dict[str, Any]:
    arrays = {"time": list(range(len(watts))), "w": list(watts), "note": ["text"] * len(watts)}
    return record("vm_streams", id=activity, type=kind, start="2026-05-04T07:30:00", **arrays, **more)


@pytest.fixture
def config(victoria_metrics: str) -> dict[str, Any]:
    return {"url": victoria_metrics, "bucket": "any", "measurements": MAPPING}


def test_numbers_are_stored_and_texts_left_out(config: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    day = record("vm_days", id="n", day="2026-05-04", x=1.5, flag=True, text="12.5")
    assert load(config, DAYS, day, state(1)) == [1]
    tags, at = frozenset({("id", "n")}), 1_777_852_800_000
    assert numbers(config["url"], "vm_days") == {("vm_days_x", tags, at): 1.5, ("vm_days_flag", tags, at): 1}
    assert "stores numbers only" in caplog.text


def test_replaced_retyped_and_deleted_activities_leave_no_ghost(config: dict[str, Any]) -> None:
    url = config["url"]
    load(config, COLUMNS, columns('a "1"', "Ride", 1, 2, 3), columns("b", "Ride", 4, 5))
    assert numbers(url, "vm_streams") == ride('a "1"', "Ride", 1, 2, 3) | ride("b", "Ride", 4, 5)
    load(config, COLUMNS, columns('a "1"', "Run", 7, 8))
    assert numbers(url, "vm_streams") == ride('a "1"', "Run", 7, 8) | ride("b", "Ride", 4, 5)
    load(config, COLUMNS, columns("b", None, _sdc_deleted_at="2026-06-01T00:00:00Z"))
    assert numbers(url, "vm_streams") == ride('a "1"', "Run", 7, 8)


def test_edited_points_are_stored_beside_the_old_ones_and_this_limit_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with servers.victoria_metrics("-dedup.minScrapeInterval=0") as server:  # shows all that it stores
        config = {"url": server.url, "bucket": "any", "measurements": MAPPING}
        days = [f"2026-05-{day:02d}" for day in (1, 2, 3)]
        load(config, DAYS, *(record("vm_days", id="o", day=day, x=x) for x, day in enumerate(days)))
        caplog.clear()
        load(config, DAYS, *(record("vm_days", id="o", day=day, x=10 + x) for x, day in enumerate(days)))
        requests.get(f"{server.url}/internal/force_flush", timeout=10)
        answer = requests.get(f"{server.url}/api/v1/export", {"match[]": "vm_days_x"}, timeout=10).json()
    first = 1_777_593_600_000
    expected = [(first + 86_400_000 * day, value) for day in range(3) for value in (day, 10 + day)]
    assert sorted(zip(answer["timestamps"], answer["values"], strict=True)) == expected
    assert caplog.text.count("can neither delete nor change single points") == 1
    assert "does not let this account read" not in caplog.text


def test_points_older_than_the_retention_are_kept_apart(tmp_path: Path) -> None:
    with servers.victoria_metrics("-retentionPeriod=2") as server:
        config = {"url": server.url, "bucket": "any", "measurements": MAPPING, "rejects_path": str(tmp_path)}
        today = time.strftime("%Y-%m-%d", time.gmtime())
        load(config, DAYS, record("vm_days", id="p", day="2020-01-01", x=1), record("vm_days", id="p", day=today, x=2))
        assert list(numbers(server.url, "vm_days").values()) == [2]
        assert "older than the 62 days" in (tmp_path / "rejected.s.lp").read_text()


def test_points_that_it_would_drop_in_silence_are_kept_apart(config: dict[str, Any], tmp_path: Path) -> None:
    soon = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 5 * 86_400))
    days = [record("vm_days", id="q", day=day, x=1) for day in (soon, "1969-12-30", "2026-05-04")]
    load({**config, "rejects_path": str(tmp_path)}, DAYS, *days)
    found = [key for key in numbers(config["url"], "vm_days_x") if ("id", "q") in key[1]]
    assert [at for _, _, at in found] == [1_777_852_800_000]
    assert (tmp_path / "rejected.s.lp").read_text().count("\nvm_days,id=q") == 2
