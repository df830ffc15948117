"""Longer runs that look for faults: `make faults`. What they share with the tests is run briefly there."""
