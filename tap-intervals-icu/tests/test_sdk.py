"""What the tap takes of the SDK beyond its public interface is there, in the version that is installed."""

from __future__ import annotations

import inspect
from importlib.metadata import version

import pytest
from singer_sdk import Stream, Tap

from tap_intervals_icu.singer import private
from tap_intervals_icu.singer.private import READ_IN, USED
from tap_intervals_icu.tap import TapIntervalsIcu

NAMES = [(owner, name, parameters) for owner, names in USED.items() for name, parameters in names.items()]


@pytest.mark.parametrize(("owner", "name", "parameters"), NAMES, ids=[name for _, name, _ in NAMES])
def test_name_that_the_tap_overrides_is_still_there_with_its_parameters(
    owner: type, name: str, parameters: str
) -> None:
    found = getattr(owner, name, None)
    signature = ", ".join(inspect.signature(found).parameters) if found else "not there"

    assert signature == parameters, (
        f"singer-sdk {version('singer-sdk')}: {owner.__name__}.{name}({parameters}), as of {READ_IN}, is now "
        f"{signature}. Read what became of it and change tap_intervals_icu/singer/private.py, which says what for."
    )


def test_no_other_class_overrides_a_private_name_of_the_sdk() -> None:
    tap = TapIntervalsIcu(config={"api_key": "unused"})
    classes = {made for stream in tap.streams.values() for made in type(stream).__mro__} | set(type(tap).__mro__)
    own = [made for made in classes if made.__module__.startswith("tap_intervals_icu")]
    overridden: dict[str, set[str]] = {}
    for made in own:
        sdk = Stream if issubclass(made, Stream) else Tap
        names = {
            name for name in vars(made) if name.startswith("_") and not name.startswith("__") and hasattr(sdk, name)
        }
        overridden.setdefault(made.__module__, set()).update(names - {"_abc_impl"})

    assert {module for module, names in overridden.items() if names} == {private.__name__}
    listed = {name for names in USED.values() for name in names if name.startswith("_")}
    assert overridden[private.__name__] == listed
