"""What every test runs under: laws are tried on the same examples each time, without a stopwatch."""

from __future__ import annotations

import hypothesis

from tests.object_storage import bucket, object_storage
from tests.postgres import postgresql, postgresql_url

# Fixtures for every folder: imported once, so that a run has one of each server and no two tests share a database.
__all__ = ["bucket", "object_storage", "postgresql", "postgresql_url"]

# Continuous integration must say the same about the same commit twice, so examples are derived from the test itself.
hypothesis.settings.register_profile("verselet", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("verselet")
