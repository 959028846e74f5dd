"""JSON as the service writes it: nothing of an answer is lost but what stands for no number."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_intervals_icu.api.decode import DecodeError, decode

WORDS = st.sampled_from(["NaN", "Infinity", "-Infinity", '"NaN', "\\NaN", "Infinity\\"])
SCALARS = st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats() | st.text() | WORDS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text() | WORDS, inner), max_leaves=20)


def without_words(value: Any) -> Any:
    """The value with null for each float that is no number."""
    if isinstance(value, dict):
        return {key: without_words(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_words(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value


@given(st.lists(VALUES))
def test_whatever_the_answer_holds_only_bare_words_become_null(values: list[Any]) -> None:
    text = json.dumps(values)  # as Python writes it: with bare words

    assert decode(text.encode(), list[Any]) == without_words(values)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'["line\nbreak", NaN]', ["line\nbreak", None]),
        (b'["half \\ud83d", 1]', ["half ?", 1]),
        (b'["latin \xe9", 1]', ["latin \ufffd", 1]),
        (b"[1e999, -1e999, 1e-999]", [None, None, 0]),
        (b"[NaN, 123456789012345678901]", [None, 123456789012345678901.0]),
        (b"[NaN, " + b"9" * 5000 + b"]", [None, None]),
    ],
)
def test_texts_and_numbers_that_are_none_cost_themselves(body: bytes, value: list[Any]) -> None:
    assert decode(body, list[Any]) == value


@pytest.mark.parametrize(
    ("body", "place", "may_pass"),
    [
        (b"", "Expecting value at byte 0 of 0", True),
        (b"<html>", "Expecting value at byte 0 of 6", True),
        (b'[{"id": "i', "Unterminated string starting at at byte 8 of 10", True),
        (b"[1, 2", "Expecting ',' delimiter at byte 5 of 5", True),
        (b'{"error": "busy"}', "Expected `array`, got `object`", True),
        ('["é", one]'.encode(), "Expecting value at byte 7 of 11", False),
        (b"[" * 100_000, "it is nested too deeply", False),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(body: bytes, place: str, *, may_pass: bool) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(body, list[Any])

    assert (str(caught.value), caught.value.may_pass) == (place, may_pass)
