"""What should somebody consider who answers for a valid rule set? Pure: it is told the date.

What is invalid is refused (mash/rules/linter.py). This is about what is valid and foolish: every piece says what would
happen, and is true. What cannot be worked out is not told.
"""

from datetime import date

from mash.rule_advice.clocks import clocks
from mash.rule_advice.kinds import Advice
from mash.rule_advice.reaching import reaching
from mash.rule_advice.resting import resting
from mash.rule_advice.suggesting import suggesting
from mash.rule_advice.telling import telling
from mash.rule_advice.waiting import holidays, waiting
from mash.rules.ruleset import RuleSet


def advice(rules: RuleSet, today: date) -> list[Advice]:
    """Everything to consider about a rule set that has no problems, in the order of its parts."""
    if "advice" not in rules.prepared:
        lasting = [*clocks(rules), *resting(rules), *telling(rules), *reaching(rules), *suggesting(rules)]
        rules.prepared["advice"] = lasting
    found = [*rules.prepared["advice"], *waiting(rules, today), *holidays(rules, today)]
    order = list(type(rules).model_fields)
    return sorted(found, key=lambda one: order.index(one.route[0]))
