"""Who are the family and the referrer of an invented report? Names, ages and addresses; knows no hub.

Nobody is real: surnames are plainly invented, telephone numbers are of the ranges kept for drama, NHS numbers of the
range kept for tests.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from mash.invented.reports import Heritage, ReferrerSort, Report, names

_CHILD = re.compile(r"(?P<later>\+?)(?P<sex>[FMU])(?P<age>\d+|\?)(?P<unit>[mw]?)(?P<flags>[-_*]*)")
_DAYS = {"": 365, "m": 30, "w": 7}
_WOMEN = frozenset({"mother", "grandmother", "aunt"})
_SAME_NAME = frozenset({"mother", "father", "grandmother"})
_RELATIONSHIPS = {
    "mother": "mother",
    "father": "father",
    "partner": "partner_of_parent",
    "stepfather": "partner_of_parent",
    "grandmother": "grandparent",
}
_OLDER_BY = {"grandmother": (44, 60)}


@dataclass(frozen=True)
class Family:
    """People of one household, as `receive_contact` takes them. `called` are the names that stand in texts."""

    children: tuple[dict[str, Any], ...]
    found_later: tuple[dict[str, Any], ...]
    adults: tuple[dict[str, Any], ...]
    called: dict[str, str]
    ages: tuple[int, ...]

    @property
    def age_group(self) -> str:
        """`unborn`, `baby`, `small` or `school`, by the oldest child."""
        if all("expected_date_of_delivery" in child for child in self.children):
            return "unborn"
        years = max(self.ages) // 365
        return "school" if years >= 5 else "small" if years >= 1 else "baby"


def family_of(report: Report, label: str, today: date, rng: Random) -> Family:
    """The family of a report, as it is on `today`. `label` begins every child's label."""
    return _Household(report, label, today, rng).family()


class _Household:
    def __init__(self, report: Report, label: str, today: date, rng: Random) -> None:
        every = names().heritages
        self.report, self.label, self.today, self.rng = report, label, today, rng
        self.heritage = every[report.heritage] if report.heritage is not None else rng.choice(every)
        self.surname = surname(self.heritage, rng)
        self.ethnicity = rng.choice(self.heritage.ethnicities)
        self.home = {"address": _address(rng), "postcode": _postcode(rng)}
        self.used: set[str] = set()
        self.into: dict[tuple[str, str], float] = {}

    def family(self) -> Family:
        found = [_CHILD.fullmatch(word) for word in self.report.about.split()]
        specs = [match.groupdict() for match in found if match]
        assert len(specs) == len(found), self.report.name
        ages = tuple(self._days_old(spec) for spec in specs)
        children = [self._child(n, spec, age) for n, (spec, age) in enumerate(zip(specs, ages, strict=True), 1)]
        later = [spec["later"] == "+" for spec in specs]
        words = [word.strip() for word in self.report.around.split(",") if word.strip()]
        adults = [self._adult(n, word, max(ages)) for n, word in enumerate(words, 1)]
        return Family(
            children=tuple(child for child, is_later in zip(children, later, strict=True) if not is_later),
            found_later=tuple(child for child, is_later in zip(children, later, strict=True) if is_later),
            adults=tuple(adults),
            called=self._called(children, dict(zip(words, adults, strict=True))),
            ages=ages,
        )

    def _days_old(self, spec: dict[str, str]) -> int:
        """Age in days, well inside the year, month or week that is named; none for the unborn and the unknown.

        Children of the same age are twins.
        """
        if spec["sex"] == "U" or spec["age"] == "?":
            return 0
        age, length = int(spec["age"]), _DAYS[spec["unit"]]
        into = self.into.setdefault((spec["age"], spec["unit"]), self.rng.uniform(0.15, 0.75))
        return age * length + age // (4 if length == 365 else 2) + int(length * into)

    def _child(self, number: int, spec: dict[str, str], days: int) -> dict[str, Any]:
        child: dict[str, Any] = {"label": f"{self.label}-child-{number}", "sex": spec["sex"], **self._lives()}
        if spec["sex"] == "U":
            weeks = int(spec["age"])
            return child | {
                "expected_date_of_delivery": self.today + timedelta(weeks=weeks, days=self.rng.randint(0, 6))
            }
        born = None if spec["age"] == "?" else self.today - timedelta(days=days)
        child |= {"date_of_birth": born, "open_case": "*" in spec["flags"] or self.report.open_cases}
        if "_" in spec["flags"]:
            return {key: value for key, value in child.items() if key not in ("address", "postcode")}
        child["forename"] = self._forename(self.heritage.girls if spec["sex"] == "F" else self.heritage.boys)
        child["ethnicity"] = self.ethnicity
        if "-" not in spec["flags"]:
            child["surname"] = self.surname
            child["nhs_number"] = nhs_number(self.rng) if self.rng.random() < 0.6 else None
        return child

    def _adult(self, number: int, word: str, oldest: int) -> dict[str, Any]:
        who = word.rstrip("!?/")
        own = self.heritage if who in _SAME_NAME else self.rng.choice(names().heritages)
        family_name = self.surname if who in _SAME_NAME else surname(own, self.rng)
        years = self.rng.randint(*_OLDER_BY.get(who, (19, 34))) + oldest // 365
        lives_here = "/" not in word and not (self.report.withheld and "!" in word)
        adult: dict[str, Any] = {
            "label": f"{self.label}-adult-{number}",
            "relationship": _RELATIONSHIPS.get(who, "other"),
            "role": "alleged_perpetrator" if "!" in word else "other" if who == "lodger" else "carer",
        }
        if "?" in word:
            return adult
        adult["name"] = f"{self._forename(own.women if who in _WOMEN else own.men)} {family_name}"
        if self.rng.random() < 0.6:
            adult["date_of_birth"] = self.today - timedelta(days=365 * years + self.rng.randint(0, 364))
        where = {"address": self.home["address"], "address_withheld": self.report.withheld}
        return adult | (where if lives_here else {})

    def _lives(self) -> dict[str, Any]:
        return {**self.home, "address_withheld": self.report.withheld}

    def _forename(self, choices: tuple[str, ...]) -> str:
        left = [name for name in choices if name not in self.used] or list(choices)
        self.used.add(chosen := self.rng.choice(left))
        return chosen

    def _called(self, children: list[dict[str, Any]], adults: dict[str, dict[str, Any]]) -> dict[str, str]:
        called = {}
        for number, child in enumerate(children, 1):
            missing = "the baby" if child["sex"] == "U" else "the child"
            called["child" if number == 1 else f"child{number}"] = child.get("forename", missing)
        for word, adult in adults.items():
            who = word.rstrip("!?/")
            called[who] = adult["name"].split()[0] if "name" in adult else f"the {who}"
            called[f"{who} in full"] = adult.get("name", "")
        carer = next((called[word.rstrip("!?/")] for word in adults), "the carer")
        called["child in full"] = " ".join(filter(None, (called["child"], children[0].get("surname"))))
        return {"mother": carer, **_places(self.rng), **called}


