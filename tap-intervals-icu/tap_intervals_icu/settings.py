"""The settings as `--about` shows them."""

from __future__ import annotations

from singer_sdk import typing as th

LAYOUTS = ("rows", "columns")

SETTINGS = th.PropertiesList(
    th.Property(
        "api_key",
        th.StringType,
        secret=True,
        title="API key",
        description="From https://intervals.icu/settings, Developer Settings. This, `access_token` or "
        "`credentials_path` is needed.",
    ),
    th.Property(
        "access_token",
        th.StringType,
        secret=True,
        title="Access token",
        description="OAuth bearer token, instead of the API key.",
    ),
    th.Property(
        "athlete_ids",
        th.StringType,
        default="0",
        title="Athletes",
        description="Ids, separated by commas; 0 is the owner of the key, and with `credentials_path` all in that file "
        "as well. A coach's key reads all their athletes: `all` are those whom Intervals.icu lists.",
    ),
    th.Property(
        "credentials_path",
        th.StringType,
        title="Credentials",
        description="JSON file with keys and tokens of single athletes, for its owner alone to read (chmod 600): "
        '{"i1": {"api_key": "..."}, "i2": {"access_token": "..."}}. The others take `api_key`.',
    ),
    th.Property(
        "start_date",
        th.StringType,
        title="First day",
        description="First local date to read, YYYY-MM-DD. The whole history by default.",
    ),
    th.Property(
        "end_date",
        th.StringType,
        title="Last day",
        description="Last local date to read, YYYY-MM-DD. Open by default.",
    ),
    th.Property(
        "lookback_days",
        th.IntegerType(minimum=0),
        default=14,
        title="Look-back",
        description="Days up to today in which every run finds every change, even edits without a stamp.",
    ),
    th.Property(
        "census_interval",
        th.IntegerType(minimum=0),
        default=86_400,
        title="Census interval",
        description="Seconds until ids and stamps of the whole range are listed again, to find older changes.",
    ),
    th.Property(
        "change_hint",
        th.BooleanType,
        default=False,
        title="Change hint",
        description="For coaches: ask for the team's summary, and look only at athletes who changed in it, and at the "
        "others every `full_look_interval`. Sees no edits of HRV, sleep or notes.",
    ),
    th.Property(
        "full_look_interval",
        th.IntegerType(minimum=0),
        default=21_600,
        title="Full look",
        description="Seconds after which an athlete is looked at whatever the team's summary shows.",
    ),
    th.Property(
        "read_again",
        th.StringType,
        title="Read again",
        description="Local dates of which all is read again, once, YYYY-MM-DD/YYYY-MM-DD: for older edits that leave "
        "no trace, such as new names. Samples are not. Another value does so again.",
    ),
    th.Property(
        "changed_activities",
        th.StringType,
        title="Changed activities",
        description="Activities that are known to have changed, ATHLETE/ACTIVITY, separated by commas (a webhook names "
        "them): older ones than the look-back are read again with their samples, whatever their stamps say.",
    ),
    th.Property(
        "activity_streams_layout",
        th.StringType,
        default="rows",
        allowed_values=[*LAYOUTS],
        title="Layout of activity_streams",
        description="`rows`: a record for each sample (SQL, CSV). `columns`: a record for each activity, each "
        "channel an array (target-influxdb).",
    ),
    th.Property(
        "requests_per_second",
        th.IntegerType(minimum=0),
        default=10,
        title="Requests per second",
        description="The API allows 10. 0 means no limit, for a server of your own.",
    ),
    th.Property(
        "requests_per_quarter_hour",
        th.IntegerType(minimum=1),
        default=2500,
        title="Requests per 15 minutes",
        description="The API allows 2,500 with a personal key, and an OAuth app an eighth of its day if that is more.",
    ),
    th.Property(
        "requests_per_day",
        th.IntegerType(minimum=0),
        default=5000,
        title="Requests per day",
        description="The API allows 5,000 with a personal key. A backfill takes nine tenths and goes on "
        "the next day. What the server says is left counts as well. 0 means no limit.",
    ),
    th.Property(
        "limiter_url",
        th.StringType,
        secret=True,
        title="Shared limits",
        description="redis://... or postgresql://...: the requests a second, in 15 minutes and a day are counted "
        "together with all other processes that name the same, on several machines, too. Needs "
        "tap-intervals-icu[shared].",
    ),
    th.Property(
        "quota_wait",
        th.IntegerType(minimum=0),
        default=900,
        title="Longest wait",
        description="Seconds to wait when the API asks for a pause. If it asks for more, the run stops cleanly and "
        "the next one goes on.",
    ),
    th.Property(
        "workers",
        th.IntegerType(minimum=1),
        default=4,
        title="Workers",
        description="Activities whose streams are fetched at the same time.",
    ),
    th.Property(
        "request_timeout",
        th.IntegerType(minimum=1),
        default=60,
        title="Time-out",
        description="Seconds without an answer after which a request is tried again.",
    ),
    th.Property(
        "archive_path",
        th.StringType,
        title="Archive",
        description="Folder in which the samples of activities are kept as they came, so that a full refresh or "
        "another target does not ask for them again. `off` or nothing: none.",
    ),
    th.Property(
        "archive_limit",
        th.IntegerType(minimum=0),
        default=4000,
        title="Size of the archive",
        description="Megabytes that the archive may take; beyond it the newest activities are kept. 0 means no limit.",
    ),
    th.Property(
        "api_url",
        th.StringType,
        default="https://intervals.icu",
        title="API address",
        description="Address of the server, without a path.",
    ),
    th.Property(
        "user_agent",
        th.StringType,
        title="User agent",
        description="How the tap introduces itself; its name and version by default.",
    ),
)
