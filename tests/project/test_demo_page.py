"""The page of the demo: points as they were written, answers as the boards give them."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
import requests

from demo import answers, page
from demo.charts import Scale
from demo.database import Files, Server
from demo.points import Point

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
    ("ctl", "atl", "tone"),
    [(50, 81, "bad"), (50, 80, "good"), (50, 60, "plain"), (50, 45, "fresh"), (50, 30, "warn")],
)
def test_form_has_the_tone_of_its_band_from_the_limit_on(ctl: float, atl: float, tone: str) -> None:
    assert (answers.form(ctl, atl).tone, answers.form(ctl, atl).figure) == (tone, f"{ctl - atl:+.0f}")


def test_sleep_hrv_and_heart_rate_are_compared_with_the_last_thirty_values_as_they_are_written() -> None:
    nights: Sequence[float | None] = [7 * 3600.0 + (1800 if i % 2 else -1800) for i in range(40)]
    hrv: Sequence[float | None] = [60.0 + (10 if i % 2 else -10) for i in range(33)] + [40.0] * 7
    resting: Sequence[float | None] = [50.0 + i % 2 for i in range(39)] + [51.0]
    found = {
        answer.title: answer
        for answer in answers.answers(wellness(40, sleepSecs=nights, hrv=hrv, restingHR=resting), [])
    }
    assert (found["Sleep"].figure, found["Sleep"].sentence) == ("7:30", "Within your normal 6:30 to 7:30 h.")
    assert found["HRV, 7-day mean"].sentence.startswith("Below your normal")
    assert found["HRV, 7-day mean"].tone == "bad"
    assert found["Resting heart rate"].sentence == "Within your normal 50 to 51 bpm."
    assert found["Form"].sentence == "No fitness yet."


def test_what_was_not_measured_or_was_carried_over_is_not_shown_as_todays() -> None:
    points = wellness(40, restingHR=[50.0] * 40, sleepSecs=[25200.0] * 39 + [None])
    points[-1] = Point(points[-1].time, points[-1].tags, {"restingHR": 50.0, "tempRestingHR": True})
    found = {answer.title: answer.sentence for answer in answers.answers(points, [])}
    assert found["Sleep"] == "Not measured today."
    assert found["Resting heart rate"] == "Not measured today."


def test_load_of_the_week_is_compared_with_the_mean_of_four_weeks() -> None:
    rides = [Point(LAST - i * DAY + 3600, {}, {"icu_training_load": 100.0}) for i in (0, 6, 7, 27, 28)]
    today = datetime.fromtimestamp(LAST, timezone.utc).date()
    assert answers.load(rides, today).figure == "200"
    assert answers.load(rides, today).sentence == "Much more than your four-week average of 100 a week."
    later = today + timedelta(days=14)
    assert answers.load(rides, later).sentence == "Less than your four-week average of 75 a week."
    assert answers.load([], today).figure == "0"


def test_texts_of_the_account_are_no_markup() -> None:
    shown = page.Today("a day", [], [], [page.Row("", "<script>x</script>", "", "", "", "", "", Scale(1, 0, 1).grid())])
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
