"""What every test runs under: laws are tried on the same examples each time, without a stopwatch."""

from __future__ import annotations

import hypothesis

# Continuous integration must say the same about the same commit twice, so examples are derived from the test itself.
hypothesis.settings.register_profile("verselet", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("verselet")
