"""The page of the demo: points as they were written, answers as the boards give them."""

from __future__ import annotations

import gzip
import random
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
import requests

from demo import answers, page
from demo.charts import Scale
from demo.database import Files, Server
from demo.points import Point
from tests.grafana.normal import Normal

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

DAY = 86400
LAST = int(datetime(2026, 11, 28, tzinfo=timezone.utc).timestamp())
LINES = r"""
activity_streams,activity_id=i1,athlete_id=i9,type=Ride watts=131,heartrate=129 1795885034
activity_streams,activity_id=i2,athlete_id=i9,type=Ride heartrate=130.5 1795885035
activities,athlete_id=i9,id=i\ 1\,\=2,type=Ride name="a \"quoted\", = odd
activities,x=y z=1 1795885034
name \\",device_watts=true,icu_training_load=27 1795885034
wellness,athlete_id=i9 ctl=1,text="a" 1795737600
wellness,athlete_id=i9 ctl=2 1795737600
wellness,athlete_id=i9 ctl=3,tempWeight=false 1795651200
""".lstrip()


def wellness(count: int, **fields: Sequence[float | None]) -> list[Point]:
    """Points of the last `count` days, with the last values of each list."""
    days = range(count)
    rows = [{name: values[i] for name, values in fields.items() if values[i] is not None} for i in days]
    return [Point(LAST - (count - 1 - i) * DAY, {"athlete_id": "i9"}, rows[i]) for i in days]  # type: ignore[arg-type]


@pytest.mark.parametrize(("measurement", "ids"), [("wellness", ()), ("activities", ()), ("activity_streams", ["i2"])])
def test_points_read_from_files_are_those_that_influxdb_reads(
    measurement: str, ids: Collection[str], tmp_path: Path, influxdb: str
) -> None:
    (tmp_path / "a.lp.gz").write_bytes(gzip.compress(LINES.encode()))
    server = Server(influxdb, {}, f"demo-page-{measurement}")
    server.request("POST", "/query", params={"q": f'CREATE DATABASE "{server.bucket}"'}).raise_for_status()
    answer = requests.post(
        f"{influxdb}/write", params={"db": server.bucket, "precision": "s"}, data=LINES.encode(), timeout=30
    )
    assert answer.status_code == 204, answer.text
    expected = Files(tmp_path).points(measurement, ids)
    assert len(expected) == {"wellness": 2, "activities": 1, "activity_streams": 1}[measurement]
    assert server.points(measurement, ids) == expected
    server.remove()


@pytest.mark.parametrize(
    ("ctl", "atl", "tone", "share"),
    [(50, 66, "bad", -32), (50, 65, "good", -30), (50, 55, "plain", -10), (50, 47, "fresh", 6), (50, 40, "warn", 20)],
)
def test_form_has_the_tone_of_its_band_from_the_limit_on(ctl: float, atl: float, tone: str, share: int) -> None:
    answer = answers.form(ctl, atl)
    assert (answer.tone, answer.figure, answer.unit) == (tone, f"{ctl - atl:+.0f}", f"{share:+} % of fitness")


@pytest.mark.parametrize("seed", range(5))
def test_weeks_are_held_against_what_is_normal_as_the_boards_define_it(seed: int) -> None:
    rng = random.Random(seed)
    hrv = [round(rng.gauss(60, 8), 1) if rng.random() < 0.7 else None for _ in range(120)]
    oracle = Normal(dict(enumerate(reversed(hrv))), logarithm=True)
    said = [oracle.say(age) for age in reversed(range(120))]
    weeks = answers.HRV.weeks(answers.HRV.values(wellness(120, hrv=hrv)))
    assert [week is None for week in weeks] == [one is None for one in said]
    assert [value for week in weeks for value in week or ()] == pytest.approx(
        [v for one in said for v in (one or ())[1:]]
    )


@pytest.mark.parametrize(
    ("last", "words", "tone"), [(45.0, "Below", "fresh"), (50.5, "Within", "good"), (56.0, "Above", "warn")]
)
def test_a_resting_heart_rate_above_normal_is_no_good_sign(last: float, words: str, tone: str) -> None:
    values = [50.0 + i % 2 for i in range(60)] + [last] * 7
    answer = answers.RESTING.answer(wellness(67, restingHR=values))
    assert (answer.figure, answer.unit, answer.tone) == (f"{last}", "bpm", tone)
    assert answer.sentence == f"{words} your normal 50.2 to 50.8. Today: {last}."


def test_what_was_not_measured_or_was_carried_over_is_not_shown_as_todays() -> None:
    points = wellness(
        80, restingHR=[50.0 + i % 2 for i in range(80)], sleepSecs=[25200.0 + i for i in range(79)] + [None]
    )
    points[-1] = Point(points[-1].time, points[-1].tags, {"restingHR": 50.0, "tempRestingHR": True})
    sentences = [measure.answer(points).sentence for measure in (answers.RESTING, answers.SLEEP, answers.HRV)]
    assert [sentence.partition(". ")[2] for sentence in sentences] == ["Today: not measured."] * 2 + [""]
    assert sentences[2] == "Not enough data."


def test_load_of_the_week_is_compared_with_the_mean_of_four_weeks() -> None:
    rides = [Point(LAST - i * DAY + 3600, {}, {"icu_training_load": 100.0}) for i in (0, 6, 7, 27, 28)]
    today = datetime.fromtimestamp(LAST, timezone.utc).date()
    assert answers.load(rides, today).figure == "200"
    assert answers.load(rides, today).sentence == "Much more than your four-week average of 100 a week."
    later = today + timedelta(days=14)
    assert answers.load(rides, later).sentence == "Less than your four-week average of 75 a week."
    assert answers.load([], today).figure == "0"


def test_texts_of_the_account_are_no_markup() -> None:
    shown = page.Today(
        "a day", "", "", [], [], [page.Row("", "<script>x</script>", "", "", "", "", "", Scale(1, 0, 1).grid())]
    )
    html = page.render(shown, points=1, database="files")
    assert "&lt;script&gt;x&lt;/script&gt;" in html
    assert "<script" not in html


@pytest.mark.parametrize(
    ("values", "steps"),
    [([3.0, 58.0], [0, 20, 40, 60]), ([], [0, 1]), ([None, 5.0], [5, 6]), ([-31.0, 4.0], [-40, -20, 0, 20])],
)
def test_axes_have_round_steps_that_hold_all_values(values: list[float | None], steps: list[float]) -> None:
    assert list(Scale.around(2, values).steps) == steps


def test_a_line_is_interrupted_where_a_value_is_missing() -> None:
    assert Scale(4, 0, 10).line("x", [0, None, 5, 10]).path == "M12.5 100.0M62.5 50.0L87.5 0.0"
