"""What holds for all tests, those of the two packages too."""

from hypothesis import settings

# How long an example takes says how busy the machine is: no test may fail by that.
settings.register_profile("no deadline", settings(deadline=None))
settings.load_profile("no deadline")
