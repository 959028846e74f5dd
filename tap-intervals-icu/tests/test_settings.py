from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from tap_intervals_icu.errors import TapError
from tap_intervals_icu.tap import TapIntervalsIcu, parse_date

README = Path(__file__).parent.parent / "README.md"
START, END = "<!-- settings -->\n", "<!-- /settings -->"
OF_THE_SDK = ("stream_map", "faker_", "flattening_")
"""Settings that every tap has; the SDK adds them to the class when it is used first."""


def table() -> str:
    lines = ["| Setting | Default | Description |", "|---|---|---|"]
    for name, setting in TapIntervalsIcu.config_jsonschema["properties"].items():
        if name.startswith(OF_THE_SDK):
            continue
        default = f"`{setting['default']}`" if "default" in setting else ""
        lines.append(f"| `{name}` | {default} | {setting['description']} |")
    return "\n".join(lines) + "\n"


def test_settings_in_the_readme_are_those_of_the_tap() -> None:
    written = README.read_text().partition(START)[2].partition(END)[0]

    assert written == table(), f"README.md: put this between {START.strip()} and {END}:\n{table()}"


def test_log_lines_in_the_readme_are_those_of_the_tap() -> None:
    code = "\n".join(path.read_text() for path in (README.parent / "tap_intervals_icu").rglob("*.py"))
    code = re.sub(r'"\s+f?"', "", code)  # sentences that are cut over lines
    code = re.sub(r"\{[^{}\n]*\}|%[a-z]", "\0", code)
    lines = re.findall(r"^\| `(.*?)` \|", README.read_text().partition("## Troubleshooting")[2], re.MULTILINE)

    assert len(lines) > 8
    parts = [part.strip(" ().") for line in lines for part in line.split("...")]
    assert [part for part in parts if part not in code] == []


def test_secrets_are_declared_as_such() -> None:
    properties = TapIntervalsIcu.config_jsonschema["properties"]

    assert {name for name, setting in properties.items() if setting.get("secret")} == {
        "api_key",
        "access_token",
        "limiter_url",  # may hold a password
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("2026-03-10", date(2026, 3, 10)),
        ("2026-03-10T00:00:00Z", date(2026, 3, 10)),
    ],
)
def test_date_may_have_a_time_that_is_left_out(value: str | None, expected: date | None) -> None:
    assert parse_date("start_date", value) == expected


@pytest.mark.parametrize("value", ["2026-02-30", "10.3.2026", "yesterday", "2026-3-1", "2026"])
def test_what_is_no_date_is_told_with_its_name(value: str) -> None:
    with pytest.raises(TapError, match=f"start_date '{value}' is not a date: write it as YYYY-MM-DD"):
        parse_date("start_date", value)


@pytest.mark.parametrize(
    ("value", "names"),
    [("0", ["0"]), ("i1,i2", ["i1", "i2"]), (" i1 , 2049151, ", ["i1", "2049151"]), ("", ["0"]), (" , ", ["0"])],
)
def test_athletes_are_a_list_with_commas(value: str, names: list[str]) -> None:
    assert TapIntervalsIcu(config={"api_key": "k", "athlete_ids": value}).athlete_names == names
