"""A run notices that the database is not the one that its state speaks of, and says what to do; nothing else does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from target_influxdb.errors import OtherDatabaseError
from target_influxdb.target import TargetInfluxDB
from tests import servers
from tests.target.conftest import Place
from tests.target.loading import MOMENT, NUMBER, TEXT, Message, load_states, record, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = time.time_ns() // 10**9


def moment(seconds: int = 0) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW + seconds))


RIDES = schema("rides", {"who": TEXT, "id": TEXT, "at": MOMENT, "load": NUMBER}, ["who", "id"], ["at"])
MAPPING = {"rides": {"time": "at", "tags": ["who", "id"], "replace": ["who", "id"]}}


def ride(number: int, who: str = "i1", seconds: int = 0) -> Message:
    return record("rides", who=who, id=str(number), at=moment(seconds), load=float(number))


def bookmark(content: str, who: str = "i1", **more: str) -> dict[str, Any]:
    context = {"context": {"who": who}, "replication_key": "at", "replication_key_value": moment()}
    return context | {"finished": content, **more}


def state(*partitions: dict[str, Any]) -> Message:
    return {"type": "STATE", "value": {"bookmarks": {"rides": {"requests": [NOW], "partitions": list(partitions)}}}}


def run(place: Place, *messages: Message, mode: str = "marks", **settings: Any) -> list[Any]:
    """Load messages with the marks that meltano.yml turns on; returns the states that came out."""
    return load_states({"measurements": MAPPING, "state_check": mode, **place.config, **settings}, *messages)


def first(place: Place, **settings: Any) -> dict[str, Any]:
    """Load a ride; returns the state that it left, as the next run begins with it."""
    *_, last = run(place, RIDES, ride(1), state(bookmark("1", marked="yes")), **settings)
    return {"type": "STATE", "value": last}


def rides(place: Place) -> set[float]:
    return {dict(fields)["load"] for _, _, fields in place.points("rides")}


@pytest.fixture
def vm() -> Iterator[Place]:
    with servers.victoria_metrics() as server:
        yield Place({"url": server.url}, server.url)


def test_the_state_that_the_last_run_left_is_known(place: Place) -> None:
    last = first(place)
    *_, after = run(place, last, RIDES, ride(2), state(bookmark("1 2", marked="yes")))
    assert after == state(bookmark("1 2", marked="yes"))["value"]
    assert rides(place) == {1.0, 2.0}


@pytest.mark.parametrize("mode", ["marks", "database"])
def test_a_missing_database_is_told_and_not_created(place: Place, mode: str) -> None:
    with pytest.raises(OtherDatabaseError, match=r"missing or empty, but the state says.*rides \(who=i1\) up to"):
        run(place, state(bookmark("1")), RIDES, ride(2), mode=mode)
    assert [
        row for series in place.query("SHOW DATABASES") for (row,) in series.get("values", ()) if row == place.database
    ] == []


def test_an_emptied_database_is_told(place: Place) -> None:
    last = first(place)
    if "token" in place.settings and place.url == place.settings["url"]:  # a real InfluxDB 2 drops none by InfluxQL
        place.query("DELETE FROM rides; DELETE FROM singer_state")
    else:
        place.query(f'DROP DATABASE "{place.database}"; CREATE DATABASE "{place.database}"')
    with pytest.raises(OtherDatabaseError, match="missing or empty"):
        run(place, last, RIDES, ride(2))
    assert place.points("rides") == set()


def test_an_older_copy_is_told_and_stays_as_it_is(v1: Place) -> None:
    older = first(v1)
    copy = f"{v1.database}copy"
    v1.query(f'CREATE DATABASE "{copy}"; SELECT * INTO "{copy}"."autogen".:MEASUREMENT FROM /.*/ GROUP BY *')
    later = state(bookmark("1 2", marked="yes"))
    run(v1, older, RIDES, ride(2), later)
    v1.database = copy
    with pytest.raises(OtherDatabaseError, match=r"does not know the state of the last run \(rides \(who=i1\)"):
        run(v1, later, RIDES, ride(3), state(bookmark("1 2 3")))
    assert rides(v1) == {1.0}
    run(v1, older, RIDES, ride(3))  # the state that belongs to the copy
    assert rides(v1) == {1.0, 3.0}


def test_a_killed_run_may_leave_any_of_its_states(place: Place) -> None:
    last = first(place)
    states = [state(bookmark("1 " * number, marked="yes")) for number in range(2, 5)]
    messages = [message for one in states for message in (one, RIDES, ride(2))]
    run(place, last, states[0], *messages)
    for one in (last, *states):
        if one != states[1]:  # between two checkpoints no state leaves
            run(place, one)


def test_a_database_without_marks_is_taken_over(place: Place) -> None:
    run(place, RIDES, ride(1), mode="off")
    old = state(bookmark("1"))  # as version 0.1 left it
    assert run(place, old)
    run(place, RIDES, ride(2), mode="off")
    assert run(place, old)
    with pytest.raises(OtherDatabaseError, match="does not know"):
        run(place, state(bookmark("other")))


def test_an_old_copy_without_any_mark_is_told_to_a_state_that_was_marked(place: Place) -> None:
    run(place, RIDES, ride(1), mode="off")
    with pytest.raises(OtherDatabaseError, match="does not know"):
        run(place, state(bookmark("1", marked="yes")))


def test_another_partition_and_another_pipeline_are_no_reason_for_alarm(place: Place) -> None:
    last = first(place)
    run(place, RIDES, ride(2, who="i2"), state(bookmark("9", who="i2", marked="yes")))  # another pipeline, full refresh
    assert run(place, last)
    *_, both = run(place, last, RIDES, ride(3, who="i3"), state(bookmark("1", marked="yes"), bookmark("3", who="i3")))
    assert run(place, {"type": "STATE", "value": both})


def test_a_partition_without_points_is_told_where_it_had_some(place: Place) -> None:
    last = first(place)
    run(place, RIDES, ride(2, who="i2"))
    assert run(place, last, RIDES)
    place.query("DELETE FROM rides WHERE who = 'i1'")
    with pytest.raises(OtherDatabaseError, match="no points of 'rides' any more"):
        run(place, last, RIDES)
    assert run(place, last), "a stream that is not selected any more sends no schema"
    assert run(place, last, RIDES, mode="adopt")
    assert run(place, last, RIDES), "taken over as it is"


def test_a_stream_whose_last_record_was_deleted_is_no_reason_for_alarm(place: Place) -> None:
    last = first(place)
    run(place, RIDES, ride(2, who="i2"))
    gone = record("rides", who="i1", id="1", _sdc_deleted_at=moment())
    *_, after = run(place, last, RIDES, gone, state(bookmark("", marked="yes")))
    assert place.query("SELECT * FROM rides WHERE who = 'i1'") == []
    assert run(place, {"type": "STATE", "value": after}, RIDES)


def test_a_renamed_stream_or_another_form_of_state_is_no_reason_for_alarm(place: Place) -> None:
    run(place, RIDES, ride(1), mode="database")
    for odd in ({}, {"at": 5}, {"bookmarks": None}, {"bookmarks": {"old_name": {"replication_key_value": "9"}}}):
        run(place, {"type": "STATE", "value": odd}, RIDES, ride(1), mode="database")


def test_a_full_refresh_needs_no_mark(place: Place) -> None:
    first(place)
    *_, after = run(place, RIDES, ride(1), state(bookmark("new", marked="yes")))
    assert run(place, {"type": "STATE", "value": after})


def test_an_old_mark_is_found_and_written_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as past:
        past.setattr(time, "time_ns", lambda: (NOW - 90 * 86_400) * 10**9)
        last = first(place)
    assert run(place, last)
    (count,) = (row[1] for series in place.query("SELECT count(mark) FROM singer_state") for row in series["values"])
    assert count == 2
    assert run(place, last)
    assert place.query("SELECT count(mark) FROM singer_state")[0]["values"][0][1] == 2


def test_marks_that_the_retention_dropped_are_no_reason_for_alarm(v1: Place) -> None:
    v1.query(f'CREATE DATABASE "{v1.database}" WITH DURATION 2d')
    run(v1, RIDES, ride(1), mode="off")
    long_ago = bookmark("1", marked="yes") | {"replication_key_value": moment(-3 * 86_400)}
    assert run(v1, state(long_ago))
    with pytest.raises(OtherDatabaseError, match="does not know"):
        run(v1, state(bookmark("1", marked="yes")))


def test_an_account_that_may_only_write_is_told_once_that_nothing_is_checked(
    caplog: pytest.LogCaptureFixture, tmp_path_factory: pytest.TempPathFactory
) -> None:
    caplog.set_level("INFO", "target-influxdb")
    folder = tmp_path_factory.mktemp("influxdb")
    with servers.influxdb1(folder=folder, http="auth-enabled = true") as server:
        form = "CREATE USER admin WITH PASSWORD 'admin' WITH ALL PRIVILEGES"
        servers.influxql(server.url, form)
        url = server.url.replace("://", "://admin:admin@")
        place = Place({"url": url}, url)
        setup = TargetInfluxDB(config=place.config).writer.server
        setup.create()
        for statement in ("CREATE USER writer WITH PASSWORD 'writer'", f'GRANT WRITE ON "{place.database}" TO writer'):
            assert setup._query(statement).status == 200  # type: ignore[attr-defined]
        place.settings["url"] = server.url.replace("://", "://writer:writer@")
        assert run(place, state(bookmark("1")), RIDES, ride(1), state(bookmark("1 2")))
    told = [message for message in caplog.messages if "can't be checked" in message]
    assert len(told) == 1


def test_victoria_metrics_knows_its_marks_and_tells_an_empty_one(vm: Place) -> None:
    last = first(vm)
    *_, after = run(vm, last, RIDES, ride(2), state(bookmark("1 2", marked="yes")))
    assert run(vm, {"type": "STATE", "value": after}, RIDES)
    with pytest.raises(OtherDatabaseError, match="does not know"):
        run(vm, state(bookmark("other")))
    with servers.victoria_metrics() as empty, pytest.raises(OtherDatabaseError, match="missing or empty"):
        run(Place({"url": empty.url}, empty.url), last)


def test_files_are_not_checked(tmp_path: Any) -> None:
    place = Place({"url": f"file://{tmp_path}"}, "")
    assert run(place, state(bookmark("1")), RIDES, ride(1), state(bookmark("2")))
    assert len(list(tmp_path.iterdir())) == 1
