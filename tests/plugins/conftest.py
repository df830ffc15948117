"""The tests of the package shown in docs/python-rule-sets.md are its own: they run where it is installed."""

collect_ignore = ["riverside_rules"]
