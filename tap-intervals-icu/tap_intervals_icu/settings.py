"""The settings as `--about` shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LAYOUTS = ("rows", "columns")


def text(name: str, title: str, description: str, **more: Any) -> th.Property[str]:
    """Return a setting that is a text; `more` such as default and secret as for the SDK."""
    return th.Property(name, th.StringType, title=title, description=description, **more)


def whole(name: str, title: str, default: int, description: str, *, least: int = 0) -> th.Property[int]:
    """Return a setting that is a whole number of at least `least`."""
    return th.Property(name, th.IntegerType(minimum=least), title=title, default=default, description=description)


SETTINGS = th.PropertiesList(
    text(
        "api_key",
        "API key",
        "From https://intervals.icu/settings, Developer Settings. This, `access_token` or "
        "`credentials_path` is needed.",
        secret=True,
    ),
    text(
        "access_token",
        "Access token",
        "OAuth bearer token, instead of the API key.",
        secret=True,
    ),
    text(
        "athlete_ids",
        "Athletes",
        "Ids, separated by commas; 0 is the owner of the key, and with `credentials_path` all in that file "
        "as well. A coach's key reads all their athletes: `all` are those whom Intervals.icu lists.",
        default="0",
    ),
    text(
        "credentials_path",
        "Credentials",
        "JSON file with keys and tokens of single athletes, for its owner alone to read (chmod 600): "
        '{"i1": {"api_key": "..."}, "i2": {"access_token": "..."}}. The others take `api_key`.',
    ),
    text(
        "start_date",
        "First day",
        "First local date to read, YYYY-MM-DD. The whole history by default.",
    ),
    text(
        "end_date",
        "Last day",
        "Last local date to read, YYYY-MM-DD. Open by default.",
    ),
    whole(
        "lookback_days",
        "Look-back",
        14,
        "Days up to today in which every run finds every change, even edits without a stamp.",
    ),
    whole(
        "census_interval",
        "Census interval",
        86_400,
        "Seconds until ids and stamps of the whole range are listed again, to find older changes.",
    ),
    th.Property(
        "change_hint",
        th.BooleanType,
        default=False,
        title="Change hint",
        description="For coaches: ask for the team's summary, and look only at athletes who changed in it, and at the "
        "others every `full_look_interval`. Sees no edits of HRV, sleep or notes.",
    ),
    whole(
        "full_look_interval",
        "Full look",
        21_600,
        "Seconds after which an athlete is looked at whatever the team's summary shows.",
    ),
    text(
        "read_again",
        "Read again",
        "Local dates of which all is read again, once, YYYY-MM-DD/YYYY-MM-DD: for older edits that leave "
        "no trace, such as new names. Samples are not. Another value does so again.",
    ),
    text(
        "changed_activities",
        "Changed activities",
        "Activities that are known to have changed, ATHLETE/ACTIVITY, separated by commas (a webhook names "
        "them): older ones than the look-back are read again with their samples, whatever their stamps say.",
    ),
    text(
        "activity_streams_layout",
        "Layout of activity_streams",
        "`rows`: a record for each sample (SQL, CSV). `columns`: a record for each activity, each "
        "channel an array (target-influxdb).",
        default="rows",
        allowed_values=[*LAYOUTS],
    ),
    whole(
        "requests_per_second",
        "Requests per second",
        10,
        "The API allows 10. 0 means no limit, for a server of your own.",
    ),
    whole(
        "requests_per_quarter_hour",
        "Requests per 15 minutes",
        2500,
        "The API allows 2,500 with a personal key, and an OAuth app an eighth of its day if that is more.",
        least=1,
    ),
    whole(
        "requests_per_day",
        "Requests per day",
        5000,
        "The API allows 5,000 with a personal key. A backfill takes nine tenths and goes on "
        "the next day. What the server says is left counts as well. 0 means no limit.",
    ),
    text(
        "limiter_url",
        "Shared limits",
        "redis://... or postgresql://...: the requests a second, in 15 minutes and a day are counted "
        "together with all other processes that name the same, on several machines, too. Needs "
        "tap-intervals-icu[shared].",
        secret=True,
    ),
    whole(
        "quota_wait",
        "Longest wait",
        900,
        "Seconds to wait when the API asks for a pause. If it asks for more, the run stops cleanly and "
        "the next one goes on.",
    ),
    whole(
        "workers",
        "Workers",
        4,
        "Activities whose streams are fetched at the same time.",
        least=1,
    ),
    whole(
        "request_timeout",
        "Time-out",
        60,
        "Seconds without an answer after which a request is tried again.",
        least=1,
    ),
    text(
        "archive_path",
        "Archive",
        "Folder in which the samples of activities are kept as they came, so that a full refresh or "
        "another target does not ask for them again. `off` or nothing: none.",
    ),
    whole(
        "archive_limit",
        "Size of the archive",
        4000,
        "Megabytes that the archive may take; beyond it the newest activities are kept. 0 means no limit.",
    ),
    text(
        "api_url",
        "API address",
        "Address of the server, without a path.",
        default="https://intervals.icu",
    ),
    text(
        "user_agent",
        "User agent",
        "How the tap introduces itself; its name and version by default.",
    ),
)


def not_text(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each setting that should be a text and is not, without its value: it may be a secret."""
    for name, schema in SETTINGS.to_dict()["properties"].items():
        if "string" in schema["type"] and not isinstance(config.get(name), str | None):
            yield f"{name}: must be text, in quotes."


def not_whole(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the variables that should hold a whole number and do not."""
    for name, schema in SETTINGS.to_dict()["properties"].items():
        variable = f"TAP_INTERVALS_ICU_{name.upper()}"
        if "integer" in schema["type"] and not environment.get(variable, "0").strip().lstrip("-").isdecimal():
            yield variable
