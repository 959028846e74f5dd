"""A record that comes in parts stores, replaces and deletes what it would in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.target.loading import MOMENT, NUMBERS, TEXT, load, record, schema, state

if TYPE_CHECKING:
    from tests.target.conftest import Place

PROPERTIES = {"id": TEXT, "at": MOMENT, "t": NUMBERS, "x": NUMBERS}
WHOLE = schema("c", PROPERTIES, ["id"])
PARTED = schema("c", PROPERTIES | {"record_part": {"type": "integer"}}, ["id", "record_part"])
MAPPINGS = {
    "tags named": {"time": "at", "time_offset": "t", "tags": ["id"], "replace": ["id"]},
    "tags of the key": {"time": "at", "time_offset": "t", "replace": ["id"]},
}
SAMPLES = 10
DELETED = "2026-06-01T00:00:00Z"


def samples(count: int, *, each: int, start: str = "2026-05-01", key: str = "a") -> list[dict[str, Any]]:
    """A record of so many samples, in parts of `each`."""
    cuts = [range(first, min(first + each, count)) for first in range(0, count, each)]
    shared = {"id": key, "at": f"{start}T00:00:00Z"}
    return [record("c", **shared, record_part=part, t=[*cut], x=[*cut]) for part, cut in enumerate(cuts)]


def in_one(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same, as one record."""
    records = [part["record"] for part in parts]
    arrays = {name: [value for one in records for value in one[name]] for name in ("t", "x")}
    return [record("c", id=records[0]["id"], at=records[0]["at"], **arrays)]


@pytest.mark.parametrize("mapping", MAPPINGS.values(), ids=list(MAPPINGS))
@pytest.mark.parametrize("batch_lines", [1, 4, 5000])
def test_parts_replace_what_there_was_and_not_each_other(
    place: Place, mapping: dict[str, Any], batch_lines: int
) -> None:
    config = {**place.config, "measurements": {"c": mapping}, "batch_lines": batch_lines}
    other = samples(SAMPLES, each=SAMPLES, key="b")
    before = samples(SAMPLES, each=3)
    after = samples(SAMPLES - 3, each=3, start="2026-05-02")
    again = samples(SAMPLES - 6, each=3, start="2026-05-03")

    load(config, PARTED, *before, *other, state(1))
    stored = place.points("c")
    load(config, PARTED, *after, *other, *again, state(2))  # the last ones of the same run
    replaced = place.points("c")
    load(config, WHOLE, *in_one(before), *in_one(other), state(3))
    expected = place.points("c")
    load(config, WHOLE, *in_one(again), state(4))

    assert stored == expected
    assert len(stored) == 2 * SAMPLES
    assert {tags for _, tags, _ in stored} == {frozenset({("id", "a")}), frozenset({("id", "b")})}
    assert {fields for _, _, fields in stored} == {frozenset({("x", float(x))}) for x in range(SAMPLES)}
    assert replaced == place.points("c")
    assert len(replaced) == 2 * SAMPLES - 6


@pytest.mark.parametrize("fewer", [1, 2])
def test_tombstone_of_a_further_part_takes_nothing_and_that_of_the_first_one_all(place: Place, fewer: int) -> None:
    config = {**place.config, "measurements": {"c": MAPPINGS["tags named"]}}
    other = samples(SAMPLES, each=SAMPLES, key="b")
    buried = [record("c", id="a", record_part=part, _sdc_deleted_at=DELETED) for part in range(3)]

    load(config, PARTED, *samples(SAMPLES, each=4), *other, state(1))
    kept = samples(SAMPLES, each=4)[: 3 - fewer]
    load(config, PARTED, *kept, *buried[3 - fewer :], state(2))
    left = sum(len(part["record"]["t"]) for part in kept)
    assert len(place.points("c")) == left + SAMPLES
    load(config, PARTED, *buried, state(3))
    assert {tags for _, tags, _ in place.points("c")} == {frozenset({("id", "b")})}


@pytest.mark.parametrize("batch_lines", [1, 3, 5000])
def test_later_version_in_the_same_run_replaces_further_parts_wherever_batches_end(
    place: Place, batch_lines: int
) -> None:
    config = {**place.config, "measurements": {"c": MAPPINGS["tags named"]}, "batch_lines": batch_lines}
    first, second = samples(5, each=2), samples(3, each=2, start="2026-05-02")
    load(config, PARTED, *first, state(1))

    load(config, PARTED, *first, *second, state(2))

    replaced = place.points("c")
    load(config, WHOLE, *in_one(second), state(3))
    assert replaced == place.points("c")
    assert len(replaced) == 3