def referrer_of(sort: ReferrerSort, family: Family, rng: Random) -> dict[str, Any]:
    """The person who reports, as `receive_contact` takes them."""
    if sort.anonymous:
        return {"anonymous": True}
    heritage = rng.choice(names().heritages)
    name = f"{rng.choice(heritage.women + heritage.men)} {surname(heritage, rng)}"
    phone = f"020 7946 0{rng.randint(100, 999)}" if sort.mail else f"07700 900{rng.randint(100, 999)}"
    organisation = sort.organisation.format_map(family.called) if sort.organisation else None
    return {
        "name": family.called.get(f"{sort.of_family} in full") or name,
        "role": sort.role,
        "organisation": organisation,
        "phone": phone,
        "email": f"{sort.mail}{rng.randint(1, 60)}@northbridge.example.org" if sort.mail else None,
        "shielded": sort.shielded,
    }


def surname(heritage: Heritage, rng: Random) -> str:
    """A name that cannot be taken for a real one."""
    halves = [rng.choice(heritage.surnames), rng.choice(names().plainly_invented)]
    if rng.random() < 0.25:
        halves.reverse()
    return "-".join(halves)


def nhs_number(rng: Random) -> str:
    """A number of the test range, 999, with its check digit."""
    while True:
        digits = "999" + "".join(str(rng.randint(0, 9)) for _ in range(6))
        check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            whole = f"{digits}{check % 11}"
            return f"{whole[:3]} {whole[3:6]} {whole[6:]}"


def _address(rng: Random) -> str:
    return f"{rng.randint(1, 240)} {rng.choice(names().streets)}"


def _postcode(rng: Random) -> str:
    return f"QN{rng.randint(1, 19)} {rng.randint(1, 9)}{rng.choice('ABDEFGHJ')}{rng.choice('LNPQRSTU')}"


def _places(rng: Random) -> dict[str, str]:
    known = names()
    return {
        "primary": rng.choice(known.primaries),
        "secondary": rng.choice(known.secondaries),
        "nursery": rng.choice(known.nurseries),
        "surgery": rng.choice(known.surgeries),
        "hospital": rng.choice(known.hospitals),
        "authority": rng.choice(known.authorities),
    }
