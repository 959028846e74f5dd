from __future__ import annotations

import email.utils
import json
from typing import Any

import pytest

from target_influxdb.delivery.refusals import Conflict, Line, fitted, read_refusal
from target_influxdb.delivery.retry import retry_after
from target_influxdb.lineprotocol.parse import Field, measurement_of
from target_influxdb.lineprotocol.refused import Refused
from target_influxdb.lineprotocol.types import Kind
from target_influxdb.servers.http import Answer, is_loopback

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


EXPECTED_3 = (
    "invalid column type for column 'a b', expected iox::column_type::field::uinteger,"
    " got iox::column_type::field::float"
)


@pytest.mark.parametrize(
    "body",
    [
        {"error": "partial write of line protocol occurred", "data": [{"error_message": EXPECTED_3, "line_number": 2}]},
        {"error": "parsing failed for write_lp endpoint", "data": {"error_message": EXPECTED_3, "line_number": 2}},
        {"error": "line protocol parsing error", "data": {"error_message": EXPECTED_3, "original_line": "m f=1"}},
        {"code": "invalid", "message": EXPECTED_3},
    ],
    ids=["some lines", "none", "none since 3.11", "as 2.x"],
)
def test_conflicts_of_influxdb_3_are_understood_in_all_its_wordings(body: dict[str, Any]) -> None:
    refusal = read_refusal(json.dumps(body))
    assert (refusal.conflict, refusal.about_lines) == (Conflict("", "a b", Kind.UNSIGNED), True)


def test_tag_that_is_sent_as_a_field_is_no_conflict_of_types() -> None:
    text = "invalid column type for column 't', expected iox::column_type::tag, got iox::column_type::field::float"
    assert read_refusal(json.dumps({"error": text})).conflict is None


@pytest.mark.parametrize(
    ("line", "measurement"),
    [(b"m,t=a x=1 0", "m"), (rb"a\,b\ c=d x=1", "a,b c=d"), ("ñ x=1".encode(), "ñ"), (rb"a\b,t=1 x=1", "a\\b")],
)
def test_measurement_of_a_line_is_read_back(line: bytes, measurement: str) -> None:
    assert measurement_of(line) == measurement


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
        ("x", Kind.STRING, (rb'm,x=1 s="x=2, \"q\" ",x="1.5",b=true 7', b"")),
        ("x", Kind.INTEGER, (rb'm,x=1 s="x=2, \"q\" ",b=true 7', b"x=1.5")),
        ("b", Kind.INTEGER, (rb'm,x=1 s="x=2, \"q\" ",x=1.5,b=1i 7', b"")),
        ("b", Kind.FLOAT, (rb'm,x=1 s="x=2, \"q\" ",x=1.5,b=1 7', b"")),
        ("s", Kind.STRING, (LINE, b"")),
        ("s", Kind.FLOAT, (b"m,x=1 x=1.5,b=true 7", rb's="x=2, \"q\" "')),
        ("absent", Kind.FLOAT, (LINE, b"")),
    ],
)
def test_one_field_of_a_line_is_written_in_another_type_or_cut_out(
    field: str, kind: Kind, expected: tuple[bytes, bytes]
) -> None:
    rest, odd = fitted(LINE, field, kind)
    assert (rest, bytes(odd) if odd else b"") == expected


def test_last_field_that_is_cut_out_leaves_nothing() -> None:
    assert fitted(b'm x="a b"', "x", Kind.FLOAT) == (b"", Field(b"x", b'"a b"'))


def test_fields_that_are_refused_one_by_one_make_one_line() -> None:
    line = Line(LINE)
    line.fit("b", Kind.FLOAT, "never said")
    line.fit("s", Kind.FLOAT, "first")
    line.fit("x", Kind.INTEGER, "then")
    assert (line.rest, line.reasons) == (b"m,x=1 b=1 7", ["first", "then"])
    assert line.refused == Refused(rb'm,x=1 s="x=2, \"q\" ",x=1.5 7', "first; then", whole=False)
    line.refuse("too large")
    assert (line.rest, line.refused) == (b"", Refused(LINE, "first; then; too large"))


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
