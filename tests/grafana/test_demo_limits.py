"""The page of the demo judges as the boards do."""

from __future__ import annotations

import math

import pytest

from demo import answers
from grafana.parts import style, verdicts, windows


def test_words_of_form_and_their_limits_are_those_of_the_boards() -> None:
    page = [(start, words.partition(":")[0].lower()) for start, _, words in answers.FORM]
    boards = [(-math.inf if span.start is None else span.start, span.word) for span in style.FORM_VERDICTS]
    assert page == boards[::-1]
    assert {band.start for band in style.RAMP_BANDS[1:]} <= {start for start, _, _ in answers.RAMP}


def test_what_is_normal_has_the_definition_of_the_boards() -> None:
    page = (answers.WEEK, answers.NORMAL_DAYS, answers.LEAST_WEEK, answers.LEAST_NORMAL, answers.CHANGE)
    boards = (windows.WEEK_DAYS, verdicts.NORMAL_DAYS, verdicts.LEAST_WEEK, verdicts.LEAST_NORMAL, verdicts.CHANGE)
    assert page == boards


@pytest.mark.parametrize(
    ("page", "board"),
    [(answers.HRV, verdicts.HRV), (answers.RESTING, verdicts.RESTING), (answers.SLEEP, verdicts.SLEEP)],
)
def test_measures_are_those_of_the_boards(page: answers.Measure, board: verdicts.Measure) -> None:
    assert (page.field, page.worse, page.logarithm) == (
        board.field,
        {"below": -1, "above": 1}[board.worse],
        "ln(" in board.value,
    )
