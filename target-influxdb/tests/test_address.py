from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.exceptions import ConfigValidationError

from target_influxdb.config.settings import Settings
from target_influxdb.target import TargetInfluxDB

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cr3t"


def mistakes(**config: Any) -> list[str]:
    """What is wrong with a configuration, as the program says it."""
    with pytest.raises(ConfigValidationError) as caught:
        TargetInfluxDB(config={"bucket": "b", **config})
    return caught.value.errors


@pytest.mark.parametrize(
    ("url", "mistake"),
    [
        ("", "must start with http://"),
        (f"user:{SECRET}@localhost:8086", "must start with http://"),
        (f"ftp://user:{SECRET}@localhost", "must start with http://"),
        (f"http://localhost:8086?token={SECRET}", "must have no ? and no #"),
        (f"http://localhost:8086#{SECRET}", "must have no ? and no #"),
        (f"http://user:12{SECRET}/x@localhost:8086", "not an address"),
        (f"http://user:1{SECRET}#x@localhost:8086", "not an address"),
        (f"http://user:12/{SECRET}@localhost:8086", "has an @ after the host"),
        (f"http://user:{SECRET}@", "names no host"),
        (f"http://user:{SECRET}@[::1", "not an address"),
        ("http://", "names no host"),
        ("http://a b:80", "names no host"),
        ("file:points", "a folder is file:// and its whole path"),
        ("file://points/here", "a folder is file:// and its whole path"),
        ("file://localhost/points", "a folder is file:// and its whole path"),
        ("file://~/points", "a folder is file:// and its whole path"),
        ("file:///", "a folder is file:// and its whole path"),
        ("file:///a#b", "must have no ? and no #"),
        ("file:///a?b", "must have no ? and no #"),
    ],
)
def test_mistake_in_an_address_is_a_sentence_without_the_address(url: str, mistake: str) -> None:
    (error,) = mistakes(url=url)
    assert error.startswith(f"url: {mistake}")
    assert SECRET not in error


@pytest.mark.parametrize("name", ["url", "username", "password", "token"])
def test_what_may_be_secret_is_not_shown_where_its_type_is_wrong(name: str) -> None:
    for value in ([SECRET], {"a": SECRET}, 5):
        assert mistakes(**{name: value}) == [f"{name}: must be text, in quotes."]


@pytest.mark.parametrize("name", ["password", "token"])
def test_secret_ends_before_its_line_and_has_no_other(name: str) -> None:
    config = {"url": "http://localhost", "bucket": "b"}
    assert getattr(Settings.from_config({**config, name: f" {SECRET}é \r\n"}), name) == f" {SECRET}é "
    mistake = f"{name}: has line breaks or other characters that can't be printed."
    assert mistakes(**{name: f"a\n{SECRET}"}) == mistakes(**{name: f"\0{SECRET}"}) == [mistake]


def test_secret_is_read_from_a_file_as_any_editor_saves_it(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{SECRET}\r\n", encoding="utf-8-sig")
    settings = Settings.from_config({"url": "http://localhost", "bucket": "b", "token_file": str(tmp_path / "token")})
    assert settings.token == SECRET


def test_spaces_around_an_address_are_no_part_of_it() -> None:
    settings = Settings.from_config({"url": " FILE:///a%20b ", "bucket": "b"})
    assert (settings.url, settings.is_file) == ("file:///a%20b", True)


def test_variable_that_can_t_be_read_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGET_INFLUXDB_TIMEOUT", "10s")
    monkeypatch.setenv("TARGET_INFLUXDB_MEASUREMENTS", '{"m": {"name": "x"')
    monkeypatch.setenv("TARGET_INFLUXDB_BUCKET", "b")
    with pytest.raises(ConfigValidationError) as caught:
        TargetInfluxDB(config={}, parse_env_config=True)
    assert sorted(caught.value.errors) == [
        "TARGET_INFLUXDB_MEASUREMENTS: must be a JSON object.",
        "TARGET_INFLUXDB_TIMEOUT: must be a whole number.",
    ]


def test_settings_come_from_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGET_INFLUXDB_TIMEOUT", "10000")
    monkeypatch.setenv("TARGET_INFLUXDB_MEASUREMENTS", '{"m": {"name": "x"}}')
    settings = TargetInfluxDB(config={"bucket": "b"}, parse_env_config=True).settings
    assert (settings.timeout, settings.mapping_of("m").name) == (10_000, "x")


def test_unknown_setting_is_told(caplog: pytest.LogCaptureFixture) -> None:
    TargetInfluxDB(config={"bucket": "b", "tokn": SECRET, "stream_maps": {}})
    assert [one.getMessage() for one in caplog.records if one.levelname == "WARNING"] == [
        "Setting 'tokn' is unknown: it has no effect."
    ]


SHARED: list[dict[str, Any]] = [
    {"m": {"name": "other"}},
    {"n": {"name": "m"}},
    {"*": {"name": "m"}},
]
OWN: list[dict[str, Any]] = [
    {},
    {"m": {"tags": ["a"]}, "*": {"time": "t"}},
    {"m": {"name": "m"}},
]


def test_stream_is_alone_in_its_measurement_where_no_other_can_write_to_it() -> None:
    config = {"url": "http://localhost", "bucket": "b"}
    alone = [one for one in SHARED + OWN if Settings.from_config({**config, "measurements": one}).is_alone("m")]
    assert alone == OWN
