"""Keys without value: what is deleted are the points that lack the tag, on every kind of server, and never more."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from tests.target.loading import MOMENT, NUMBER, TEXT, load, record, schema, state
from tests.target.test_victoria_metrics import numbers

if TYPE_CHECKING:
    from tests.target.conftest import Place

PROPERTIES = {"a": TEXT, "b": TEXT, "at": MOMENT, "x": NUMBER, "y": NUMBER}
WHOLE = schema("pairs", PROPERTIES, ["a", "b"])
SINGLE = schema("pairs", PROPERTIES, ["a", "b", "at"])
AT = "2026-05-04T07:30:00Z"
NANOSECONDS = 1_777_879_800_000_000_000
KEYS = [("1", "2"), ("1", None), (None, "2"), (None, None)]
DELETED = "2026-06-01T00:00:00Z"

Key = tuple[str | None, str | None]


def pair(key: Key, **values: Any) -> dict[str, Any]:
    return record("pairs", a=key[0], b=key[1], at=AT, **values)


def points(fields: dict[Key, dict[str, float]]) -> set[Any]:
    """What the database holds: the fields by key."""
    tags = {key: {name: text for name, text in zip("ab", key, strict=True) if text} for key in fields}
    return {(NANOSECONDS, frozenset(tags[key].items()), frozenset(one.items())) for key, one in fields.items()}


def load_pairs(place: Place, shape: dict[str, Any], *records: dict[str, Any], **mapping: Any) -> None:
    whole = {"pairs": {"time": "at", "tags": ["a", "b"], **mapping}}
    assert load({**place.config, "measurements": whole}, shape, *records, state(1)) == [1]


@pytest.mark.parametrize("shape", [WHOLE, SINGLE], ids=["of a key", "of a point"])
@pytest.mark.parametrize("key", KEYS)
def test_tombstone_removes_its_own_points_alone(place: Place, shape: dict[str, Any], key: Key) -> None:
    load_pairs(place, shape, *(pair(one, x=1.0) for one in KEYS))
    load_pairs(place, shape, pair(key, _sdc_deleted_at=DELETED))
    assert place.points("pairs") == points({one: {"x": 1.0} for one in KEYS if one != key})


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("replace", ["time", ["a", "b"]], ids=["time", "tags"])
def test_replaced_record_leaves_no_old_value_and_the_others_alone(place: Place, replace: Any, key: Key) -> None:
    shape = SINGLE if replace == "time" else WHOLE
    load_pairs(place, shape, *(pair(one, x=1.0, y=2.0) for one in KEYS), replace=replace)
    load_pairs(place, shape, pair(key, x=3.0), replace=replace)
    expected = {one: {"x": 3.0} if one == key else {"x": 1.0, "y": 2.0} for one in KEYS}
    assert place.points("pairs") == points(expected)


@pytest.mark.parametrize("key", KEYS)
def test_tombstone_removes_its_own_series_alone_from_victoria_metrics(victoria_metrics: str, key: Key) -> None:
    name = f"pairs_{KEYS.index(key)}"
    config = {"url": victoria_metrics, "measurements": {"pairs": {"name": name, "time": "at", "tags": ["a", "b"]}}}
    load({**config, "bucket": "any"}, WHOLE, *(pair(one, x=1.0) for one in KEYS))
    assert len(numbers(victoria_metrics, name)) == len(KEYS)  # it deletes only what it already shows
    load({**config, "bucket": "any"}, WHOLE, pair(key, _sdc_deleted_at=DELETED))
    found = {tags for _, tags, _ in numbers(victoria_metrics, name)}
    assert found == {tags for _, tags, _ in points({one: {} for one in KEYS if one != key})}


def test_token_that_may_not_read_is_warned_where_only_a_reader_can_delete(
    shim: str, v1: Place, caplog: pytest.LogCaptureFixture
) -> None:
    load_pairs(v1, WHOLE, *(pair(one, x=1.0) for one in KEYS))
    caplog.set_level(logging.WARNING)
    v1.settings = {"url": shim, "token": "write", "org": "org"}
    load_pairs(v1, WHOLE, *(pair(one, _sdc_deleted_at=DELETED) for one in KEYS[:2]))
    assert v1.points("pairs") == points({one: {"x": 1.0} for one in KEYS[1:]})
    assert caplog.text.count("old points may remain") == 1
