"""What does `mash rules check` say of a rule set that is valid and foolish? File, line and sentence of each advice."""

from mash import clock
from mash.rule_advice.advice import advice
from mash.rules.loader import Written


def considerations(written: Written) -> list[str]:
    """`file:line: sentence`, in the order of files and lines, as things stand today."""
    found = advice(written.rules, clock.london_date(clock.now()))
    return [f"{place}: {text}" for place, text in sorted((written.place(one.route), one.text) for one in found)]
