"""Which of Riverside's rules does a rule file have no words for? Those written here, in Python."""

from datetime import date
from itertools import pairwise
from pathlib import Path

from mash.rules.facts import ChildFacts, Facts
from mash.rules.plugins import PythonRuleSet


def closer_together(facts: Facts) -> bool:
    """The same child is reported on, again and again, each time sooner than the time before."""
    return any(_closer_together(child, facts.received_on) for child in facts.children)


def _closer_together(child: ChildFacts, today: date) -> bool:
    """Of the last four dates of receipt, today's among them, each lies closer to the one before."""
    before = {earlier.received_on for earlier in child.earlier if earlier.received_on < today}
    last_four = sorted({*before, today})[-4:]
    gaps = [(later - earlier).days for earlier, later in pairwise(last_four)]
    return len(gaps) == 3 and gaps[0] > gaps[1] > gaps[2]


RULES = PythonRuleSet(
    files=[Path(__file__).parent / "riverside.yaml"],
    conditions={"closer_together": closer_together},
)
