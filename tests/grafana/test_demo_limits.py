"""The page of the demo judges as the boards do."""

from __future__ import annotations

from demo import answers
from grafana.parts import baseline, style


def test_limits_and_spans_of_the_demos_page_are_those_of_the_boards() -> None:
    assert [start for start, _, _ in answers.FORM[1:]] == [band.start for band in style.FORM_BANDS[1:]]
    assert {band.start for band in style.RAMP_BANDS[1:]} <= {start for start, _, _ in answers.RAMP}
    assert baseline.SPAN == answers.SPAN
