from __future__ import annotations

import email.utils
import json

import pytest

from target_influxdb.delivery import retry_after
from target_influxdb.fields import Kind
from target_influxdb.http import Answer, is_loopback
from target_influxdb.refusals import Conflict, converted, has_field, read_refusal

CONFLICT = (
    'partial write: field type conflict: input field "a b" on measurement "m" is type float,'
    " already exists as type integer dropped=2"
)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"error": CONFLICT}),
        json.dumps({"code": "unprocessable entity", "message": f"failure writing points to database: {CONFLICT}"}),
        json.dumps({"error": "partial write of line protocol occurred", "data": [{"error_message": CONFLICT}]}),
        CONFLICT,
    ],
    ids=["1.x", "2.x", "3", "text"],
)
def test_conflicts_of_every_version_are_understood(body: str) -> None:
    refusal = read_refusal(body)
    assert refusal.conflict == Conflict("m", "a b", Kind.INTEGER)
    assert (refusal.dropped, refusal.about_lines) == (2, True)


@pytest.mark.parametrize(
    ("body", "dropped", "about_lines"),
    [
        ('{"error":"partial write: points beyond retention policy dropped=7"}', 7, True),
        ('{"code":"invalid","message":"unable to parse \'m x=\': missing field value"}', 0, True),
        ('{"error":"database is required"}', 0, False),
        ('{"code":"invalid","message":"invalid precision; valid precision units are ns, us, ms, and s"}', 0, False),
        ("[]", 0, False),
    ],
)
def test_messages_about_lines_are_told_from_those_about_the_request(body: str, dropped: int, about_lines: int) -> None:
    refusal = read_refusal(body)
    assert (refusal.conflict, refusal.dropped, refusal.about_lines) == (None, dropped, about_lines)


LINE = rb'm,x=1 s="x=2, \"q\" ",x=1.5,b=true 7'


@pytest.mark.parametrize(
    ("field", "kind", "expected"),
    [
        ("x", Kind.STRING, rb'm,x=1 s="x=2, \"q\" ",x="1.5",b=true 7'),
        ("x", Kind.INTEGER, None),
        ("b", Kind.INTEGER, rb'm,x=1 s="x=2, \"q\" ",x=1.5,b=1i 7'),
        ("b", Kind.FLOAT, rb'm,x=1 s="x=2, \"q\" ",x=1.5,b=1 7'),
        ("s", Kind.STRING, LINE),
        ("s", Kind.FLOAT, None),
        ("absent", Kind.FLOAT, LINE),
    ],
)
def test_one_field_of_a_line_is_written_in_another_type_if_it_fits(
    field: str, kind: Kind, expected: bytes | None
) -> None:
    assert converted(LINE, field, kind) == expected
    assert has_field(LINE, field) == (field != "absent")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("", 0), ("3", 3), ("1.5", 1.5), (email.utils.formatdate(1_000_060, usegmt=True), 60), ("soon", 10), ("-5", 0)],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: float) -> None:
    assert retry_after(Answer(429, headers={"Retry-After": header}), 1_000_000) == seconds


def test_only_servers_on_this_machine_get_uncompressed_bodies() -> None:
    near = ["http://localhost:8086", "http://127.0.0.1:8086", "http://[::1]:8086"]
    assert [is_loopback(url) for url in [*near, "http://10.0.0.1:8086", "https://influx.example"]] == [
        True,
        True,
        True,
        False,
        False,
    ]
