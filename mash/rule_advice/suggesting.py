"""Which suggestions of a rule set do nothing, and what does none of them speak of? Reasons, and never guesses. Pure.

What cannot be worked out is not told. A rule is not told of for adding a reason to a colour that another rule suggests
as well: the closer reason is worth reading. It is told of where its colour can never be the one suggested, because a
higher one always is; and where another rule of its colour fits exactly the same contacts.
"""

from collections.abc import Collection, Iterator
from functools import cached_property

from mash.rule_advice.conditions import Formula, certainly, negated
from mash.rule_advice.kinds import Advice, AdviceKind
from mash.rule_advice.together import Together
from mash.rules.conditions import Condition, Suggestion
from mash.rules.plainly import either
from mash.rules.ruleset import RuleSet


def suggesting(rules: RuleSet) -> Iterator[Advice]:
    """What is foolish about the suggestions; nothing where a borough has none, which leaves it all to people."""
    if rules.suggestions:
        read = _Reading(rules)
        yield from read.rules_without_effect()
        yield from read.colours()
        yield from _unmentioned(rules)


class _Reading:
    """The suggestions of one rule set, with what follows from each."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self._together = Together(rules)
        self._fits = {name: certainly(rule.when) for name, rule in rules.suggestions.items()}

    def rules_without_effect(self) -> Iterator[Advice]:
        """Rules that fit nothing, or whose colour never counts, or that are there twice."""
        for name, rule in self.rules.suggestions.items():
            route = ("suggestions", name, "when")
            if name in self._never:
                text = (
                    f"The rule {name} fits no contact that there can be: what it asks for cannot all be so at once. "
                    "Ask for less, or remove it."
                )
                yield Advice(AdviceKind.RULE_NEVER_FITS, route, text)
            elif name in self._outshone:
                yield Advice(AdviceKind.RULE_NEVER_DECIDES, route, self._outshone_by(name, rule))
            elif twin := self._twin(name, rule):
                text = (
                    f"The rules {twin} and {name} fit the very same contacts, so each such contact has two reasons for "
                    f"{self._label(rule)}. One of them is enough, unless another condition is meant."
                )
                yield Advice(AdviceKind.RULE_SAID_TWICE, route, text)

    def colours(self) -> Iterator[Advice]:
        """Colours that can never be suggested. The lowest need not be, and a type of work is for people to see."""
        idle = self._never | self._outshone.keys()
        suggested = {rule.colour for name, rule in self.rules.suggestions.items() if name not in idle}
        for code, colour in self.rules.colours.items():
            if code in suggested or colour.type_of_work or code == self.rules.lowest:
                continue
            why = "none of its rules ever counts" if code in self._named else "no rule suggests it"
            text = (
                f"Nobody will ever be suggested {colour.label.lower()}: {why}, and people have to think of it "
                "themselves. Write a suggestion for it, or leave it if that is meant."
            )
            yield Advice(AdviceKind.COLOUR_NEVER_SUGGESTED, ("colours", code), text)

    @property
    def _named(self) -> set[str]:
        return {rule.colour for rule in self.rules.suggestions.values()}

    @cached_property
    def _never(self) -> set[str]:
        return {name for name, fits in self._fits.items() if self._impossible(fits)}

    @cached_property
    def _outshone(self) -> dict[str, tuple[str, ...]]:
        """Rules that fit only where one of a higher colour does, with those higher ones."""
        found = {}
        for name, rule in self.rules.suggestions.items():
            higher = self._higher(rule)
            if name not in self._never and higher and self._fits_only_with(name, higher):
                found[name] = self._enough(name, higher)
        return found

    def _higher(self, rule: Suggestion) -> tuple[str, ...]:
        order, own = self.rules.order, self.rules.order[rule.colour]
        return tuple(name for name, other in self.rules.suggestions.items() if order[other.colour] > own)

    def _enough(self, name: str, higher: tuple[str, ...]) -> tuple[str, ...]:
        """As few of the higher rules as say it."""
        for other in higher:
            without = tuple(one for one in higher if one != other)
            if without and self._fits_only_with(name, without):
                higher = without
        return higher

    def _fits_only_with(self, name: str, others: Collection[str]) -> bool:
        """Whether no contact fits this rule and none of the others."""
        return self._impossible(self._fits[name], *(negated(self._fits[other]) for other in others))

    def _impossible(self, *formulas: Formula) -> bool:
        return self._together.possible(formulas) is False

    def _outshone_by(self, name: str, rule: Suggestion) -> str:
        others = self._outshone[name]
        higher = either(dict.fromkeys(self._label(self.rules.suggestions[other]) for other in others))
        whose = f"the rule {others[0]}" if len(others) == 1 else f"one of the rules {either(others)}"
        return (
            f"The rule {name} never makes a contact {self._label(rule)}: whatever it fits, {whose} fits too and "
            f"suggests {higher}. Its reason is shown, its colour never counts. Ask for less in it, or for more there."
        )

    def _twin(self, name: str, rule: Suggestion) -> str | None:
        """The first rule before it that has its colour and fits where it fits."""
        for other, earlier in self.rules.suggestions.items():
            if other == name:
                return None
            same_colour = earlier.colour == rule.colour and other not in self._never
            if same_colour and self._fits_only_with(name, [other]) and self._fits_only_with(other, [name]):
                return other
        return None

    def _label(self, rule: Suggestion) -> str:
        return self.rules.colours[rule.colour].label.lower()


def _unmentioned(rules: RuleSet) -> Iterator[Advice]:
    """Concerns that no suggestion names, no clock is for and no agency is asked about."""
    conditions = [part for rule in rules.suggestions.values() for part in _parts(rule.when)]
    if any(part.different_concerns == 1 for part in conditions):
        return
    named = {name for part in conditions for name in (*(part.any_concern or ()), *(part.every_concern or ()))}
    named |= {name for part in conditions if part.contact_days for name in part.contact_days.concerns or ()}
    named |= {name for clock in rules.clocks.values() if clock.only_for for name in clock.only_for.concerns or ()}
    named |= {name for agency in rules.agencies.values() for name in agency.required_for_concerns}
    if left := [code for code in rules.concerns if code not in named]:
        one = len(left) == 1
        text = (
            f"No rule mentions {'this concern' if one else 'these concerns'}: "
            f"{', '.join(rules.concerns[code].lower() for code in left)}. A contact about nothing else gets no "
            f"suggestion on {'its' if one else 'their'} account, and a person has to judge. Write a suggestion, or "
            "leave it if that is meant."
        )
        yield Advice(AdviceKind.CONCERNS_UNMENTIONED, ("concerns", left[0]) if one else ("concerns",), text)


def _parts(condition: Condition) -> Iterator[Condition]:
    """The condition and all that it consists of."""
    yield condition
    for part in (*(condition.all or ()), *(condition.any or ()), *([condition.not_] if condition.not_ else ())):
        yield from _parts(part)
