"""What holds for all tests, those of the two packages too."""

import gc

from hypothesis import settings

# How long an example takes says how busy the machine is: no test may fail by that.
settings.register_profile("no deadline", settings(deadline=None))
settings.load_profile("no deadline")

# Look for garbage seldom: a quarter of the time in which tests are collected else, a tenth of that in which they run.
gc.set_threshold(20_000)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what is imported by now."""
    gc.collect()
    gc.freeze()
