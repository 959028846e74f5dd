from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_intervals_icu.changes.idset import pack, unpack

ODD = [
    "",
    "0",
    "00",
    "i0",
    "i007",
    "-5",
    "i-5",
    "i\N{ARABIC-INDIC DIGIT ONE}",
    "i²",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "a b",
    "i\n1",
]
IDS = st.one_of(
    st.integers(0, 10**12).map(lambda number: f"i{number}"),
    st.integers(0, 10**30).map(str),
    st.dates().map(str),
    st.sampled_from(ODD),
    st.text(),
)


@given(st.dictionaries(IDS, st.integers(1, date.max.toordinal())))
def test_unpacking_gives_what_was_packed(days: dict[str, int]) -> None:
    assert unpack(pack(days)) == days


@given(st.dictionaries(IDS, st.integers(1, date.max.toordinal())), st.randoms(use_true_random=False))
def test_equal_sets_give_equal_text(days: dict[str, int], shuffle: random.Random) -> None:
    items = list(days.items())
    shuffle.shuffle(items)

    assert pack(dict(items)) == pack(days)


def test_20_years_of_activities_take_less_than_40_kilobytes_and_of_days_a_few_hundred() -> None:
    rng = random.Random(1)
    number, activities = 3_000_000, {}
    for index in range(12_000):
        number += rng.randint(1, 12_000)
        activities[f"i{number}"] = 732_000 + index * 7_300 // 12_000
    days = {str(date.fromordinal(732_000 + index)): 732_000 + index for index in range(7_300) if index % 97}

    assert len(pack(activities)) < 40_000
    assert len(pack(days)) < 600


@pytest.mark.parametrize("text", ["x", "eJwDAA", pack({"i1": 1})[:-6], pack({"i1": 1})[4:], "AAAA", "é"])
def test_cut_or_edited_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        unpack(text)


def test_no_text_is_the_empty_set() -> None:
    assert unpack("") == {}
