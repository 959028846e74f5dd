"""What the target takes of the SDK beyond its public interface is there, in the version that is installed."""

from __future__ import annotations

import inspect
from importlib.metadata import version

import pytest
from singer_sdk import Target
from singer_sdk.sinks import BatchSink

from target_influxdb.singer.private import ATTRIBUTES, READ_IN, USED
from target_influxdb.sink import InfluxDBSink
from target_influxdb.target import TargetInfluxDB

NAMES = [(owner, name, parameters) for owner, names in USED.items() for name, (parameters, _) in names.items()]


@pytest.mark.parametrize(("owner", "name", "parameters"), NAMES, ids=[name for _, name, _ in NAMES])
def test_method_that_the_target_takes_is_still_there_with_its_parameters(
    owner: type, name: str, parameters: str
) -> None:
    found = inspect.getattr_static(owner, name, None)
    found = getattr(found, "__func__", found)
    shown = [one for one in inspect.signature(found).parameters if one != "cls"] if callable(found) else ["not there"]
    assert ", ".join(shown) == parameters, (
        f"singer-sdk {version('singer-sdk')}: {owner.__name__}.{name}({parameters}), as of {READ_IN}, is now"
        f" {', '.join(shown)}. Read what became of it; target_influxdb/singer/private.py says what it is taken for."
    )


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attribute_that_the_target_takes_is_still_there(name: str) -> None:
    missing = f"singer-sdk {version('singer-sdk')}: Target.{name}, as of {READ_IN}, is not there any more."
    assert inspect.getattr_static(Target, name, None) is not None, missing


def test_no_other_private_name_of_the_sdk_is_overridden() -> None:
    overridden = {
        (sdk, name)
        for own, sdk in ((TargetInfluxDB, Target), (InfluxDBSink, BatchSink))
        for made in own.__mro__
        if made.__module__.startswith("target_influxdb")
        for name in vars(made)
        if name.startswith("_") and not name.startswith("__") and inspect.getattr_static(sdk, name, None)
    }
    listed = {(owner, name) for owner, name, _ in NAMES} | {(Target, name) for name in ATTRIBUTES}
    assert overridden - {(Target, "_abc_impl"), (BatchSink, "_abc_impl")} <= listed
