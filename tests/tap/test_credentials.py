"""A key or token for each athlete: from a file, which nothing else may show."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox
from tap_intervals_icu.api.credentials_file import read_credentials
from tap_intervals_icu.errors import TapError
from tap_intervals_icu.tap import TapIntervalsIcu
from tests.accounts import account_of
from tests.tap.conftest import athlete
from tests.tap.process import messages, start
from tests.tap.scene import NOTHING, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.tap.tables import Table

IDS = ("i100001", "i100002", "2049151")
TOKENS = {id_: f"token-of-{id_}-never-log" for id_ in IDS}
BAD: dict[str, tuple[str, str]] = {
    "no JSON": ('{"i1": {"api_key": "never-log"', "is not valid JSON: Expecting ',' delimiter, line 1, col"),
    "not UTF-8": ('{"i1": {"api_key": "never-log\udcff"}}', "is not valid JSON: it is not UTF-8."),
    "a list": ('["never-log"]', "names no athlete"),
    "nobody": ("{}", "names no athlete"),
    "twice": ('{"i1": {"api_key": "a"}, "i1": {"api_key": "never-log"}}', "'i1' is there twice"),
    "a bare text": ('{"i1": "never-log"}', 'athlete i1: write {"api_key": "..."} for a key'),
    "an unknown kind": ('{"i1": {"token": "never-log"}}', 'athlete i1: write {"api_key": "..."} for a key'),
    "both": ('{"i1": {"api_key": "never-log", "access_token": "never-log"}}', 'athlete i1: write {"api_key"'),
    "nothing": ('{"i1": {"api_key": " "}}', 'athlete i1: write {"api_key"'),
    "no text": ('{"i1": {"api_key": 5}}', 'athlete i1: write {"api_key"'),
    "the owner": ('{"0": {"api_key": "never-log"}}', "'0' is not an athlete's id"),
    "a line break": ('{"i1": {"access_token": "never\\nlog"}}', "`access_token of athlete i1` has characters"),
}


def write(folder: Path, entries: Any, mode: int = 0o600) -> str:
    path = folder / "credentials.json"
    text = entries if isinstance(entries, str) else json.dumps(entries)
    path.write_bytes(text.encode(errors="surrogateescape"))
    path.chmod(mode)
    return str(path)


@pytest.fixture
def team() -> Iterator[Scene]:
    """Athletes with a token each; their day is the server's."""
    today = datetime.now(timezone.utc).date()
    accounts = [account_of(athlete(athlete_id=id_, activities=6, last_day=today, timezone="UTC")) for id_ in IDS]
    with Sandbox(accounts, tokens=TOKENS) as sandbox:
        yield Scene(sandbox, api_key="")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return write(tmp_path, {id_: {"access_token": token} for id_, token in TOKENS.items()})


def of(scene: Scene, *ids: str) -> dict[str, Table]:
    """The truth of some athletes."""
    return {name: {key: row for key, row in table.items() if key[0] in ids} for name, table in scene.truth().items()}


def test_each_athlete_is_read_with_the_token_of_their_own(team: Scene, path: str) -> None:
    run = team.sync(credentials_path=path)
    assert run.error == ""
    assert team.stored() == team.truth()
    assert [line.split()[0] for line in team.state["bookmarks"]["activities"]["quotas"]] == [*IDS]
    second = team.sync(credentials_path=path)
    assert (second.emitted, second.requests.total()) == (NOTHING, 2 * len(IDS))
    assert not [token for token in TOKENS.values() if token in run.log + second.log + json.dumps(team.state)]


def test_key_is_for_those_whom_the_file_does_not_name(team: Scene, tmp_path: Path) -> None:
    path = write(tmp_path, {"i100002": {"access_token": TOKENS["i100002"]}})
    settings: Any = {"credentials_path": path, "api_key": team.sandbox.api_key}
    assert team.sync(**settings).error == ""  # 0, the owner of the key, and the file's
    assert team.stored() == of(team, "i100001", "i100002")
    assert team.sync(**settings, athlete_ids="2049151,i100002").error == ""
    assert team.stored() == team.truth()


def test_only_the_named_athletes_of_the_file_are_read(team: Scene, path: str) -> None:
    team.sync(credentials_path=path, athlete_ids="2049151")
    assert team.stored() == of(team, "2049151")


def test_athlete_without_any_credential_is_named(team: Scene, tmp_path: Path) -> None:
    path = write(tmp_path, {"i100002": {"access_token": TOKENS["i100002"]}})
    run = team.sync(credentials_path=path, athlete_ids="i100002,2049151")
    assert run.error == (
        "Athlete 2049151 could not be read. There is no key or token for athlete 2049151: add it to the file of "
        "`credentials_path`."
    )
    assert team.stored() == of(team, "i100002")


