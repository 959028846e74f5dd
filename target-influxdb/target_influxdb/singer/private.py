"""What this target takes of the Singer SDK beyond its public interface, read in version 0.54.9, each with the reason.

A test holds it against the SDK that is installed, and sees that no other private name is overridden.
"""

from __future__ import annotations

from singer_sdk import Target
from singer_sdk.sinks import BatchSink

READ_IN = "0.54.9"

USED: dict[type, dict[str, tuple[str, str]]] = {
    Target: {
        "_assert_line_requires": ("self, message_dict, requires", "the SDK's own check of a message"),
        "_handle_max_record_age": ("self", "checkpoints without a line in the log each time"),
        "_handle_termination": ("self, signum, frame", "the SDK drains again within a drain"),
        "_process_activate_version_message": ("self, message_dict", "points are told apart by time, not by version"),
        "_process_batch_message": ("self, message_dict", "records of files take the way of all others, in order"),
        "_process_record_message": ("self, message_dict", "a record that is no object ends in a sentence"),
        "_process_schema_message": ("self, message_dict", "sinks are not told the replication key"),
        "_process_state_message": ("self, message_dict", "a state that no record came before leaves at once"),
        "_validate_config": ("self, raise_errors", "the SDK shows values that may be secret"),
        "_write_state_message": ("self, state", "a state waits until every point before it is stored"),
    },
    BatchSink: {
        "_remove_sdc_metadata_from_record": ("self, record", "the mark of a tombstone would go"),
        "_validate_and_parse": ("self, record", "times are read once, when they are written"),
    },
}
"""Methods: their parameters and the reason, by the class that has them."""

ATTRIBUTES: dict[str, str] = {
    "_MAX_RECORD_AGE_IN_MINUTES": "checkpoints every ten seconds, not every five minutes",
    "_env_var_config": "a variable that can't be read is named, not shown",
    "_env_var_prefix": "the names of these variables",
}
"""Attributes of the target's class, with the reason."""
