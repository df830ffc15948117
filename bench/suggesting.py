"""How fast is a suggestion by forty rules, beside one look-up of each fact in a dictionary?

Both are one call for one contact. The dictionaries hold facts under the same names and are looked at again and again,
which is in their favour. To the rules contacts come as they come to a hub: each is new, most are about a few concerns,
and some about a mixture that was never seen before. What is remembered of earlier ones helps as far as it would there.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import yaml

from bench.measuring import Figure, Side, ratio
from mash.rules.facts import AdultFacts, ChildFacts, EarlierContact, Facts
from mash.rules.ruleset import RuleSet
from mash.rules.suggestions import suggest
from mash.vocabulary import AdultRole, Agreement, Channel, Kind, Relationship, Source
from tests.support.hub import northbridge_with

FORTY = Path(__file__).parent / "forty.yaml"
RULES = 40
KNOWN, NEW = 400, 50
YEAR = timedelta(days=365)


def figures() -> Iterator[Figure]:
    """The one comparison."""
    rules = northbridge_with(suggestions=yaml.safe_load(FORTY.read_text(encoding="utf-8")))
    assert len(rules.suggestions) == RULES
    contacts = _contacts(rules)
    known = list(islice(contacts, KNOWN))
    _check(rules, known)
    yield ratio(
        f"suggestion by {RULES} rules: ours over one look-up of each", _ours(rules, contacts), _chain(known), 100
    )


def _contacts(rules: RuleSet) -> Iterator[Facts]:
    """Always others, the same ones in every run."""
    random, concerns = Random(40), list(rules.concerns)
    while True:
        yield _contact(random, concerns)


def _check(rules: RuleSet, contacts: Sequence[Facts]) -> None:
    """The sample is worth something: most rules fit some contact, and none fits all."""
    because = Counter(reason for facts in contacts for reason in suggest(rules, facts).because)
    said = [because[f"{rules.colours[rule.colour].label}: {rule.because}"] for rule in rules.suggestions.values()]
    assert sum(map(bool, said)) >= 30 and max(said) < KNOWN, said


def _ours(rules: RuleSet, contacts: Iterator[Facts]) -> Side:
    def do(sample: list[Facts]) -> None:
        for facts in sample:
            suggest(rules, facts)

    return Side(lambda: list(islice(contacts, NEW)), do)


def _chain(contacts: Sequence[Facts]) -> Side:
    sample = [{field.name: getattr(facts, field.name) for field in fields(facts)} for facts in contacts]

    def do(sample: list[dict[str, Any]]) -> None:
        for facts in sample:
            _looked_up(facts)

    return Side(lambda: sample, do)


def _looked_up(facts: dict[str, Any]) -> tuple[Any, ...]:
    return (
        facts["received_at"],
        facts["kind"],
        facts["channel"],
        facts["source"],
        facts["agreement"],
        facts["concerns"],
        facts["children"],
        facts["adults"],
        facts["anonymous"],
        facts["parents_informed"],
    )


def _contact(random: Random, concerns: Sequence[str]) -> Facts:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(365 * 24 * 60))
    children = range(random.choices((1, 2, 3, 5), (5, 3, 1, 1))[0])
    return Facts(
        received_at=at,
        kind=random.choices(list(Kind), (70, 20, 5, 5))[0],
        channel=random.choice(list(Channel)),
        source=random.choice([*Source, None]),
        agreement=random.choice(list(Agreement)),
        concerns=_concerns(random, concerns, random.choices((1, 2, 3, 4), (45, 30, 15, 10))[0]),
        children=tuple(_child(random, at.date(), concerns) for _ in children),
        adults=tuple(_adult(random) for _ in range(random.randrange(4))),
        anonymous=random.random() < 0.1,
        parents_informed=random.choice((True, False, None)),
    )


def _concerns(random: Random, concerns: Sequence[str], most: int) -> frozenset[str]:
    """The second concern is half as frequent as the first, the third a third, and so on."""
    return frozenset(random.choices(concerns, [1 / n for n in range(1, len(concerns) + 1)], k=most))


def _child(random: Random, on: date, concerns: Sequence[str]) -> ChildFacts:
    born = on - random.random() * 18 * YEAR
    earlier = tuple(_earlier(random, on, concerns) for _ in range(random.choices((0, 1, 3, 6), (6, 2, 1, 1))[0]))
    kind = random.choices(("known", "unknown", "unborn"), (85, 8, 7))[0]
    expected = on + YEAR / 4 if kind == "unborn" else None
    return ChildFacts(born if kind == "known" else None, expected, earlier, random.random() < 0.1)


def _earlier(random: Random, on: date, concerns: Sequence[str]) -> EarlierContact:
    received = on - random.random() * 2 * YEAR
    closed = min(on, received + timedelta(days=random.randrange(60))) if random.random() < 0.9 else None
    return EarlierContact(received, _concerns(random, concerns, 2), closed)


def _adult(random: Random) -> AdultFacts:
    return AdultFacts(random.choice(list(AdultRole)), random.choice(list(Relationship)))