def test_revoked_token_fails_its_athlete_alone_and_the_next_one_repairs(
    team: Scene, path: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    team.sandbox.give_token("i100002", None)
    with caplog.at_level(logging.INFO, "tap-intervals-icu"):
        run = team.sync(credentials_path=path)
    records: list[Any] = caplog.records
    told = {record.athlete_id: record.outcome for record in records if hasattr(record, "outcome")}
    assert told == {"i100001": "complete", "i100002": "failed", "2049151": "complete"}
    assert run.error == (
        "Athlete i100002 could not be read. Intervals.icu answered 401 at /athlete/i100002. The access token of "
        "athlete i100002 in the file of `credentials_path` is not valid (any more): put a new one there."
    )
    assert team.stored() == of(team, "i100001", "2049151")

    team.sandbox.give_token("i100002", "another-token-never-log")
    entries = TOKENS | {"i100002": "another-token-never-log"}
    path = write(tmp_path, {id_: {"access_token": token} for id_, token in entries.items()})
    assert team.sync(credentials_path=path).error == ""
    assert team.stored() == team.truth()


def test_token_that_is_revoked_between_planning_and_reading_fails_its_athlete_alone(team: Scene, path: str) -> None:
    team.sandbox.fail("/athlete/i100002/activities/i", status=401)
    team.sandbox.fail("/athlete/i100002$", status=401, after=1)
    run = team.sync(credentials_path=path)
    assert run.error.startswith("activities of athlete i100002 are incomplete. Intervals.icu answered 401")
    others = {name: {k: row for k, row in table.items() if k[0] != "i100002"} for name, table in team.stored().items()}
    assert others == of(team, "i100001", "2049151")


def test_each_credential_has_a_day_of_its_own_which_those_who_share_it_share(team: Scene, tmp_path: Path) -> None:
    key = {"api_key": team.sandbox.api_key}
    path = write(tmp_path, {"i100001": key, "2049151": key, "i100002": {"access_token": TOKENS["i100002"]}})
    run = team.sync(credentials_path=path, requests_per_day=15)
    assert run.error == ""
    asked = [request.path for request in team.sandbox.requests]
    own = [place for place in asked if "i100002" in place or place.split("/")[4] in team.accounts[1].activities]
    assert len(own) == 12  # the profile, two lists twice, the six activities, the samples of each
    assert len(asked) - len(own) <= 15
    assert "Planned pause" in run.log or "planned pause" in run.log
    today = str(datetime.now(timezone.utc).date())
    used = dict(line.split(" ", 1) for line in team.state["bookmarks"]["activities"]["quotas"])
    assert used == {
        "i100001": f"{today} {len(asked) - len(own)}",
        "2049151": f"{today} {len(asked) - len(own)}",
        "i100002": f"{today} {len(own)}",
    }
    before = len(team.sandbox.requests)
    team.sync(credentials_path=path, requests_per_day=len(asked) - len(own))
    assert {request.path.split("/")[4] for request in team.sandbox.requests[before:]} == {"i100002"}


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o700 | 0o010])
def test_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path, {"i1": {"api_key": "k"}}, mode)
    with pytest.raises(TapError, match=r"can be read by others: make it yours alone with chmod 600\.$"):
        read_credentials(path)


@pytest.mark.parametrize(("text", "sentence"), BAD.values(), ids=BAD)
def test_what_is_wrong_with_the_file_is_told_without_its_contents(tmp_path: Path, text: str, sentence: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(TapError) as problem:
        read_credentials(path)
    assert sentence in problem.value.message
    shown = "".join(traceback.format_exception(problem.value))
    assert "never" not in shown


def test_file_that_is_not_there_is_named(team: Scene, tmp_path: Path) -> None:
    process = start(team, tmp_path, credentials_path="/nowhere/keys.json")
    assert process.wait(timeout=20) == 1
    log = (tmp_path / "log").read_text()
    assert "`credentials_path` /nowhere/keys.json can not be read: No such file or directory." in log
    assert "Traceback" not in log


def test_no_token_is_told_even_while_debugging_faults(team: Scene, path: str, tmp_path: Path) -> None:
    team.sandbox.give_token("i100002", None)
    team.sandbox.fail("/streams", kind="reset", times=2)
    process = start(
        team, tmp_path, environment={"LOGLEVEL": "DEBUG", "TAP_INTERVALS_ICU_LOGLEVEL": "DEBUG"}, credentials_path=path
    )
    assert process.wait(timeout=20) == 1
    output, log = (tmp_path / "output").read_bytes(), (tmp_path / "log").read_text()
    assert {one["record"]["athlete_id"] for one in messages(output) if one["type"] == "RECORD"} == {*IDS} - {"i100002"}
    assert "never-log" not in log + output.decode()
    assert "never-log" not in repr(TapIntervalsIcu(config={"credentials_path": path}).credentials)
