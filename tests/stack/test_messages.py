from __future__ import annotations

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import override

from sync import notify
from sync.account import NO_KEY
from sync.status import Status
from tests.stack.conftest import KEY, QUICK, ROOT, Stage, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def inbox() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address for apprise, and the messages that arrive there."""
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        @override
        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"json://127.0.0.1:{server.server_port}/", received
    server.shutdown()
    thread.join()
    server.server_close()


def test_repeated_failure_and_recovery_are_told_once_each(
    stage: Stage, inbox: tuple[str, list[dict[str, Any]]]
) -> None:
    url, received = inbox
    counts = []
    for behaviour in ("fail", "fail", "fail", "fail", "succeed", "succeed", "fail", "succeed"):
        stage.behave(behaviour)
        stage.run("run-once", SYNC_NOTIFY_URLS=url, SYNC_NOTIFY_AFTER="3")
        counts.append(len(received))
    assert counts == [0, 0, 1, 1, 2, 2, 2, 2]
    assert [(one["title"], one["message"]) for one in received] == [
        ("Intervals.icu sync fails", "3 runs in a row have failed. Intervals.icu refused the key."),
        ("Intervals.icu sync works again", "The last run succeeded and brought what was missing."),
    ]
    assert KEY not in json.dumps(received)


def test_another_error_is_told_when_as_many_runs_more_have_failed() -> None:
    status, told = Status(), []
    for error in ("Refused.", "Refused.", "Full.", "Full.", "Down for 3 s.", "Down for 5 s.", "Down for 5 s."):
        status.failures, status.error = status.failures + 1, error
        if news := notify.message(status, after=2):
            status.is_reported, status.reported = True, error
            told.append(news[1])
    reasons = {2: "Refused.", 4: "Full.", 6: "Down for 5 s."}
    assert told == [f"{failures} runs in a row have failed. {reason}" for failures, reason in reasons.items()]
    status.failures, status.error = 8, "Down for 999 s."
    assert notify.message(status, after=2) is None
    status.failures, status.error = 0, ""
    assert notify.message(status, after=2)


def test_message_that_can_not_be_sent_is_tried_again_and_stops_no_sync(stage: Stage, unused_url: str) -> None:
    stage.behave("fail")
    url = unused_url.replace("http", "json")
    for _ in range(2):
        code, output = stage.run("run-once", SYNC_NOTIFY_URLS=url, SYNC_NOTIFY_AFTER="1")
        assert code == 1
        assert "A message could not be sent: Intervals.icu sync fails." in output
        assert "Traceback" not in output
    assert len(stage.records) == 2


def test_service_that_can_not_keep_its_status_syncs_on_and_reports_failures(
    stage: Stage, inbox: tuple[str, list[dict[str, Any]]]
) -> None:
    url, received = inbox
    service = stage.start(SYNC_NOTIFY_URLS=url, **QUICK)
    draft = stage.folder / "sync" / f"status.{service.pid}"
    wait_until(draft.parent.exists)
    while not draft.is_dir():
        with suppress(FileExistsError):  # it is being written
            draft.mkdir()
    wait_until(lambda: stage.runs >= 2)
    stage.behave("fail")
    wait_until(lambda: received)
    assert received[0]["message"] == "3 runs in a row have failed. Intervals.icu refused the key."
    draft.rmdir()
    wait_until(lambda: stage.status.failures >= 4)
    service.terminate()
    output, _ = service.communicate(timeout=30)
    assert service.returncode == 0, output
    assert output.count(f"{stage.folder}/sync/status.json can't be written: Is a directory.") == 1


def test_failure_after_a_change_of_dotenv_says_that_the_service_must_be_restarted(stage: Stage) -> None:
    dotenv = stage.folder / ".env"
    dotenv.write_text("INTERVALS_API_KEY=key-old-4711\n")
    stage.behave("fail")
    service = stage.start(INTERVALS_API_KEY="", **QUICK)
    wait_until(lambda: stage.status.failures)
    assert stage.status.error == "Intervals.icu refused the key."
    dotenv.write_text("INTERVALS_API_KEY=key-new-4712\n")
    wait_until(lambda: "restart it" in stage.status.error)
    service.terminate()
    output, _ = service.communicate(timeout=30)
    advice = ".env was changed since this service started: restart it, so that the new settings count."
    assert advice in output
    assert stage.status.error == f"Intervals.icu refused the key. {advice}"


def test_attempt_that_breaks_before_its_run_counts_as_a_failure(
    stage: Stage, inbox: tuple[str, list[dict[str, Any]]]
) -> None:
    url, received = inbox
    service = stage.start(SYNC_NOTIFY_URLS=url, **QUICK)
    wait_until(lambda: stage.status.last_success)
    lock = stage.folder / "sync" / "lock"
    lock.with_name("other").symlink_to(stage.folder)
    lock.with_name("other").replace(lock)
    wait_until(lambda: received)
    assert "3 runs in a row have failed. IsADirectoryError: " in received[0]["message"]
    assert str(lock) in received[0]["message"]
    wait_until(lambda: any(str(lock) in record["message"] for record in stage.records))  # for the boards
    lock.unlink()
    wait_until(lambda: len(received) == 2)
    service.terminate()
    service.communicate(timeout=30)
    assert received[1]["title"] == "Intervals.icu sync works again"


@pytest.mark.parametrize("command", [(), ("run-once",)])
def test_address_that_apprise_does_not_know_is_refused_without_quoting_it(
    stage: Stage, command: tuple[str, ...]
) -> None:
    code, output = stage.run(*command, SYNC_NOTIFY_URLS="json://127.0.0.1/ nonsense://secret-4711@x")
    assert (code, stage.runs) == (1, 0)
    assert "SYNC_NOTIFY_URLS: apprise does not understand address 2." in output
    assert "secret-4711" not in output
    assert "Unsupported URL" not in output


@pytest.mark.parametrize("command", [(), ("run-once",)])
def test_addresses_without_apprise_are_refused_before_the_first_run(stage: Stage, command: tuple[str, ...]) -> None:
    (stage.folder / "apprise.py").write_text("raise ImportError")
    code, output = stage.run(*command, SYNC_NOTIFY_URLS="json://127.0.0.1/", PYTHONPATH=f"{stage.folder}:{ROOT}")
    assert (code, stage.runs) == (1, 0)
    assert "SYNC_NOTIFY_URLS: Messages need apprise: pip install -r requirements-notify.txt" in output


def test_service_of_the_stack_without_a_key_stays_and_says_on_the_boards_what_to_do(
    stage: Stage, unused_url: str
) -> None:
    service = stage.start(INTERVALS_API_KEY="", SYNC_DEMO_URL=unused_url, **QUICK)
    wait_until(lambda: len(stage.records) > 1)
    assert service.poll() is None
    assert {record["message"] for record in stage.records} == {NO_KEY}
    assert {call["environment"]["INFLUXDB_BUCKET"] for call in stage.calls} == {"_demo"}
    service.terminate()
    service.communicate(timeout=30)
