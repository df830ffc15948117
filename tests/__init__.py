"""Tests mirror `mash` and `web`; what they share is in `tests.support`."""
