"""What all tests share."""

from hypothesis import settings

# A slow machine is no failure: speed is printed by benchmarks, never asserted by a test.
settings.register_profile("tillhand", deadline=None)
settings.load_profile("tillhand")
