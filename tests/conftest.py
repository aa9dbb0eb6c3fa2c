"""What all tests share."""

import gc

from hypothesis import settings

# A slow machine is no failure: speed is printed by benchmarks, never asserted by a test.
settings.register_profile("tillhand", deadline=None)
settings.load_profile("tillhand")

# What a run keeps grows to two million objects; looking through them this often takes a twentieth of what it would.
gc.set_threshold(20_000, 20, 50)
