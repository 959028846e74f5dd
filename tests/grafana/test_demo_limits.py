"""The page of the demo judges as the boards do."""

from __future__ import annotations

import itertools
import math

import pytest

from demo import advice, answers
from grafana.parts import advice as board_advice
from grafana.parts import normal_range as normal
from grafana.parts import style, windows
from tests.grafana.test_decision import expected_rule


def test_words_of_form_and_their_limits_are_those_of_the_boards() -> None:
    page = [(start, words.partition(":")[0].lower()) for start, _, words in answers.FORM]
    boards = [(-math.inf if span.start is None else span.start, span.word) for span in style.FORM_VERDICTS]
    assert page == boards[::-1]
    assert {band.start for band in style.RAMP_BANDS[1:]} <= {start for start, _, _ in answers.RAMP}


def test_what_is_normal_has_the_definition_of_the_boards() -> None:
    page = (answers.WEEK, answers.NORMAL_DAYS, answers.LEAST_WEEK, answers.LEAST_NORMAL, answers.CHANGE)
    boards = (
        windows.WEEK_DAYS,
        normal.NORMAL_DAYS,
        normal.LEAST_WEEK,
        normal.LEAST_NORMAL,
        normal.CHANGE,
    )
    assert page == boards


@pytest.mark.parametrize(
    ("page", "board"),
    [(answers.HRV, normal.HRV), (answers.RESTING, normal.RESTING), (answers.SLEEP, normal.SLEEP)],
)
def test_measures_are_those_of_the_boards(page: answers.Measure, board: normal.Measure) -> None:
    assert (page.field, page.worse, page.logarithm) == (
        board.field,
        {"below": -1, "above": 1}[board.worse],
        "ln(" in board.value,
    )


def test_advice_has_the_sentences_and_colours_of_the_board_in_its_order() -> None:
    tones = {style.BAD: "bad", style.CARE: "warn", style.GOOD: "good", style.UNUSUAL: "fresh"}
    board = [(rule.sentence, tones[rule.color]) for rule in board_advice.RULES]
    assert [(rule.sentence, rule.tone) for rule in advice.RULES] == board


def test_the_first_rule_that_fits_is_the_one_of_the_board_whatever_is_known() -> None:
    sides, numbers = (None, -1, 0, 1), (None, -40.0, -30.0, 0.0, 5.0, 6.0, 8.0, 9.0)
    sentences = [rule.sentence for rule in board_advice.RULES]
    for hrv, pulse, sleep, form, ramp in itertools.product(sides, sides, sides, numbers, numbers):
        facts = {"hrv": hrv, "pulse": pulse, "sleep": sleep, "form": form, "ramp": ramp}
        number = expected_rule({name: None if value is None else float(value) for name, value in facts.items()})
        expected = "Not enough data for advice" if number is None else sentences[number - 1]
        assert advice.advice(advice.Facts(hrv, pulse, sleep, form, ramp))[0] == expected, facts
