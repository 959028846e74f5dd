"""The streams that are not selected by default, and the doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tap_intervals_icu.doctor import main as doctor
from tests.tap import scene as scenes
from tests.tap.scene import NOTHING, Scene, leaked
from tests.tap.tables import STREAMS

if TYPE_CHECKING:
    from sandbox import Account, Sandbox

CURVES = ("power_curves", "hr_curves", "pace_curves")
SNAPSHOTS = ("athlete", "sport_settings", "gear", "events", "fitness_model_events", *CURVES)
CHILDREN = ("activity_intervals", "wellness_sport_info")
ALL = (*STREAMS, *CHILDREN, *SNAPSHOTS)


@pytest.fixture
def everything(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A scene whose tap syncs all streams."""
    catalog = scenes.catalog
    monkeypatch.setattr(scenes, "catalog", lambda config: catalog(config, ALL))
    return scene


def intervals(account: Account) -> set[tuple[str, int, int]]:
    """The intervals of all activities: activity, position, index of the first sample."""
    return {
        (activity, position, interval["start_index"])
        for activity in account.activities
        for position, interval in enumerate(account.intervals(activity)["icu_intervals"])
    }


def stored_intervals(scene: Scene) -> set[tuple[str, int, int]]:
    rows = scene.database["activity_intervals"].values()
    return {(row["activity_id"], row["position"], row["start_index"]) for row in rows}


def test_every_stream_brings_records_once_and_none_when_nothing_changed(everything: Scene) -> None:
    too_short = {"pace_curves"}  # no activity of half a minute covers one of their distances
    assert set(everything.sync().emitted) == set(ALL) - too_short
    assert everything.sync().emitted == NOTHING
    assert stored_intervals(everything) == intervals(everything.account)


def test_edited_intervals_and_those_of_a_deleted_activity_leave_no_ghosts(everything: Scene) -> None:
    everything.sync()
    edited, deleted = everything.activities(inside=True)[:2]
    before = everything.account.intervals(edited)
    everything.account.edit_intervals(edited)
    everything.account.delete(deleted)
    everything.sync()
    assert everything.account.intervals(edited) != before
    assert stored_intervals(everything) == intervals(everything.account)


def test_sport_that_a_day_has_no_more_is_buried_once(everything: Scene) -> None:
    everything.sync()
    day = str(everything.account.today)
    ride, *others = everything.account.wellness[day]["sportInfo"]
    everything.account.edit_wellness(day, sportInfo=others, stamped=False)
    run = everything.sync()
    (gone,) = (record for record in run.records("wellness_sport_info") if "_sdc_deleted_at" in record)
    assert (gone["athlete_id"], gone["id"], gone["type"]) == (everything.account.id, day, ride["type"])
    everything.account.edit_wellness(day, weight=70.5)
    run = everything.sync()
    assert [record["type"] for record in run.records("wellness_sport_info")] == [info["type"] for info in others]
    everything.account.edit_wellness(day, sportInfo=[ride, *others])
    everything.sync()
    stored = everything.database["wellness_sport_info"].values()
    assert {row["type"] for row in stored if row["id"] == day} == {info["type"] for info in [ride, *others]}


def test_edited_and_deleted_events_arrive_and_gear_alone_when_it_changed(everything: Scene) -> None:
    everything.sync()
    account = everything.account
    *_, edited, deleted = sorted(
        account.calendar.events, key=lambda id_: account.calendar.events[id_]["start_date_local"]
    )
    account.edit_event(edited, name="Another plan")
    account.delete_event(deleted)
    run = everything.sync()
    assert run.emitted["events"] == sorted([str(edited), f"-{deleted}"])
    assert not {"gear", "sport_settings", "fitness_model_events", *CURVES} & set(run.emitted)
    assert everything.sync().emitted == NOTHING


def test_the_athletes_record_holds_only_what_its_schema_names(everything: Scene) -> None:
    (record,) = everything.sync().records("athlete")
    (schema,) = (
        message["schema"]
        for message in everything.sync().messages
        if message["type"] == "SCHEMA" and message["stream"] == "athlete"
    )
    assert set(record) <= set(schema["properties"])
    assert record["id"] == everything.account.id


def examined(sandbox: Sandbox, **settings: str) -> tuple[int, str]:
    """Exit code and report of the doctor."""
    base = {"API_URL": sandbox.url, "API_KEY": sandbox.api_key, "REQUESTS_PER_SECOND": "0"}
    variables = {f"TAP_INTERVALS_ICU_{name}": value for name, value in (base | settings).items()}
    answer = CliRunner().invoke(doctor, [], env=variables)
    assert leaked(sandbox, answer.output) == []
    return answer.exit_code, answer.output


def test_the_doctor_counts_what_can_be_read_and_explains_what_can_not(sandbox: Sandbox, account: Account) -> None:
    code, report = examined(sandbox)
    usable, stubs = len(account.activities), len(account.stubs)
    assert code == 0
    assert f"ok Athlete {account.id} can be read; today is {account.today} there." in report
    assert f"ok {usable} of {usable + stubs} activities can be read." in report
    assert f"!  {stubs} activities" in report
    assert "Strava does not let Intervals.icu pass its activities on." in report


def test_the_doctor_fails_with_advice_on_a_wrong_key(sandbox: Sandbox) -> None:
    code, report = examined(sandbox, API_KEY="another-key")
    assert code == 1
    assert "!  Athlete 0 can not be read.\n   Intervals.icu answered 401" in report
    assert "set INTERVALS_API_KEY" in report
