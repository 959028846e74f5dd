"""The settings: each mistake is a sentence, mappings are found by name."""

from __future__ import annotations

from typing import Any

import pytest
from singer_sdk.exceptions import ConfigValidationError

from target_influxdb.config.declared import schema_of
from target_influxdb.config.settings import Settings

BASE = {"url": "http://localhost:8086", "bucket": "b"}


@pytest.mark.parametrize(
    ("config", "sentences"),
    [
        ({**BASE, "url": "localhost:8086"}, ["url: must start with"]),
        ({"url": "http://localhost:8086"}, ["bucket: missing"]),
        ({**BASE, "url": "http://localhost:port"}, ["url: not an address"]),
        ({**BASE, "timeout": 0, "retry_timeout": -1}, ["timeout: 0 must be", "retry_timeout: -1 must be"]),
        ({**BASE, "rejects_path": "/dev/null"}, ["rejects_path: '/dev/null' is no folder."]),
        ({**BASE, "token_file": "/no/such"}, ["token_file: can't read '/no/such' (No such file or directory)."]),
        ({**BASE, "token": "t", "token_file": "/dev/null"}, ["token: set either token or token_file"]),
        ({**BASE, "ssl_ca_cert": "/no/such"}, ["ssl_ca_cert: there is no file"]),
        ({**BASE, "measurements": {"s": "x"}}, ["measurements.s: must be an object"]),
        (
            {**BASE, "measurements": {"s": {"tag": ["a"], "time": 5, "tags": "a", "time_zone": "Mars"}}},
            ["s.tag: unknown", "s.time: 5 must be text", "s.tags: 'a' must be a list"],
        ),
        ({**BASE, "measurements": {"s": {"time_zone": "Mars/Base"}}}, ["s.time_zone: 'Mars/Base' is no time zone"]),
        ({**BASE, "measurements": {"s": {"precision": "m"}}}, ["s.precision: 'm' is none of s, ms, us, ns"]),
        (
            {**BASE, "measurements": {"s": {"tags": ["a", "_field"], "fields": ["a"], "time": "a"}}},
            [
                "s.fields: 'a' is also the time",
                "s.tags: 'a' is also a field",
                "s.tags: 'a' is also the time",
                "s.tags: '_field' is reserved",
            ],
        ),
        (
            {**BASE, "measurements": {"s": {"tags": ["a"], "replace": ["b"]}}},
            ["s.replace: 'b' must be one of the tags"],
        ),
        ({**BASE, "measurements": {"s": {"replace": "all"}}}, ["s.replace: 'all' must be a list of property names or"]),
    ],
)
def test_every_mistake_in_the_settings_is_a_sentence(config: dict[str, Any], sentences: list[str]) -> None:
    with pytest.raises(ConfigValidationError) as caught:
        Settings.from_config(config)
    assert len(caught.value.errors) == len(sentences)
    for error, sentence in zip(sorted(caught.value.errors), sorted(sentences), strict=True):
        assert sentence in error


def test_null_is_no_answer_to_a_setting() -> None:
    null: dict[str, Any] = dict.fromkeys(schema_of(Settings)["properties"])
    assert Settings.from_config({**null, **BASE}) == Settings.from_config(BASE)


def test_mapping_is_found_by_name_then_by_wildcard() -> None:
    settings = Settings.from_config({**BASE, "measurements": {"a*": {"name": "w"}, "ab": {"name": "n"}}})
    assert [settings.mapping_of(stream).name for stream in ("ab", "ac", "b")] == ["n", "w", None]


def test_credentials_in_the_address_are_taken_out_of_it() -> None:
    settings = Settings.from_config({**BASE, "url": "https://me:p%40ss@host:8086/base/"})
    assert (settings.url, settings.username, settings.password) == ("https://host:8086/base", "me", "p@ss")
    assert "p@ss" not in repr(settings)
