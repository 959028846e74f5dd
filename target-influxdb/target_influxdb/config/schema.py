"""The settings as `--about` shows them."""

from __future__ import annotations

from singer_sdk import typing as th

from target_influxdb.config.settings import APIS, STATE_CHECKS
from target_influxdb.lineprotocol.stamps import UNITS

NAMES = th.ArrayType(th.StringType)

MAPPING = th.ObjectType(
    th.Property("name", th.StringType, description="Measurement; default: the stream's name."),
    th.Property("time", th.StringType, description="Property with the point's time."),
    th.Property("time_offset", th.StringType, description="Property with seconds to add; may be an array."),
    th.Property("time_zone", th.StringType, description="Zone of dates and of times without offset; default UTC."),
    th.Property("precision", th.StringType, allowed_values=[*UNITS], description="Cut times to this unit."),
    th.Property("tags", NAMES, description="Properties written as tags; default: keys that are no time."),
    th.Property("fields", NAMES, description="Fields to write; default: all. Wildcards allowed."),
    th.Property("exclude", NAMES, description="Fields to leave out. Wildcards allowed."),
    th.Property("integers", NAMES, description="Fields to write as integers; every other number is a float."),
    th.Property("floats", NAMES, description="Fields to write as floats although they come as text."),
    th.Property(
        "replace",
        th.CustomType({"type": ["array", "string", "null"], "items": {"type": "string"}}),
        description="Tags that name the old points a record replaces, or the word time.",
    ),
)

SETTINGS = th.PropertiesList(
    th.Property(
        "url",
        th.StringType,
        default="http://localhost:8086",
        title="Address",
        description="Address of the server, or file:///folder for gzipped line protocol files.",
    ),
    th.Property(
        "bucket",
        th.StringType,
        title="Bucket",
        description="Bucket (InfluxDB 2) or database (InfluxDB 1: `database` or `database/policy`; InfluxDB 3).",
    ),
    th.Property("org", th.StringType, title="Organization", description="Organization (InfluxDB 2)."),
    th.Property(
        "token",
        th.StringType,
        secret=True,
        title="Token",
        description="API token. The right to write is enough; to replace points it must delete and should read.",
    ),
    th.Property(
        "token_file", th.StringType, title="Token file", description="File that holds the token, instead of `token`."
    ),
    th.Property("username", th.StringType, title="User", description="User name (InfluxDB 1)."),
    th.Property("password", th.StringType, secret=True, title="Password", description="Password (InfluxDB 1)."),
    th.Property(
        "password_file",
        th.StringType,
        title="Password file",
        description="File that holds the password, instead of `password`.",
    ),
    th.Property(
        "measurements",
        th.ObjectType(additional_properties=MAPPING),
        title="Measurements",
        description="How streams become points: an object per stream name or wildcard. None is needed.",
    ),
    th.Property(
        "rejects_path",
        th.StringType,
        title="Folder for rejects",
        description="Folder for lines that the server refuses; without it such lines fail the run.",
    ),
    th.Property(
        "timeout",
        th.IntegerType,
        default=30_000,
        title="Timeout",
        description="Time limit of a request, in milliseconds.",
    ),
    th.Property(
        "retry_timeout",
        th.IntegerType,
        default=300,
        title="Retry limit",
        description="How long a request is repeated while the server is away or busy, in seconds.",
    ),
    th.Property(
        "create_bucket",
        th.BooleanType,
        default=True,
        title="Create bucket",
        description="Create a missing bucket or database, with a shard duration of a year.",
    ),
    th.Property(
        "ssl_ca_cert", th.StringType, title="CA certificate", description="File with the certificate to trust."
    ),
    th.Property(
        "verify_ssl",
        th.BooleanType,
        default=True,
        title="Verify TLS",
        description="Check the server's certificate; false is unsafe and warned of.",
    ),
    th.Property(
        "api",
        th.StringType,
        default="auto",
        allowed_values=list(APIS),
        title="API",
        description="Kind of server; auto asks it.",
    ),
    th.Property(
        "batch_lines", th.IntegerType, default=5_000, title="Lines per request", description="Most lines in a request."
    ),
    th.Property(
        "batch_bytes",
        th.IntegerType,
        default=4_000_000,
        title="Bytes per request",
        description="Most bytes in a request, before compression.",
    ),
    th.Property(
        "max_series",
        th.IntegerType,
        default=100_000,
        title="Most series",
        description="Most different series (tag sets) in a run; beyond it a tag is not what it should be.",
    ),
    th.Property(
        "state_check",
        th.StringType,
        default="database",
        allowed_values=list(STATE_CHECKS),
        title="Check of the state",
        description="How to notice another database than the state speaks of; see *Another database*.",
    ),
)
